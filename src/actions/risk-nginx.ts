import type { RiskLine } from '../cluster/action.ts';
import { readiness } from '../cluster/readiness.ts';
import { isFrozen } from '../cluster/select.ts';
import type { NodeView, State } from '../cluster/state.ts';
import { isStopped } from './disabled.ts';
import { checkEvery, goodbyeMs, heldBy, isGuarded, otherHolders, peersOf, seconds, takeoverMs } from './outlook.ts';
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

/** The check script looks, restarts nginx, and gives it this long before it gives up (the tutorial's `sleep 2`), ms. */
const PATIENCE = 2000;

/** From the moment the check script restarts nginx until it serves, at most, ms. */
const COMES_UP = 1000;

const affected = (state: State, node: NodeView) => {
  const held = heldBy(state, node.name);
  return {
    alone: held.yes.filter((vip) => otherHolders(state, node.name, vip).length === 0),
    held: held.yes,
    unknown: held.unknown,
  };
};

/**
 * What the check script does about an nginx that cannot start, and what that costs. The tutorial's stops keepalived (the heir waits
 * its skew); the one that `render` writes lowers the priority (the heir waits until it takes the master for gone).
 */
const whenBroken = (state: State, node: NodeView): RiskLine => {
  const heir = peersOf(state, node.name).find((peer) => peer.readiness.ready === true)?.node;
  const gives = 'If nginx cannot start again, check_nginx gives this node up';
  if (!heir) return warn(`${gives}: then nobody may hold the VIPs.`);
  const until = checkEvery(node).value + PATIENCE;
  const [stopped, lowered] = [until + goodbyeMs(state, heir), until + takeoverMs(state, heir)].map(seconds);
  return warn(`${gives}: ${heir.name} takes over within ${stopped}, or ${lowered} if only the priority is lowered.`);
};

/** The unit's ExecStop asks a frozen nginx to end, which it does not hear, and waits (8.3 s with Debian's unit) before systemd ends it. */
const whenFrozen = (state: State, node: NodeView): RiskLine[] =>
  isFrozen(state, node, 'nginx')
    ? [warn('nginx here is frozen and answers nobody. To stop it takes longer (about 8 s with Debian’s unit).')]
    : [];

/** Stopping nginx alone: it does not stick where the check script runs, and the VIPs stay where nothing answers. */
export const stopNginx = (state: State, node: NodeView): Draft => {
  const { alone, held, unknown } = affected(state, node);
  const peers = peersOf(state, node.name);
  const guarded = isGuarded(state, node);
  const every = checkEvery(node);
  const last = isLast(state, node, peers);
  const lines: RiskLine[] = [];
  if (alone.length > 0) {
    const until = guarded === false ? 'until nginx is started' : `for up to ${seconds(every.value + COMES_UP)}`;
    const frozen = isFrozen(state, node, 'nginx') ? 'once it is stopped ' : '';
    lines.push(bad(`${vipsDo(alone, 'stays', 'stay')} here, and ${frozen}every request is refused ${until}.`));
  } else if (held.length > 0)
    lines.push(warn(`${vipsDo(held, 'is', 'are')} held elsewhere too: clients that come here are refused.`));
  else if (unknown.length === 0) lines.push(info(`${node.name} holds no VIP: no request is lost.`));
  lines.push(...whenFrozen(state, node));
  if (guarded !== false) {
    const within = every.known ? `within ${seconds(every.value)}` : `within about ${seconds(every.value)} (assumed)`;
    lines.push(warn(`It does not stay stopped: check_nginx starts it again ${within}.`));
    lines.push(info('To keep it stopped take the node out of service: keepalived first, then nginx.'));
    lines.push(whenBroken(state, node));
  } else {
    lines.push(
      info(
        isStopped(state, node, 'keepalived')
          ? 'keepalived does not run here, so nothing starts nginx again.'
          : 'No check script is set, so nothing starts nginx again.',
      ),
    );
  }
  if (last) lines.push(...lastLines(state, node, peers));
  else if (held.length === 0 && readiness(state, node).ready !== false)
    lines.push(warn(`Until nginx is back ${node.name} cannot take over.`));
  // Where nothing brings nginx back, the VIPs stay here unserved however ready the others are.
  const stuck = guarded === false && (alone.length > 0 || unknown.length > 0);
  const affects = held.length + unknown.length > 0 || readiness(state, node).ready !== false;
  return { lines, step: last || stuck ? 3 : affects ? 2 : 1, takesLast: last, unsure: unsureOfBalancers(state, node) };
};

/** Restarting nginx: a moment without answers; with a broken configuration it stays down. */
export const restartNginx = (state: State, node: NodeView): Draft => {
  if (isStopped(state, node, 'nginx')) return startNginx(state, node);
  const { alone, held, unknown } = affected(state, node);
  const peers = peersOf(state, node.name);
  const last = isLast(state, node, peers);
  const lines: RiskLine[] = [];
  if (held.length > 0)
    lines.push(warn(`${vipsDo(held, 'is', 'are')} refused for a moment (mostly under 0.1 s); downloads are cut.`));
  else if (unknown.length === 0) lines.push(info(`${node.name} holds no VIP: no request is lost.`));
  lines.push(...whenFrozen(state, node));
  lines.push(warn('A broken nginx.conf keeps nginx down: a restart does not fall back to the old one, a reload does.'));
  if (isGuarded(state, node) !== false) lines.push(whenBroken(state, node));
  else if (alone.length > 0) lines.push(bad('Then every request is refused, and nothing moves the VIPs away.'));
  if (last) lines.push(...lastLines(state, node, peers));
  const affects = held.length + unknown.length > 0;
  return { lines, step: last ? 3 : affects ? 2 : 1, takesLast: last, unsure: unsureOfBalancers(state, node) };
};

/** Starting nginx takes nothing away. */
export const startNginx = (state: State, node: NodeView): Draft => ({
  lines: [
    info('Nothing is lost. With a broken nginx.conf it does not start.'),
    ...(isStopped(state, node, 'keepalived') ? [info('keepalived does not run here: no VIP comes to this node.')] : []),
  ],
  step: 1,
  takesLast: false,
  unsure: unsureOfNode(state, node),
});

/** Reloading nginx: old workers end their requests, a broken file is not taken. */
export const reloadNginx = (state: State, node: NodeView): Draft => ({
  lines: [
    info('Nothing is lost: open requests are finished by the old workers.'),
    info('A broken nginx.conf is not taken: the old configuration stays.'),
  ],
  step: 1,
  takesLast: false,
  unsure: unsureOfNode(state, node),
});
