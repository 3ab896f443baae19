import type { DrillPlan, DrillSample } from '../cluster/drill.ts';
import { balancers, isFrozen, probeState, reachable, unitOf, webNodes } from '../cluster/select.ts';
import type { State } from '../cluster/state.ts';
import { seconds } from './times.ts';

/** A split brain, or load balancers that cannot be looked at, for longer than this end a drill that does not mean it, ms. */
const LIMIT = 5000;
/** No request of which anything is known for so long: the console is blind to what it measures, ms. */
const BLIND = 4000;

/** What the criteria remember from one event to the next. Mono ms. */
export type Watch = {
  /** Since when the newest answers of a VIP are lost, by VIP. */
  lostSince: Record<string, number>;
  splitSince?: number;
  unseenSince?: number;
  knownAt: number;
};

/** A watch that begins now. */
export const watchFrom = (now: number): Watch => ({ lostSince: {}, knownAt: now });

/** Takes the results of requests into the watch. */
export const heard = (watch: Watch, samples: readonly DrillSample[]): Watch => {
  const lostSince = { ...watch.lostSince };
  let { knownAt } = watch;
  for (const one of samples) {
    if (one.ok === null) continue;
    knownAt = Math.max(knownAt, one.answered);
    if (one.ok) delete lostSince[one.vip];
    else lostSince[one.vip] ??= one.asked;
  }
  return { ...watch, lostSince, knownAt };
};

const outage = ({ plan, now, watch }: { plan: DrillPlan; now: number; watch: Watch }): string | undefined => {
  if (plan.outageLimit === undefined) return undefined;
  for (const [vip, since] of Object.entries(watch.lostSince))
    if (now - since > plan.outageLimit)
      return `${vip} has given no good answer for ${seconds(now - since)}, more than twice what was expected`;
  return undefined;
};

/** Load balancers and web nodes that the drill does not touch must stay as they are. */
const bystanders = (plan: DrillPlan, state: State, touched: ReadonlySet<string>): string | undefined => {
  for (const node of balancers(state)) {
    if (touched.has(node.name)) continue;
    for (const service of ['keepalived', 'nginx'] as const) {
      const unit = unitOf(state, node, service);
      if (unit && (unit.active === 'inactive' || unit.active === 'failed'))
        return `${service} on ${node.name}, which the drill has not touched, is ${unit.active}`;
    }
    if (isFrozen(state, node, 'keepalived'))
      return `keepalived on ${node.name}, which the drill has not touched, is frozen`;
  }
  if (plan.tolerates.includes('web-down')) return undefined;
  const web = webNodes(state).find((node) => !touched.has(node.name) && probeState(state, node.probe) === 'bad');
  return web ? `${web.name}, which the drill has not touched, gives no good answer` : undefined;
};

/**
 * Why a drill must end now and be restored, if it must: an outage of more than twice what was expected, a split brain that lasts,
 * VIPs that nobody will take, a bystander that goes down, load balancers out of sight, or a console that is blind. What the drill
 * means to bring about is left out.
 */
export const criterion = (
  plan: DrillPlan,
  state: State,
  watch: Watch,
  touched: ReadonlySet<string>,
): string | undefined => {
  const now = state.now.mono;
  const long = outage({ plan, now, watch });
  if (long) return long;
  if (!plan.tolerates.includes('split-brain') && watch.splitSince !== undefined && now - watch.splitSince > LIMIT)
    return `two load balancers have held the VIPs for ${seconds(now - watch.splitSince)}`;
  if (!plan.tolerates.includes('no-holder') && state.verdict.code === 'no-master')
    return `nobody holds the VIPs: ${state.verdict.reason}`;
  if (watch.unseenSince !== undefined && now - watch.unseenSince > LIMIT)
    return `no load balancer could be looked at for ${seconds(now - watch.unseenSince)}`;
  if (now - watch.knownAt > BLIND)
    return `no request came through for ${seconds(now - watch.knownAt)}: nothing is measured`;
  return bystanders(plan, state, touched);
};

/** Takes what the state shows into the watch: a split brain, and load balancers that nobody can look at. */
export const looked = (watch: Watch, state: State): Watch => {
  const now = state.now.mono;
  const split =
    state.verdict.code === 'split-brain' || Object.values(state.vips).some((vip) => vip.sharedSince !== undefined);
  const unseen = balancers(state).every((node) => reachable(state, node) !== true);
  const { splitSince, unseenSince, ...rest } = watch;
  return {
    ...rest,
    ...(split ? { splitSince: splitSince ?? now } : {}),
    ...(unseen ? { unseenSince: unseenSince ?? now } : {}),
  };
};
