import { expect, it } from 'vitest';
import { runLong } from '../support/long-run.tsx';

it('600 rounds with moves, lost connections and a screen leave heap, descriptors and sockets as they were', async () => {
  const { samples, moves, requests, frames } = await runLong({ rounds: 600, every: 200 });
  expect(moves).toBeGreaterThanOrEqual(12);
  expect(requests).toBeGreaterThan(3500);
  expect(frames).toBeGreaterThan(600);
  for (const { verdict } of samples) expect(verdict).toMatch(/^(healthy|degraded)$/);
  const [first, , last] = samples as [(typeof samples)[0], unknown, (typeof samples)[0]];
  // Ink keeps the 4,096 texts that it measured last, which grows to some 20 MB; one state kept a round would be 40 MB by now.
  expect(last.heap - first.heap).toBeLessThan(8);
  expect(last.descriptors).toBeLessThanOrEqual(first.descriptors + 3);
  expect(last.sockets).toBeLessThanOrEqual(first.sockets + 3);
  // It waits for nothing but computes for 25 s where it has a processor to itself.
}, 180_000);
