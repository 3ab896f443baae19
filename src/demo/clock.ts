/**
 * Time for the embedded cluster: monotonic and wall milliseconds, and timers. The demo takes all its time from here, so
 * that tests and long runs can drive it faster than the wall.
 */
export type DemoClock = {
  /** Monotonic ms; the origin means nothing. */
  now(): number;
  /** Ms since the epoch. */
  wall(): number;
  /** Calls `run` once after `ms`; returns the canceller, safe to call at any time. */
  after(ms: number, run: () => void): () => void;
};

/** The machine's own time. */
export const realClock = (): DemoClock => ({
  now: () => performance.now(),
  wall: () => performance.timeOrigin + performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
});

/** A clock whose timers can all be ended at once, so that nothing outlives the cluster. */
export type ScopedClock = DemoClock & { close(): void };

/** Runs timers on `clock` until `close`; later ones never run. */
export const scopedClock = (clock: DemoClock): ScopedClock => {
  const pending = new Set<() => void>();
  let open = true;
  return {
    now: clock.now,
    wall: clock.wall,
    after: (ms, run) => {
      if (!open) return () => {};
      const stop = clock.after(ms, () => {
        pending.delete(cancel);
        run();
      });
      const cancel = (): void => {
        stop();
        pending.delete(cancel);
      };
      pending.add(cancel);
      return cancel;
    },
    close: () => {
      open = false;
      for (const cancel of [...pending]) cancel();
    },
  };
};

/** A clock that stands still until it is told to go on. */
export type ManualClock = DemoClock & {
  /** Moves time on by `ms`, running every timer on the way in order of its due time. */
  advance(ms: number): void;
  /** Timers not yet run nor cancelled. */
  pending(): number;
};

/** A clock for tests and for long runs: `wallStart` is its wall time at the start, ms since the epoch. */
export const manualClock = (wallStart = Date.UTC(2026, 10, 23, 18, 42, 30)): ManualClock => {
  let now = 0;
  let order = 0;
  const timers = new Map<number, { due: number; run: () => void }>();
  const earliest = (until: number): number | undefined => {
    let found: number | undefined;
    for (const [id, timer] of timers) {
      if (timer.due <= until && (found === undefined || timer.due < timers.get(found)!.due)) found = id;
    }
    return found;
  };
  return {
    now: () => now,
    wall: () => wallStart + now,
    after: (ms, run) => {
      order += 1;
      const id = order;
      timers.set(id, { due: now + Math.max(0, ms), run });
      return () => timers.delete(id);
    },
    advance: (ms) => {
      const until = now + ms;
      for (let id = earliest(until); id !== undefined; id = earliest(until)) {
        const timer = timers.get(id)!;
        timers.delete(id);
        now = timer.due;
        timer.run();
      }
      now = until;
    },
    pending: () => timers.size,
  };
};

/** Resolves after `ms` of the demo's time. */
export const sleep = (clock: DemoClock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.after(ms, resolve);
  });
