import type { Action, ActionOutcome, Plan, Refusal } from '../cluster/action.ts';
import type { Failure } from '../cluster/failure.ts';
import type { State } from '../cluster/state.ts';
import type { Prompt } from '../ssh/remote.ts';

/** A question that waits for a person; `id` tells two questions apart. */
export type OpenPrompt = { id: number; prompt: Prompt };

/** What the console shows: one immutable picture; a new object only when something changed. */
export type Picture = { state: State; prompt: OpenPrompt | null };

/** The result of a note on one node. */
export type NoteOutcome = { node: string; ok: true } | { node: string; ok: false; failure: Failure };

/** A plan, or why there is none: nothing to do, not now, no right, nobody there. */
export type Planned = { ok: true; plan: Plan } | { ok: false; refusal: Refusal } | { ok: false; failure: Failure };

/** How an action ended; `changed`: the state is not what the plan was made on, nothing was run, here is the new plan. */
export type Performed = ActionOutcome | { step: 'changed'; plan: Plan };

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
};
