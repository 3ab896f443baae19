import { claim } from './aged.ts';
import { allBad, finding, names, verdictOrder, vipsOf } from './finding.ts';
import { degraded } from './finding-degraded.ts';
import { splitBrain, unheld, unserved } from './finding-holders.ts';
import { backends, backup, partlyBlind } from './finding-service.ts';
import { holdersOf } from './holding.ts';
import { balancers, brokenHop, instancesOf, probeState, webNodes } from './select.ts';
import type { Finding, State, VipView } from './state.ts';

const tellHop = (state: State): string => {
  const hop = brokenHop(state);
  if (!hop) return '';
  return hop.link.failure ? `${hop.name}: ${hop.link.failure.found}` : `not connected to ${hop.name} yet`;
};

const blind = (state: State): Finding[] => {
  const seen = balancers(state).filter((node) => claim(node.addresses, state.now.mono, state.topology.interval));
  const answered = vipsOf(state).some((vip) => probeState(state, vip.probe) !== 'unknown');
  if (isSilent(state)) return [finding('blind', silence(state))];
  if (answered || (balancers(state).length > 0 && seen.length === balancers(state).length)) return [];
  const hop = tellHop(state);
  const looked =
    seen.length > 0 ? `only ${names(seen)} could be looked at` : 'no load balancer and no VIP could be looked at';
  return [finding('blind', hop ? `${looked}; ${hop}` : `${looked}${firstFailure(state)}`)];
};

const firstFailure = (state: State): string => {
  for (const node of balancers(state)) {
    const failure = node.addresses.failure ?? node.link.failure;
    if (failure) return `; ${node.name}: ${failure.found}`;
  }
  const probe = vipsOf(state)[0]?.probe.last?.failure;
  return probe ? `; ${probe.hop}: ${probe.found}` : '';
};

const allDown = (state: State): Finding[] => {
  const vips = vipsOf(state);
  const dead = vips.length > 0 && vips.every((vip) => probeState(state, vip.probe) === 'bad');
  if (!dead || !allBad(state, webNodes(state)) || !allBad(state, balancers(state))) return [];
  // Load balancers that answer with an error of their own still serve: the web nodes are what is down.
  if (balancers(state).some((node) => node.probe.last?.status !== undefined)) return [];
  return [finding('all-down', `no VIP, no load balancer and no web node gives a good answer`)];
};

/**
 * Everything was asked, and nobody so much as refused or told of himself since. Switched off or cut off: from here that is the same, and the nearest
 * thing that all of them share is the way there.
 */
const isSilent = (state: State): boolean => {
  const nodes = Object.values(state.nodes);
  const probes = [...nodes, ...vipsOf(state)].map((one) => one.probe);
  if (probes.length === 0 || probes.some((probe) => probeState(state, probe) !== 'bad')) return false;
  const answers = probes.map((probe) => probe.last);
  if (answers.some((last) => last?.status !== undefined || /refused|reset/.test(last?.failure?.found ?? '')))
    return false;
  const asked = Math.min(...answers.map((last) => (last?.at.mono ?? 0) - (last?.ms ?? state.topology.timeout)));
  return !nodes.some((node) => (node.addresses.at ?? Number.NEGATIVE_INFINITY) > asked);
};

const silence = (state: State): string => {
  const hop = state.hops.at(-1);
  return hop
    ? `nothing at all speaks behind ${hop.name}: either everything there is off, or ${hop.name} is cut off from it`
    : 'nothing at all of the cluster speaks: either everything is off, or this machine is cut off from it';
};

/** Everything that holds now, worst first; never empty. */
export const findings = (state: State): Finding[] => {
  const sight = blind(state);
  if (sight.length > 0) return sight;
  const all = [
    ...allDown(state),
    ...splitBrain(state),
    ...unheld(state),
    ...unserved(state),
    ...backends(state),
    ...backup(state),
    ...partlyBlind(state),
    ...degraded(state),
  ];
  const place = (one: Finding) => verdictOrder.findIndex((row) => row.code === one.code);
  all.sort((a, b) => place(a) - place(b));
  return all.length > 0 ? all : [finding('healthy', healthyReason(state))];
};

const healthyReason = (state: State): string => {
  const vips = vipsOf(state);
  const holder = holdersOf(state, vips[0] as VipView)[0];
  const ready = balancers(state)
    .filter((node) => node.name !== holder)
    .map((node) => node.name);
  const unread = balancers(state).filter((node) => node.dump.failure && !instancesOf(state, node));
  const caveat = unread.length > 0 ? ` (VRRP state of ${names(unread)} cannot be read)` : '';
  return `${vips.length} VIP${vips.length === 1 ? '' : 's'} on ${holder ?? '?'}${ready.length > 0 ? `, ${ready.join(', ')} ready` : ''}${caveat}`;
};
