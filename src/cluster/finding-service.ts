import { claim } from './aged.ts';
import { finding, vipsOf } from './finding.ts';
import { holdersOf, unknownOn } from './holding.ts';
import { readiness } from './readiness.ts';
import { balancers, probeState, webNodes } from './select.ts';
import type { Finding, NodeView, State } from './state.ts';
import { vipNames } from './vip-names.ts';

/** Web nodes whose direct probe is bad. */
export const backends = (state: State): Finding[] => {
  const webs = webNodes(state);
  const bad = webs.filter((node) => probeState(state, node.probe) === 'bad');
  if (bad.length === 0) return [];
  const tell = (node: NodeView) => `${node.name} ${node.probe.last?.why ?? 'gives no good answer'}`;
  if (bad.length === webs.length) return [finding('all-backends-down', bad.map(tell).join('; '))];
  const patience = bad.some((node) => node.probe.last?.failure?.step === 'timeout')
    ? ' (it hangs or is gone: impatient clients lose every other request)'
    : '';
  return [finding('backend-down', `${bad.map(tell).join('; ')}${patience}`)];
};

/** One holder, and no other load balancer that could take over. */
export const backup = (state: State): Finding[] => {
  const nodes = balancers(state);
  const holders = new Set(vipsOf(state).flatMap((vip) => holdersOf(state, vip)));
  if (nodes.length === 0 || holders.size !== 1) return [];
  const holder = [...holders][0] as string;
  const peers = nodes.filter((node) => node.name !== holder);
  if (peers.length === 0) return nodes.length === 1 ? [] : [];
  const judged = peers.map((node) => ({ node, readiness: readiness(state, node) }));
  if (judged.some((one) => one.readiness.ready !== false)) return [];
  return [
    finding(
      'no-backup',
      judged.map((one) => `${one.node.name} is not ready: ${one.readiness.why.join(', ')}`).join('; '),
    ),
  ];
};

/** What could not be looked at, while enough is seen to judge the rest. */
export const partlyBlind = (state: State): Finding[] => {
  const unseen: string[] = [];
  for (const node of Object.values(state.nodes)) {
    if (node.role === 'lb' && !claim(node.addresses, state.now.mono, state.topology.interval)) {
      const failure = node.addresses.failure ?? node.link.failure;
      unseen.push(`${node.name}${failure ? ` (${failure.step}: ${failure.found})` : ''}`);
    } else if (probeState(state, node.probe) === 'unknown') {
      unseen.push(`HTTP of ${node.name}`);
    } else if (node.role === 'lb' && readiness(state, node).ready === null) {
      unseen.push(`${node.name}: ${readiness(state, node).why.join(', ')}`);
    }
  }
  const vips = vipsOf(state).filter((vip) => probeState(state, vip.probe) === 'unknown');
  if (vips.length > 0) unseen.push(`HTTP of ${vipNames(vips.map((vip) => vip.address))}`);
  const unproven = vipsOf(state).filter(
    (vip) => holdersOf(state, vip).length === 0 && unknownOn(state, vip).length > 0,
  );
  if (balancers(state).length === 0) unseen.push('who holds the VIPs (no load balancer is named)');
  else if (unseen.length === 0 && unproven.length > 0)
    unseen.push(`who holds ${vipNames(unproven.map((vip) => vip.address))}`);
  return unseen.length > 0 ? [finding('partly-blind', `not seen: ${unseen.join('; ')}`)] : [];
};
