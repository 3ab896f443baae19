import { claim } from './aged.ts';
import { configurationDifferences } from './drift.ts';
import { finding, vipsOf } from './finding.ts';
import { holdersOf, overlapMs, SPLIT_AFTER, unknownOn } from './holding.ts';
import { balancers, instancesOf, priorityOf, probeState, unitOf, webNodes } from './select.ts';
import type { Finding, NodeView, State } from './state.ts';
import { vipNames } from './vip-names.ts';

const TEN_MINUTES = 600_000;

/** What works, but not as it should. */
export const degraded = (state: State): Finding[] => {
  const found: string[] = [];
  const past: string[] = [];
  const nodes = balancers(state);
  const vips = vipsOf(state);
  const holders = [...new Set(vips.flatMap((vip) => holdersOf(state, vip)))];
  const rank = (node: NodeView) => priorityOf(state, node).base ?? 0;
  const ranked = nodes.every((node) => rank(node) > 0);
  const best = [...nodes].sort((a, b) => rank(b) - rank(a))[0];
  if (best && holders.length === 1 && holders[0] !== best.name && ranked)
    found.push(`held by ${holders[0]}, though ${best.name} has the higher priority`);
  const between = vips.filter((vip) => holdersOf(state, vip).length > 1 && overlapMs(state, vip) <= SPLIT_AFTER);
  if (between.length > 0)
    found.push(
      `${vipNames(between.map((vip) => vip.address))} on ${holders.join(' and ')} right now: a handover, or more`,
    );
  if (holders.length > 1 && vips.every((vip) => holdersOf(state, vip).length === 1))
    found.push(`the VIPs are spread over ${holders.join(' and ')}`);
  for (const node of nodes) {
    const unit = unitOf(state, node, 'keepalived');
    if (holders.length === 1 && holders[0] === node.name && unit && unit.active !== 'active')
      found.push(`${node.name} holds the VIPs, though keepalived there is ${unit.active}`);
    for (const instance of instancesOf(state, node) ?? [])
      if (instance.effectivePriority !== instance.basePriority && instance.basePriority !== 255)
        found.push(`priority of ${node.name} is ${instance.effectivePriority} instead of ${instance.basePriority}`);
    const clock = claim(node.clock, state.now.mono, state.topology.interval);
    if (clock && Math.abs(clock.offset) - clock.error > 1000)
      found.push(`clock of ${node.name} is off by ${(clock.offset / 1000).toFixed(1)} s`);
    const recent = state.restarts.filter((one) => one.node === node.name && state.now.mono - one.at <= TEN_MINUTES);
    if (recent.length > 0)
      past.push(`check_nginx restarted nginx on ${node.name} ${recent.length}× in the last 10 min`);
  }
  const drift = nodes[0] ? configurationDifferences(state, nodes[0]) : [];
  found.push(...drift.filter((one) => !one.breaksTakeover).map((one) => `${nodes[0]?.name}: ${one.text}`));
  for (const vip of vips) {
    const moves = state.moves.filter(
      (move) => move.vip === vip.address && state.now.mono - move.at.mono <= TEN_MINUTES,
    );
    if (moves.length > 2) past.push(`${vip.address} moved ${moves.length}× in the last 10 min`);
  }
  found.push(...squatters(state), ...witnesses(state));
  return [
    ...found.map((reason) => finding('degraded', reason)),
    ...past.map((reason) => ({ ...finding('degraded', reason), past: true as const })),
  ];
};

/** VIPs on web nodes. Not those on `lo`: a real server that answers directly has them there by design. */
const squatters = (state: State): string[] =>
  webNodes(state).flatMap((node) => {
    const own = claim(node.addresses, state.now.mono, state.topology.interval)?.filter((one) => one.ifname !== 'lo');
    const taken = state.topology.vips.filter((vip) => own?.some((one) => one.address === vip));
    return taken.length > 0 ? [`${vipNames(taken)} is on ${node.name}, a web node: clients may go there`] : [];
  });

/** Two witnesses that disagree are a fact to be told: nobody seems to hold the VIP yet it answers, or a web node answers for it. */
const witnesses = (state: State): string[] =>
  vipsOf(state).flatMap((vip) => {
    const ok = probeState(state, vip.probe) === 'ok';
    if (
      ok &&
      vip.unheldSince &&
      state.now.mono - vip.unheldSince.mono > 2000 &&
      holdersOf(state, vip).length === 0 &&
      unknownOn(state, vip).length === 0
    )
      return [`${vip.address} answers, though no load balancer holds it: another host has it`];
    const server = vip.probe.last?.server;
    const own = balancers(state)
      .map((node) => node.probe.last?.server)
      .filter((one) => one !== undefined);
    if (
      ok &&
      server &&
      own.length > 0 &&
      own.every((one) => one !== server) &&
      webNodes(state).some((node) => node.probe.last?.server === server)
    )
      return [
        `${vip.address} is answered by ${server.slice(0, 40)} and not by the load balancers’ nginx: a web node may hold it`,
      ];
    return [];
  });
