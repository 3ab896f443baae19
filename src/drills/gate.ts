import { freshness } from '../cluster/aged.ts';
import { checkLogLines } from '../cluster/check-lines.ts';
import type { DrillPlan } from '../cluster/drill.ts';
import { holdersOf } from '../cluster/holding.ts';
import { readiness } from '../cluster/readiness.ts';
import { balancers } from '../cluster/select.ts';
import type { State, VerdictCode } from '../cluster/state.ts';
import { checkKind } from './budget.ts';
import type { Drill } from './drill.ts';
import { castNow, soleHolder } from './roles.ts';
import { standing, standsAt, steadyFor, WATCHED } from './steady.ts';
import { drillMs, seconds } from './times.ts';

/** What was found out on the nodes before the drill, and what a person said. Reasons are sentences. */
export type GateFacts = {
  /** The cluster's name was typed, or it is not protected. */
  confirmed: boolean;
  /** Another drill of this console that is under way. */
  running?: string;
  /** Rights that are missing, files an earlier drill has left, a keepalived.conf that cannot be reloaded. */
  against: string[];
  /** Restore timers that are this drill's own. */
  own: string[];
};

/** `passes`: every reason is of the sort that goes away by watching longer. */
export type Gate = { open: true } | { open: false; reasons: string[]; passes: boolean };

const holderReasons = (state: State): string[] => {
  if (soleHolder(state) !== undefined) return [];
  const words = Object.values(state.vips).map(
    (vip) => `${vip.address} ${holdersOf(state, vip).join(' and ') || 'nobody known'}`,
  );
  return [`no one load balancer is proven to hold all VIPs (${words.join(', ')})`];
};

const backupReasons = (state: State): string[] => {
  const { backup } = castNow(state);
  const node = state.nodes[backup ?? ''];
  if (!node) return ['there is no backup'];
  const { ready, why } = readiness(state, node);
  if (ready === true) return [];
  return [`the backup ${node.name} ${ready === null ? 'may not be' : 'is not'} ready: ${why.join(', ')}`];
};

const checkReasons = (state: State): string[] => {
  const { master, backup } = castNow(state);
  const [node, heir] = [state.nodes[master ?? ''], state.nodes[backup ?? '']];
  if (!node || !heir) return [];
  const kinds = [checkKind(state, { node, heir }), checkKind(state, { node: heir, heir: node })];
  if (kinds.includes('none')) return ['keepalived runs no check script on every load balancer'];
  if (kinds.includes('unknown'))
    return ['whether keepalived runs a check script is not known (keepalived.conf was not read)'];
  return [];
};

/** Restore timers on any node of the cluster: somebody else's drill or planned restore. */
const timerReasons = (state: State, own: readonly string[], armed: readonly string[]): string[] =>
  state.topology.nodes.flatMap(({ name }) => {
    const timer = state.nodes[name]?.restore;
    if (own.includes(name)) return [];
    const fresh = timer && freshness(timer, state.now.mono, state.topology.interval) === 'fresh';
    if (!fresh) return armed.includes(name) ? [`whether a restore timer is armed on ${name} is not known`] : [];
    if (!timer.value) return [];
    const left = Math.max(0, Math.round(timer.value.left - (state.now.mono - (timer.at ?? 0)) / 1000));
    return [
      `a restore timer is armed on ${name} (by ${timer.value.by}, ${left} s left): another drill or a planned restore`,
    ];
  });

const watchedFor = (state: State): number => state.now.mono - state.started.mono;

/** A console younger than this may not have seen everything yet, ms. */
const YOUTH = 15_000;

/** A check script that has said it starts nginx no more for a while: what the drill shows would not come about. */
const pausedReasons = (state: State): string[] =>
  checkLogLines(state).flatMap(({ node, text, at }) => {
    const pause = Number(/no more restarts for (\d{1,4}) s\s*$/.exec(text)?.[1] ?? 0) * 1000;
    const left = at + pause - state.now.wall;
    return pause > 0 && left > 0 && left <= pause
      ? [`the check script on ${node} starts nginx no more for another ${seconds(left)} (its check log says so)`]
      : [];
  });

const steadyReasons = (drill: Drill, state: State): string[] => {
  const needed = drillMs(drill.gate.steady);
  const watched = watchedFor(state);
  if (watched < Math.min(needed, WATCHED))
    return [`watched for ${seconds(watched)} only, at least ${seconds(WATCHED)} are needed`];
  const quiet = steadyFor(state);
  return quiet < needed
    ? [`something changed ${seconds(quiet)} ago, it must have been steady for ${seconds(needed)}`]
    : [];
};

/** Verdicts of a console that has not looked long enough. */
const YOUNG: readonly VerdictCode[] = ['blind', 'partly-blind'];

/** Whether a drill may begin, or every reason why not. What is not known speaks against it. Pure. */
export const gateOf = (drill: Drill, plan: DrillPlan | { reasons: string[] }, state: State, facts: GateFacts): Gate => {
  const now = standing(state.verdict);
  const fits = standsAt(state, drill.gate.verdicts);
  const young = !fits && YOUNG.includes(now.code);
  const passing = [
    ...(young ? [`the cluster is ${now.code} (${now.reason})`] : []),
    ...steadyReasons(drill, state),
    ...(drill.gate.check === 'needed' ? pausedReasons(state) : []),
  ];
  // While too little is seen, what else speaks against it may come of that.
  const unsure = [
    ...holderReasons(state),
    ...(drill.gate.backup === 'ready' ? backupReasons(state) : []),
    ...(drill.gate.check === 'needed' ? checkReasons(state) : []),
    ...timerReasons(state, facts.own, 'reasons' in plan ? [] : plan.arm.map((one) => one.node)),
    ...('reasons' in plan ? plan.reasons : []),
  ];
  const firm = [
    ...(state.topology.readOnly ? ['read-only: nothing is written to the nodes'] : []),
    ...(facts.running === undefined ? [] : [`the drill ${facts.running} is under way`]),
    ...(fits || young
      ? []
      : [`the cluster is ${now.code} (${now.reason}), it must be ${drill.gate.verdicts.join(' or ')}`]),
    ...(balancers(state).length < 2 ? ['a drill needs two load balancers'] : []),
    ...facts.against,
    ...(state.topology.protected && !facts.confirmed
      ? [`${state.topology.name} is protected: its name must be typed (--confirm ${state.topology.name})`]
      : []),
  ];
  const reasons = [...new Set([...firm, ...unsure, ...passing])];
  if (reasons.length === 0) return { open: true };
  return { open: false, reasons, passes: firm.length === 0 && (unsure.length === 0 || watchedFor(state) < YOUTH) };
};
