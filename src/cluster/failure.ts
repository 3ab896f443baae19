/** The step of a remote look or action that failed; errors always name it (rule 11 of the contract). */
export type Step =
  | 'config'
  | 'name'
  | 'tcp'
  | 'host-key'
  | 'auth'
  | 'channel'
  | 'command'
  | 'permission'
  | 'parse'
  | 'http'
  | 'timeout'
  | 'lost';

/** Why a look or an action did not come through: which step, on which hop, what was found, what to try. */
export type Failure = {
  step: Step;
  /** The hop or node on which the step failed, by its name in the cluster file (or ssh_config alias). */
  hop: string;
  /** What was found, one sentence, already free of control characters. */
  found: string;
  /** What the operator can try; absent when nothing sensible can be said. */
  advice?: string;
  /**
   * Who is to blame. `target`: the thing looked at answered wrongly or not at all while the way to it was proven alive.
   * `path`: the way there broke, so nothing is known about the target.
   */
  blame: 'target' | 'path';
};

/** One sentence for people: `auth on lb1: all keys refused (try: …)`. */
export const failureText = (failure: Failure): string =>
  `${failure.step} on ${failure.hop}: ${failure.found}${failure.advice ? ` (${failure.advice})` : ''}`;

/** A reading is what a look returned: the value, or why there is none. Unknown is never "no". */
export type Reading<T> = { ok: true; value: T } | { ok: false; failure: Failure };
