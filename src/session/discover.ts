import { isIP } from 'node:net';
import type { NodeConfiguration } from '../cluster/readings.ts';
import type { NodeSpec, Topology } from '../cluster/topology.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import type { Endpoint } from './targets.ts';

/** What a load balancer's own configuration adds to a cluster file that is silent about it. */
export type Discovery = { topology: Topology; endpoints: Endpoint[]; nodes: NodeSpec[] };

const splitServer = (server: string): { address: string; port: number } | undefined => {
  const match = server.match(/^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d+))?$/);
  const address = match?.[1] ?? match?.[2];
  if (!address || isIP(address) === 0) return undefined;
  return { address, port: match?.[3] ? Number(match[3]) : 80 };
};

/**
 * VIPs and web nodes found on the nodes, where the cluster file names none. What the file names is never changed or extended.
 * Returns undefined when there is nothing new.
 */
export const discover = (
  config: ClusterConfig,
  topology: Topology,
  found: NodeConfiguration,
): Discovery | undefined => {
  const endpoints: Endpoint[] = [];
  const nodes: NodeSpec[] = [];
  const defaults = config.http.defaults;
  const vips =
    config.vips.length > 0
      ? []
      : found.instances.flatMap((one) => one.vips).filter((vip) => isIP(vip) !== 0 && !topology.vips.includes(vip));
  for (const address of new Set(vips))
    endpoints.push({ target: { kind: 'vip', id: address }, http: { ...defaults, address } });
  if (!config.nodes.some((node) => node.role === 'web'))
    for (const server of found.upstream) {
      const place = splitServer(server);
      const known = [...topology.nodes, ...nodes];
      if (!place || known.some((node) => node.address === place.address)) continue;
      const taken = new Set(known.map((node) => node.name));
      let number = known.filter((node) => node.role === 'web').length + 1;
      while (taken.has(`web${number}`)) number += 1;
      const node: NodeSpec = { name: `web${number}`, role: 'web', address: place.address };
      nodes.push(node);
      endpoints.push({ target: { kind: 'web', id: node.name }, http: { ...defaults, ...place } });
    }
  if (endpoints.length === 0) return undefined;
  return {
    topology: { ...topology, vips: [...topology.vips, ...new Set(vips)], nodes: [...topology.nodes, ...nodes] },
    endpoints,
    nodes,
  };
};
