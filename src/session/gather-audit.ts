import type { AuditInput, AuditNode } from '../audit/input.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import type { Network } from '../ssh/remote.ts';
import { askerOf } from './audit-questions.ts';
import { gatherNode } from './gather-files.ts';

/** All questions to one node together may take this long, ms. */
const DEADLINE = 60_000;

/** Reads from every node of the cluster file what an audit judges, all nodes side by side. Never rejects for what it finds. */
export const gatherAudit = async (options: {
  config: ClusterConfig;
  network: Network;
  signal: AbortSignal;
}): Promise<AuditInput> => {
  const { config, network } = options;
  network.start();
  const nodes = await Promise.all(
    config.nodes.map(({ name, role }): Promise<AuditNode> => {
      const signal = AbortSignal.any([options.signal, AbortSignal.timeout(DEADLINE)]);
      const asker = askerOf(network.remote(name), { sudo: config.ssh.sudo, signal });
      return gatherNode(asker, { name, role }, config.services);
    }),
  );
  return {
    title: config.name,
    nodes,
    vips: config.vips.map((vip) => vip.address.toLowerCase()),
    wholePair: true,
  };
};
