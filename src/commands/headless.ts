import type { NodeView, State } from '../cluster/state.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { toTopology } from '../config/topology.ts';
import type { Drill } from '../drills/drill.ts';
import { realClock } from '../probes/clock.ts';
import { loadHttp } from '../probes/http.ts';
import { type LiveSession, startLive } from '../session/live.ts';
import { headlessPrompter } from '../session/prompts.ts';
import type { RecordOptions } from '../session/record.ts';
import { createNetwork } from '../ssh/network.ts';
import type { Io } from './io.ts';

/** The console's own session without a screen: nobody is asked anything. */
export const openHeadless = (
  config: ClusterConfig,
  flags: { readOnly: boolean },
  io: Io,
  more: { record?: RecordOptions | undefined; drills?: readonly Drill[] } = {},
): LiveSession => {
  void loadHttp();
  return startLive({
    config,
    topology: toTopology(config, { readOnly: flags.readOnly }),
    clock: realClock,
    connect: () => createNetwork(config, { prompter: headlessPrompter, env: io.env, home: io.home }),
    author: io.author,
    ...(more.record ? { record: more.record } : {}),
    ...(more.drills ? { drills: more.drills } : {}),
  });
};

/** The longest that a first picture is waited for, ms; a far jump host needs some of it for handshakes. */
export const patienceOf = (config: ClusterConfig): number => Math.max(10_000, 5 * config.timeout);

const isRead = (aged: { at?: number; failure?: unknown }): boolean =>
  aged.at !== undefined || aged.failure !== undefined;

const isSeen = (node: NodeView): boolean =>
  isRead(node.addresses) &&
  node.probe.last !== undefined &&
  (node.role === 'web' || node.addresses.at === undefined || (isRead(node.dump) && isRead(node.configuration)));

/** Whether everything has been looked at once, or could not be. */
const isFull = (state: State): boolean =>
  state.topology.nodes.length > 0 &&
  state.topology.nodes.every(({ name }) => isSeen(state.nodes[name] as NodeView)) &&
  Object.values(state.vips).every((vip) => vip.probe.last !== undefined);

/** A node without power answers nothing for many seconds: the others are not waited for any longer than this, ms. */
const OTHERS = 4000;

/** Waits for the first full picture; where something else is silent, for a look at this node alone. */
export const firstPicture = async (
  session: LiveSession,
  node: string | undefined,
  { config, signal }: { config: ClusterConfig; signal: AbortSignal },
): Promise<void> => {
  const patience = patienceOf(config);
  if (await waitFor(session, isFull, { ms: Math.min(OTHERS, patience), signal })) return;
  const isThere = (state: State) => {
    const view = node === undefined ? undefined : state.nodes[node];
    return view ? isRead(view.addresses) : isFull(state);
  };
  await waitFor(session, isThere, { ms: patience - OTHERS, signal });
};

/** Whether it is known of each of these nodes that it can be reached, or that it cannot for now. */
export const isConnected = (state: State, nodes: readonly string[]): boolean =>
  nodes.every((name) => (state.nodes[name]?.link.phase ?? 'failed') !== 'connecting') &&
  state.hops.every((hop) => hop.link.phase !== 'connecting');

/** Resolves with whether `holds` came true within `ms`; false also when the command is ended. */
export const waitFor = (
  session: LiveSession,
  holds: (state: State) => boolean,
  { ms, signal }: { ms: number; signal: AbortSignal },
): Promise<boolean> =>
  new Promise((resolve) => {
    const finish = (result: boolean) => {
      clearTimeout(timer);
      unsubscribe();
      signal.removeEventListener('abort', giveUp);
      resolve(result);
    };
    const giveUp = () => finish(false);
    const unsubscribe = session.onEvent(() => {
      if (holds(session.state())) finish(true);
    });
    const timer = setTimeout(giveUp, ms);
    signal.addEventListener('abort', giveUp, { once: true });
    if (holds(session.state())) finish(true);
    else if (signal.aborted) giveUp();
  });
