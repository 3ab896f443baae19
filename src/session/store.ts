import type { Action, ActionOutcome, Confirmation, Plan, Refusal } from '../cluster/action.ts';
import type { DrillOutcome, DrillPlan } from '../cluster/drill.ts';
import type { Failure } from '../cluster/failure.ts';
import type { State } from '../cluster/state.ts';
import type { Drill } from '../drills/drill.ts';
import type { Prompt } from '../ssh/remote.ts';
import type { PlaybackDesk, PlaybackView } from './playback-view.ts';

/** A question that waits for a person; `id` tells two questions apart. */
export type OpenPrompt = { id: number; prompt: Prompt };

/** Whether what is shown is recorded. `failed`: not now, and why; it goes on by itself when it can. `lost`: facts not recorded so far. */
export type RecordingView =
  | { phase: 'off' }
  | { phase: 'recording'; file: string; bytes: number; lost: number; parts: number }
  | { phase: 'failed'; file: string; bytes: number; lost: number; parts: number; why: string };

/** What the console shows: one immutable picture; a new object only when something changed. `playback`: it is of the past. */
export type Picture = {
  state: State;
  prompt: OpenPrompt | null;
  recording: RecordingView;
  playback?: PlaybackView;
};

/** The result of a note on one node. */
export type NoteOutcome = { node: string; ok: true } | { node: string; ok: false; failure: Failure };

/** A plan, or why there is none: nothing to do, not now, no right, nobody there. */
export type Planned = { ok: true; plan: Plan } | { ok: false; refusal: Refusal } | { ok: false; failure: Failure };

/** How an action ended; `changed`: the state is not what the plan was made on, nothing was run, here is the new plan. */
export type Performed = ActionOutcome | { step: 'changed'; plan: Plan };

/** A drill ready to begin, with how it is confirmed; or the gate's reasons, nothing was touched. */
export type DrillPlanned = { ok: true; plan: DrillPlan; confirmation: Confirmation } | { ok: false; reasons: string[] };

/** Drills: one at a time in a session. What one does and saw stands in `state.drill`. */
export type DrillDesk = {
  /** The built-in drills and those of one's own, in order. */
  list(): readonly Drill[];
  /** Why this drill cannot begin, by what is known now: the first reason, without asking anybody. Null: nothing speaks against it. */
  glance(name: string): string | null;
  /**
   * Looks afresh, asks for rights, and says whether it may begin and what it will do. Writes nothing. Never throws. `restoreAfter`: seconds.
   * `patience`: ms for which a gate is waited for that only wants more watching.
   */
  planDrill(name: string, options?: { restoreAfter?: number; patience?: number }): Promise<DrillPlanned>;
  /**
   * Runs it from its gate to its verdict if `given` (the key pressed or the word typed) confirms it. `step`: waits for `nextStep` before
   * each step. Never throws.
   */
  runDrill(
    name: string,
    given: string,
    options?: { restoreAfter?: number; patience?: number; step?: boolean },
  ): Promise<DrillOutcome>;
  /** Lets the step begin that waits for a person. */
  nextStep(): void;
  /** Ends the drill under way: puts everything back now, or leaves it as it is to the restore timers. */
  endDrill(how: 'restore' | 'leave'): void;
};

/** What the views see of a session: a picture to read (useSyncExternalStore) and few things to ask for. */
export type SessionStore = {
  get(): Picture;
  subscribe(listener: () => void): () => void;
  /** Forgets the marks of what has moved. */
  clear(): void;
  /** Appends a line to the check log of every load balancer. Never throws. */
  note(text: string): Promise<NoteOutcome[]>;
  /**
   * Looks afresh at the load balancers and the node, makes sure of the rights, and says what the action will do. Writes nothing.
   * Never throws. `restoreAfter`: seconds.
   */
  plan(action: Action, options?: { restoreAfter?: number }): Promise<Planned>;
  /**
   * Does what was planned, if `given` (the key pressed or the word typed) confirms it and a fresh look still bears it out.
   * Progress stands in `state.actions`. Never throws.
   */
  perform(plan: Plan, given: string): Promise<Performed>;
  /** Answers the open prompt; null refuses. */
  answer(id: number, answers: string[] | null): void;
  /** Connects again now. */
  retry(): void;
  /** The past: of a recording, or of this session. Absent where there is none to look at. */
  playback?: PlaybackDesk;
  /** Absent where nothing can be run: in a replay. */
  drills?: DrillDesk;
};
