import type { DemoClock } from './clock.ts';

/** Runs something later, unless the queue was emptied meanwhile. */
export type Later = (ms: number, run: () => void) => void;

/** Jobs of one unit: one at a time, in order, as systemd keeps them. */
export type JobQueue<Result> = {
  submit(job: (finish: (result: Result) => void, later: Later) => void, done?: (result: Result) => void): void;
  /** Ends the job that runs now with this result, whatever it waits for; the next one begins. */
  interrupt(result: Result): void;
  /** The power went: what runs never finishes, what waits is forgotten. */
  clear(): void;
};

/** An empty queue. */
export const createJobQueue = <Result>(clock: DemoClock): JobQueue<Result> => {
  const queue: (() => void)[] = [];
  let busy = false;
  let generation = 0;
  let current: ((result: Result) => void) | undefined;
  const next = (): void => {
    if (busy) return;
    const job = queue.shift();
    if (!job) return;
    busy = true;
    job();
  };
  return {
    submit: (job, done = () => {}) => {
      queue.push(() => {
        const mine = generation;
        const finish = (result: Result): void => {
          if (mine !== generation) return;
          generation += 1;
          busy = false;
          current = undefined;
          done(result);
          next();
        };
        current = finish;
        job(finish, (ms, run) => {
          clock.after(ms, () => {
            if (mine === generation) run();
          });
        });
      });
      next();
    },
    interrupt: (result) => current?.(result),
    clear: () => {
      generation += 1;
      current = undefined;
      queue.length = 0;
      busy = false;
    },
  };
};
