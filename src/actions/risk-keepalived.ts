import type { RiskLine } from '../cluster/action.ts';
import { configurationDifferences } from '../cluster/drift.ts';
import { readiness } from '../cluster/readiness.ts';
import { isFrozen, unitOf } from '../cluster/select.ts';
import type { NodeView, State } from '../cluster/state.ts';
import { destinations } from './destinations.ts';
import { isRunning, isStopped } from './disabled.ts';
import {
  answerState,
  goodbyeMs,
  heldBy,
  isSeen,
  otherHolders,
  peersOf,
  preempts,
  priorityFor,
  RESTART_MS,
  seconds,
  takeoverMs,
  takesBack,
} from './outlook.ts';
import { bad, type Draft, info, isLast, lastLines, unsureOfBalancers, vipsDo, warn } from './risk-draft.ts';

const assumed = (state: State, nodes: (NodeView | undefined)[]): RiskLine[] =>
  nodes
    .filter((node): node is NodeView => node !== undefined && !priorityFor(state, node).known)
    .map((node) => info(`The priority of ${node.name} is not known: ${priorityFor(state, node).value} is assumed.`));

/** What the node holds alone, and what another holds too. */
const shares = (state: State, node: NodeView) => {
  const held = heldBy(state, node.name);
  const shared = held.yes.filter((vip) => otherHolders(state, node.name, vip).length > 0);
  return { alone: held.yes.filter((vip) => !shared.includes(vip)), shared, unknown: held.unknown };
};

const sharedLine = (state: State, node: NodeView, shared: string[]): RiskLine[] => {
  if (shared.length === 0) return [];
  const others = otherHolders(state, node.name, shared[0] as string).map((one) => one.name);
  return [info(`${vipsDo(shared, 'stays', 'stay')} on ${others.join(' and ')} too.`)];
};

/** Stopping keepalived, with or without nginx after it: the VIPs go to the heir, or to nobody. */
export const stopKeepalived = (state: State, node: NodeView): Draft => {
  const peers = peersOf(state, node.name);
  const ready = peers.filter((peer) => peer.readiness.ready === true);
  const heir = ready[0]?.node;
  const { alone, shared, unknown } = shares(state, node);
  const last = isLast(state, node, peers);
  const lines: RiskLine[] = [];
  if (alone.length > 0 && heir) {
    lines.push(warn(`${vipsDo(alone, 'moves', 'move')} to ${heir.name} in about ${seconds(goodbyeMs(state, heir))}.`));
    lines.push(warn('Requests fail for that time; long downloads and open connections are cut.'));
  } else if (alone.length > 0) {
    lines.push(bad(`Nobody will hold ${vipsDo(alone, '', '').trim()}: all requests fail until keepalived runs again.`));
  }
  lines.push(...sharedLine(state, node, shared));
  if (alone.length + shared.length + unknown.length === 0)
    lines.push(info(`${node.name} holds no VIP: nothing moves.`));
  if (last) lines.push(...lastLines(state, node, peers));
  const lessReady = readiness(state, node).ready !== false && ready.length < 2;
  if (!last && lessReady) lines.push(warn('Afterwards nobody stands by: the next fault is an outage.'));
  if (isFrozen(state, node, 'keepalived'))
    lines.push(warn('keepalived here is frozen. If the stop has to kill it, the VIPs stay here as stale ones.'));
  if (alone.length > 0) lines.push(...assumed(state, [heir]));
  const affects = alone.length + shared.length + unknown.length > 0 || lessReady;
  return { lines, step: last ? 3 : affects ? 2 : 1, takesLast: last, unsure: unsureOfBalancers(state, node) };
};

/** Whether nginx on a node would serve clients that come to it. */
const serving = (state: State, node: NodeView): { is: 'yes' | 'stopped' | 'no' | 'unknown'; why: string } => {
  if (unitOf(state, node, 'nginx')?.load === 'masked') return { is: 'no', why: 'nginx there is masked' };
  if (isFrozen(state, node, 'nginx')) return { is: 'no', why: 'nginx there is frozen' };
  const running = isRunning(state, node, 'nginx');
  if (running === false) return { is: 'stopped', why: 'nginx does not run there' };
  const probe = answerState(state, node);
  if (running === undefined || probe === 'unknown')
    return { is: 'unknown', why: `whether nginx on ${node.name} answers` };
  // An error page is an answer: then nginx serves, and what is behind it is wrong.
  return probe === 'bad' && node.probe.last?.status === undefined
    ? { is: 'no', why: 'nginx there does not answer' }
    : { is: 'yes', why: '' };
};

const holdersText = (state: State, node: NodeView, vips: string[]): string =>
  [...new Set(vips.flatMap((vip) => otherHolders(state, node.name, vip).map((one) => one.name)))].join(' and ');

/** Starting keepalived: who holds the VIPs afterwards is a matter of priorities. `nginxToo`: nginx is started before it. */
export const startKeepalived = (state: State, node: NodeView, nginxToo = false): Draft => {
  const { free, come, stay, stale, unknown } = destinations(state, node);
  const after = seconds(takeoverMs(state, node));
  const lines: RiskLine[] = [];
  if (free.length > 0)
    lines.push(info(`${vipsDo(free, 'comes', 'come')} up on ${node.name} about ${after} after the start.`));
  if (come.length > 0) {
    const from = holdersText(state, node, come);
    lines.push(
      warn(`${vipsDo(come, 'comes', 'come')} back from ${from} to ${node.name} about ${after} after the start.`),
    );
    lines.push(warn('Short requests lose nothing; long downloads and open connections are cut.'));
  }
  if (stale.length > 0)
    lines.push(
      warn(
        `${vipsDo(stale, 'comes', 'come')} up here after about ${after}, and ${stale.length === 1 ? 'stays' : 'stay'} on ${holdersText(state, node, stale)} as stale: remove it there.`,
      ),
    );
  if (stay.length > 0) {
    const other = otherHolders(state, node.name, stay[0] as string)[0] as NodeView;
    const [ours, theirs] = [priorityFor(state, node, stay[0]).value, priorityFor(state, other, stay[0]).value];
    const why =
      ours > theirs
        ? 'nopreempt'
        : ours === theirs
          ? `equal priority ${ours}`
          : `priority ${ours} here, ${theirs} there`;
    lines.push(info(`${vipsDo(stay, 'stays', 'stay')} on ${holdersText(state, node, stay)} (${why}).`));
  }
  const nginx = serving(state, node);
  const arrives = come.length + free.length + stale.length + unknown.length > 0;
  if (nginx.is === 'no' && arrives) lines.push(bad(`The VIPs would come to a node that does not serve: ${nginx.why}.`));
  if (nginx.is === 'stopped' && arrives && !nginxToo)
    lines.push(warn('nginx does not run here. check_nginx may start it; "back in service" starts it first.'));
  const split = configurationDifferences(state, node).filter((one) => one.breaksTakeover);
  for (const one of split) lines.push(bad(`Both may hold the VIPs afterwards: ${one.text}.`));
  if (come.length + stay.length > 0) {
    const others = [...come, ...stay].flatMap((vip) => otherHolders(state, node.name, vip));
    lines.push(...assumed(state, [...new Set([node, ...others])]));
    if (!preempts(node).known) lines.push(info('Whether nopreempt is set is not known: preemption is assumed.'));
  }
  const taken = come.length + stale.length + unknown.length > 0;
  const unseen = unsureOfBalancers(state, node);
  // A VIP may come from a load balancer that is not seen now, to where nothing serves or where nothing is known of it.
  const mayBeLost = unseen.length > 0 && (nginx.is === 'no' || !isSeen(state, node));
  return {
    lines,
    step: split.length > 0 ? 3 : taken || mayBeLost ? 2 : 1,
    takesLast: false,
    unsure: [...unseen, ...(taken && isSeen(state, node) && nginx.is === 'unknown' ? [nginx.why] : [])],
    ...(taken && nginx.is === 'no' ? { worse: true } : {}),
  };
};

/** Restarting keepalived: a stop and a start, so two moves, or none at all for `masterDown` when there is no heir. */
export const restartKeepalived = (state: State, node: NodeView): Draft => {
  if (isStopped(state, node, 'keepalived')) return startKeepalived(state, node);
  const peers = peersOf(state, node.name);
  const heir = peers.find((peer) => peer.readiness.ready === true)?.node;
  const { alone, shared, unknown } = shares(state, node);
  const last = isLast(state, node, peers);
  const whole = seconds(RESTART_MS + takeoverMs(state, node));
  const lines: RiskLine[] = [];
  if (alone.length > 0 && heir) {
    const back = alone.filter((vip) => takesBack(state, node, heir, vip));
    lines.push(warn(`${vipsDo(alone, 'moves', 'move')} to ${heir.name} in about ${seconds(goodbyeMs(state, heir))}.`));
    lines.push(
      back.length > 0
        ? warn(`${vipsDo(back, 'comes', 'come')} back to ${node.name} after about ${whole}: two moves.`)
        : info(`The VIPs then stay on ${heir.name}.`),
      warn('Requests fail during the first move; long downloads are cut at each.'),
    );
    lines.push(...assumed(state, [node, heir]));
    if (!preempts(node).known) lines.push(info('Whether nopreempt is set is not known: preemption is assumed.'));
  } else if (alone.length > 0) {
    lines.push(
      bad(`Nobody holds ${vipsDo(alone, '', '').trim()} for about ${whole}: all requests fail for that time.`),
    );
    lines.push(...assumed(state, [node]));
  }
  lines.push(...sharedLine(state, node, shared));
  const come = alone.length > 0 ? [] : destinations(state, node).come;
  if (come.length > 0)
    lines.push(warn(`${vipsDo(come, 'comes', 'come')} to ${node.name} after about ${whole}: its priority is higher.`));
  else if (alone.length + shared.length + unknown.length === 0)
    lines.push(info(`${node.name} holds no VIP: nothing moves. It cannot take over for about ${whole}.`));
  if (last) lines.push(...lastLines(state, node, peers));
  lines.push(warn('A broken keepalived.conf would keep it down.'));
  const affects = alone.length + shared.length + unknown.length + come.length > 0;
  return { lines, step: last ? 3 : affects ? 2 : 1, takesLast: last, unsure: unsureOfBalancers(state, node) };
};

/** Reloading keepalived: harmless when the file is good, and when it is not keepalived ends and leaves its VIPs behind. */
export const reloadKeepalived = (state: State, node: NodeView): Draft => ({
  lines: [
    info('What has changed in keepalived.conf takes effect at once. A lower priority moves the VIPs without a gap.'),
    warn(
      heldBy(state, node.name).yes.length > 0
        ? 'A broken file ends keepalived and leaves its VIPs behind: two holders. The file is read before.'
        : 'A broken file ends keepalived: nobody would stand by. The file is read before.',
    ),
  ],
  step: 2,
  takesLast: false,
  unsure: unsureOfBalancers(state, node),
});
