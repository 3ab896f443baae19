import type { ConsoleClock } from '../../src/views/clock.ts';

/** The console's clock, which stands still until the test moves it. */
export class ManualClock implements ConsoleClock {
  #now = 10_000;
  #waiting: { due: number; run: () => void }[] = [];

  now = (): number => this.#now;

  after = (ms: number, run: () => void): (() => void) => {
    const one = { due: this.#now + ms, run };
    this.#waiting.push(one);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== one);
    };
  };

  /** Moves on by `ms`; what is due then runs in order, each at its own time. */
  pass(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const [next] = this.#waiting.toSorted((a, b) => a.due - b.due);
      if (!next || next.due > until) break;
      this.#waiting = this.#waiting.filter((other) => other !== next);
      this.#now = next.due;
      next.run();
    }
    this.#now = until;
  }
}
