import type { Picture, SessionStore } from '../session/store.ts';
import { edit, type Field } from './parts/field.ts';
import { seeks } from './replay-keys.ts';
import type { Ui } from './ui.ts';

/** How far the first step into the past goes, ms. */
const FIRST_STEP = { left: 5000, 'shift+left': 60_000 } as const;

/** The keyboard's side of a playback: seeks, the line that is typed, in and out of the past. */
export type Replaying = {
  /** A key that moves the position or sets how it plays. */
  seek(name: string): void;
  /** Into the past of the running session. */
  lookBack(name: string): void;
  /** Begins to type where to go or what to search for. */
  type(kind: 'go' | 'search'): void;
  edit(change: (field: Field) => Field): void;
  /** Enter, in the line. */
  accept(): void;
  /** Escape, in the line. */
  leave(): void;
  /** Escape outside of it, where nothing else is left: whether it meant something. */
  back(): boolean;
};

/** Makes it. `get` and `set` are the set-up of the screen. */
export const createReplaying = (parts: {
  store: SessionStore;
  get: () => Ui;
  set: (change: Partial<Ui>) => void;
}): Replaying => {
  const { store, get, set } = parts;
  const search = (text: string) => store.playback?.ask({ kind: 'search', text });

  return {
    seek: (name) => {
      const command = seeks[name];
      const why = command ? store.playback?.ask(command) : undefined;
      // The log shows what was newest at the time that is gone to.
      const moved = command?.kind !== 'play' && command?.kind !== 'speed' && command?.kind !== 'skip-idle';
      if (why) set({ hint: why });
      else if (moved && get().anchor !== null) set({ anchor: null });
    },
    lookBack: (name) => {
      const { frozen } = get();
      const now = store.get().state.now.mono;
      const step = FIRST_STEP[name as keyof typeof FIRST_STEP] ?? FIRST_STEP.left;
      const why = store.playback?.lookBack?.(step + (frozen ? now - frozen.state.now.mono : 0));
      if (why) set({ hint: why });
      else set({ frozen: null, anchor: null });
    },
    type: (kind) => {
      const text = kind === 'search' ? (store.get().playback?.search?.text ?? '') : '';
      set({ line: { kind, field: edit({ text, cursor: 0 }, 'end') } });
    },
    edit: (change) => {
      const { line } = get();
      if (!line) return;
      const field = change(line.field);
      set({ line: { ...line, field } });
      if (line.kind === 'search') search(field.text);
    },
    accept: () => {
      const { line } = get();
      if (!line) return;
      const { text } = line.field;
      if (text.trim() === '') return set({ line: null });
      const why = store.playback?.ask(line.kind === 'go' ? { kind: 'go', text } : { kind: 'found', step: 1 });
      if (why) set({ hint: why });
      else set({ line: null, anchor: null });
    },
    leave: () => {
      if (get().line?.kind === 'search') search('');
      set({ line: null });
    },
    back: () => {
      const { playback } = store.get();
      if (playback?.search) search('');
      else if (playback?.kind === 'look-back') store.playback?.ask({ kind: 'leave' });
      else return false;
      return true;
    },
  };
};

/** Which picture the panes show: what was frozen, but never in the past. */
export const shownPicture = (ui: Ui, picture: Picture): Picture =>
  picture.playback ? picture : (ui.frozen ?? picture);
