import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Short name of this lab: part of every namespace, cgroup and container name, so that two labs can stand side by side. */
export const LAB = process.env.HACONSOLE_LAB_NAME ?? 'hc';

/** Where the base image is kept between labs. */
export const CACHE = process.env.HACONSOLE_LAB_CACHE ?? '/var/cache/haconsole-lab';

/** Everything that belongs to the running lab: nodes' disks, keys, the cluster file. */
export const STATE = process.env.HACONSOLE_LAB_STATE ?? `/var/lib/haconsole-lab${LAB === 'hc' ? '' : `-${LAB}`}`;

/** The checkout: `bin/haconsole.mjs` and `fixtures/` are found from here. */
export const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..');

/** `lan` is the tutorial's 172.16.249.0/24; `ops` joins the operator's seat to the jump host and to nothing else. */
export type NetName = 'lan' | 'ops';

/** One network card of a node. `port` is the other end of its wire, in the switch's namespace. */
export type Wire = { device: string; net: NetName; address: string; mac: string; port: string };

/** A machine of the lab (`client` is none: a bare namespace that only looks). */
export type NodeName = 'lb1' | 'lb2' | 'web1' | 'web2' | 'jump' | 'op';
export type LabNode = { name: NodeName; role: 'lb' | 'web' | 'jump' | 'op'; wires: Wire[] };

export const VIPS = ['172.16.249.80', '172.16.249.90', '172.16.249.100'] as const;
export const PREFIX_LENGTH = 24;
export const LB_NAMES = ['lb1', 'lb2'] as const;
export const WEB_NAMES = ['web1', 'web2'] as const;

/** Base priorities of the tutorial; the higher one holds the VIPs when all is well. */
export const PRIORITY: Record<string, number> = { lb1: 150, lb2: 100 };

/** What the page of each web node says. */
export const IDENTITY: Record<string, string> = { web1: 'HTTP WEB NODE 01', web2: 'HTTP WEB NODE 02' };

function wire(net: NetName, port: string, address: string, device = 'eth0'): Wire {
  // The MAC spells the address, so that `ip neigh` and arping can be read without a table.
  const bytes = address.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return { device, net, address, port, mac: ['02', '00', ...bytes].join(':') };
}

export const NODES: readonly LabNode[] = [
  {
    name: 'jump',
    role: 'jump',
    wires: [wire('lan', 'jump', '172.16.249.10'), wire('ops', 'jump-ops', '10.99.0.1', 'eth1')],
  },
  { name: 'lb1', role: 'lb', wires: [wire('lan', 'lb1', '172.16.249.101')] },
  { name: 'lb2', role: 'lb', wires: [wire('lan', 'lb2', '172.16.249.102')] },
  { name: 'web1', role: 'web', wires: [wire('lan', 'web1', '172.16.249.201')] },
  { name: 'web2', role: 'web', wires: [wire('lan', 'web2', '172.16.249.202')] },
  { name: 'op', role: 'op', wires: [wire('ops', 'op', '10.99.0.2')] },
];

/** The seat from which a customer of the VIP looks: a namespace on the LAN, no system of its own. */
export const CLIENT = wire('lan', 'client', '172.16.249.50');

export function nodeOf(name: string): LabNode {
  const found = NODES.find((node) => node.name === name);
  if (!found) throw new LabError(`no node called "${name}"; there are ${NODES.map((node) => node.name).join(', ')}`);
  return found;
}

/** Address of a node on its first network. */
export const addressOf = (name: string): string => nodeOf(name).wires[0]!.address;

/** Name of the network namespace of a node, of `client` or of `switch`. */
export const namespaceOf = (name: string): string => `${LAB}-${name}`;

/** The switch: both bridges and every port live here, away from the machine's own namespace. */
export const SWITCH = namespaceOf('switch');

/** The merged root file system of a node, seen from this machine. */
export const rootOf = (name: string): string => join(STATE, 'nodes', name, 'root');

/** The cluster file that `up` writes, for a console on the operator's seat. */
export const CLUSTER_FILE = join(STATE, 'haconsole.yaml');

/** A sentence for people: what the lab could not do and why. */
export class LabError extends Error {
  override name = 'LabError';
}
