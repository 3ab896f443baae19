import { claim } from '../cluster/aged.ts';
import { vipsOf } from '../cluster/finding.ts';
import { holdersOf, unknownOn } from '../cluster/holding.ts';
import { type Readiness, readiness } from '../cluster/readiness.ts';
import { advertSecondsOf, balancers, instancesOf, probeState } from '../cluster/select.ts';
import type { NodeView, State } from '../cluster/state.ts';
import { masterDownMs, skewMs } from '../cluster/vrrp.ts';
import { isRunning, isStopped } from './disabled.ts';

/** keepalived's clean stop takes a second and its start a moment (measured on 2.2.7: 1.03 to 1.05 s for both), ms. */
export const RESTART_MS = 1050;

/** The tutorial's values, said as an assumption wherever the nodes do not tell their own. */
const TUTORIAL = { priority: 100, checkSeconds: 5 };

/** `true`: in the nodes' own words; `false`: assumed. */
export type Figure = { value: number; known: boolean };

/** The instance that carries a VIP, else the first. */
const instanceFor = <T extends { vips: string[] }>(list: T[] | undefined, vip: string | undefined): T | undefined =>
  list?.find((one) => vip === undefined || one.vips.includes(vip)) ?? list?.[0];

/**
 * Priority with which a node runs for a VIP: keepalived's own word, else its configuration, else what its last dump said, else the
 * tutorial's 100.
 */
export const priorityFor = (state: State, node: NodeView, vip?: string): Figure => {
  const value =
    instanceFor(instancesOf(state, node), vip)?.effectivePriority ??
    instanceFor(node.configuration.value?.instances, vip)?.priority ??
    instanceFor(node.dump.value, vip)?.basePriority;
  return value === undefined ? { value: TUTORIAL.priority, known: false } : { value, known: true };
};

/** Whether a higher priority takes the VIPs back: `nopreempt` counts only where the initial state is not MASTER (2.2.7 clears it). */
export const preempts = (node: NodeView, vip?: string): { value: boolean; known: boolean } => {
  const instance = instanceFor(node.configuration.value?.instances, vip);
  if (!instance) return { value: true, known: false };
  return { value: !instance.nopreempt || instance.state === 'MASTER', known: true };
};

/** Interval of the check script in ms; `value` 0: the configuration is known and has none. */
export const checkEvery = (node: NodeView): Figure => {
  const configuration = node.configuration.value;
  if (!configuration || configuration.instances.length === 0)
    return { value: TUTORIAL.checkSeconds * 1000, known: false };
  return { value: (configuration.checkInterval ?? 0) * 1000, known: true };
};

/** Whether something on the node starts nginx again: the check script of a keepalived that runs. Null: not known. */
export const isGuarded = (state: State, node: NodeView): boolean | null => {
  if (isStopped(state, node, 'keepalived')) return false;
  const every = checkEvery(node);
  if (every.known && every.value === 0) return false;
  return every.known && isRunning(state, node, 'keepalived') ? true : null;
};

/** What a node holds: `yes` and `no` freshly proven, `unknown` not. */
export type Held = { yes: string[]; unknown: string[] };

/** Which VIPs are freshly proven on a node, and of which it is not known. */
export const heldBy = (state: State, name: string): Held => ({
  yes: vipsOf(state)
    .filter((vip) => holdersOf(state, vip).includes(name))
    .map((vip) => vip.address),
  unknown: vipsOf(state)
    .filter((vip) => unknownOn(state, vip).includes(name))
    .map((vip) => vip.address),
});

/** Load balancers other than `name` that are freshly proven to hold a VIP. */
export const otherHolders = (state: State, name: string, vip: string): NodeView[] => {
  const view = state.vips[vip];
  const holders = view ? holdersOf(state, view) : [];
  return balancers(state).filter((node) => node.name !== name && holders.includes(node.name));
};

/** A load balancer beside the one that is acted on. */
export type Peer = { node: NodeView; readiness: Readiness };

/** The other load balancers, those proven ready first, by priority. */
export const peersOf = (state: State, name: string): Peer[] => {
  const rank = ({ readiness: { ready } }: Peer) => (ready === true ? 0 : ready === null ? 1 : 2);
  return balancers(state)
    .filter((node) => node.name !== name)
    .map((node) => ({ node, readiness: readiness(state, node) }))
    .sort((a, b) => rank(a) - rank(b) || priorityFor(state, b.node).value - priorityFor(state, a.node).value);
};

/** Milliseconds without a holder when a master says goodbye (priority 0): the skew of its heir. */
export const goodbyeMs = (state: State, heir: NodeView): number => skewMs(priorityFor(state, heir).value);

/** Milliseconds until a node takes over that hears no master: 3 adverts and its skew. */
export const takeoverMs = (state: State, node: NodeView): number =>
  masterDownMs(advertSecondsOf(state), priorityFor(state, node).value);

/** Whether a node that starts keepalived takes a VIP from the one that holds it (RFC 9568 6.4.2: only a higher priority preempts). */
export const takesBack = (state: State, node: NodeView, from: NodeView, vip: string): boolean =>
  preempts(node, vip).value && priorityFor(state, node, vip).value > priorityFor(state, from, vip).value;

/** Whether the last look at a node is young enough that something may be claimed from it. */
export const isSeen = (state: State, node: NodeView): boolean =>
  claim(node.addresses, state.now.mono, state.topology.interval) !== undefined;

/** Whether a node answers: `ok` after one bad answer too: two in a row are needed to be bad, and the risk must not flap with one lost answer. */
export const answerState = (state: State, node: NodeView): 'ok' | 'bad' | 'unknown' => {
  const now = probeState(state, node.probe);
  return now === 'suspect' ? 'ok' : now;
};

/** `0.6 s`, `4.7 s`, `12 s` */
export const seconds = (ms: number): string => {
  const value = Math.max(0, ms) / 1000;
  return `${value < 10 ? value.toFixed(1).replace(/\.0$/, '') : Math.round(value)} s`;
};

/** `90 s`, `5 min` */
export const span = (wholeSeconds: number): string =>
  wholeSeconds >= 60 && wholeSeconds % 60 === 0 ? `${wholeSeconds / 60} min` : `${wholeSeconds} s`;
