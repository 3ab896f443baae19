import { checkEvery, goodbyeMs, priorityFor, RESTART_MS, takeoverMs } from '../actions/outlook.ts';
import { SPLIT_AFTER } from '../cluster/holding.ts';
import { advertSecondsOf, balancers } from '../cluster/select.ts';
import type { NodeView, State } from '../cluster/state.ts';
import { masterDownMs } from '../cluster/vrrp.ts';
import type { BudgetName } from './drill.ts';
import { seconds } from './times.ts';

/** What a time may be, in ms, and how that was computed. `known` false: a figure in it was assumed. */
export type Budget = { name: BudgetName; least: number; most: number; sentence: string; known: boolean };

/** What the check script of a node can do when nginx fails: move the VIPs by its weight, only kill keepalived, or there is none. */
export type CheckKind = 'moves' | 'kills' | 'none' | 'unknown';

/** Beside VRRP's own timers: processes that start, ARP, the request itself (measured: 0.60 to 0.65 s where 0.61 s is computed), ms. */
const SLACK = 200;
/** systemd's start of nginx or keepalived, with nginx's own test of its file, ms. */
const START = 1000;
/** The tutorial's script sleeps so long between its restart of nginx and its second look, ms. */
const SECOND_LOOK = 2000;
/** A script that asks nginx waits about so long for an answer, ms. */
const ANSWER = 1000;

/** The nodes that a budget speaks of: where something is done, and who takes over. */
export type Cast = { node: NodeView; heir: NodeView };

/** What the check script of `node` can do, from keepalived's configuration: the weight must bring it below its heir (or be 0: FAULT). */
export const checkKind = (state: State, { node, heir }: Cast): CheckKind => {
  const configuration = node.configuration.value;
  if (!configuration || configuration.instances.length === 0) return 'unknown';
  if (!configuration.check) return configuration.checkInterval === undefined ? 'none' : 'unknown';
  const { weight } = configuration.check;
  if (weight === 0) return 'moves';
  const [mine, theirs] = [priorityFor(state, node).value, priorityFor(state, heir).value];
  return weight < 0 ? (mine + weight < theirs ? 'moves' : 'kills') : mine - weight < theirs ? 'moves' : 'kills';
};

const advertMs = (state: State): number => advertSecondsOf(state) * 1000;

const skewText = (state: State, node: NodeView): string =>
  `${seconds(goodbyeMs(state, node))} (skew of ${node.name}, priority ${priorityFor(state, node).value})`;

const downText = (state: State, node: NodeView): string =>
  `3 adverts of ${advertSecondsOf(state)} s and ${skewText(state, node)}`;

type Figures = { least: number; most: number; sentence: string };

const failover = (state: State, { node, heir }: Cast): Figures => {
  const skew = goodbyeMs(state, heir);
  return {
    least: skew,
    most: skew + SLACK,
    sentence: `${node.name} says goodbye (priority 0), ${heir.name} waits ${skewText(state, heir)}; ${seconds(SLACK)} allowed beside`,
  };
};

const crash = (state: State, { heir }: Cast): Figures => {
  const down = takeoverMs(state, heir);
  return {
    least: down - advertMs(state),
    most: down + SLACK,
    sentence: `${heir.name} hears nothing for ${downText(state, heir)}, less the time since the last advert`,
  };
};

/** keepalived starts with nobody else there: it listens for a whole master-down interval before it takes the VIPs. */
const start = (state: State, { node }: Cast): Figures => ({
  least: takeoverMs(state, node),
  most: takeoverMs(state, node) + START,
  sentence: `${node.name} listens for ${downText(state, node)}, then takes the VIPs; ${seconds(START)} allowed for its start`,
});

const restart = (state: State, { node }: Cast): Figures => {
  const whole = RESTART_MS + takeoverMs(state, node);
  return {
    // The second that a stop takes was measured on one version; another may be quicker.
    least: takeoverMs(state, node),
    most: whole + 2 * SLACK,
    sentence: `the stop takes about ${seconds(RESTART_MS)}, then ${node.name} listens for ${downText(state, node)}; nobody holds the VIPs meanwhile`,
  };
};

const failback = (state: State, { node, heir }: Cast): Figures => ({
  least: takeoverMs(state, node) - advertMs(state),
  most: takeoverMs(state, node) + START,
  sentence: `${node.name} has the higher priority; it listens for ${downText(state, node)} and takes the VIPs from ${heir.name}, which steps back at its first advert`,
});

const lowered = (state: State, { node, heir }: Cast): Figures => ({
  least: takeoverMs(state, heir) - advertMs(state),
  most: takeoverMs(state, heir) + START,
  sentence: `${heir.name} ignores the lower priority and takes over ${downText(state, heir)} after the last advert it accepted; ${node.name} holds the VIPs until then`,
});

const check = (_: State, { node }: Cast): Figures => {
  const { value } = checkEvery(node);
  return {
    least: 0,
    most: value + START,
    sentence: `the check script looks every ${seconds(value)} and starts nginx again; ${seconds(START)} allowed for its start`,
  };
};

const falls = (node: NodeView): number => node.configuration.value?.check?.fall ?? 1;

/** nginx cannot be started: the script gives up. How depends on what it can do. */
const giveUp = (state: State, cast: Cast): Figures => {
  const { node, heir } = cast;
  const { value: every } = checkEvery(node);
  if (checkKind(state, cast) !== 'moves') {
    const skew = goodbyeMs(state, heir);
    return {
      least: SECOND_LOOK + skew,
      most: every + SECOND_LOOK + skew + SLACK,
      sentence: `the check comes within ${seconds(every)}, looks again after ${seconds(SECOND_LOOK)} and kills keepalived, which says goodbye; ${heir.name} waits ${skewText(state, heir)}`,
    };
  }
  const down = takeoverMs(state, heir);
  const fall = falls(node);
  return {
    least: (fall - 1) * every + down - advertMs(state),
    most: fall * every + down + START,
    sentence: `${fall} checks fail, one every ${seconds(every)}, and the priority falls below that of ${heir.name}, which takes over ${downText(state, heir)} after the last advert it accepted`,
  };
};

/** nginx hangs and the script asks it: each look takes as long as it waits for an answer. */
const noticed = (state: State, { node, heir }: Cast): Figures => {
  const { value: every } = checkEvery(node);
  const down = takeoverMs(state, heir);
  const fall = falls(node);
  return {
    least: fall * ANSWER + down - advertMs(state),
    most: every + fall * (ANSWER + every) + down + START,
    sentence: `${fall} checks wait in vain, about ${seconds(ANSWER)} each (assumed), then the priority falls and ${heir.name} takes over ${downText(state, heir)} after the last advert it accepted`,
  };
};

/** Both hold the VIPs: the heir takes them as after a crash, and two holders are called so after a second. */
const split = (state: State, cast: Cast): Figures => {
  const one = crash(state, cast);
  return {
    least: one.least + SPLIT_AFTER,
    most: one.most + SPLIT_AFTER + START,
    sentence: `${one.sentence}; two holders are called a split brain after ${seconds(SPLIT_AFTER)}`,
  };
};

const table: Record<BudgetName, (state: State, cast: Cast) => Figures> = {
  failover,
  crash,
  start,
  restart,
  failback,
  lowered,
  check,
  'give-up': giveUp,
  notice: noticed,
  split,
};

/** Which budgets rest on the check script, and which on priorities. */
const byCheck: readonly BudgetName[] = ['check', 'give-up', 'notice'];

/** Computes a budget from what the nodes tell of themselves: priorities, advert interval, check interval. Says what was assumed. */
export const budgetFor = (state: State, name: BudgetName, cast: Cast): Budget => {
  const { least, most, sentence } = table[name](state, cast);
  const guessed = [
    ...[cast.node, cast.heir]
      .filter((node) => !priorityFor(state, node).known)
      .map((node) => `priority of ${node.name}`),
    ...(byCheck.includes(name) && !checkEvery(cast.node).known ? ['check interval'] : []),
  ];
  return {
    name,
    least: Math.round(least),
    most: Math.round(most),
    sentence: guessed.length > 0 ? `${sentence} (assumed: ${guessed.join(', ')})` : sentence,
    known: guessed.length === 0,
  };
};

/** The longest time in which any load balancer must have taken the VIPs, for the way back to the steady state, ms. */
export const settleMs = (state: State): number =>
  Math.max(0, ...balancers(state).map((node) => masterDownMs(advertSecondsOf(state), priorityFor(state, node).value)));
