import type { Action, ActionOutcome, ActionPhase, Confirmation, Plan } from '../cluster/action.ts';
import type { DrillPlan } from '../cluster/drill.ts';
import type { NoteOutcome, OpenPrompt, Picture } from '../session/store.ts';
import type { Choice } from './action-keys.ts';
import type { Confirming } from './confirm.ts';
import type { Mode } from './keymap.ts';
import type { PaneId } from './layout.ts';
import { emptyField, type Field } from './parts/field.ts';

/** The note being written: its text, and what became of it. */
export type NoteDialog = { kind: 'note'; field: Field; sending: boolean; outcomes: NoteOutcome[] };

/** One of several things that a key can mean on the focused node. */
export type ChooseDialog = { kind: 'choose'; title: string; choices: Choice[] };

/** How far an action in the dialog has come. Times in ms of the console's clock. */
export type ActionStage =
  | { at: 'planning'; since: number }
  /** There is no plan: why not. */
  | { at: 'refused'; text: string }
  /** `before`: the plan that stood here until the state changed under it. */
  | { at: 'asking'; plan: Plan; before?: Plan; confirming: Confirming }
  /** `after`: id of the newest action before this one; `phase` as last seen, since `phaseFrom`. */
  | { at: 'running'; plan: Plan; since: number; after: number; phase?: ActionPhase; phaseFrom: number }
  | { at: 'over'; plan: Plan; after: number; outcome: ActionOutcome };

/** The dialog of an action; `id` tells two apart, `restore` is the chosen restore time (s), `now` the time it is drawn for. */
export type ActionDialog = {
  kind: 'action';
  id: number;
  action: Action;
  restore: number | undefined;
  scroll: number;
  now: number;
  stage: ActionStage;
};

/** The drills there are, one of them selected by its place in the list. `step`: each step waits for a person. */
export type DrillsDialog = { kind: 'drills'; at: number; step: boolean };

/** How far a drill in its dialog has come. Times in ms of the console's clock. */
export type DrillStage =
  | { at: 'planning'; since: number }
  /** The gate is closed, or the drill ended before it touched anything: why. */
  | { at: 'refused'; reasons: string[] }
  | { at: 'asking'; plan: DrillPlan; confirmation: Confirmation; confirming: Confirming }
  /** It was confirmed, and looks once more. `after`: id of the drill that was there before. */
  | { at: 'starting'; since: number; after: number | undefined };

/** The dialog of a drill until it begins; then its pane takes over. `id` tells two apart, `now` is the time it is drawn for. */
export type DrillDialog = {
  kind: 'drill';
  id: number;
  name: string;
  step: boolean;
  scroll: number;
  now: number;
  stage: DrillStage;
};

/** How the drill under way is to be ended, if at all. `shown`: when it was asked, ms of the console's clock. */
export type EndDialog = { kind: 'end'; shown: number };

/** What the log pane shows. */
export type LogKind = 'events' | 'commands' | 'checks';

/** The answers being typed to the question `id`; the last field is the one being typed. */
export type PromptAnswers = { id: number; given: string[]; field: Field; hint: string };

/** What the person at the keyboard has set up: nothing of the cluster is in here but the frozen picture. */
export type Ui = {
  focus: PaneId;
  /** The focus was chosen by a key: what happens does not move it. */
  picked: boolean;
  zoom: boolean;
  scroll: Partial<Record<PaneId, number>>;
  /** Id of the last log line in view; null: follow the newest. */
  anchor: number | null;
  filter: Field;
  filtering: boolean;
  /** The line of a playback that is being typed: where to go, or what to search for. */
  line: { kind: 'go' | 'search'; field: Field } | null;
  frozen: Picture | null;
  /** What the log pane shows. */
  log: LogKind;
  overlay:
    | NoteDialog
    | ChooseDialog
    | ActionDialog
    | DrillsDialog
    | DrillDialog
    | EndDialog
    | { kind: 'help'; scroll: number }
    | null;
  /** Id of the drill whose pane was put away. */
  closedDrill: number | null;
  /** Each step of the drill of this console waits for a person. */
  stepping: boolean;
  answers: PromptAnswers | null;
  /** Why the last key did nothing, or what it did; empty most of the time. */
  hint: string;
};

export const initialUi: Ui = {
  focus: 'log',
  picked: false,
  zoom: false,
  scroll: {},
  anchor: null,
  filter: emptyField,
  filtering: false,
  line: null,
  frozen: null,
  log: 'events',
  overlay: null,
  closedDrill: null,
  stepping: false,
  answers: null,
  hint: '',
};

/** What the keyboard is for. A question waits while a line is being typed or an action is confirmed: nobody's words end up in a password. */
export const modeOf = (ui: Ui, { prompt, playback }: Pick<Picture, 'prompt' | 'playback'>): Mode => {
  if (ui.filtering) return 'filter';
  if (ui.line && playback) return ui.line.kind;
  const over = ui.overlay?.kind;
  if (over === 'note' || over === 'action' || over === 'drill' || over === 'end') return over;
  if (prompt) return 'prompt';
  return over ?? (playback ? 'replay' : 'main');
};

/** The answers to this question so far; a new question starts with none. */
export const answersTo = (ui: Ui, prompt: OpenPrompt): PromptAnswers =>
  ui.answers?.id === prompt.id ? ui.answers : { id: prompt.id, given: [], field: emptyField, hint: '' };
