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
  return [finding('all-down', `no VIP, no load balancer and no web node gives a good answer${orCutOff(state)}`)];
};

/** Nobody even refuses: then it may be the last jump host that a switch has cut off from them, which cannot be told apart. */
const orCutOff = (state: State): string => {
  const hop = state.hops.at(-1);
  const probes = [...Object.values(state.nodes), ...vipsOf(state)].map((one) => one.probe.last);
  const spoke = probes.some((last) => last?.status !== undefined || /refused|reset/.test(last?.failure?.found ?? ''));
  return hop && !spoke ? `; nothing at all speaks behind ${hop.name}, so its own network may be what is cut` : '';
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
