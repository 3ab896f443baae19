import type { CommandResult } from '../cluster/action.ts';
import type { Failure } from '../cluster/failure.ts';
import type { ExecResult, Remote } from '../ssh/remote.ts';
import { failureOf, lastLine } from './ask.ts';

/** Thrown where something would be written by a console that must not. */
export class ReadOnlyError extends Error {
  constructor() {
    super('read-only: nothing is written to the nodes');
  }
}

/**
 * The only way by which haconsole writes on a node: actions, restore timers and notes all end here, and here read-only holds.
 * Rejects with ReadOnlyError, else as `Remote.exec`.
 */
export const write = async (
  remote: Remote,
  command: string,
  options: { readOnly: boolean; signal: AbortSignal; input?: string },
): Promise<ExecResult> => {
  if (options.readOnly) throw new ReadOnlyError();
  const { signal, input } = options;
  return await remote.exec(command, { signal, maxBytes: 64 * 1024, ...(input === undefined ? {} : { input }) });
};

/** How a row of commands ended. `failed`: one ended with another status than 0, the rest was not run. `lost`: how one ended is not known. */
export type Execution =
  | { end: 'all-ran' }
  | { end: 'failed'; index: number; command: string; code: number | null; stderr: string }
  | { end: 'lost'; index: number; command: string; failure: Failure }
  /** What the command before it did left no sense, or harm, in this one: neither it nor the rest was run. */
  | { end: 'halted'; index: number; command: string; why: string };

/** systemd gives a unit 90 s to stop before it kills it; a command may take that, ms. */
export const COMMAND_DEADLINE = 100_000;

/** Runs commands in order, each to its end or its deadline, and stops at the first that fails. Rejects only with ReadOnlyError. */
export const execute = async (options: {
  remote: Remote;
  commands: readonly string[];
  readOnly: boolean;
  signal: AbortSignal;
  /** Monotonic ms. */
  now: () => number;
  /** ms that one command may take. */
  deadline?: number;
  /** Asked before each command but the first: why it must not be run after all. */
  halt?: (index: number) => Promise<string | undefined>;
  /** What each reads from stdin. Never recorded. */
  input?: string;
  /** Waited for: what is told of a command is on disk before it runs. */
  started: (command: string) => unknown;
  ended: (command: string, result: CommandResult) => void;
}): Promise<Execution> => {
  const { remote, readOnly, now, deadline = COMMAND_DEADLINE, input } = options;
  for (const [index, command] of options.commands.entries()) {
    if (readOnly) throw new ReadOnlyError();
    const why = index > 0 ? await options.halt?.(index) : undefined;
    if (why !== undefined) return { end: 'halted', index, command, why };
    await options.started(command);
    const began = now();
    try {
      const signal = AbortSignal.any([options.signal, AbortSignal.timeout(deadline)]);
      const result = await write(remote, command, { readOnly, signal, ...(input === undefined ? {} : { input }) });
      const stderr = lastLine(result.stderr);
      options.ended(command, { ok: true, code: result.code, ms: now() - began, stderr });
      if (result.code !== 0) return { end: 'failed', index, command, code: result.code, stderr };
    } catch (error) {
      if (error instanceof ReadOnlyError) throw error;
      const failure = failureOf(error, remote.name);
      options.ended(command, { ok: false, failure, ms: now() - began });
      return { end: 'lost', index, command, failure };
    }
  }
  return { end: 'all-ran' };
};
