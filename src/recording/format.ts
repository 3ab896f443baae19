import type { Stamp } from '../cluster/events.ts';
import type { Notice } from '../cluster/state.ts';
import type { Topology } from '../cluster/topology.ts';

/** The format of a session file; the number is its major version. A reader refuses a greater one. */
export const SCHEMA = 'haconsole.session/1';
export const MAJOR = 1;

/** How a session file is called: open, and after a clean close. */
export const EXTENSION = '.hacs.jsonl';

/**
 * Revision of the shape and meaning of the recorded `State`. Raised whenever `cluster/` folds the same facts to another state:
 * the snapshots of older files are then not used, their facts are folded anew. A test on the committed recordings asks for it.
 */
export const STATE_REVISION = 2;

/** First line of a file. `m` and `w` are the start in mono and wall ms; no secrets, no command lines of the user. */
export type HeaderLine = {
  k: 'hdr';
  schema: string;
  /** Version of the console that wrote it. */
  app: string;
  id: string;
  t: string;
  m: number;
  w: number;
  /** The command that recorded: `watch`, `demo`, `drill`. */
  why: string;
  /** `user@host` of who sat there. */
  by: string;
  /** The id of the recording this one goes on from. */
  after?: string;
  topology: Topology;
};

/**
 * A point to start from: the whole state, and a seal. What follows is encoded without regard to what was before.
 * `state`: base64 of the deflated JSON (see columns.ts). `lines`: lines before this one. `h`, the last field, seals all bytes before it.
 */
export type KeyLine = {
  k: 'key';
  m: number;
  w: number;
  t: string;
  lines: number;
  rev: number;
  /** Facts were lost before: the state is not the fold of what stands before. */
  gap?: true;
  state: string;
  h: string;
};

/** A seal alone. */
export type SealLine = { k: 'seal'; m: number; w: number; t: string; lines: number; h: string };

/** The last line of a file that was closed in order, or recovered. */
export type EndLine = {
  k: 'end';
  m: number;
  w: number;
  t: string;
  lines: number;
  d: { why: string; lost: number; recovered?: { from: string; bytes: number; dropped: number } };
  h: string;
};

/** What the operator was shown: derived from the facts, marked so, never read back into the state. `replaces`: id of an older line. */
export type SaidLine = { k: 'said'; m: number; t: string; derived: true; replaces?: number; d: Notice };

/** Nothing was recorded between `from` and `to` (mono ms). `lost`: facts not written. */
export type GapLine = { k: 'gap'; m: number; t: string; d: { from: number; to: number; lost: number; why: string } };

/** The wall clock was set: it went `jump` ms further than the monotonic one (backwards: negative). Derived. */
export type ClockLine = { k: 'clock'; m: number; t: string; derived: true; d: { jump: number } };

/**
 * A fact as it stands in a file: see fact-code.ts. `w`: ms by which the wall clock is off what the last key and the monotonic
 * clock make expect (`wall`: what it reads). `n`: the series that `d` is a change of.
 */
export type FactLine = { k: string; m: number; w?: number; wall?: number; n?: string; d?: unknown };

/** A line that is no fact. */
export type MetaLine = HeaderLine | KeyLine | SealLine | EndLine | SaidLine | GapLine | ClockLine;

/** Kinds of line that are no facts. */
export const META_KINDS = ['hdr', 'key', 'seal', 'end', 'said', 'gap', 'clock'] as const;

/** A stamp's label in UTC. */
export const isoOf = (at: Stamp): string => new Date(at.wall).toISOString();

/** What is wrong with a file that cannot be read at all; one sentence. `newer`: made by a later major version. */
export class RecordingError extends Error {
  readonly code: 'newer' | 'not-a-session' | 'unreadable' | 'exists';
  constructor(code: RecordingError['code'], message: string) {
    super(message);
    this.name = 'RecordingError';
    this.code = code;
  }
}
