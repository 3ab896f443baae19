/** The console on a terminal without a window: a store one can set, keys one can press, a screen one can read. */
import { PassThrough } from 'node:stream';
import { render } from 'ink';
import type { Action, Plan } from '../../src/cluster/action.ts';
import type { DrillOutcome } from '../../src/cluster/drill.ts';
import type { State } from '../../src/cluster/state.ts';
import { builtInDrills } from '../../src/drills/catalog/built-in.ts';
import type { Drill } from '../../src/drills/drill.ts';
import type {
  DrillDesk,
  DrillPlanned,
  NoteOutcome,
  OpenPrompt,
  Performed,
  Picture,
  Planned,
  SessionStore,
} from '../../src/session/store.ts';
import { App, type AppOptions } from '../../src/views/app.tsx';
import type { ConsoleClock } from '../../src/views/clock.ts';
import { agreeOnWidths, cellsOf, feed, makeScreen, textOf, type Xterm } from './screen.ts';

/** A desk of drills that runs nothing, but remembers what it was asked; the built-in drills are on it. */
export class FakeDesk implements DrillDesk {
  readonly asked: unknown[][] = [];
  /** Why drills cannot begin, by name. */
  readonly why: Record<string, string> = {};
  drills: readonly Drill[] = builtInDrills();
  planned: (name: string) => Promise<DrillPlanned> = async () => ({
    ok: false,
    reasons: ['this test planned nothing'],
  });
  ran: (name: string) => Promise<DrillOutcome> = () => new Promise(() => {});

  list = (): readonly Drill[] => this.drills;

  glance = (name: string): string | null => this.why[name] ?? null;

  planDrill(name: string): Promise<DrillPlanned> {
    this.asked.push(['plan', name]);
    return this.planned(name);
  }

  runDrill(name: string, given: string, options?: object): Promise<DrillOutcome> {
    this.asked.push(['run', name, given, options]);
    return this.ran(name);
  }

  nextStep(): void {
    this.asked.push(['next']);
  }

  endDrill(how: 'restore' | 'leave'): void {
    this.asked.push(['end', how]);
  }
}

/** A session that does nothing but remember what it was asked. */
export class FakeStore implements SessionStore {
  readonly asked: unknown[][] = [];
  outcomes: (text: string) => Promise<NoteOutcome[]> = async () => [
    { node: 'lb1', ok: true },
    { node: 'lb2', ok: true },
  ];
  /** What `plan` and `perform` answer; set by the test that uses them. */
  planned: (action: Action) => Promise<Planned> = async () => ({
    ok: false,
    refusal: { reason: 'disabled', text: 'this test planned nothing' },
  });
  performed: (plan: Plan) => Promise<Performed> = async () => ({ step: 'done', seen: 'it is so', ms: 1 });
  drills?: FakeDesk;
  #picture: Picture;
  #listeners = new Set<() => void>();

  constructor(state: State, drills?: FakeDesk) {
    this.#picture = { state, prompt: null, recording: { phase: 'off' } };
    if (drills) this.drills = drills;
  }

  get = (): Picture => this.#picture;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  show(state: State, prompt: OpenPrompt | null = this.#picture.prompt): void {
    this.#picture = { ...this.#picture, state, prompt };
    for (const listener of this.#listeners) listener();
  }

  ask(prompt: OpenPrompt | null): void {
    this.show(this.#picture.state, prompt);
  }

  clear(): void {
    this.asked.push(['clear']);
    this.show({ ...this.#picture.state, marks: {} });
  }

  note(text: string): Promise<NoteOutcome[]> {
    this.asked.push(['note', text]);
    return this.outcomes(text);
  }

  plan(action: Action, options?: { restoreAfter?: number }): Promise<Planned> {
    this.asked.push(['plan', action, options]);
    return this.planned(action);
  }

  perform(plan: Plan, given: string): Promise<Performed> {
    this.asked.push(['perform', plan, given]);
    return this.performed(plan);
  }

  answer(id: number, answers: string[] | null): void {
    this.asked.push(['answer', id, answers]);
    if (this.#picture.prompt?.id === id) this.ask(null);
  }

  retry(): void {
    this.asked.push(['retry']);
  }
}

export const keys = {
  up: '\u001b[A',
  down: '\u001b[B',
  right: '\u001b[C',
  left: '\u001b[D',
  shiftLeft: '\u001b[1;2D',
  shiftRight: '\u001b[1;2C',
  pageUp: '\u001b[5~',
  pageDown: '\u001b[6~',
  home: '\u001b[H',
  end: '\u001b[F',
  enter: '\r',
  esc: '\u001b',
  tab: '\t',
  shiftTab: '\u001b[Z',
  backspace: '\u007f',
  delete: '\u001b[3~',
  ctrl: (letter: string): string => String.fromCharCode(letter.charCodeAt(0) & 31),
  paste: (text: string): string => `\u001b[200~${text}\u001b[201~`,
};

export type Mounted = {
  store: FakeStore;
  /** What App asked of the terminal and of the program. */
  asked: string[];
  /** Everything that was written. */
  written: () => string;
  press: (...keys: string[]) => Promise<void>;
  resize: (columns: number, rows: number) => Promise<void>;
  /** Waits until what is on its way is on the screen. */
  settle: () => Promise<void>;
  text: () => string[];
  cells: () => string[];
  screen: Xterm;
  /** Waits until the screen shows this. */
  until: (wanted: string | RegExp) => Promise<void>;
  unmount: () => void;
};

/** Mounts the app on a terminal of this size; `shows`: another session than the one that remembers. */
export const mountConsole = async (
  state: State,
  columns: number,
  rows: number,
  options: Partial<AppOptions> & { clock?: ConsoleClock; drills?: FakeDesk; shows?: SessionStore } = {},
): Promise<Mounted> => {
  const { clock, drills, shows, ...looks } = options;
  const screen = makeScreen(columns, rows);
  agreeOnWidths(screen);
  let written = '';
  let pending: Promise<void> = Promise.resolve();
  const stdout = Object.assign(new PassThrough(), { columns, rows, isTTY: true });
  stdout.on('data', (chunk: Buffer) => {
    const text = chunk.toString();
    written += text;
    pending = pending.then(() => feed(screen, text.replaceAll('\n', '\r\n')));
  });
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: () => stdin,
    ref: () => stdin,
    unref: () => stdin,
  });
  const store = new FakeStore(state, drills);
  const asked: string[] = [];
  const ink = render(
    <App
      store={shows ?? store}
      terminal={{ repaint: () => asked.push('repaint'), suspend: () => asked.push('suspend') }}
      onQuit={() => asked.push('quit')}
      options={{ color: true, readOnly: false, ...looks }}
      {...(clock ? { clock } : {})}
    />,
    { stdout, stdin, interactive: true, exitOnCtrlC: false, patchConsole: false, maxFps: 1000 },
  );
  const settle = async (): Promise<void> => {
    await new Promise((resolve) => setImmediate(resolve));
    await ink.waitUntilRenderFlush();
    await pending;
  };
  const text = (): string[] => textOf(screen);
  await settle();
  const until = async (wanted: string | RegExp): Promise<void> => {
    const end = Date.now() + 5000;
    for (;;) {
      await settle();
      const shown = text().join('\n');
      if (typeof wanted === 'string' ? shown.includes(wanted) : wanted.test(shown)) return;
      if (Date.now() > end) throw new Error(`never shown: ${wanted}\n${shown}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  return {
    store,
    asked,
    written: () => written,
    press: async (...pressed) => {
      for (const key of pressed) {
        stdin.write(key);
        await settle();
        // Ink waits 20 ms to tell a lone escape from the start of a sequence.
        if (key === keys.esc) await new Promise((resolve) => setTimeout(resolve, 40));
        await settle();
      }
    },
    resize: async (wide, tall) => {
      screen.resize(wide, tall);
      Object.assign(stdout, { columns: wide, rows: tall });
      stdout.emit('resize');
      await settle();
    },
    settle,
    text,
    cells: () => cellsOf(screen),
    screen,
    until,
    unmount: () => ink.unmount(),
  };
};
