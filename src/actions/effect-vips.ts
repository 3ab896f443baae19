import { balancers, probeState } from '../cluster/select.ts';
import type { NodeView, State } from '../cluster/state.ts';
import { vipNames } from '../cluster/vip-names.ts';
import { type Place, placesAfterStart } from './destinations.ts';
import { after, type Check, lookedAtAfter, notSeen, whyUnseen } from './effect-check.ts';
import { vipsAnswer } from './effect-service.ts';
import { heldBy, otherHolders, peersOf, takeoverMs } from './outlook.ts';

/** Which VIPs stand on a node by a look since; undefined when there was none. */
const vipsOn = (state: State, name: string, since: number): string[] | undefined => {
  const own = after(state.nodes[name]?.addresses, since);
  return own && state.topology.vips.filter((vip) => own.some((one) => one.address === vip));
};

/** No VIP is left on the node. */
export const areGone = (state: State, name: string, vips: string[], since: number): Check => {
  const awaited = `${vipNames(vips)} to leave ${name}`;
  const on = vipsOn(state, name, since);
  if (!on) return notSeen(`the addresses of ${name}`, awaited, whyUnseen(state.nodes[name], since));
  const left = on.filter((vip) => vips.includes(vip));
  return left.length > 0
    ? { met: false, seen: `${vipNames(left)} still on ${name}`, awaited }
    : { met: true, seen: `no VIP on ${name}`, awaited };
};

/** Each VIP stands on another load balancer. One that cannot be looked at leaves it open. */
const areElsewhere = (state: State, name: string, vips: string[], since: number): Check => {
  const others = balancers(state).filter((node) => node.name !== name);
  const awaited = `${vipNames(vips)} on another load balancer`;
  const on = others.map((node) => ({ node, vips: vipsOn(state, node.name, since) }));
  const missing = vips.filter((vip) => !on.some((one) => one.vips?.includes(vip)));
  const holders = on.filter((one) => one.vips?.some((vip) => vips.includes(vip))).map((one) => one.node.name);
  if (missing.length === 0) return { met: true, seen: `${vipNames(vips)} on ${holders.join(' and ')}`, awaited };
  const unseen = on.find((one) => one.vips === undefined)?.node;
  if (unseen) return notSeen(`the addresses of ${unseen.name}`, awaited, whyUnseen(unseen, since));
  return { met: false, seen: `nobody holds ${vipNames(missing)}`, awaited };
};

/** After keepalived of a node was stopped: its VIPs are gone from it and, where somebody was ready, held and answered there. */
export const afterStop = (before: State, state: State, name: string, since: number): Check[] => {
  const gone = areGone(state, name, state.topology.vips, since);
  const had = heldBy(before, name).yes;
  const shared = had.filter((vip) => otherHolders(before, name, vip).length > 0);
  const heir = peersOf(before, name).some((peer) => peer.readiness.ready === true);
  const move = heir ? had : shared;
  if (move.length === 0) return [gone];
  const served = move.filter((vip) => {
    const probe = before.vips[vip]?.probe;
    return probe !== undefined && probeState(before, probe) === 'ok';
  });
  const elsewhere = areElsewhere(state, name, move, since);
  const answer = vipsAnswer(state, served, since);
  // Good answers prove that somebody serves, even where the heir itself cannot be looked at.
  if (elsewhere.met === null && gone.met && served.length === move.length && answer.length === 0)
    return [gone, { met: true, seen: `${vipNames(move)} answered elsewhere`, awaited: elsewhere.awaited }];
  return [gone, elsewhere, ...answer];
};

const isHere = (state: State, name: string, vips: string[], since: number): Check => {
  const awaited = `${vipNames(vips)} on ${name}`;
  const on = vipsOn(state, name, since);
  if (!on) return notSeen(`the addresses of ${name}`, awaited, whyUnseen(state.nodes[name], since));
  const missing = vips.filter((vip) => !on.includes(vip));
  return missing.length > 0
    ? { met: false, seen: `${vipNames(missing)} not on ${name}`, awaited }
    : { met: true, seen: `${vipNames(vips)} on ${name}`, awaited };
};

/** The node stands by: keepalived says BACKUP, or the time in which it would have taken over has passed and it has not. */
const standsBy = (before: State, state: State, node: NodeView, vips: string[], since: number): Check[] => {
  const awaited = `${node.name} as BACKUP`;
  const on = vipsOn(state, node.name, since);
  if (!on) return [notSeen(`the addresses of ${node.name}`, awaited, whyUnseen(node, since))];
  const own = on.filter((vip) => vips.includes(vip));
  if (own.length > 0) return [{ met: false, seen: `${vipNames(own)} on ${node.name}`, awaited }];
  const elsewhere = areElsewhere(state, node.name, vips, since);
  const says = after(node.dump, since)?.some((one) => one.state === 'BACKUP');
  if (!says && !lookedAtAfter(node, since, takeoverMs(before, node)))
    return [{ met: false, seen: `${node.name} has not settled yet`, awaited }, elsewhere];
  return [{ met: true, seen: `${node.name} stands by`, awaited }, elsewhere];
};

/** The VIPs have settled somewhere: where is not foretold. */
const settled = (before: State, state: State, node: NodeView, vips: string[], since: number): Check => {
  const awaited = `${vipNames(vips)} to be held`;
  if (!lookedAtAfter(node, since, takeoverMs(before, node)))
    return (node.addresses.at ?? 0) > since
      ? { met: false, seen: `${node.name} has not settled yet`, awaited }
      : notSeen(`the addresses of ${node.name}`, awaited, whyUnseen(node, since));
  const here = isHere(state, node.name, vips, since);
  return here.met ? here : { ...areElsewhere(state, node.name, vips, since), awaited };
};

/** After keepalived of a node has started: each VIP is where priorities and preemption want it, and answers. */
export const afterStart = (before: State, state: State, name: string, since: number): Check[] => {
  const [node, old] = [state.nodes[name], before.nodes[name]];
  if (!node || !old || state.topology.vips.length === 0) return [];
  const places = placesAfterStart(before, old);
  const at = (place: Place) => state.topology.vips.filter((vip) => (places[vip] ?? 'either') === place);
  const [here, there, either] = [at('here'), at('there'), at('either')];
  const fault = after(node.dump, since)?.some((one) => one.state === 'FAULT');
  return [
    ...(fault
      ? [{ met: false, seen: `keepalived on ${name} is in FAULT`, awaited: 'VRRP state MASTER or BACKUP' }]
      : []),
    ...(here.length > 0 ? [isHere(state, name, here, since)] : []),
    ...(there.length > 0 ? standsBy(before, state, node, there, since) : []),
    ...(either.length > 0 ? [settled(before, state, node, either, since)] : []),
    ...vipsAnswer(state, state.topology.vips, since),
  ];
};

/** After a reload of keepalived: each VIP the node held is still held, here or elsewhere (a changed priority may move it). */
export const afterReload = (before: State, state: State, name: string, since: number): Check[] => {
  const had = heldBy(before, name).yes;
  if (had.length === 0) return [];
  const here = isHere(state, name, had, since);
  return [here.met === false ? areElsewhere(state, name, had, since) : here];
};
