import { lineOf } from '../actions/ask.ts';
import { commandsOf, contextOf, refusalNow } from '../actions/catalog.ts';
import { checkReload, type ReloadCheck, runningFile } from '../actions/reload-check.ts';
import { reloadDifferences } from '../actions/reload-differences.ts';
import { armCommand, canArm, runningUnits, startCommand } from '../actions/restore.ts';
import { findRights, wayToRoot } from '../actions/rights.ts';
import { riskOf } from '../actions/risk.ts';
import { needsTurn } from '../actions/turn.ts';
import type { Action, ActionOutcome, ActionPhase, Confirmation, Plan, Refusal, Risk } from '../cluster/action.ts';
import { actionText } from '../cluster/action-facts.ts';
import type { Fact } from '../cluster/events.ts';
import type { Failure } from '../cluster/failure.ts';
import { writeBy } from '../cluster/restore-by.ts';
import { balancers } from '../cluster/select.ts';
import type { State } from '../cluster/state.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import type { Network } from '../ssh/remote.ts';
import type { Busy } from './busy.ts';
import { carryOut } from './carry-out.ts';
import { lookAfresh, readDeep, until, type Waiting } from './fresh-look.ts';
import type { SessionRecord } from './record.ts';
import type { Performed, Planned, SessionStore } from './store.ts';
import { turnsOn } from './turns.ts';

/** What the desk needs of the session around it. */
export type DeskOptions = Waiting & {
  config: Pick<ClusterConfig, 'services' | 'ssh' | 'timeout'>;
  network: Pick<Network, 'remote'>;
  /** `user@host` of who sits here. */
  author: string;
  busy: Busy;
  state(): State;
  dispatch(fact: Fact): void;
  /** What is begun is on disk before. */
  record: Pick<SessionRecord, 'objection' | 'saved' | 'cleared'>;
  /** A look at this node now. */
  refresh(node: string): void;
  /** keepalived's own view and its file now. */
  readDeep(node: string): void;
};

/** How a step is confirmed: a key, `yes`, the node's name, the cluster's name. */
const confirmationOf = (step: Risk['step'], action: Action, state: State): Confirmation =>
  step === 1
    ? { kind: 'press', key: 'y' }
    : { kind: 'type', word: step === 2 ? 'yes' : step === 3 ? action.node : state.topology.name };

const confirms = (confirmation: Confirmation, given: string): boolean =>
  given === (confirmation.kind === 'press' ? confirmation.key : confirmation.word);

/** keepalived's own view and its file have come from every load balancer that can be reached, or cannot. */
const areDeepRead = (state: State): boolean =>
  balancers(state).every(
    ({ link, dump, configuration }) =>
      link.phase !== 'up' || [dump, configuration].every((one) => one.at !== undefined || one.failure !== undefined),
  );

type Made =
  | { ok: true; plan: Plan; arming: number }
  | { ok: false; refusal: Refusal }
  | { ok: false; failure: Failure };

/** When a timer was planned differs from one plan to the next; it is let pass only where it is of our own form. */
const WHEN = /--description=[A-Za-z0-9@._-]+:\d{8}T\d{6}Z\.*(?= )/;

/** Whether two plans are the same to a person: what they rest on and what is run. */
const isSame = (a: Plan, b: Plan): boolean => {
  const bare = (plan: Plan) => plan.commands.map((one) => one.replace(WHEN, '')).join('\n');
  return a.risk.basis === b.risk.basis && a.risk.step === b.risk.step && bare(a) === bare(b);
};

/** Plans and performs actions: the order of rule "look, risk, confirmation, commands, effect", one action at a time on a node. */
export const createActionDesk = (options: DeskOptions): Pick<SessionStore, 'plan' | 'perform'> => {
  const { config, network, clock, signal } = options;
  const { busy } = options;
  let nextId = 1;

  const refuse = (reason: Refusal['reason'], text: string): { ok: false; refusal: Refusal } => ({
    ok: false,
    refusal: { reason, text },
  });

  /** What speaks against an action before anything is asked of the node. */
  const objection = (action: Action): { ok: false; refusal: Refusal } | { ok: false; failure: Failure } | undefined => {
    const state = options.state();
    if (state.topology.readOnly) return refuse('read-only', 'read-only: nothing is written to the nodes');
    const unrecorded = options.record.objection();
    if (unrecorded !== null) return refuse('not-recorded', unrecorded);
    const link = state.nodes[action.node]?.link;
    // What was last seen of a node that cannot be reached is no reason; that it cannot be reached is.
    if (link && link.phase !== 'up')
      return {
        ok: false,
        failure: link.failure ?? { step: 'lost', hop: action.node, found: 'not connected', blame: 'path' },
      };
    const refusal = refusalNow(state, action);
    return refusal ? { ok: false, refusal } : undefined;
  };

  /** What the file of keepalived says and changes. A file that is not known to be good is a refusal. */
  const reloadRisk = async (node: string, prefix: readonly string[]): Promise<ReloadCheck> => {
    const seen = options.state().nodes[node];
    const file = seen && runningFile(seen);
    const [check] = await Promise.all([
      checkReload(network.remote(node), { prefix, file, signal }),
      readDeep(options, node),
    ]);
    const view = options.state().nodes[node];
    if (!check.ok || !view) return check;
    const { lines, unread } = reloadDifferences(view);
    return { ok: true, lines: [...check.lines, ...lines], unread: check.unread || unread };
  };

  /** Looks, asks for the rights (`full`: by sudo's own word), and says what will be done. Changes nothing on the node. */
  const make = async (
    action: Action,
    restoreAfter: number | undefined,
    { full, taken }: { full: boolean; taken?: string | undefined },
  ): Promise<Made> => {
    const early = options.state();
    if (early.topology.readOnly || !early.nodes[action.node]) return objection(action) as Made;
    // Right after the start these are still under way; a plan made without them would be void a moment later.
    if (early.nodes[action.node]?.role === 'lb')
      await until(options, () => areDeepRead(options.state()), 2 * config.timeout);
    const nodes = new Set([...balancers(early).map((node) => node.name), action.node]);
    await lookAfresh(options, [...nodes], 2 * config.timeout);
    const against = objection(action);
    if (against) return against;
    const state = options.state();
    const context = contextOf(state, action, config.services);
    const words = commandsOf(action, context);
    if (words.length === 0) return refuse('disabled', `what has to be run on ${action.node} is not known yet`);
    const remote = network.remote(action.node);

    const before: string[][] = [];
    if (restoreAfter !== undefined) {
      const node = state.nodes[action.node];
      const units = node ? runningUnits(node, context) : [];
      if (units.length === 0) return refuse('no-timer', `nothing runs on ${action.node} that could be started again`);
      const armable = await canArm(remote, { signal, timeout: 5000 });
      if (!armable.ok) return armable;
      before.push(
        ...armable.before,
        armCommand(restoreAfter, writeBy(options.author, clock.wall()), startCommand(units)),
      );
    }
    const all = [...before, ...words];
    const how = { sudo: config.ssh.sudo, signal };
    const rights = full ? await findRights(remote, all, how) : await wayToRoot(remote, how);
    if (!rights.ok) return rights;
    const isReload = action.kind === 'service' && action.service === 'keepalived' && action.verb === 'reload';
    const reload = isReload ? await reloadRisk(action.node, rights.prefix) : undefined;
    if (reload && !reload.ok) return reload;
    const alone = riskOf(options.state(), action, restoreAfter === undefined ? {} : { restoreAfter });
    const risk = withTaken(withReload(alone, reload), taken);
    const plan: Plan = {
      action,
      commands: all.map((one) => lineOf([...rights.prefix, ...one])),
      risk,
      confirmation: confirmationOf(risk.step, action, state),
      ...(restoreAfter === undefined ? {} : { restoreAfter }),
    };
    return { ok: true, plan, arming: before.length };
  };

  const guarded = async <T>(node: string, work: () => Promise<T>): Promise<T | { ok: false; failure: Failure }> => {
    try {
      return await work();
    } catch (error) {
      const found = signal.aborted ? 'the console was left' : `internal error: ${String(error).slice(0, 200)}`;
      return { ok: false, failure: { step: 'command', hop: node, found, blame: 'path' } };
    }
  };

  const underWay = (action: Action): { ok: false; refusal: Refusal } | undefined => {
    const other = busy.on(action.node);
    return other === undefined ? undefined : refuse('disabled', other);
  };

  const plan: SessionStore['plan'] = async (action, { restoreAfter } = {}): Promise<Planned> =>
    underWay(action) ?? (await guarded(action.node, () => make(action, restoreAfter, { full: true })));

  const turnFor = async (action: Action): Promise<{ taken?: string; release(): void }> => {
    const state = options.state();
    if (!needsTurn(action) || state.topology.readOnly) return { release: () => {} };
    return turnsOn(state, network, { signal, timeout: config.timeout });
  };

  const perform: SessionStore['perform'] = async (given, word): Promise<Performed> => {
    const { action } = given;
    const id = nextId++;
    const tell = (phase: ActionPhase) =>
      options.dispatch({ kind: 'action', id, action, author: options.author, phase });
    const end = (outcome: ActionOutcome): ActionOutcome => {
      tell(outcome);
      return outcome;
    };
    const other = underWay(action);
    if (other) return end({ step: 'refused', refusal: other.refusal });
    if (!confirms(given.confirmation, word))
      return end({ step: 'refused', refusal: { reason: 'risk', text: unconfirmed(given.confirmation) } });
    const free = busy.take(action.node, `another action is under way on ${action.node}: ${actionText(action)}`);
    const turn = await turnFor(action);
    try {
      const now = await guarded(action.node, () =>
        make(action, given.restoreAfter, { full: false, taken: turn.taken }),
      );
      if (!now.ok && 'refusal' in now) return end({ step: 'refused', refusal: now.refusal });
      if (!now.ok) return end({ step: 'failed', failure: now.failure });
      if (!isSame(given, now.plan)) return { step: 'changed', plan: now.plan };
      tell({ step: 'confirmed', plan: given });
      const unrecorded = await options.record.cleared();
      if (unrecorded !== null) return end({ step: 'refused', refusal: { reason: 'not-recorded', text: unrecorded } });
      const outcome = await carryOut({ ...options, id, plan: given, arming: now.arming, tell });
      return end(outcome);
    } finally {
      turn.release();
      free();
    }
  };

  return { plan, perform };
};

/** The lines of the reload beside those of the risk: a file that could not be read, or that changes something, is a step more. */
const withReload = (risk: Risk, reload: Extract<ReloadCheck, { ok: true }> | undefined): Risk => {
  if (!reload) return risk;
  const grave = reload.unread || reload.lines.some((line) => line.severity === 'bad');
  return {
    ...risk,
    lines: [...risk.lines, ...reload.lines],
    step: Math.min(4, risk.step + (grave ? 1 : 0)) as Risk['step'],
    basis: [risk.basis, ...reload.lines.map((line) => line.text)].join('\n'),
  };
};

/** Another action has the turn: what was seen may be over already, so it takes the name of the node, whatever was said of the risk. */
const withTaken = (risk: Risk, taken: string | undefined): Risk => {
  if (taken === undefined) return risk;
  const text = `Another action takes a load balancer out at this very moment (it has the lock on ${taken}): both could be gone.`;
  return {
    ...risk,
    lines: [{ severity: 'bad', text }, ...risk.lines],
    step: Math.max(3, risk.step) as Risk['step'],
    basis: `${risk.basis}\nturn taken`,
  };
};

const unconfirmed = (confirmation: Confirmation): string =>
  confirmation.kind === 'press'
    ? `not confirmed: that takes the key ${confirmation.key}`
    : `not confirmed: that takes the word ${confirmation.word}`;
