import { failureOf, lastLine, lineOf } from '../actions/ask.ts';
import { write } from '../actions/execute.ts';
import { armCommand, canArm, clearCommands, disarmCommand, extendCommands } from '../actions/restore.ts';
import type { Rights } from '../actions/rights.ts';
import { type Failure, failureText } from '../cluster/failure.ts';
import { writeBy } from '../cluster/restore-by.ts';
import type { Armed, Guarded } from '../drills/ports.ts';
import type { Remote } from '../ssh/remote.ts';
import type { Busy } from './busy.ts';
import type { SessionRecord } from './record.ts';

/** A timer is armed or stopped in a fraction of a second; a node that does not answer is waited for so long, ms. */
const PATIENCE = 10_000;
/** What `systemctl` says by its exit status of a unit that is not there: 5 not loaded (systemd.exec(5)). */
const NOT_LOADED = 5;

/** What the restore timers of one drill need. */
export type TimersOptions = {
  remote(node: string): Remote;
  rootOf(node: string, signal: AbortSignal): Promise<Rights>;
  /** `user@host`. */
  author: string;
  wall(): number;
  readOnly(): boolean;
  busy: Busy;
  /** Nothing is begun that the record does not know of, where it has to. Restoring never asks for it. */
  record: Pick<SessionRecord, 'objection' | 'cleared'>;
  /** Name of the drill. */
  drill: string;
};

/** How one command ended: its status, or why that is not known. */
type Ended = { code: number | null; said: string } | { failure: Failure };

/** Arms, extends and disarms the one restore timer of a node. A node is taken for the drill before it is armed. */
export const createTimers = (options: TimersOptions) => {
  const held = new Map<string, () => void>();

  const run = async (node: string, words: readonly string[], signal: AbortSignal): Promise<Ended> => {
    try {
      const root = await options.rootOf(node, signal);
      if (!root.ok) return { failure: root.failure };
      const { code, stderr } = await write(options.remote(node), lineOf([...root.prefix, ...words]), {
        readOnly: options.readOnly(),
        signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
      });
      return { code, said: lastLine(stderr) };
    } catch (error) {
      return { failure: failureOf(error, node) };
    }
  };

  const saidOf = (node: string, ended: Ended): string =>
    'failure' in ended ? failureText(ended.failure) : `${node}: ${ended.said || `status ${ended.code}`}`;

  /** What stands in the way before anything is asked for: something under way here, or a system that has no such timers. */
  const blocked = async (node: string, signal: AbortSignal): Promise<Failure | undefined> => {
    const other = options.busy.on(node);
    const no = (found: string): Failure => ({ step: 'command', hop: node, found, blame: 'target' });
    if (other !== undefined) return no(other);
    const unrecorded = options.record.objection();
    if (unrecorded !== null) return no(unrecorded);
    const armable = await canArm(options.remote(node), { signal, timeout: PATIENCE });
    if (armable.ok) return undefined;
    if ('failure' in armable) return armable.failure;
    // A timer that is armed the gate tells of, with who and since when.
    return armable.refusal.reason === 'no-timer' ? no(armable.refusal.text) : undefined;
  };

  const arm = async (node: string, seconds: number, undo: readonly string[], signal: AbortSignal): Promise<Armed> => {
    const unrecorded = await options.record.cleared();
    if (unrecorded !== null) return { ok: false, taken: false, text: unrecorded };
    const other = options.busy.on(node);
    if (other !== undefined) return { ok: false, taken: true, text: other };
    held.set(node, options.busy.take(node, `the drill ${options.drill} is under way`));
    const armed = await tryArm(node, seconds, undo, signal);
    if (!armed.ok && !armed.maybe) giveBack(node);
    return armed;
  };

  const tryArm = async (
    node: string,
    seconds: number,
    undo: readonly string[],
    signal: AbortSignal,
  ): Promise<Armed> => {
    const armable = await canArm(options.remote(node), { signal, timeout: PATIENCE });
    if (!armable.ok)
      return 'failure' in armable
        ? { ok: false, taken: false, text: failureText(armable.failure) }
        : { ok: false, taken: armable.refusal.reason === 'disabled', text: armable.refusal.text };
    for (const words of armable.before) {
      const cleared = await run(node, words, signal);
      if ('failure' in cleared) return { ok: false, taken: false, text: failureText(cleared.failure) };
    }
    const by = writeBy(options.author, options.wall());
    const ended = await run(node, armCommand(seconds, by, undo), signal);
    if (!('failure' in ended) && ended.code === 0) return { ok: true };
    const text = `the restore timer could not be armed on ${saidOf(node, ended)}`;
    // systemd takes the name of a unit once: of two who come at the same time one is told so.
    if (!('failure' in ended)) return { ok: false, taken: /already (loaded|exists)/.test(ended.said), text };
    return { ok: false, taken: false, text, maybe: ended.failure.step !== 'permission' };
  };

  const extend = async (node: string, signal: AbortSignal): Promise<Guarded> => {
    let ended: Ended = { code: 0, said: '' };
    for (const words of extendCommands()) ended = await run(node, words, signal);
    if ('failure' in ended) return { is: 'unknown', text: failureText(ended.failure) };
    return ended.code === 0 ? { is: 'done' } : { is: 'gone' };
  };

  const disarm = async (node: string, signal: AbortSignal): Promise<Guarded> => {
    const ended = await run(node, disarmCommand(), signal);
    if ('failure' in ended) return { is: 'unknown', text: failureText(ended.failure) };
    if (ended.code !== 0 && ended.code !== NOT_LOADED) return { is: 'unknown', text: saidOf(node, ended) };
    giveBack(node);
    return ended.code === 0 ? { is: 'done' } : { is: 'gone' };
  };

  const giveBack = (node: string): void => {
    held.get(node)?.();
    held.delete(node);
  };

  return {
    blocked,
    arm,
    extend,
    disarm,
    /** Every command by which a timer is handled, for the question of rights. */
    commands: (seconds: number, undo: readonly string[]): string[][] => [
      armCommand(seconds, writeBy(options.author, options.wall()), undo),
      ...extendCommands(),
      disarmCommand(),
      ...clearCommands(),
    ],
    /** The drill is over: its nodes are free for others of this console, whatever became of their timers. */
    release: (): void => {
      for (const node of [...held.keys()]) giveBack(node);
    },
  };
};
