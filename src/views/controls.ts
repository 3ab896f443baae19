import type { Key } from 'ink';
import type { NoteOutcome, Picture, SessionStore } from '../session/store.ts';
import { createActing } from './acting.ts';
import { type ConsoleClock, realClock } from './clock.ts';
import type { Given } from './confirm.ts';
import { nextStep } from './dialogs/answering.ts';
import { createDrilling } from './drilling.ts';
import { createHearing } from './hearing.ts';
import { keyName } from './key-name.ts';
import { bindingOf, type Command, type KeyContext, type Mode } from './keymap.ts';
import { type PaneId, paneOrder } from './layout.ts';
import { countsOf } from './panes/content.ts';
import { graphemes } from './parts/cells.ts';
import { drillShown, drillUnderWay } from './parts/drill-now.ts';
import { edit, emptyField, type Field, insert, isEdit } from './parts/field.ts';
import { createReplaying, shownPicture } from './replaying.ts';
import { layoutFor, type Size, scrollView } from './screen.ts';
import { createScrolling } from './scrolling.ts';
import type { Look } from './theme.ts';
import { answersTo, initialUi, modeOf, type Ui } from './ui.ts';

/** What the terminal can be asked for from the keyboard. */
export type TerminalRequests = { repaint(): void; suspend(): unknown };

/** The keyboard's side of the console: keys and pastes in, the set-up of the screen out. No React, no Ink. */
export type Controls = {
  get(): Ui;
  subscribe(listener: () => void): () => void;
  /** A key, or several signs that came in one chunk. */
  press(input: string, key: Key): void;
  /** Pasted text (bracketed paste): goes into a line being typed, else triggers nothing. */
  paste(text: string): void;
  resize(size: Size): void;
  /** What the fitness of the keys depends on now, on a terminal of this size. */
  context(size: Size): KeyContext;
};

/** A slow line brings keys together: so many signs in one chunk are still keys, and so many of one scrolling key held down. More is a paste. */
const TYPED = 4;
const HELD = 40;

/** A key without a meaning of its own in the dialog of an action: a letter, or nothing that can be typed. */
const plainSign = (name: string, text: string): Given =>
  text === '' || name.startsWith('ctrl+') || name.startsWith('alt+') ? { kind: 'other' } : { kind: 'sign', sign: text };

/** What keys of the action dialog mean for its confirmation. */
const given: Partial<Record<Command, Given>> = {
  enter: { kind: 'enter' },
  erase: { kind: 'erase', all: false },
  'erase-all': { kind: 'erase', all: true },
};

/** Makes the controls. `readOnly` only explains why keys are off; it is enforced where commands are executed. */
export const createControls = (parts: {
  store: SessionStore;
  terminal: TerminalRequests;
  onQuit: () => void;
  look: Look;
  readOnly: boolean;
  clock?: ConsoleClock;
}): Controls => {
  const { store, terminal, onQuit, look, readOnly, clock = realClock } = parts;
  let ui: Ui = initialUi;
  let size: Size = { columns: 80, rows: 24 };
  const listeners = new Set<() => void>();

  const set = (change: Partial<Ui>): void => {
    ui = { ...ui, ...change };
    for (const listener of listeners) listener();
  };
  const hearing = createHearing(clock);
  const acting = createActing({ store, clock, hearing, get: () => ui, set });
  const drilling = createDrilling({ store, clock, hearing, get: () => ui, set });
  const replaying = createReplaying({ store, get: () => ui, set });
  const shown = (): Picture => shownPicture(ui, store.get());
  const scrolling = createScrolling({ get: () => ui, set, shown, live: store.get, size: () => size, look });
  store.subscribe(() => drilling.follow(shown().state));
  drilling.follow(shown().state);
  const mode = (): Mode => modeOf(ui, store.get());
  const panes = (): PaneId[] => paneOrder(countsOf(shown().state, ui));
  const context = (now: Size): KeyContext => {
    const view = scrollView(shown(), ui, now, look);
    return {
      picture: store.get(),
      ui,
      readOnly,
      drills: store.drills !== undefined,
      panes: panes().length,
      canScroll: view !== null && view.total > view.to - view.from,
      canLookBack: store.playback?.lookBack !== undefined,
    };
  };

  /** A dialog that cannot be seen takes no answer. */
  const isInView = (): boolean => !('tooSmall' in layoutFor(shown(), ui, size));
  /** Whatever comes from the keyboard while a dialog asks to be confirmed is weighed by that dialog. */
  const weighing = (): ((what: Given) => void) | null => {
    const now = mode();
    return now === 'action' ? acting.give : now === 'drill' ? drilling.give : null;
  };
  const weigh = (what: Given): void => weighing()?.(isInView() ? what : { kind: 'other' });

  const focusBy = (step: number): void => {
    const all = panes();
    const next = all[(all.indexOf(ui.focus) + step + all.length) % all.length];
    if (next) set({ focus: next, picked: true });
  };

  const editField = (change: (field: Field) => Field): void => {
    const now = mode();
    if (now === 'filter') set({ filter: change(ui.filter), anchor: null });
    if (now === 'go' || now === 'search') replaying.edit(change);
    if (now === 'note' && ui.overlay?.kind === 'note' && !ui.overlay.sending && ui.overlay.outcomes.length === 0)
      set({ overlay: { ...ui.overlay, field: change(ui.overlay.field) } });
    const { prompt } = store.get();
    if (now === 'prompt' && prompt) {
      const answers = answersTo(ui, prompt);
      set({ answers: { ...answers, field: change(answers.field), hint: '' } });
    }
  };

  const noteDone = (outcomes: NoteOutcome[]): void => {
    const failed = outcomes.filter((outcome) => !outcome.ok);
    const names = outcomes.filter((outcome) => outcome.ok).map((outcome) => outcome.node);
    const open = ui.overlay?.kind === 'note' && ui.overlay.sending ? ui.overlay : null;
    if (failed.length === 0) set({ hint: `note written on ${names.join(', ')}`, ...(open ? { overlay: null } : {}) });
    else if (open) set({ overlay: { ...open, sending: false, outcomes } });
    else set({ hint: `note not written on ${failed.map((outcome) => outcome.node).join(', ')}` });
  };

  const sendNote = (): void => {
    const dialog = ui.overlay;
    if (dialog?.kind !== 'note' || dialog.sending) return;
    const text = dialog.field.text.trim();
    if (text === '') {
      set({ hint: 'nothing is written yet; esc leaves' });
      return;
    }
    set({ overlay: { ...dialog, sending: true } });
    void store.note(text).then(noteDone);
  };

  const giveAnswer = (): void => {
    const { prompt: open } = store.get();
    if (!open) return;
    const answers = answersTo(ui, open);
    const step = nextStep(open.prompt, answers);
    if (step.kind === 'more') {
      set({ answers: { ...answers, given: step.given, field: emptyField, hint: step.hint } });
      return;
    }
    set({ answers: null });
    store.answer(open.id, step.answers);
  };

  const accept = (): void => {
    const now = mode();
    if (now === 'filter') set({ filtering: false });
    else if (now === 'note') sendNote();
    else if (now === 'prompt') giveAnswer();
    else if (now === 'go' || now === 'search') replaying.accept();
  };

  const leave = (): void => {
    const now = mode();
    const { prompt } = store.get();
    if (now === 'filter') set({ filtering: false, filter: emptyField, anchor: null });
    else if (now === 'prompt' && prompt) {
      set({ answers: null });
      store.answer(prompt.id, null);
    } else if (now === 'action') acting.leave();
    else if (now === 'go' || now === 'search') replaying.leave();
    else if (now === 'drill') drilling.leave();
    else set({ overlay: null });
  };

  /** Nobody leaves a drill behind by mistake: what is under way is ended first, or one that has not begun is called off. */
  const quit = (name: string): void => {
    // What is under way is under way now, not in the past that is shown.
    if (store.get().playback?.now) {
      store.playback?.ask({ kind: 'leave' });
      if (name === 'q') return;
    }
    const { overlay } = ui;
    if (overlay?.kind === 'drill' && overlay.stage.at === 'starting') drilling.leave();
    else if (overlay?.kind === 'end') drilling.end('restore');
    else if (store.drills && drillUnderWay(store.get().state)) drilling.askEnd();
    else onQuit();
  };

  const back = (): void => {
    const { state, playback } = store.get();
    if (!playback && store.drills && drillUnderWay(state)) drilling.askEnd();
    else if (ui.filter.text !== '') set({ filter: emptyField, anchor: null });
    else if (ui.zoom) set({ zoom: false });
    else if (ui.frozen) set({ frozen: null });
    else if (replaying.back()) return;
    else if (drillShown(state, ui)) drilling.togglePane();
  };

  const focus = (name: string): void => {
    const pane = panes()[Number(name) - 1];
    set(pane ? { focus: pane, picked: true } : { hint: `there is no pane ${name}` });
  };

  const actions: Partial<Record<Command, (name: string) => void>> = {
    focus,
    'next-pane': () => focusBy(1),
    'previous-pane': () => focusBy(-1),
    zoom: () => set({ zoom: !ui.zoom }),
    up: () => scrolling.rows(-1),
    down: () => scrolling.rows(1),
    'page-up': () => scrolling.pages(-1),
    'page-down': () => scrolling.pages(1),
    top: () => scrolling.rows(Number.NEGATIVE_INFINITY),
    bottom: () => scrolling.rows(Number.POSITIVE_INFINITY),
    filter: () => set({ filtering: true, focus: 'log', picked: true, filter: edit(ui.filter, 'end') }),
    back,
    freeze: () => set({ frozen: ui.frozen ? null : store.get() }),
    clear: () => store.clear(),
    note: () => set({ overlay: { kind: 'note', field: emptyField, sending: false, outcomes: [] } }),
    retry: () => {
      set({ hint: 'trying again' });
      store.retry();
    },
    act: (name) => acting.open(name),
    choose: (name) => acting.choose(name),
    play: replaying.seek,
    seek: replaying.seek,
    now: replaying.seek,
    'look-back': replaying.lookBack,
    'go-to': () => replaying.type('go'),
    search: () => replaying.type('search'),
    commands: () => scrolling.log('commands'),
    'check-log': () => scrolling.log('checks'),
    'next-restore': () => acting.restore(1),
    'previous-restore': () => acting.restore(-1),
    help: () => set({ overlay: { kind: 'help', scroll: 0 } }),
    repaint: () => terminal.repaint(),
    suspend: () => void terminal.suspend(),
    quit,
    drills: () => drilling.open(),
    'drill-pane': () => drilling.togglePane(),
    'next-step': () => drilling.next(),
    'select-up': () => drilling.select(-1),
    'select-down': () => drilling.select(1),
    'select-first': () => drilling.select(Number.NEGATIVE_INFINITY),
    'select-last': () => drilling.select(Number.POSITIVE_INFINITY),
    'toggle-step': () => drilling.toggleStep(),
    drill: (name) => drilling.choose(name === 'enter' ? undefined : name),
    'restore-now': () => drilling.end('restore'),
    'leave-as-is': () => {
      if (isInView()) drilling.end('leave');
    },
    accept,
    leave,
  };

  const key = (name: string, text: string): void => {
    if (ui.hint !== '') set({ hint: '' });
    drilling.stir();
    const now = mode();
    const binding = bindingOf(now, name);
    if (binding) {
      const why = binding.disabled?.(context(size)) ?? null;
      // Whatever comes from the keyboard is weighed: an answer is one only when nothing follows it.
      weigh(given[binding.command] ?? { kind: 'other' });
      if (why !== null) set({ hint: `${name}: ${why}` });
      else if (isEdit(binding.command)) editField((field) => edit(field, binding.command));
      else actions[binding.command]?.(name);
    } else if (weighing()) weigh(plainSign(name, text));
    else if (text !== '' && !name.startsWith('ctrl+') && !name.startsWith('alt+'))
      editField((field) => insert(field, text));
  };

  /** Several signs in one chunk: fast typing on a slow line, or a paste of a terminal without bracketed paste. */
  const chunk = (text: string): void => {
    const now = mode();
    drilling.stir();
    if (weighing()) {
      weigh({ kind: 'paste' });
      hearing.heard('paste');
      return;
    }
    // Held keys and pastes end no drill.
    if (now === 'end' || now === 'drills') return;
    if (now === 'main' || now === 'replay' || now === 'help') {
      const signs = graphemes(text);
      const [sign = ''] = signs;
      const command = bindingOf(now, sign)?.command;
      const held =
        signs.length <= HELD &&
        signs.every((one) => one === sign) &&
        (command === 'up' || command === 'down' || command === 'seek');
      const keys = signs.length <= TYPED && /^[\x20-\x7e]*$/.test(text);
      if (held || keys) for (const one of signs) key(one === ' ' ? 'space' : one, one);
      return;
    }
    const typed = text.endsWith('\r') && !/[\r\n]/.test(text.slice(0, -1));
    editField((field) => insert(field, typed ? text.slice(0, -1) : text));
    if (typed) key('enter', '');
  };

  return {
    get: () => ui,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    press: (input, pressed) => {
      if (pressed.eventType === 'release') return;
      const name = keyName(input, pressed);
      if (name === '') chunk(input);
      else key(name, input);
      hearing.heard(name);
    },
    paste: (text) => {
      drilling.stir();
      weigh({ kind: 'paste' });
      hearing.heard('paste');
      editField((field) => insert(field, text));
    },
    resize: (next) => {
      size = next;
    },
    context,
  };
};
