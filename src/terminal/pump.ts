/** Frames from Ink, bytes to the wire: the newest picture only, one at a time, each when the terminal has read the last. */
import { Gate, QUESTION } from './gate.ts';
import { readInkOutput } from './ink-output.ts';
import { CANCEL, ENTER, KeyboardModes, leaving } from './modes.ts';
import { type Frame, Painter } from './painter.ts';
import type { Wire } from './wire.ts';

/** Counters since the start. */
export type TerminalStats = {
  /** Frames that Ink drew, those of which something was sent, and those that a newer one replaced before. */
  readonly frames: number;
  readonly sent: number;
  readonly dropped: number;
  /** What the descriptor took. */
  readonly bytes: number;
  readonly writes: number;
  /** Milliseconds from the end of a frame to the terminal's answer, the last time; undefined before the first. */
  readonly roundTrip: number | undefined;
};

/** Up to this many bytes come to the terminal in one piece; a synchronized update around them would double a second's bytes. */
const SMALL = 256;
/** A full line is tried again after this many milliseconds, then twice as late each time up to the second number. */
const RETRY = [4, 32] as const;

/** What it needs of a wire. */
export type Line = Pick<Wire, 'busy' | 'send' | 'push' | 'abandon' | 'bytes' | 'writes'>;

/** Sends from `start` to `stop`, and again from the next `start`. */
export class Pump {
  readonly gate = new Gate();
  readonly keyboard = new KeyboardModes();
  #wire: Line;
  #size: () => { readonly columns: number; readonly rows: number };
  #clock: () => number;
  #onLost: (why: string) => void;
  #painter = new Painter();
  #newest: Frame | undefined;
  #bottom = 0;
  /** Keyboard modes that Ink asked for and that are not sent yet. */
  #modes = '';
  /** `newest` was not painted yet; false too when it only has to be painted again. */
  #fresh = false;
  #dirty = false;
  /** The last write was cut, perhaps inside a sequence. */
  #cut = false;
  /** The last write ends with a question. */
  #asking = false;
  #running = false;
  #lost = false;
  #scheduled = false;
  #timer: NodeJS.Timeout | undefined;
  #retry: number = RETRY[0];
  #frames = 0;
  #sent = 0;
  #dropped = 0;

  constructor(
    wire: Line,
    size: () => { readonly columns: number; readonly rows: number },
    clock: () => number,
    onLost: (why: string) => void,
  ) {
    this.#wire = wire;
    this.#size = size;
    this.#clock = clock;
    this.#onLost = onLost;
  }

  get lost(): boolean {
    return this.#lost;
  }

  /** Enters the alternate screen and begins to send; the first frame is painted whole. */
  start(): void {
    this.#running = true;
    this.#abandon();
    this.gate.reset();
    this.#painter.forget();
    this.#dirty = this.#newest !== undefined;
    // Asking now tells a slow terminal from a mute one before the first, large frame.
    this.#send(ENTER + this.keyboard.on, true);
    this.#modes = '';
    this.#paint();
  }

  /** Sends nothing more but the way back. What the line has not taken yet of it is left to `push`. */
  stop(): void {
    clearTimeout(this.#timer);
    if (!this.#running) return;
    this.#running = false;
    this.#abandon();
    // Ink switches its modes off just before: not sent yet, and from then on no mode of ours.
    this.#send(this.#modes + leaving(this.keyboard), false);
    this.#modes = '';
  }

  /** One write of Ink. */
  draw(chunk: string): void {
    const written = readInkOutput(chunk);
    if (written === undefined) return;
    if (written.kind === 'mode') {
      this.keyboard.note(written.sequence);
      this.#modes += written.sequence;
    } else if (written.kind === 'frame') {
      this.#frames++;
      if (this.#fresh) this.#dropped++;
      this.#newest = written.frame;
      this.#bottom = written.bottom;
      this.#fresh = this.#dirty = true;
    } else if (this.#newest !== undefined) {
      const cursor = written.at && { x: written.at.x, y: this.#bottom - written.at.up };
      this.#newest = { lines: this.#newest.lines, cursor };
      this.#dirty = true;
    }
    this.#schedule();
  }

  /** Paints everything again, also when Ink draws nothing new. */
  repaint(): void {
    this.#painter.forget();
    this.#dirty = this.#newest !== undefined;
    this.#schedule();
  }

  /** The terminal has read up to the end of `count` more frames. */
  answered(count: number): void {
    for (let i = 0; i < count; i++) this.gate.answered(this.#clock());
    this.#flush();
  }

  /** Tries to write what the line has not taken yet. True when nothing is left, or nobody is there to take it. */
  push(): boolean {
    this.#guard(() => this.#wire.push());
    return this.#lost || !this.#wire.busy;
  }

  /** Sends text as it is, outside of any frame. */
  print(text: string): void {
    if (text !== '') this.#send(text, false);
  }

  /** The line is gone: nothing is written from now on. */
  lose(why: string): void {
    if (this.#lost) return;
    this.#lost = true;
    clearTimeout(this.#timer);
    this.#wire.abandon();
    this.#onLost(why);
  }

  stats(): TerminalStats {
    const { bytes, writes } = this.#wire;
    const { roundTrip } = this.gate;
    return { frames: this.#frames, sent: this.#sent, dropped: this.#dropped, bytes, writes, roundTrip };
  }

  /** Ink writes in several pieces: they are looked at together, once it is done. */
  #schedule(): void {
    if (this.#scheduled || !this.#running) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    clearTimeout(this.#timer);
    if (!this.#running || this.#lost) return;
    // What is left of a frame that will be painted over is not worth waiting for.
    if (this.#painter.blank && this.#dirty) this.#abandon();
    if (!this.push()) {
      this.#later(this.#retry);
      this.#retry = Math.min(this.#retry * 2, RETRY[1]);
      return;
    }
    this.#retry = RETRY[0];
    if (!this.#dirty && this.#modes === '') return;
    const wait = this.gate.wait(this.#clock());
    if (wait > 0) this.#later(wait);
    else this.#paint();
  }

  #paint(): void {
    const { columns, rows } = this.#size();
    const whole = this.#painter.blank;
    const cells = this.#dirty && this.#newest !== undefined ? this.#painter.paint(this.#newest, columns, rows) : '';
    const modes = this.#modes;
    this.#dirty = this.#fresh = false;
    this.#modes = '';
    if (cells + modes === '') return;
    if (cells !== '') this.#sent++;
    const frame = cells === '' || (!whole && cells.length <= SMALL) ? cells : `\x1b[?2026h${cells}\x1b[?2026l`;
    this.#send(modes + frame, cells !== '' && this.gate.shouldAsk(this.#clock()));
    if (this.#wire.busy) this.#later(this.#retry);
  }

  /** Throws away what the line has not taken yet, and with it the question at its end. */
  #abandon(): void {
    if (!this.#wire.abandon()) return;
    this.#cut = true;
    if (this.#asking) this.gate.withdraw();
  }

  #send(text: string, ask: boolean): void {
    const start = this.#cut ? CANCEL : '';
    this.#cut = false;
    this.#asking = ask;
    if (ask) this.gate.asked(this.#clock());
    this.#guard(() => this.#wire.send(start + text + (ask ? QUESTION : '')));
  }

  #later(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), milliseconds);
    this.#timer.unref();
  }

  #guard(work: () => void): void {
    if (this.#lost) return;
    try {
      work();
    } catch (error) {
      this.lose(error instanceof Error ? error.message : String(error));
    }
  }
}
