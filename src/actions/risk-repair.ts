import type { Action, RiskLine } from '../cluster/action.ts';
import { claim } from '../cluster/aged.ts';
import type { NodeView, State } from '../cluster/state.ts';
import { vipNames } from '../cluster/vip-names.ts';
import { isRunning, isStopped, staleVips } from './disabled.ts';
import { otherHolders, peersOf, span } from './outlook.ts';
import {
  bad,
  type Draft,
  info,
  isLast,
  lastLines,
  unsureOfBalancers,
  unsureOfNode,
  vipsDo,
  warn,
} from './risk-draft.ts';

/** Taking a stale VIP off a node: harmless when another holds it, else it is gone for everybody. */
export const removeVip = (state: State, node: NodeView, vip: string): Draft => {
  const others = otherHolders(state, node.name, vip);
  const lines: RiskLine[] =
    others.length > 0
      ? [
          info(`${others.map((one) => one.name).join(' and ')} holds ${vip} too and serves it from now on alone.`),
          warn(
            `Clients that still come to ${node.name} lose it until their ARP entry has aged (seconds, at worst a minute).`,
          ),
        ]
      : [
          bad(`Nobody else is proven to hold ${vip}: it would be gone for every client.`),
          ...(peersOf(state, node.name).some((peer) => peer.readiness.ready === true)
            ? []
            : [bad('No other load balancer is proven ready to take it.')]),
        ];
  if (isRunning(state, node, 'keepalived'))
    lines.push(bad(`keepalived runs on ${node.name}: the VIP is its own and must not be removed.`));
  const last = others.length === 0;
  return { lines, step: last ? 3 : 2, takesLast: last, unsure: unsureOfBalancers(state, node) };
};

/**
 * Taking out a node whose keepalived is gone already and left its VIPs behind: nothing moves, no goodbye is sent, and without nginx
 * whoever still comes here is refused. Undefined where no VIP is stale.
 */
export const outWithStale = (state: State, node: NodeView): Draft | undefined => {
  const vips = staleVips(state, node).map((one) => one.address);
  if (vips.length === 0) return undefined;
  const alone = vips.filter((vip) => otherHolders(state, node.name, vip).length === 0);
  const peers = peersOf(state, node.name);
  const last = isLast(state, node, peers);
  const lines = [
    bad(
      `keepalived does not run here, so ${vipsDo(vips, 'stays', 'stay')} here as stale: without nginx clients that come here are refused.`,
    ),
    ...(alone.length > 0 ? [bad(`Nobody else holds ${vipNames(alone)}: all requests fail.`)] : []),
    info('Remove the stale VIPs first.'),
    ...(last ? lastLines(state, node, peers) : []),
  ];
  return { lines, step: last || alone.length > 0 ? 3 : 2, takesLast: last, unsure: unsureOfBalancers(state, node) };
};

/** Cancelling the restore timer: what was stopped stays stopped. */
export const cancelRestore = (state: State, node: NodeView): Draft => {
  const timer = claim(node.restore, state.now.mono, state.topology.interval);
  const services = node.role === 'lb' ? (['nginx', 'keepalived'] as const) : (['web'] as const);
  const down = services.filter((service) => isRunning(state, node, service) !== true);
  const lines: RiskLine[] = [];
  if (timer?.by) lines.push(info(`It was armed: ${timer.by}.`));
  const names = down.map((one) => (one === 'web' ? 'the web server' : one)).join(' and ');
  const known = down.every((service) => isStopped(state, node, service));
  lines.push(
    down.length === 0
      ? info(`Everything on ${node.name} runs already: nothing is lost.`)
      : warn(
          `On ${node.name} ${names} ${known ? (down.length === 1 ? 'does not run' : 'do not run') : 'may not run'}: nothing will start ${down.length === 1 ? 'it' : 'them'} again.`,
        ),
  );
  const unread = timer === undefined ? [`whether a timer is armed on ${node.name}`] : [];
  return {
    lines,
    step: down.length === 0 ? 1 : 2,
    takesLast: false,
    unsure: [...unsureOfNode(state, node), ...unread],
  };
};

/** What is said of staying away: until when, or that nobody brings it back. Only for what stops something. */
export const comeBack = (state: State, action: Action, restoreAfter: number | undefined): RiskLine[] => {
  const stops = action.kind === 'out-of-service' || (action.kind === 'service' && action.verb === 'stop');
  const node = state.nodes[action.node];
  if (!node) return [];
  if (restoreAfter !== undefined) {
    const services = node.role === 'lb' ? (['nginx', 'keepalived'] as const) : (['web'] as const);
    const run = services.filter((service) => isRunning(state, node, service) !== false);
    const what = run.map((one) => (one === 'web' ? 'the web server' : one)).join(' and ');
    return [
      run.length > 0
        ? info(`${node.name} itself starts ${what} again after ${span(restoreAfter)}, unless that is cancelled.`)
        : warn(`Nothing runs on ${node.name} now, so the timer would start nothing.`),
    ];
  }
  const heals = action.kind === 'service' && action.service === 'nginx';
  if (!stops) return [];
  const timer = claim(node.restore, state.now.mono, state.topology.interval);
  if (timer) {
    const by = timer.by === '' ? '' : ` (${timer.by})`;
    return [warn(`A restore timer is armed on ${node.name}${by}: it starts ${timer.units.join(', ')} again.`)];
  }
  return heals ? [] : [info('It stays stopped until somebody starts it.')];
};
