import type { Fact } from '../cluster/events.ts';
import { holdersOf, overlapMs, SPLIT_AFTER } from '../cluster/holding.ts';
import { initialState } from '../cluster/initial.ts';
import { reduce } from '../cluster/reduce.ts';
import { probeState } from '../cluster/select.ts';
import type { State } from '../cluster/state.ts';
import type { NodeSpec, Topology } from '../cluster/topology.ts';
import { judge } from '../cluster/verdict.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import type { Clock } from '../probes/clock.ts';
import { lookNode } from '../probes/node.ts';
import { admit } from '../recording/admit.ts';
import type { Network } from '../ssh/remote.ts';
import { discover } from './discover.ts';
import { createLooks } from './looks.ts';
import { type Endpoint, endpointsOf } from './targets.ts';

/** Least time between two looks that can prove an overlap or the lack of a holder, ms. */
const BETWEEN_LOOKS = 1100;
/** A connected node answers in a fraction of this, ms. */
const SECOND_PATIENCE = 2000;
/** A round that took longer leaves its first answers too old to be claimed, ms. */
const SLOW_ROUND = 2500;
/** A third look is for an answer that was bad once and good once, and for two holders that a slow first look left unproven. */
const MOST_LOOKS = 3;
/** Least time in which handshakes over a far jump host come through, ms. */
const LEAST_PATIENCE = 5000;

/**
 * Looks at the cluster once and returns the state. What is not healthy and not blind could be a move in flight or one lost
 * packet: then it looks a second time, at least 1.1 s after the first. Never rejects for what it finds.
 */
export const lookOnce = async (options: {
  config: ClusterConfig;
  topology: Topology;
  network: Network;
  clock: Clock;
  signal: AbortSignal;
}): Promise<State> => {
  const { config, network, clock } = options;
  const now = () => ({ mono: clock.now(), wall: clock.wall() });
  let state = initialState(options.topology, now());
  const discovered: Endpoint[] = [];
  const dispatch = (fact: Fact) => {
    state = reduce(state, { ...admit(fact), at: now() });
    if (fact.kind !== 'configuration' || !fact.reading.ok) return;
    const found = discover(config, state.topology, fact.reading.value);
    if (!found) return;
    dispatch({ kind: 'topology', topology: found.topology });
    for (const node of found.nodes) network.addNode(node);
    discovered.push(...found.endpoints);
  };
  const { atNode, ask } = createLooks({ config, network, clock, signal: options.signal, emit: dispatch });
  const look = (spec: NodeSpec, timeout: number) => lookNode(atNode(spec, timeout));
  const patience = Math.max(LEAST_PATIENCE, 5 * config.timeout);

  const round = async (timeout: number) => {
    const known = state.topology.nodes;
    await Promise.all([
      ...known.map((node) => look(node, timeout)),
      ...[...endpointsOf(config), ...discovered].map(ask),
    ]);
    const late = discovered.filter(
      ({ target }) =>
        state.vips[target.id]?.probe.last === undefined && state.nodes[target.id]?.probe.last === undefined,
    );
    const learnt = state.topology.nodes.filter(
      (node) => !known.includes(node) && !known.some((one) => one.name === node.name),
    );
    await Promise.all([...learnt.map((node) => look(node, timeout)), ...late.map(ask)]);
    // VIPs found on the nodes are proven by the next snapshot only.
    if (late.some(({ target }) => target.kind === 'vip'))
      await Promise.all(known.filter((node) => node.role === 'lb').map((node) => look(node, timeout)));
  };

  const unlink = network.onLink((node, link) => dispatch({ kind: 'link', node, link }));
  network.start();
  try {
    await connected(network, {
      hops: options.topology.hops,
      direct: config.http.via === 'direct',
      patience,
      signal: options.signal,
    });
    let began = clock.now();
    await round(patience);
    for (let looks = 1; looks < MOST_LOOKS; looks++) {
      const isOld = clock.now() - began > SLOW_ROUND;
      if (!isOld && !worthAnotherLook(state)) break;
      await clock.sleep(isOld ? 0 : BETWEEN_LOOKS, options.signal);
      began = clock.now();
      await round(SECOND_PATIENCE);
    }
  } finally {
    unlink();
  }
  return state;
};

/** One bad answer proves nothing, one look does not prove that nobody holds a VIP, and what is not healthy could be a move in flight. */
const worthAnotherLook = (state: State): boolean => {
  const { code } = judge(state);
  const probes = [...Object.values(state.vips), ...Object.values(state.nodes)].map((one) => one.probe);
  if (code === 'blind' && probes.every((probe) => probe.last?.ok == null)) return false;
  if (isUndecided(state)) return true;
  return code !== 'healthy'
    ? Object.values(state.vips).every((vip) => vip.probe.history.length < 2)
    : probes.some((probe) => ['suspect', 'bad'].includes(probeState(state, probe))) ||
        Object.values(state.vips).some((vip) => holdersOf(state, vip).length === 0);
};

/** Two nodes were seen to hold a VIP, but not for long enough to tell a split brain from a handover. */
const isUndecided = (state: State): boolean =>
  Object.values(state.vips).some((vip) => holdersOf(state, vip).length > 1 && overlapMs(state, vip) <= SPLIT_AFTER);

/** Waits until the last jump host is up, or until it is known that it will not be for now. */
const connected = (
  network: Network,
  options: { hops: string[]; direct: boolean; patience: number; signal: AbortSignal },
): Promise<void> =>
  new Promise((resolve) => {
    const last = options.hops.at(-1);
    if (last === undefined) return resolve();
    const done = () => {
      clearTimeout(timer);
      unlink();
      resolve();
    };
    const timer = setTimeout(done, options.patience);
    options.signal.addEventListener('abort', done, { once: true });
    const unlink = network.onLink((name, link) => {
      if (
        name === last
          ? link.phase !== 'connecting'
          : options.hops.includes(name) && (link.phase === 'failed' || link.phase === 'waiting')
      )
        done();
    });
  });
