import { writeFile } from 'node:fs/promises';
import { addressOf, CLUSTER_FILE, IDENTITY, LB_NAMES, nodeOf, PRIORITY, VIPS, WEB_NAMES } from './plan.ts';
import { secret } from './secrets.ts';

/** Changes to the lab's cluster file that tests ask for. */
export type ClusterFileOptions = {
  user?: string;
  identity?: string;
  knownHosts?: string;
  sudo?: boolean;
  jumpUser?: string;
};

/** The lab's cluster file: what a user with this pair behind a bastion would write. Paths are those of this machine. */
export function clusterYaml(options: ClusterFileOptions = {}): string {
  const user = options.user ?? 'ops';
  const near = nodeOf('jump').wires.find((wire) => wire.net === 'ops')!;
  return [
    'name: lab',
    'ssh:',
    `  user: ${user}`,
    `  jump: ${options.jumpUser ?? user}@${near.address}`,
    `  identity: ${options.identity ?? secret.key}`,
    `  knownHosts: ${options.knownHosts ?? secret.knownHosts}`,
    `  sudo: ${options.sudo ?? true}`,
    `vips: [${VIPS.join(', ')}]`,
    'loadBalancers:',
    ...LB_NAMES.map((name) => `  - { name: ${name}, address: ${addressOf(name)}, priority: ${PRIORITY[name]} }`),
    'webNodes:',
    ...WEB_NAMES.map((name) => `  - { name: ${name}, address: ${addressOf(name)}, identity: "${IDENTITY[name]}" }`),
    'vrrp: { interface: eth0, virtualRouterId: 51, advertInterval: 1 }',
    '',
  ].join('\n');
}

export const writeClusterFile = (path = CLUSTER_FILE, options: ClusterFileOptions = {}): Promise<void> =>
  writeFile(path, clusterYaml(options), { mode: 0o600 });
