import { expect, it } from 'vitest';
import { onSlowLine } from '../support/slow-line.ts';

it('at 5 KB/s on a changing cluster what is on screen is never older than 2 s, probes keep time, keys answer', async () => {
  const { ages, keys, gaps, quit, farewell, moves } = await onSlowLine({ rate: 5000, seconds: 12 });
  expect(moves).toBeGreaterThanOrEqual(1);
  expect(ages.length).toBeGreaterThan(100);
  expect(Math.max(...ages)).toBeLessThan(2000);
  expect(keys.length).toBeGreaterThanOrEqual(5);
  expect(Math.max(...keys)).toBeLessThan(2000);
  expect(gaps.length).toBeGreaterThanOrEqual(9);
  expect(Math.max(...gaps)).toBeLessThan(2000);
  expect(quit).toBeLessThan(2000);
  expect(farewell).toMatch(/\x1b\[\?1049lhaconsole: demo/);
}, 60_000);
