import type { Clock } from './clock.ts';

/** What runs when, and until when. */
export type ScheduleOptions = {
  clock: Clock;
  /** ms */
  interval: number;
  /** Where in the interval it runs, ms. Runs of equal interval and offset fall together: the grid is the clock's own. */
  offset?: number;
  signal: AbortSignal;
  /** Has the signal and deadline it needs by itself; a rejection ends the schedule and is passed on. */
  run: () => Promise<unknown>;
};

/**
 * Runs at once, then at a fixed rate on the grid of the monotonic clock: no drift, never twice at a time, ticks that were
 * missed are skipped. Resolves when the signal fires, after the run in flight has ended.
 */
export const schedule = async ({ clock, interval, offset = 0, signal, run }: ScheduleOptions): Promise<void> => {
  let last = offset === 0 ? clock.now() : Number.NEGATIVE_INFINITY;
  if (signal.aborted) return;
  if (offset === 0) await run();
  while (!signal.aborted) {
    // The grid point after the first, unaligned run may be a moment away: half an interval is the least distance.
    const from = Math.max(clock.now(), last + interval / 2);
    last = Math.floor((from - offset) / interval + 1) * interval + offset;
    try {
      await clock.sleep(last - clock.now(), signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (!signal.aborted) await run();
  }
};
