import type { Failure } from '../cluster/failure.ts';
import type { State } from '../cluster/state.ts';
import type { Prompt } from '../ssh/remote.ts';

/** A question that waits for a person; `id` tells two questions apart. */
export type OpenPrompt = { id: number; prompt: Prompt };

/** What the console shows: one immutable picture; a new object only when something changed. */
export type Picture = { state: State; prompt: OpenPrompt | null };

/** The result of a note on one node. */
export type NoteOutcome = { node: string; ok: true } | { node: string; ok: false; failure: Failure };

/** What the views see of a session: a picture to read (useSyncExternalStore) and few things to ask for. */
export type SessionStore = {
  get(): Picture;
  subscribe(listener: () => void): () => void;
  /** Forgets the marks of what has moved. */
  clear(): void;
  /** Appends a line to the check log of every load balancer. Never throws. */
  note(text: string): Promise<NoteOutcome[]>;
  /** Answers the open prompt; null refuses. */
  answer(id: number, answers: string[] | null): void;
  /** Connects again now. */
  retry(): void;
};
