import type { Clock } from '../../src/probes/clock.ts';

type Sleeper = { due: number; wake: () => void };

/** A clock that stands still until the test moves it. Sleepers wake in order of their time, each with the clock at its due time. */
export class FakeClock implements Clock {
  #now: number;
  readonly #epoch: number;
  #sleepers: Sleeper[] = [];

  constructor(now = 0, epoch = Date.UTC(2026, 10, 23, 12)) {
    this.#now = now;
    this.#epoch = epoch - now;
  }

  now = (): number => this.#now;
  wall = (): number => this.#epoch + this.#now;

  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const drop = () => {
        this.#sleepers = this.#sleepers.filter((one) => one !== sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        due: this.#now + Math.max(0, ms),
        wake: () => {
          signal?.removeEventListener('abort', drop);
          resolve();
        },
      };
      signal?.addEventListener('abort', drop, { once: true });
      this.#sleepers.push(sleeper);
    });

  /** How many wait for this clock. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Moves on by `ms`, letting everything that follows from one wake-up happen before the next. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      await settle();
      const next = this.#sleepers.reduce<Sleeper | undefined>((a, b) => (a && a.due <= b.due ? a : b), undefined);
      if (!next || next.due > until) break;
      this.#sleepers = this.#sleepers.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.due);
      next.wake();
    }
    this.#now = until;
  }
}

/** Lets promises and immediate callbacks that are due run. */
export const settle = async (): Promise<void> => {
  for (let round = 0; round < 3; round++) await new Promise((resolve) => setImmediate(resolve));
};
