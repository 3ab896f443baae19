import { claim, freshness } from './aged.ts';
import type { Process, Unit, VrrpInstance } from './readings.ts';
import type { NodeView, ProbeView, State } from './state.ts';
import type { ServiceName } from './topology.ts';

/** keepalived's own dump is asked for every 10 s (each one writes journal lines), so it may be twice as old. */
export const DUMP_INTERVAL = 10_000;

export const balancers = (state: State): NodeView[] =>
  state.topology.nodes.filter((node) => node.role === 'lb').map((node) => state.nodes[node.name] as NodeView);

export const webNodes = (state: State): NodeView[] =>
  state.topology.nodes.filter((node) => node.role === 'web').map((node) => state.nodes[node.name] as NodeView);

/** What systemd freshly says of a service; undefined when it is not known now. */
export const unitOf = (state: State, node: NodeView, service: ServiceName): Unit | undefined =>
  claim(node.services[service]?.unit, state.now.mono, state.topology.interval);

/** The processes of a service as freshly seen; undefined when not known now (an empty list is an answer). */
export const processesOf = (state: State, node: NodeView, service: ServiceName): Process[] | undefined =>
  claim(node.services[service]?.processes, state.now.mono, state.topology.interval);

/** A service all of whose processes are stopped by a signal (STAT T): green in systemd, deaf in truth. */
export const isFrozen = (state: State, node: NodeView, service: ServiceName): boolean => {
  const processes = processesOf(state, node, service);
  return processes !== undefined && processes.length > 0 && processes.every((one) => one.stat.startsWith('T'));
};

/** keepalived's own word, while it is fresh and the daemon runs. */
export const instancesOf = (state: State, node: NodeView): VrrpInstance[] | undefined => {
  const unit = unitOf(state, node, 'keepalived');
  if (unit && unit.active !== 'active') return undefined;
  return claim(node.dump, state.now.mono, DUMP_INTERVAL);
};

/** VRRP state of the node: of its instances the one that serves clients worst (FAULT, INIT, BACKUP, MASTER); unknown without a dump. */
export const vrrpStateOf = (state: State, node: NodeView): VrrpInstance['state'] | 'unknown' => {
  const states = instancesOf(state, node)?.map((one) => one.state) ?? [];
  return (['FAULT', 'INIT', 'BACKUP', 'MASTER'] as const).find((one) => states.includes(one)) ?? 'unknown';
};

/** Effective and base priority: from the dump, else from the node's configuration file (base only), else from nothing. */
export const priorityOf = (state: State, node: NodeView): { effective?: number; base?: number } => {
  const instance = instancesOf(state, node)?.[0];
  if (instance) return { effective: instance.effectivePriority, base: instance.basePriority };
  const configured = node.configuration.value?.instances[0]?.priority;
  return configured === undefined ? {} : { base: configured };
};

/** Advert interval in seconds: the largest any node tells, else keepalived's default of 1. */
export const advertSecondsOf = (state: State): number =>
  Math.max(
    ...balancers(state).map(
      (node) => node.dump.value?.[0]?.advertInterval ?? node.configuration.value?.instances[0]?.advertInterval ?? 0,
    ),
    0,
  ) || 1;

/**
 * ok · bad (two in a row, the way there proven) · suspect (one bad answer after good ones) · unknown (nothing fresh, the way
 * there known to be broken, or a single bad answer and nothing else ever: neither good nor bad is proven).
 */
export const probeState = (state: State, probe: ProbeView): 'ok' | 'bad' | 'suspect' | 'unknown' => {
  const known = probe.history.findLast((answer) => answer.ok !== null);
  if (!known || freshness({ at: known.at.mono }, state.now.mono, state.topology.interval) !== 'fresh') return 'unknown';
  if (known.ok) return 'ok';
  if (probe.badStreak >= 2) return 'bad';
  return probe.good > 0 ? 'suspect' : 'unknown';
};

/** Web nodes that themselves give the bad answer which a load balancer or VIP gave last: it was passed on, not made there. */
export const passedOnFrom = (state: State, probe: ProbeView): NodeView[] => {
  const status = probe.last?.ok === false ? probe.last.status : undefined;
  if (status === undefined) return [];
  return webNodes(state).filter(
    (node) => probeState(state, node.probe) === 'bad' && node.probe.last?.status === status,
  );
};

/** Whether a node can be looked at: no = proven unreachable while the way to it works; null = the way there is broken or untried. */
export const reachable = (state: State, node: NodeView): boolean | null => {
  if (freshness(node.addresses, state.now.mono, state.topology.interval) === 'fresh') return true;
  const failure = node.addresses.failure ?? node.link.failure;
  return failure?.blame === 'target' ? false : null;
};

/** The first hop whose link is not up, if any: what stands between us and the cluster. */
export const brokenHop = (state: State): State['hops'][number] | undefined =>
  state.hops.find((hop) => hop.link.phase !== 'up');

/** A service as it may be claimed now; `since`: ms since the epoch (our clock) of its present state. */
export const claimService = (
  state: State,
  node: NodeView,
  service: ServiceName,
): { unit?: Unit; processes?: Process[]; since?: number } => {
  const unit = unitOf(state, node, service);
  const processes = processesOf(state, node, service);
  const readAt = node.services[service]?.unit.at;
  const since =
    unit?.age === undefined || readAt === undefined
      ? undefined
      : state.now.wall - (state.now.mono - readAt) - unit.age * 1000;
  return { ...(unit ? { unit } : {}), ...(processes ? { processes } : {}), ...(since === undefined ? {} : { since }) };
};
