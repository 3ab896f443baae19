/** Time for the keyboard's side of the console: ms from any start, never backwards, and a call later that can be taken back. */
export type ConsoleClock = {
  now(): number;
  after(ms: number, run: () => void): () => void;
};

/** The machine's own clock. */
export const realClock: ConsoleClock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
