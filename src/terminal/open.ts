/**
 * What stands between Ink and the terminal. Ink draws whole frames into `stdout`; the terminal gets the cells that
 * changed, of the newest frame only, never faster than it reads, and is given back however the program ends.
 */
import { type Endings, watchEndings } from './endings.ts';
import { Input } from './input.ts';
import { standInOutput } from './output.ts';
import { swallowAnswers, waitFor, waitForSync } from './patience.ts';
import { Pump, type TerminalStats } from './pump.ts';
import { Strays } from './stray.ts';
import { setBlocking, Wire } from './wire.ts';

export type TerminalOptions = {
  readonly stdin: NodeJS.ReadStream & { readonly fd: number };
  readonly stdout: NodeJS.WriteStream & { readonly fd: number };
  /** Monotonic milliseconds. */
  readonly clock?: (() => number) | undefined;
  /** The line is gone (EIO, EPIPE, hang-up). Told once; the program goes on and should end itself. */
  readonly onLost?: ((why: string) => void) | undefined;
  /** Right before the process stops, with the terminal already given back. */
  readonly onSuspend?: (() => void) | undefined;
  /** Right after it goes on, with the terminal taken again. */
  readonly onResume?: (() => void) | undefined;
};

export type Terminal = {
  /** For Ink's `render`. */
  readonly stdout: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  /** Sends the whole picture again, as for Ctrl+L. */
  repaint(): void;
  /** Gives the terminal back and stops the process group, as Ctrl+Z does; takes it again when continued. */
  suspend(): void;
  /** Gives everything back, then prints what went to stderr meanwhile and `finalText`. Done within about 0.3 s. */
  close(finalText?: string): Promise<void>;
  stats(): TerminalStats;
};

/** How long leaving may take altogether, in milliseconds. */
const LEAVE = 300;
/** How long it waits, of that, for answers still under way when there is no event loop any more. */
const SWALLOW = 100;
/** A stop that did not happen (no shell that could continue us) is over after this. */
const STOPPED = 150;

/** Takes the terminal. Both streams must be terminals (`isTTY`). */
export function openTerminal(options: TerminalOptions): Terminal {
  return new Layer(options);
}

class Layer implements Terminal {
  readonly stdout: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  #options: TerminalOptions;
  #state: 'open' | 'suspended' | 'closing' | 'closed' = 'open';
  #pump: Pump;
  #input: Input;
  #strays: Strays;
  #endings: Endings;
  #onResize = (): void => {
    this.#pump.repaint();
    this.stdout.emit('resize');
  };
  #onStdinError = (error: Error): void => this.#pump.lose(`the terminal is gone (${error.message})`);
  #onStdinEnd = (): void => this.#pump.lose('the terminal is gone (end of input)');
  #onStdoutError = (error: Error): void => this.#pump.lose(`the terminal is gone (${error.message})`);

  constructor(options: TerminalOptions) {
    this.#options = options;
    const { stdin, stdout, clock = () => performance.now() } = options;
    const pump = new Pump(
      new Wire(stdout.fd),
      () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
      clock,
      (why) => options.onLost?.(why),
    );
    this.#pump = pump;
    this.#strays = new Strays([process.stderr, stdout]);
    this.#input = new Input(
      stdin,
      () => pump.gate.outstanding > 0,
      (count) => pump.answered(count),
    );
    this.stdin = this.#input.stream;
    this.stdout = standInOutput(stdout, (chunk) => pump.draw(chunk));
    stdin.on('error', this.#onStdinError).on('end', this.#onStdinEnd);
    stdout.on('error', this.#onStdoutError).on('resize', this.#onResize);
    this.#endings = this.#watch();
    this.#take();
  }

  repaint(): void {
    this.#pump.repaint();
  }

  suspend(): void {
    if (this.#state !== 'open' || this.#pump.lost) return;
    this.#giveBack();
    this.#state = 'suspended';
    this.#options.onSuspend?.();
    // The whole group, as the terminal's own Ctrl+Z would: a parent such as npm must stop too for the shell to come
    // back. TSTP rather than STOP: where no shell could continue us the kernel ignores it, and we go on.
    this.#endings.stopGroup();
    setTimeout(() => this.#resume(), STOPPED);
  }

  async close(finalText = ''): Promise<void> {
    if (this.#state === 'closed' && !this.#pump.lost && finalText !== '') this.#options.stdout.write(finalText);
    if (this.#state === 'closed' || this.#state === 'closing') return;
    const end = performance.now() + LEAVE;
    this.#state = 'closing';
    this.#input.deaf = true;
    this.#pump.stop();
    await waitFor(() => this.#pump.push() && !this.#answerComes(), LEAVE);
    // A signal may have come in between and done the rest.
    if (this.#isClosed()) return;
    this.#letGo();
    this.#pump.print(this.#strays.release() + finalText);
    await waitFor(() => this.#pump.push(), Math.max(end - performance.now(), 50));
    setBlocking(this.#options.stdout, true);
  }

  stats(): TerminalStats {
    return this.#pump.stats();
  }

  #watch(): Endings {
    return watchEndings({
      restore: () => this.#restore(),
      hangup: () => this.#hangup(),
      suspend: () => this.suspend(),
      resume: () => this.#resume(),
    });
  }

  #take(): void {
    setBlocking(this.#options.stdout, false);
    // A shell may have changed the mode behind Node's back: only a change makes Node set it.
    this.#rawMode(false);
    this.#rawMode(true);
    this.#pump.start();
  }

  /** The way back without the event loop. */
  #giveBack(): void {
    this.#pump.stop();
    waitForSync(() => this.#pump.push(), LEAVE);
    if (this.#answerComes()) swallowAnswers(this.#options.stdin.fd, this.#pump.gate.outstanding, SWALLOW);
    this.#rawMode(false);
    setBlocking(this.#options.stdout, true);
  }

  #resume(): void {
    if (this.#state !== 'open' && this.#state !== 'suspended') return;
    const suspended = this.#state === 'suspended';
    this.#state = 'open';
    this.#take();
    if (suspended) this.#options.onResume?.();
  }

  #restore(): void {
    if (this.#state === 'closed') return;
    if (this.#state !== 'suspended') this.#giveBack();
    setBlocking(this.#options.stdout, false);
    this.#letGo();
    this.#pump.print(this.#strays.release());
    waitForSync(() => this.#pump.push(), LEAVE);
    setBlocking(this.#options.stdout, true);
  }

  #letGo(): void {
    this.#state = 'closed';
    this.#endings.forget();
    this.#input.stop();
    this.#rawMode(false);
    this.#options.stdout.off('resize', this.#onResize);
    // The listeners for errors stay: what a dead terminal reports later must not end the program.
  }

  #hangup(): boolean {
    if (this.#options.onLost === undefined) return false;
    this.#pump.lose('the terminal hung up');
    return true;
  }

  #answerComes(): boolean {
    return !this.#pump.lost && !this.#pump.gate.mute && this.#pump.gate.outstanding > 0;
  }

  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #rawMode(raw: boolean): void {
    try {
      this.#options.stdin.setRawMode?.(raw);
    } catch {
      // The terminal is gone: there is no mode to set.
    }
  }
}
