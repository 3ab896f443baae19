/**
 * Says when the next frame may go. Every frame ends with a question to the terminal (DSR, `CSI 5 n`, ECMA-48 8.3.35);
 * its answer proves that the frame was not only accepted by some buffer on the way but read. So at most one frame is
 * under way, and what is on screen is never older than one round trip plus one frame.
 */

/** Asked at the end of each frame. */
export const QUESTION = '\x1b[5n';

/** How long an answer may take, in milliseconds, before the next frame goes without it. */
const PATIENCE = 3000;
/** A terminal that has answered before is a slow one rather than a mute one: it is waited for this many times. */
const TRUST = 4;

/** The questions under way. Times in milliseconds of any monotonic clock. */
export class Gate {
  #asked: number[] = [];
  #lastAsked = 0;
  #missed = 0;
  #answered = false;
  #roundTrip: number | undefined;

  /** Questions without an answer so far. */
  get outstanding(): number {
    return this.#asked.length;
  }

  /** The last measured time between question and answer. */
  get roundTrip(): number | undefined {
    return this.#roundTrip;
  }

  /** True when the terminal does not answer, so that only the line itself slows frames down. */
  get mute(): boolean {
    return this.#missed >= (this.#answered ? TRUST : 1);
  }

  /** Whether the next frame should carry a question; a mute terminal is asked again now and then. */
  shouldAsk(now: number): boolean {
    return this.#asked.length < 8 && (!this.mute || now - this.#lastAsked >= PATIENCE);
  }

  asked(now: number): void {
    this.#asked.push(now);
    this.#lastAsked = now;
  }

  /** The last question was never sent. */
  withdraw(): void {
    this.#asked.pop();
  }

  /** An answer came in: it belongs to the oldest question. */
  answered(now: number): void {
    const at = this.#asked.shift();
    if (at !== undefined) this.#roundTrip = now - at;
    if (this.mute) this.#asked = [];
    this.#answered = true;
    this.#missed = 0;
  }

  /** Milliseconds until the next frame may go; 0 means now. */
  wait(now: number): number {
    if (this.#asked.length === 0 || this.mute) return 0;
    const left = this.#lastAsked + PATIENCE - now;
    if (left > 0) return left;
    this.#missed++;
    return 0;
  }

  /** Starts again, as after a suspension: another program may have eaten the answers. */
  reset(): void {
    this.#asked = [];
    this.#missed = 0;
  }
}
