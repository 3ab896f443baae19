import { allBad, finding, names, vipsOf } from './finding.ts';
import { holdersOf, overlapMs, SPLIT_AFTER, unknownOn } from './holding.ts';
import {
  advertSecondsOf,
  balancers,
  isFrozen,
  passedOnFrom,
  priorityOf,
  probeState,
  unitOf,
  webNodes,
} from './select.ts';
import type { Finding, NodeView, State, VipView } from './state.ts';
import { vipNames } from './vip-names.ts';
import { failoverBudgetMs } from './vrrp.ts';

/** Answers in which a good one must be for a VIP to count as served in part. */
const MIXED_OVER = 6;

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

/** A VIP proven on two load balancers for more than a second. */
export const splitBrain = (state: State): Finding[] => {
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

/** VIPs proven on no load balancer: on their way while the budget lasts and somebody could take them, else lost. */
export const unheld = (state: State): Finding[] => {
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

/** How many of the newest answers, bad ones, were asked for after a time: older ones say nothing of the present holder. */
const askedSince = (vip: VipView, since: number): number =>
  vip.probe.history.slice(-3).filter((answer) => answer.ok === false && answer.at.mono - (answer.ms ?? 0) >= since)
    .length;

/** Good answers between bad ones that a bad web node itself gives: the web node is what is wrong, and `backend-down` says so. */
const isMixed = (state: State, vip: VipView): boolean =>
  passedOnFrom(state, vip.probe).length > 0 && vip.probe.history.slice(-MIXED_OVER).some((answer) => answer.ok);

/** A VIP whose holder cannot be seen and which just stopped answering is given the same budget. */
export const unserved = (state: State): Finding[] => {
  const found: Finding[] = [];
  if (allBad(state, webNodes(state))) return found;
  const budget = failoverBudget(state);
  for (const vip of vipsOf(state)) {
    if (probeState(state, vip.probe) !== 'bad' || isMixed(state, vip)) continue;
    // A holder that did not answer its last look may be gone, however young the proof that it held the VIP.
    const silent = (name: string) => state.nodes[name]?.addresses.failure !== undefined;
    const unknown = [...new Set([...unknownOn(state, vip), ...holdersOf(state, vip).filter(silent)])];
    const holders = holdersOf(state, vip).filter((name) => !silent(name));
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
    else if (holders.length === 1 && vip.lastMove && askedSince(vip, vip.lastMove.at.mono) < 2)
      found.push(finding('failing-over', `${vip.address} has just come to ${holders[0]}; no answer from there yet`));
    else {
      const where =
        holders.length > 0
          ? `held by ${holders.join(' and ')}`
          : `holder unknown (${unknown.join(', ')} cannot be looked at)`;
      found.push(
        finding(
          'vip-unserved',
          `${vip.address} ${where}, but ${why}${holderTrouble(state, holders) || webTrouble(state, vip)}`,
        ),
      );
    }
  }
  return found;
};

const webTrouble = (state: State, vip: VipView): string => {
  const culprits = passedOnFrom(state, vip.probe);
  return culprits.length > 0 ? `, as ${names(culprits)} itself answers` : '';
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
