import type { Action } from '../cluster/action.ts';
import { claim } from '../cluster/aged.ts';
import { vipsOf } from '../cluster/finding.ts';
import { holdersOf, unknownOn } from '../cluster/holding.ts';
import { readiness } from '../cluster/readiness.ts';
import { balancers, isFrozen, processesOf, unitOf, webNodes } from '../cluster/select.ts';
import type { NodeView, State } from '../cluster/state.ts';
import { type ServiceName, servicesOf } from '../cluster/topology.ts';
import { answerState, checkEvery, isSeen, preempts, priorityFor } from './outlook.ts';

const serviceText = (state: State, node: NodeView, service: ServiceName): string => {
  const unit = unitOf(state, node, service);
  const processes = processesOf(state, node, service);
  const run = isFrozen(state, node, service) ? 'frozen' : processes === undefined ? '?' : processes.length > 0;
  return `${service}=${unit ? `${unit.load}/${unit.active}` : '?'}/${run}`;
};

const runText = (state: State, node: NodeView): string =>
  [
    node.name,
    isSeen(state, node) ? 'seen' : 'unseen',
    ...servicesOf(node.role).map((service) => serviceText(state, node, service)),
  ].join(' ');

const nodeText = (state: State, node: NodeView): string =>
  [
    runText(state, node),
    `http=${answerState(state, node)}`,
    ...(node.role === 'web'
      ? []
      : [
          `ready=${readiness(state, node).ready}`,
          `priority=${priorityFor(state, node).value}`,
          `preempt=${preempts(node).value}`,
          `check=${checkEvery(node).value}`,
        ]),
  ].join(' ');

/**
 * The facts that a risk rests on, as text: who holds what, what runs, who is ready, what could be looked at. No times, no latencies:
 * it stays the same while nothing that matters changes.
 */
export const basisOf = (state: State, action: Action): string => {
  const node = state.nodes[action.node];
  if (!node) return 'no such node';
  const timer = claim(node.restore, state.now.mono, state.topology.interval);
  // A timer is armed where something was just stopped: what follows from that (answers, priorities) comes in for seconds.
  if (action.kind === 'cancel-restore')
    return `${runText(state, node)}; ${timer ? `${timer.by}: ${timer.units.join(' ')}` : String(timer)}`;
  const own = action.kind === 'service' && action.service !== 'keepalived' && ['start', 'reload'].includes(action.verb);
  const place = claim(node.addresses, state.now.mono, state.topology.interval);
  const nodes = own ? [node] : node.role === 'lb' ? balancers(state) : webNodes(state);
  return [
    ...nodes.map((one) => nodeText(state, one)),
    ...(node.role === 'lb' && !own
      ? vipsOf(state).map(
          (vip) => `${vip.address} on=${holdersOf(state, vip).join('+')} unknown=${unknownOn(state, vip).join('+')}`,
        )
      : []),
    ...(action.kind === 'remove-vip'
      ? (place ?? [])
          .filter((one) => one.address === action.vip)
          .map((one) => `${one.address}/${one.prefix} ${one.ifname}`)
      : []),
  ].join('; ');
};
