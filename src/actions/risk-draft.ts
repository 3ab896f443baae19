import type { RiskLine } from '../cluster/action.ts';
import { holdersOf, unknownOn } from '../cluster/holding.ts';
import { readiness } from '../cluster/readiness.ts';
import { processesOf, unitOf } from '../cluster/select.ts';
import type { NodeView, State } from '../cluster/state.ts';
import { vipNames } from '../cluster/vip-names.ts';
import { heldBy, isSeen, type Peer, peersOf } from './outlook.ts';

/**
 * The risk of an action before what is not known and `protected` are added. `unsure`: what of the state it needs is not known now.
 * `worse`: one of those things is known, and bad; it counts like one that is not known, so that knowing less never asks for less.
 */
export type Draft = { lines: RiskLine[]; step: 1 | 2 | 3; takesLast: boolean; unsure: string[]; worse?: boolean };

/** A line of each severity. */
export const info = (text: string): RiskLine => ({ severity: 'info', text });
export const warn = (text: string): RiskLine => ({ severity: 'warn', text });
export const bad = (text: string): RiskLine => ({ severity: 'bad', text });

/** `172.16.249.80 .90 move` / `172.16.249.80 moves` */
export const vipsDo = (vips: string[], one: string, many: string): string =>
  `${vipNames(vips)} ${vips.length === 1 ? one : many}`;

/**
 * Whether nothing that is proven ready would be left without this node. A node that is proven neither ready nor to hold a VIP is
 * not the last of anything; what is not known counts as the worst.
 */
export const isLast = (state: State, node: NodeView, peers: Peer[]): boolean => {
  if (peers.some((peer) => peer.readiness.ready === true)) return false;
  const held = heldBy(state, node.name);
  return readiness(state, node).ready !== false || held.yes.length > 0 || held.unknown.length > 0;
};

/** That this is the last one, and why the others cannot take over, one line each. */
export const lastLines = (state: State, node: NodeView, peers: Peer[]): RiskLine[] => [
  bad(`${node.name} ${readiness(state, node).ready ? 'is' : 'may be'} the last load balancer that is ready.`),
  ...(peers.length === 0 ? [bad('No other load balancer is known.')] : []),
  ...peers.map((peer) =>
    bad(
      `${peer.node.name} ${peer.readiness.ready === null ? 'may not be ready' : 'is not ready'}: ${peer.readiness.why.join(', ')}.`,
    ),
  ),
];

const silent = (state: State, node: NodeView): string => {
  const failure = node.addresses.failure ?? node.link.failure;
  return `${node.name} cannot be looked at${failure && !isSeen(state, node) ? ` (${failure.found})` : ''}`;
};

/** What of one node's own state is not known now. */
export const unsureOfNode = (state: State, node: NodeView): string[] => {
  if (!isSeen(state, node)) return [silent(state, node)];
  return (node.role === 'lb' ? (['nginx', 'keepalived'] as const) : (['web'] as const))
    .filter((service) => !unitOf(state, node, service) || !processesOf(state, node, service))
    .map((service) => `whether ${service === 'web' ? 'the web server' : service} runs on ${node.name}`);
};

/** What is not known now of that which decides where the VIPs go. */
export const unsureOfBalancers = (state: State, node: NodeView): string[] => {
  const peers = peersOf(state, node.name).flatMap((peer) => {
    if (!isSeen(state, peer.node)) return [silent(state, peer.node)];
    return peer.readiness.ready === null
      ? [`whether ${peer.node.name} is ready (${peer.readiness.why.join(', ')})`]
      : [];
  });
  const vips = Object.values(state.vips).filter(
    (vip) => holdersOf(state, vip).length === 0 && unknownOn(state, vip).length > 0,
  );
  return [
    ...unsureOfNode(state, node),
    ...peers,
    ...(vips.length > 0 ? [`who holds ${vipNames(vips.map((vip) => vip.address))}`] : []),
  ];
};
