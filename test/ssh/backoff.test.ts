import { describe, expect, it } from 'vitest';
import { backoffDelay } from '../../src/ssh/backoff.ts';

const limits = { first: 400, max: 30_000 };

describe('the wait before the next attempt', () => {
  it('doubles up to its maximum and stays there', () => {
    const waits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 1_000].map((attempt) => backoffDelay(attempt, 0, limits));
    expect(waits).toEqual([400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 30_000]);
  });

  it('is shortened by at most a quarter', () => {
    expect(backoffDelay(7, 1, limits)).toBe(22_500);
    expect(backoffDelay(0, 0.5, limits)).toBe(350);
  });

  it('never lets sshd count enough unfinished connections to lock anybody out', () => {
    // PerSourcePenalties: each costs 1 s, spent second by second; from 15 s on the source is refused.
    let penalty = 0;
    let worst = 0;
    for (let attempt = 0; attempt < 100; attempt++) {
      const waited = backoffDelay(attempt, 1, limits) / 1_000;
      penalty = Math.max(0, penalty + 1 - waited);
      worst = Math.max(worst, penalty);
    }
    // Four nodes behind one jump host share one address on each other's sshd at most once each.
    expect(worst).toBeLessThan(15 / 4);
  });
});
