import { budgetOf } from '../actions/catalog.ts';
import { staleVips } from '../actions/disabled.ts';
import { effectOf } from '../actions/effect.ts';
import { type Execution, execute } from '../actions/execute.ts';
import { sudoComplaint } from '../actions/sudo-rights.ts';
import type { ActionOutcome, ActionPhase, Plan } from '../cluster/action.ts';
import type { Fact } from '../cluster/events.ts';
import type { Failure } from '../cluster/failure.ts';
import type { State } from '../cluster/state.ts';
import { vipNames } from '../cluster/vip-names.ts';
import type { Network } from '../ssh/remote.ts';
import { lookAfresh, until, type Waiting } from './fresh-look.ts';
import type { SessionRecord } from './record.ts';

/** How long a lost connection is waited for before nothing can be said of the effect, ms. */
const RECONNECT = 30_000;
/** After a command that failed, one or two looks tell; ms on top of two timeouts. */
const AFTER_FAILURE = 1500;

export type CarryOut = Waiting & {
  id: number;
  plan: Plan;
  /** How many of the commands, the first ones, arm the restore timer. */
  arming: number;
  network: Pick<Network, 'remote'>;
  state(): State;
  dispatch(fact: Fact): void;
  refresh(node: string): void;
  tell(phase: ActionPhase): void;
  record: Pick<SessionRecord, 'saved'>;
};

/**
 * Runs the commands of a confirmed plan and finds out whether they had their effect, from looks that were asked for after they
 * returned. A connection lost midway is waited for, and the truth found then is told. Never rejects.
 */
export const carryOut = async (options: CarryOut): Promise<ActionOutcome> => {
  const { plan, clock, state, arming } = options;
  const { action } = plan;
  const before = state();
  const began = clock.now();
  const ms = () => Math.round(clock.now() - began);
  const ran = await execute({
    remote: options.network.remote(action.node),
    commands: plan.commands,
    readOnly: before.topology.readOnly,
    signal: options.signal,
    now: clock.now,
    halt: async (index) => (index > arming ? await leftBehind(options, before) : undefined),
    started: (command) => {
      options.tell({ step: 'executing', command });
      return options.record.saved();
    },
    ended: (command, result) =>
      options.dispatch({ kind: 'command', action: options.id, node: action.node, command, result }),
  });

  const unknown = (seen: string, failure?: Failure): ActionOutcome => ({
    step: 'unknown',
    seen,
    ms: ms(),
    ...(failure ? { failure } : {}),
  });
  const nothingRun = nothingOf(ran, action.node, arming);
  if (nothingRun) return nothingRun;

  const asked = clock.now();
  if (ran.end === 'lost') {
    options.tell({ step: 'verifying', awaited: `the connection to ${action.node}`, budget: RECONNECT });
    // Not the link is asked: it may not have noticed yet that it is broken. A look that was asked for since is proof.
    const missing = await lookAfresh(options, [action.node], RECONNECT);
    if (options.signal.aborted) return unknown('the console was left', ran.failure);
    if (missing.length > 0)
      return unknown(`${action.node} was not reached again within ${RECONNECT / 1000} s`, ran.failure);
  }
  const verifying = clock.now();
  const judge = effectOf(before, action, asked);
  const budget =
    ran.end === 'failed' || ran.end === 'halted'
      ? 2 * before.topology.timeout + AFTER_FAILURE
      : budgetOf(before, action);
  let effect = judge(state());
  let awaited: string | undefined;
  const settled = (): boolean => {
    effect = judge(state());
    const next = effect.is === 'awaited' ? effect.awaited : `a look at ${action.node}`;
    if (effect.is !== 'done' && next !== awaited) {
      awaited = next;
      options.tell({ step: 'verifying', awaited, budget: Math.max(0, Math.round(verifying + budget - clock.now())) });
    }
    return effect.is === 'done';
  };
  for (const node of before.topology.nodes)
    if (node.role === 'lb' || node.name === action.node) options.refresh(node.name);
  await until(options, settled, budget);
  const seen = stoppedText(ran, plan.commands.length) + effect.seen;
  if (effect.is === 'done') return { step: 'done', seen, ms: ms() };
  if (options.signal.aborted) return unknown('the console was left');
  if (effect.is === 'awaited') return { step: 'no-effect', seen, ms: ms() };
  return unknown(seen, effect.failure ?? (ran.end === 'lost' ? ran.failure : undefined));
};

/**
 * Taking a load balancer out stops nginx last: not while VIPs stand there that keepalived did not take off (it was killed, say),
 * since clients still come for them. VIPs that were stale before were told of, and a look that does not come proves nothing.
 */
const leftBehind = async (options: CarryOut, before: State): Promise<string | undefined> => {
  const { kind, node: name } = options.plan.action;
  const old = before.nodes[name];
  if (kind !== 'out-of-service' || !old || staleVips(before, old).length > 0) return undefined;
  const missing = await lookAfresh(options, [name], 2 * before.topology.timeout);
  const now = options.state();
  const node = now.nodes[name];
  if (missing.length > 0 || !node) return undefined;
  const left = staleVips(now, node).map((one) => one.address);
  return left.length > 0
    ? `${vipNames(left)} still on ${name} though keepalived is stopped: remove them first`
    : undefined;
};

/** Which command did not end well, and that the rest was not run, before what was seen. */
const stoppedText = (ran: Execution, commands: number): string => {
  if (ran.end === 'all-ran') return '';
  if (ran.end === 'halted') return `\`${ran.command}\` was not run: ${ran.why}; `;
  const rest = commands - 1 - ran.index > 0 ? ', the rest was not run' : '';
  if (ran.end === 'lost') return `the connection was lost during \`${ran.command}\`${rest}; `;
  const why = ran.stderr ? ` (${ran.stderr})` : '';
  return `\`${ran.command}\` ended with ${ran.code ?? 'a signal'}${why}${rest}; `;
};

/** Where it is certain that nothing of the action itself was run: what stood in the way. */
const nothingOf = (ran: Execution, node: string, arming: number): ActionOutcome | undefined => {
  if (ran.end === 'all-ran' || ran.end === 'halted') return undefined;
  if (ran.end === 'failed') {
    const complaint =
      /^sudo: /.test(ran.stderr) && ran.index <= arming ? sudoComplaint(ran.stderr, 'the user', '') : undefined;
    if (complaint) return { step: 'failed', failure: { step: 'permission', hop: node, ...complaint, blame: 'target' } };
    if (ran.index >= arming) return undefined;
    const text = `the restore timer could not be armed on ${node}, nothing was done: ${ran.stderr || `status ${ran.code}`}`;
    return { step: 'refused', refusal: { reason: 'no-timer', text } };
  }
  return ran.index < arming ? { step: 'failed', failure: ran.failure } : undefined;
};
