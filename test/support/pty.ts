/** A program in a real pseudo-terminal, with a terminal (xterm.js) that shows what it writes and answers what it asks. */
import { readSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type IPty, spawn } from '@lydell/node-pty';
import { cellsOf, makeScreen, textOf } from './screen.ts';

export type PtyOptions = {
  readonly cmd: string;
  readonly args?: readonly string[];
  readonly cols?: number;
  readonly rows?: number;
  readonly cwd?: string;
  /** Added to the environment; undefined removes a name. `CI` is always removed: Ink draws nothing where it is set. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Bytes per second that the terminal reads; default as fast as it can. 0: not at all. */
  readonly drain?: number;
  /** False: a terminal that answers no question. */
  readonly answers?: boolean;
};

export type PtyExit = { readonly code: number; readonly signal: number };

export type Pty = {
  readonly pid: number;
  /** The slave's path, as for `stty -F`. */
  readonly path: string;
  /** The rows that are visible, without trailing blanks. */
  screen(): string[];
  /** The rows with every attribute. */
  cells(): string[];
  /** Waits until the screen's text (rows joined by newlines) matches. Fails with the screen in the message. */
  until(condition: RegExp | ((rows: string[]) => boolean), ms?: number): Promise<void>;
  send(keys: string): void;
  resize(cols: number, rows: number): void;
  /** Changes how fast the terminal reads. */
  drain(bytesPerSecond: number): void;
  kill(signal?: NodeJS.Signals): void;
  /** Closes the terminal's side, as a lost connection does. */
  hangUp(): void;
  readonly exit: Promise<PtyExit>;
  /** Bytes read from the program so far, and the bytes themselves. */
  bytes(): number;
  rawOutput(): string;
  /** `alternate` while a full-screen program has the terminal. */
  bufferType(): 'normal' | 'alternate';
  /** True while the terminal shows its text cursor. */
  cursorShown(): boolean;
  /** Kills the program if it still runs and frees the terminal. Call it at the end of every test. */
  dispose(): Promise<void>;
};

type ReadingHandle = { reading: boolean; readStop(): void };

/** How often a slow terminal reads, in milliseconds. */
const TICK = 20;

/** Starts the program. */
export function openPty(options: PtyOptions): Pty {
  const { cols = 80, rows = 24 } = options;
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...process.env, TERM: 'xterm-256color', ...options.env })) {
    if (value !== undefined && name !== 'CI') env[name] = value;
  }
  const pty: IPty = spawn(options.cmd, [...(options.args ?? [])], {
    cols,
    rows,
    env,
    cwd: options.cwd ?? process.cwd(),
    encoding: null,
  });
  const term = makeScreen(cols, rows, options.answers === false ? undefined : (data) => write(data));
  const chunks: Buffer[] = [];
  let count = 0;
  let gone = false;
  let cursor = true;
  let timer: NodeJS.Timeout | undefined;
  for (const [final, shown] of [
    ['h', true],
    ['l', false],
  ] as const) {
    term.parser.registerCsiHandler({ prefix: '?', final }, (params) => {
      if (params.includes(25)) cursor = shown;
      return false;
    });
  }

  const write = (data: string): void => {
    if (!gone) pty.write(data);
  };
  const take = (data: Buffer): void => {
    chunks.push(data);
    count += data.length;
    term.write(data);
  };

  // What node-pty reads it reads as fast as it can, which would hide the program's blocking. So for a slow terminal it
  // is stopped, and an exact number of bytes is taken from the descriptor itself.
  const slow = (rate: number): void => {
    pty.pause();
    // Pausing stops the events, not the reading ahead, which would take bytes out of their order.
    const { _handle: handle } = (pty as unknown as { _socket: { _handle?: ReadingHandle } })._socket;
    const master = (pty as unknown as { fd: number }).fd;
    const buffer = Buffer.alloc(Math.min(1 << 16, Math.max(1, Math.round((rate * TICK) / 1000))));
    timer = setInterval(() => {
      if (handle?.reading) {
        handle.readStop();
        handle.reading = false;
      }
      if (rate === 0 || gone) return;
      try {
        take(Buffer.from(buffer.subarray(0, readSync(master, buffer))));
      } catch {
        // EAGAIN: nothing written since; EIO: the program has ended.
      }
    }, TICK);
  };
  pty.onData((data) => take(data as unknown as Buffer));
  if (options.drain !== undefined) slow(options.drain);

  const exit = new Promise<PtyExit>((resolve) => {
    pty.onExit(({ exitCode, signal }) => {
      gone = true;
      clearInterval(timer);
      term.write('', () => resolve({ code: exitCode, signal: signal ?? 0 }));
    });
  });

  const screen = (): string[] => textOf(term);
  return {
    pid: pty.pid,
    path: (pty as unknown as { ptsName: string }).ptsName,
    exit,
    screen,
    cells: () => cellsOf(term),
    async until(condition, ms = 10_000) {
      const end = performance.now() + ms;
      const holds = (): boolean =>
        typeof condition === 'function' ? condition(screen()) : condition.test(screen().join('\n'));
      while (!holds()) {
        if (performance.now() > end) {
          throw new Error(`the screen did not come to ${condition} within ${ms} ms:\n${screen().join('\n')}`);
        }
        await sleep(10);
      }
    },
    send: write,
    resize(newCols, newRows) {
      term.resize(newCols, newRows);
      pty.resize(newCols, newRows);
    },
    drain(bytesPerSecond) {
      clearInterval(timer);
      slow(bytesPerSecond);
    },
    kill: (signal) => process.kill(pty.pid, signal ?? 'SIGKILL'),
    hangUp() {
      gone = true;
      clearInterval(timer);
      (pty as unknown as { _socket: { destroy(): void } })._socket.destroy();
    },
    bytes: () => count,
    rawOutput: () => Buffer.concat(chunks).toString('utf8'),
    bufferType: () => term.buffer.active.type,
    cursorShown: () => cursor,
    async dispose() {
      clearInterval(timer);
      try {
        process.kill(pty.pid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
      await exit;
      term.dispose();
    },
  };
}
