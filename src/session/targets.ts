import type { Target } from '../cluster/events.ts';
import type { ClusterConfig, HttpTarget } from '../config/cluster-config.ts';

/** One thing to ask over HTTP. */
export type Endpoint = { target: Target; http: HttpTarget };

/** Every endpoint of the cluster file: each VIP, each load balancer and each web node. */
export const endpointsOf = (config: ClusterConfig): Endpoint[] => [
  ...config.vips.map((vip): Endpoint => ({ target: { kind: 'vip', id: vip.address }, http: vip.http })),
  ...config.nodes.map((node): Endpoint => ({ target: { kind: node.role, id: node.name }, http: node.http })),
];
