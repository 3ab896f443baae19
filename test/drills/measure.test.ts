import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DrillSample } from '../../src/cluster/drill.ts';
import {
  decidedIn,
  firstLostAfter,
  gapsIn,
  gapsWithin,
  longestOf,
  lostShare,
  tally,
} from '../../src/drills/measure.ts';
import { measured } from '../../src/drills/times.ts';

const VIP = '172.16.249.80';
const good = (asked: number, ms = 3): DrillSample => ({
  vip: VIP,
  asked,
  answered: asked + ms,
  ok: true,
  servedBy: 'web1',
});
const lost = (asked: number, ms = 1000): DrillSample => ({
  vip: VIP,
  asked,
  answered: asked + ms,
  ok: false,
  loss: 'timeout',
});
const unknown = (asked: number): DrillSample => ({ vip: VIP, asked, answered: asked + 3, ok: null, loss: 'path' });

/** Requests every `period` ms from `phase` on, over `whole` ms; those put within [from, to) are lost. */
const around = (from: number, to: number, { period = 50, phase = 0, whole = 10_000 } = {}): DrillSample[] => {
  const all: DrillSample[] = [];
  for (let at = phase; at < whole; at += period) all.push(at >= from && at < to ? lost(at) : good(at));
  return all;
};

describe('a gap in the answers', () => {
  test('is measured within its own resolution, whatever the phase of the requests', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1000, max: 4000 }),
        fc.integer({ min: 120, max: 5000 }),
        fc.integer({ min: 0, max: 49 }),
        fc.integer({ min: 20, max: 110 }),
        (from, length, phase, period) => {
          const [gap, ...more] = gapsIn(around(from, from + length, { period, phase }));
          expect(more).toEqual([]);
          expect(gap?.open).toBe(false);
          // 3 ms of it are the answer's own way.
          expect(Math.abs((gap?.length ?? 0) - length)).toBeLessThanOrEqual((gap?.resolution ?? 0) + 3);
          expect(gap?.resolution).toBeLessThanOrEqual(period + 3);
        },
      ),
    );
  });

  test('does not depend on the order in which the answers came', () => {
    const samples = around(2000, 2700);
    const shuffled = [...samples].sort((a, b) => ((a.asked * 7919) % 101) - ((b.asked * 7919) % 101));
    expect(gapsIn(shuffled)).toEqual(gapsIn(samples));
  });

  test('ends with the first good answer, also of a request that was put into it and waited', () => {
    // The VIP is away from 1000 to 5650; requests put in the last second of it wait in the client's ARP queue and are answered.
    const samples = around(1000, 4650).map((one) =>
      one.asked >= 4650 && one.asked < 5650 ? good(one.asked, 5652 - one.asked) : one,
    );
    const [gap] = gapsIn(samples);
    expect(Math.abs((gap?.length ?? 0) - 4650)).toBeLessThanOrEqual((gap?.resolution ?? 0) + 5);
    expect(gap?.resolution).toBeLessThanOrEqual(55);
  });

  test('is open while no good answer has come back, and is at least as long as it was seen', () => {
    const [gap] = gapsIn(around(8000, 20_000));
    expect(gap).toMatchObject({ open: true });
    expect(gap?.length).toBeCloseTo(1975, -1);
  });

  test('is neither made nor ended by what is unknown: only its edges get less sure', () => {
    const samples = around(2000, 3000).map((one) => (one.asked >= 2800 && one.asked < 3300 ? unknown(one.asked) : one));
    const [gap, ...more] = gapsIn(samples);
    expect(more).toEqual([]);
    expect(gap?.resolution).toBeGreaterThan(250);
    expect(Math.abs((gap?.length ?? 0) - 1000)).toBeLessThanOrEqual((gap?.resolution ?? 0) + 3);
    expect(gapsIn(samples.map((one) => unknown(one.asked)))).toEqual([]);
  });

  test('of one lost request is shorter than can be told', () => {
    const [gap] = gapsIn(around(2000, 2050));
    expect(gap?.lost).toBe(1);
    expect(measured(gap?.length ?? 0, gap?.resolution ?? 0)).toBe('< 0.10 s');
  });

  test('is counted for each VIP by itself, and found by the time it touches', () => {
    const other = around(6000, 6500).map((one) => ({ ...one, vip: '172.16.249.90' }));
    const all = [...around(2000, 2700), ...other];
    expect(gapsIn(all).map((gap) => gap.vip)).toEqual([VIP, '172.16.249.90']);
    expect(gapsWithin(all, { from: 5000, to: 7000 }).map((gap) => gap.vip)).toEqual(['172.16.249.90']);
    expect(longestOf(gapsIn(all))?.vip).toBe(VIP);
    expect(longestOf([])).toBeUndefined();
  });
});

describe('requests', () => {
  test('are counted by kind, by who served them, with the slowest good answer', () => {
    const sum = tally([good(0), good(50, 40), lost(100), { ...lost(150), loss: 'refused' }, unknown(200)]);
    expect(sum).toEqual({
      total: 5,
      lost: 2,
      unknown: 1,
      byKind: { timeout: 1, refused: 1 },
      served: { web1: 2 },
      slowest: 40,
    });
    expect(lostShare(sum)).toBe(0.5);
    expect(lostShare(tally([unknown(1)]))).toBeUndefined();
  });

  test('that were still under way at the end of a window belong to what came after', () => {
    expect(decidedIn([good(0), lost(100), lost(900)], { from: 0, to: 1500 }).map((one) => one.asked)).toEqual([0, 100]);
  });

  test('tell when a client first noticed', () => {
    expect(firstLostAfter(around(2000, 2500), 1000)).toBe(2000);
    expect(firstLostAfter(around(2000, 2500), 3000)).toBeUndefined();
  });
});

test.each([
  [0, 50, 'none'],
  [60, 50, '< 0.10 s'],
  [99, 50, '< 0.10 s'],
  [710, 50, '0.71 s ± 0.05'],
  [4654, 25, '4.65 s ± 0.03'],
])('%d ms measured to %d ms are told as %s', (ms, resolution, text) => {
  expect(measured(ms, resolution)).toBe(text);
});
