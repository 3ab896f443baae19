import type { Fact, HttpResult } from '../cluster/events.ts';
import type { NodeSpec } from '../cluster/topology.ts';
import type { ClusterConfig, HttpTarget } from '../config/cluster-config.ts';
import type { Clock } from '../probes/clock.ts';
import { probeHttp } from '../probes/http.ts';
import type { NodeProbeOptions } from '../probes/node.ts';
import type { Network } from '../ssh/remote.ts';
import { createPathCheck } from './path-check.ts';
import type { Endpoint } from './targets.ts';

/** Whether something behind the jump host spoke: refusing is speaking. */
const hasSpoken = (result: HttpResult): boolean =>
  result.kind === 'answer' || /refused|reset/.test(result.failure.found);

/** The kinds of look, bound to one cluster: live and one-shot use the same. Facts of what was seen go to `emit`. */
export const createLooks = (options: {
  config: ClusterConfig;
  network: Network;
  clock: Clock;
  signal: AbortSignal;
  emit: (fact: Fact) => void;
}) => {
  const { config, network, clock, signal, emit } = options;
  const direct = config.http.via === 'direct';
  const { pathAlive, heard } = createPathCheck(network, {
    hops: config.ssh.jump.map((hop) => hop.name),
    addresses: [...config.nodes, ...config.vips].map((one) => one.address),
    now: clock.now,
  });
  const take = (fact: Fact) => {
    if (fact.kind === 'snapshot' && fact.reading.ok) heard();
    emit(fact);
  };

  /** What a look at a node needs; `timeout` (ms) bounds one reading. */
  const atNode = (spec: NodeSpec, timeout: number): NodeProbeOptions => ({
    spec: { name: spec.name, role: spec.role },
    remote: network.remote(spec.name),
    services: config.services,
    checkLog: config.checkLog,
    sudo: config.ssh.sudo ? 'sudo' : 'none',
    interval: config.interval,
    timeout,
    clock,
    emit: take,
    pathAlive,
    signal,
  });

  /** One GET. Never rejects; done within `config.timeout`, and once more that for the question who is to blame. */
  const get = async (name: string, http: HttpTarget, until: AbortSignal): Promise<HttpResult> => {
    const result = await probeHttp(http, {
      dial: (host, port, dialOptions) => network.dial(host, port, { ...dialOptions, direct }),
      timeout: config.timeout,
      signal: until,
      clock,
      pathAlive: direct ? async () => true : pathAlive,
      name,
    });
    if (hasSpoken(result)) heard();
    return result;
  };

  /** Asks one endpoint over HTTP. Never rejects for what it finds. */
  const ask = async ({ target, http }: Endpoint): Promise<void> => {
    const asked = clock.now();
    const result = await get(target.id, http, signal);
    if (!signal.aborted) emit({ kind: 'http', target, asked, result });
  };

  return { atNode, ask, get };
};
