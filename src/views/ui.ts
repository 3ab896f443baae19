import type { NoteOutcome, OpenPrompt, Picture } from '../session/store.ts';
import type { Mode } from './keymap.ts';
import type { PaneId } from './layout.ts';
import { emptyField, type Field } from './parts/field.ts';

/** The note being written: its text, and what became of it. */
export type NoteDialog = { kind: 'note'; field: Field; sending: boolean; outcomes: NoteOutcome[] };

/** The answers being typed to the question `id`; the last field is the one being typed. */
export type PromptAnswers = { id: number; given: string[]; field: Field; hint: string };

/** What the person at the keyboard has set up: nothing of the cluster is in here but the frozen picture. */
export type Ui = {
  focus: PaneId;
  zoom: boolean;
  scroll: Partial<Record<PaneId, number>>;
  /** Id of the last log line in view; null: follow the newest. */
  anchor: number | null;
  filter: Field;
  filtering: boolean;
  frozen: Picture | null;
  overlay: NoteDialog | { kind: 'help'; scroll: number } | null;
  answers: PromptAnswers | null;
  /** Why the last key did nothing, or what it did; empty most of the time. */
  hint: string;
};

export const initialUi: Ui = {
  focus: 'log',
  zoom: false,
  scroll: {},
  anchor: null,
  filter: emptyField,
  filtering: false,
  frozen: null,
  overlay: null,
  answers: null,
  hint: '',
};

/** What the keyboard is for. A question waits while a line is being typed: nobody's words end up in a password. */
export const modeOf = (ui: Ui, prompt: OpenPrompt | null): Mode => {
  if (ui.filtering) return 'filter';
  if (ui.overlay?.kind === 'note') return 'note';
  if (prompt) return 'prompt';
  return ui.overlay?.kind === 'help' ? 'help' : 'main';
};

/** The answers to this question so far; a new question starts with none. */
export const answersTo = (ui: Ui, prompt: OpenPrompt): PromptAnswers =>
  ui.answers?.id === prompt.id ? ui.answers : { id: prompt.id, given: [], field: emptyField, hint: '' };
