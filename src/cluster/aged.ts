import type { Reading } from './failure.ts';
import type { Aged, Freshness } from './state.ts';

/** Milliseconds after which a value is shown, but nothing is claimed from it any more. */
export const STALE_AFTER = 15_000;

/** Takes a reading in: a good one replaces the value, a failed one only says why there is no newer one. */
export const age = <T>(aged: Aged<T>, reading: Reading<T>, at: number): Aged<T> => {
  if (reading.ok) return { value: reading.value, at };
  return { ...aged, failure: reading.failure, failedAt: at };
};

/** fresh for two intervals (at least 3 s), stale up to 15 s (or five intervals), then unknown. `interval` in ms. */
export const freshness = (aged: { at?: number }, now: number, interval: number): Freshness => {
  if (aged.at === undefined) return 'unknown';
  const elapsed = now - aged.at;
  if (elapsed <= Math.max(3000, 2 * interval)) return 'fresh';
  return elapsed <= Math.max(STALE_AFTER, 5 * interval) ? 'stale' : 'unknown';
};

/** The value while it is fresh, else undefined: what may be claimed. */
export const claim = <T>(aged: Aged<T> | undefined, now: number, interval: number): T | undefined =>
  aged && freshness(aged, now, interval) === 'fresh' ? aged.value : undefined;
