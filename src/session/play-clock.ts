/** Time as a player needs it: ms from any start, and a call later that can be taken back. */
export type PlayClock = { now(): number; after(ms: number, run: () => void): () => void };

/** The machine's own clock. Its timers hold no process up. */
export const playClock: PlayClock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};
