import type { Clock } from './clock.ts';

/** Something that is to happen at a time that may be moved forward. */
export type Alarm = {
  /** At `time` (mono ms) at the latest. */
  by(time: number): void;
  stop(): void;
};

/** Calls `run` once at the earliest time asked for since the last call, never twice at a time. */
export const createAlarm = (clock: Clock, run: () => unknown): Alarm => {
  let due = Number.POSITIVE_INFINITY;
  let stopped = false;
  let running = false;
  let wake: AbortController | undefined;

  const work = async () => {
    running = true;
    while (!stopped && due < Number.POSITIVE_INFINITY) {
      const wait = due - clock.now();
      if (wait <= 0) {
        due = Number.POSITIVE_INFINITY;
        await run();
        continue;
      }
      wake = new AbortController();
      await clock.sleep(wait, wake.signal).catch(() => {});
    }
    running = false;
  };
  return {
    by: (time) => {
      if (time >= due || stopped) return;
      due = time;
      if (running) wake?.abort();
      else void work();
    },
    stop: () => {
      stopped = true;
      wake?.abort();
    },
  };
};
