import type { Topology } from '../cluster/topology.ts';
import type { ClusterConfig } from './cluster-config.ts';

/** What is watched, as plain data without secrets, key paths or user names. */
export const toTopology = (config: ClusterConfig, { readOnly }: { readOnly: boolean }): Topology => ({
  name: config.name,
  vips: config.vips.map((vip) => vip.address),
  nodes: config.nodes.map(({ name, role, address, identity }) => ({
    name,
    role,
    address,
    ...(identity === undefined ? {} : { identity }),
  })),
  hops: config.ssh.jump.map((hop) => hop.name),
  via: config.http.via,
  interval: config.interval,
  timeout: config.timeout,
  checkLog: config.checkLog,
  protected: config.protected,
  readOnly,
});
