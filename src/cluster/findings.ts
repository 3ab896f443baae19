import { claim } from './aged.ts';
import { configurationDifferences } from './drift.ts';
import { holdersOf, overlapMs, SPLIT_AFTER, unknownOn } from './holding.ts';
import { readiness } from './readiness.ts';
import {
  advertSecondsOf,
  balancers,
  brokenHop,
  instancesOf,
  isFrozen,
  priorityOf,
  probeState,
  reachable,
  unitOf,
  webNodes,
} from './select.ts';
import type { Finding, Level, NodeView, State, VerdictCode, VipView } from './state.ts';
import { vipNames } from './vip-names.ts';
import { failoverBudgetMs } from './vrrp.ts';

/** Verdict codes in order of precedence with their levels: the first that holds is the headline. */
export const verdictOrder: readonly { code: VerdictCode; level: Level; sentence: string }[] = [
  { code: 'blind', level: 'UNKNOWN', sentence: 'too little could be looked at' },
  { code: 'all-down', level: 'CRITICAL', sentence: 'nothing answers: no VIP, no load balancer, no web node' },
  { code: 'split-brain', level: 'CRITICAL', sentence: 'a VIP is on two load balancers at once' },
  { code: 'failing-over', level: 'WARNING', sentence: 'a VIP is on its way to another load balancer' },
  { code: 'no-master', level: 'CRITICAL', sentence: 'nobody holds a VIP' },
  { code: 'vip-unserved', level: 'CRITICAL', sentence: 'a VIP gives no good answer' },
  { code: 'all-backends-down', level: 'CRITICAL', sentence: 'no web node answers' },
  { code: 'backend-down', level: 'WARNING', sentence: 'a web node does not answer' },
  { code: 'no-backup', level: 'WARNING', sentence: 'works, but the next fault is an outage' },
  { code: 'partly-blind', level: 'WARNING', sentence: 'works as far as can be seen, but not all can be seen' },
  { code: 'degraded', level: 'WARNING', sentence: 'works, but not as it should' },
  { code: 'healthy', level: 'OK', sentence: 'all VIPs held, served and backed up' },
];

const TEN_MINUTES = 600_000;
const finding = (code: VerdictCode, reason: string): Finding => ({
  code,
  level: verdictOrder.find((row) => row.code === code)?.level ?? 'UNKNOWN',
  reason,
});

const vipsOf = (state: State): VipView[] => state.topology.vips.map((address) => state.vips[address] as VipView);
const names = (nodes: NodeView[]): string => nodes.map((node) => node.name).join(', ');

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

const allBad = (state: State, nodes: NodeView[]): boolean =>
  nodes.length > 0 && nodes.every((node) => probeState(state, node.probe) === 'bad');

const allDown = (state: State): Finding[] => {
  const vips = vipsOf(state);
  const dead = vips.length > 0 && vips.every((vip) => probeState(state, vip.probe) === 'bad');
  if (!dead || !allBad(state, webNodes(state)) || !allBad(state, balancers(state))) return [];
  // Load balancers that answer with an error of their own still serve: the web nodes are what is down.
  if (balancers(state).some((node) => node.probe.last?.status !== undefined)) return [];
  return [finding('all-down', 'no VIP, no load balancer and no web node gives a good answer')];
};

const splitKind = (state: State, holders: string[]): string => {
  const nodes = holders.map((name) => state.nodes[name] as NodeView);
  const idle = nodes.filter((node) => {
    const unit = unitOf(state, node, 'keepalived');
    return unit !== undefined && unit.active !== 'active';
  });
  if (idle.length > 0) return `stale VIP on ${names(idle)}, where keepalived does not run`;
  const frozen = nodes.filter((node) => isFrozen(state, node, 'keepalived'));
  if (frozen.length > 0) return `keepalived on ${names(frozen)} is frozen and keeps its VIPs`;
  return 'both think they are MASTER: adverts do not get through';
};

const splitBrain = (state: State): Finding[] => {
  const split = vipsOf(state).filter((vip) => overlapMs(state, vip) > SPLIT_AFTER);
  const first = split[0];
  if (!first) return [];
  const holders = holdersOf(state, first);
  const text = `${vipNames(split.map((vip) => vip.address))} on ${holders.join(' and ')}: ${splitKind(state, holders)}`;
  return [finding('split-brain', text)];
};

/** How long a VIP may have no holder before that is an outage, ms: from the priorities and advert interval the nodes tell. */
export const failoverBudget = (state: State): number => {
  const priorities = balancers(state).flatMap((node) => {
    const { effective, base } = priorityOf(state, node);
    return effective ?? base ?? [];
  });
  return failoverBudgetMs(advertSecondsOf(state), priorities);
};

const unheld = (state: State): Finding[] => {
  const found: Finding[] = [];
  const budget = failoverBudget(state);
  const someoneRuns = balancers(state).some((node) => {
    const unit = unitOf(state, node, 'keepalived');
    return (unit === undefined || unit.active === 'active') && !isFrozen(state, node, 'keepalived');
  });
  const describe = (vips: VipView[], text: string) => `${vipNames(vips.map((vip) => vip.address))} ${text}`;
  const proven = vipsOf(state).filter(
    (vip) => vip.unheldSince && holdersOf(state, vip).length === 0 && unknownOn(state, vip).length === 0,
  );
  const age = (vip: VipView) => state.now.mono - (vip.unheldSince?.mono ?? state.now.mono);
  const moving = proven.filter((vip) => someoneRuns && age(vip) <= budget);
  const lost = proven.filter((vip) => !moving.includes(vip));
  if (moving.length > 0)
    found.push(
      finding(
        'failing-over',
        describe(moving, `held by nobody, another load balancer is due within ${(budget / 1000).toFixed(1)} s`),
      ),
    );
  if (lost.length > 0)
    found.push(
      finding(
        'no-master',
        describe(lost, someoneRuns ? 'held by nobody' : 'held by nobody: keepalived runs on no load balancer'),
      ),
    );
  return found;
};

/** A VIP whose holder cannot be seen and which just stopped answering is given the same budget. */
const unserved = (state: State): Finding[] => {
  const found: Finding[] = [];
  if (allBad(state, webNodes(state))) return found;
  const budget = failoverBudget(state);
  for (const vip of vipsOf(state)) {
    if (probeState(state, vip.probe) !== 'bad') continue;
    const holders = holdersOf(state, vip);
    const unknown = unknownOn(state, vip);
    if (holders.length === 0 && unknown.length === 0) continue; // said by `unheld`
    const why = vip.probe.last?.why ?? 'no good answer';
    const bad = state.now.mono - (vip.probe.since?.mono ?? state.now.mono);
    if (holders.length === 0 && unknown.length < balancers(state).length && bad <= budget)
      found.push(
        finding(
          'failing-over',
          `${vip.address} does not answer and ${unknown.join(', ')} cannot be looked at; another load balancer is due within ${(budget / 1000).toFixed(1)} s`,
        ),
      );
    else {
      const where =
        holders.length > 0
          ? `held by ${holders.join(' and ')}`
          : `holder unknown (${unknown.join(', ')} cannot be looked at)`;
      found.push(finding('vip-unserved', `${vip.address} ${where}, but ${why}${holderTrouble(state, holders)}`));
    }
  }
  return found;
};

const holderTrouble = (state: State, holders: string[]): string => {
  const node = holders.length === 1 ? state.nodes[holders[0] as string] : undefined;
  if (!node) return '';
  const nginx = unitOf(state, node, 'nginx');
  if (isFrozen(state, node, 'nginx')) return `: nginx on ${node.name} is frozen (STAT T)`;
  if (nginx && nginx.active !== 'active')
    return `: nginx on ${node.name} is ${nginx.load === 'masked' ? 'masked' : nginx.active}`;
  return '';
};

const backends = (state: State): Finding[] => {
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

const backup = (state: State): Finding[] => {
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

const partlyBlind = (state: State): Finding[] => {
  const unseen: string[] = [];
  for (const node of Object.values(state.nodes)) {
    if (node.role === 'lb' && !claim(node.addresses, state.now.mono, state.topology.interval)) {
      const failure = node.addresses.failure ?? node.link.failure;
      unseen.push(`${node.name}${failure ? ` (${failure.step}: ${failure.found})` : ''}`);
    } else if (probeState(state, node.probe) === 'unknown') {
      unseen.push(`HTTP of ${node.name}`);
    } else if (node.role === 'lb' && readiness(state, node).ready === null) {
      unseen.push(`${node.name}: ${readiness(state, node).why.join(', ')}`);
    } else if (
      node.role === 'web' &&
      reachable(state, node) !== true &&
      node.link.phase !== 'up' &&
      (node.addresses.failure || node.link.failure)
    ) {
      unseen.push(`${node.name} by SSH`);
    }
  }
  const vips = vipsOf(state).filter((vip) => probeState(state, vip.probe) === 'unknown');
  if (vips.length > 0) unseen.push(`HTTP of ${vipNames(vips.map((vip) => vip.address))}`);
  if (balancers(state).length === 0) unseen.push('who holds the VIPs (no load balancer is named)');
  return unseen.length > 0 ? [finding('partly-blind', `not seen: ${unseen.join('; ')}`)] : [];
};

const degraded = (state: State): Finding[] => {
  const found: string[] = [];
  const nodes = balancers(state);
  const vips = vipsOf(state);
  const holders = [...new Set(vips.flatMap((vip) => holdersOf(state, vip)))];
  const rank = (node: NodeView) => priorityOf(state, node).base ?? 0;
  const best = [...nodes].sort((a, b) => rank(b) - rank(a))[0];
  if (best && holders.length === 1 && holders[0] !== best.name && rank(best) > 0)
    found.push(`held by ${holders[0]}, though ${best.name} has the higher priority`);
  if (holders.length > 1 && vips.every((vip) => holdersOf(state, vip).length === 1))
    found.push(`the VIPs are spread over ${holders.join(' and ')}`);
  for (const node of nodes) {
    for (const instance of instancesOf(state, node) ?? [])
      if (instance.effectivePriority !== instance.basePriority && instance.basePriority !== 255)
        found.push(`priority of ${node.name} is ${instance.effectivePriority} instead of ${instance.basePriority}`);
    const clock = claim(node.clock, state.now.mono, state.topology.interval);
    if (clock && Math.abs(clock.offset) - clock.error > 1000)
      found.push(`clock of ${node.name} is off by ${(clock.offset / 1000).toFixed(1)} s`);
    const recent = state.restarts.filter((one) => one.node === node.name && state.now.mono - one.at <= TEN_MINUTES);
    if (recent.length > 0)
      found.push(`check_nginx restarted nginx on ${node.name} ${recent.length}× in the last 10 min`);
  }
  const drift = nodes[0] ? configurationDifferences(state, nodes[0]) : [];
  found.push(...drift.filter((one) => !one.breaksTakeover).map((one) => `${nodes[0]?.name}: ${one.text}`));
  for (const vip of vips) {
    const moves = state.moves.filter(
      (move) => move.vip === vip.address && state.now.mono - move.at.mono <= TEN_MINUTES,
    );
    if (moves.length > 2) found.push(`${vip.address} moved ${moves.length}× in the last 10 min`);
  }
  found.push(...witnesses(state));
  return found.map((reason) => finding('degraded', reason));
};

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
  return `${vips.length} VIP${vips.length === 1 ? '' : 's'} on ${holder ?? '?'}${ready.length > 0 ? `, ${ready.join(', ')} ready` : ''}`;
};
