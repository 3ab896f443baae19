import type { DemoClock } from './clock.ts';

/** The one timer of a process: set anew or taken away, and asleep while the process is frozen. */
export type Timer = {
  arm(ms: number, run: () => void): void;
  disarm(): void;
  freeze(): void;
  /** Goes on; what is overdue runs at once. Returns how late it is, ms; 0 when it is not. */
  thaw(): number;
};

/** A timer that is not set. */
export const createTimer = (clock: DemoClock): Timer => {
  let waiting: { due: number; run: () => void; cancel: () => void } | undefined;
  const disarm = (): void => {
    waiting?.cancel();
    waiting = undefined;
  };
  const arm = (ms: number, run: () => void): void => {
    disarm();
    waiting = { due: clock.now() + ms, run, cancel: clock.after(ms, run) };
  };
  return {
    arm,
    disarm,
    freeze: () => waiting?.cancel(),
    thaw: () => {
      if (!waiting) return 0;
      const { due, run } = waiting;
      const late = clock.now() - due;
      arm(Math.max(0, -late), run);
      return Math.max(0, late);
    },
  };
};
