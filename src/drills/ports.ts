import type { DrillFact } from '../cluster/drill.ts';
import type { Event } from '../cluster/events.ts';
import type { Reading } from '../cluster/failure.ts';
import type { State } from '../cluster/state.ts';
import type { DeedContext, DrillCommand } from './deed.ts';

/** How a row of commands on a node ended. Nothing is told of their effect, which is looked for. */
export type Ran =
  | { end: 'all-ran' }
  /** One ended with another status than 0; the rest was not run. */
  | { end: 'failed'; command: string; text: string }
  /** The connection was lost midway: what ran is not known. */
  | { end: 'lost'; text: string }
  /** Nothing was run: read-only, no right, no way there. */
  | { end: 'refused'; text: string };

/** What became of arming a restore timer. `taken`: one is armed there already, with who armed it and since when, in words. */
export type Armed = { ok: true } | { ok: false; taken: boolean; text: string; maybe?: boolean };

/** What became of extending or disarming a timer. `gone`: none is armed (any more). `unknown`: the node could not be asked. */
export type Guarded = { is: 'done' } | { is: 'gone' } | { is: 'unknown'; text: string };

/** The close measurement: a request to each VIP every `period` ms. */
export type Measuring = { vips: readonly string[]; period: number; download: boolean };

/**
 * Everything a drill needs of the world. All calls carry a signal and end with it. Times are ms of one monotonic clock, which is
 * also that of `Event.at.mono` and of samples.
 */
export type Ports = {
  now(): number;
  state(): State;
  /** Hears every event after it was reduced, this drill's own included. Returns what ends that. */
  listen(listener: (event: Event) => void): () => void;
  /** Puts a fact of this drill into the record and the state. */
  emit(fact: DrillFact): void;
  /** Resolves with true as soon as `holds` does (looked at after each event), false after `ms` or when the signal fires. Never rejects. */
  until(holds: () => boolean, ms: number, signal: AbortSignal): Promise<boolean>;
  /** Asks for a look at these nodes now. */
  refresh(nodes: readonly string[]): void;
  /** Unit names and file paths of a node. */
  context(node: string): DeedContext;
  /** Runs one command as root that changes nothing. A status other than 0 is an answer. */
  ask(
    node: string,
    words: readonly string[],
    signal: AbortSignal,
  ): Promise<Reading<{ code: number | null; stdout: string; stderr: string }>>;
  /** Makes sure of the right to run each of these as root, to arm, extend and disarm a timer that runs `undo`. Runs none. */
  rights(
    node: string,
    commands: readonly (readonly string[])[],
    undo: readonly string[],
    signal: AbortSignal,
  ): Promise<Reading<true>>;
  /** Whether keepalived of the node would survive a reload of its file as it is: null, or why not. */
  reloadable(node: string, signal: AbortSignal): Promise<Reading<string | null>>;
  /**
   * The turn to take a load balancer out, on all of them, held until `release`. `taken`: somebody else takes one out at this very
   * moment, the node on which he has the turn. Never rejects.
   */
  turn(signal: AbortSignal): Promise<{ taken?: string; release(): void }>;
  /** Runs commands as root, in order, to the first that fails. stdout is dropped; `input` is never recorded. Never rejects. */
  run(node: string, commands: readonly DrillCommand[], signal: AbortSignal): Promise<Ran>;
  /** Arms the one restore timer of a node; that it exists is the lock. Never rejects. */
  arm(node: string, seconds: number, undo: readonly string[], signal: AbortSignal): Promise<Armed>;
  extend(node: string, signal: AbortSignal): Promise<Guarded>;
  disarm(node: string, signal: AbortSignal): Promise<Guarded>;
  /** Begins the close measurement: emits `measuring`, then `samples` at least every half second, and `download` when asked for. */
  measure(what: Measuring): void;
  /** Ends it; resolves when the last samples have been emitted. */
  endMeasuring(): Promise<void>;
};
