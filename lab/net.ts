import { readFile, readlink } from 'node:fs/promises';
import { CLIENT, type LabNode, type NetName, NODES, namespaceOf, PREFIX_LENGTH, SWITCH, type Wire } from './plan.ts';
import { must, run } from './run.ts';

const NETS: readonly NetName[] = ['lan', 'ops'];

/** Runs `ip` in a namespace; an error when it fails. */
export const ipIn = (namespace: string, ...args: string[]): Promise<string> => must('ip', ['-n', namespace, ...args]);

/** Whether a named namespace is there and is one (a file left by a machine that was switched off is not). */
export async function isNamespace(name: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  return mounts.includes(` /run/netns/${name} `);
}

async function ensureNamespace(name: string): Promise<void> {
  if (await isNamespace(name)) return;
  await run('ip', ['netns', 'del', name]); // a file left by a machine that was switched off is no namespace
  await must('ip', ['netns', 'add', name]);
  await ipIn(name, 'link', 'set', 'lo', 'up');
  // A new namespace may inherit forwarding from this machine, and the jump host must not be a router.
  const keys = ['ipv4.ip_forward', 'ipv4.conf.all.forwarding', 'ipv6.conf.all.forwarding'];
  const paths = keys.map((key) => `/proc/sys/net/${key.replaceAll('.', '/')}`);
  const script = 'for f; do [ ! -w "$f" ] || echo 0 > "$f"; done';
  await must('ip', ['netns', 'exec', name, 'sh', '-c', script, 'sh', ...paths]);
}

async function exists(namespace: string, device: string): Promise<boolean> {
  return (await run('ip', ['-n', namespace, 'link', 'show', 'dev', device])).code === 0;
}

async function ensureBridge(net: NetName): Promise<void> {
  if (await exists(SWITCH, net)) return;
  // No spanning tree and no multicast snooping: VRRP's adverts must flow from the first second.
  const options = ['type', 'bridge', 'stp_state', '0', 'forward_delay', '0', 'mcast_snooping', '0'];
  await ipIn(SWITCH, 'link', 'add', net, ...options);
  await ipIn(SWITCH, 'link', 'set', net, 'up');
}

async function ensureWire(namespace: string, wire: Wire): Promise<void> {
  if (!(await exists(namespace, wire.device))) {
    if (await exists(SWITCH, wire.port)) await ipIn(SWITCH, 'link', 'del', wire.port);
    const near = ['link', 'add', wire.device, 'netns', namespace, 'address', wire.mac];
    await must('ip', [...near, 'type', 'veth', 'peer', 'name', wire.port, 'netns', SWITCH]);
    await ipIn(SWITCH, 'link', 'set', wire.port, 'master', wire.net, 'up');
  }
}

/** Makes the switch, every namespace and every wire that is not there yet. Cards stay down until `raise`. */
export async function ensureNet(): Promise<void> {
  await ensureNamespace(SWITCH);
  for (const net of NETS) await ensureBridge(net);
  await Promise.all(
    [...NODES, { name: 'client', wires: [CLIENT] }].map(async ({ name, wires }) => {
      await ensureNamespace(namespaceOf(name));
      for (const wire of wires) await ensureWire(namespaceOf(name), wire);
    }),
  );
  await raise('client', [CLIENT]);
}

/** Gives cards their power and their own address. Harmless when they have both. */
export async function raise(name: string, wires: readonly Wire[]): Promise<void> {
  const namespace = namespaceOf(name);
  for (const { device, address } of wires) {
    await ipIn(namespace, 'addr', 'replace', `${address}/${PREFIX_LENGTH}`, 'brd', '+', 'dev', device);
    await ipIn(namespace, 'link', 'set', device, 'up');
  }
}

/**
 * Takes the power of a node's cards: links down and no addresses left, VIPs included. A named namespace outlives the
 * machine that used it, and its kernel would go on answering ARP for a machine that is off.
 */
export async function lower(node: LabNode): Promise<void> {
  for (const { device } of node.wires) {
    await ipIn(namespaceOf(node.name), 'link', 'set', device, 'down');
    await ipIn(namespaceOf(node.name), 'addr', 'flush', 'dev', device);
  }
}

/** Whether the switch has power on this port (it says nothing about the card at the other end). */
export async function isPortUp(port: string): Promise<boolean> {
  const [link] = JSON.parse(await ipIn(SWITCH, '-j', 'link', 'show', 'dev', port)) as { flags: string[] }[];
  return link?.flags.includes('UP') ?? false;
}

export const setPort = (port: string, up: boolean): Promise<string> =>
  ipIn(SWITCH, 'link', 'set', port, up ? 'up' : 'down');

/** Proves that no card of the lab leads out: the machine's own namespace knows none of its wires. */
export async function leaks(): Promise<string[]> {
  const own = await readlink('/proc/self/ns/net');
  const first = await readlink('/proc/1/ns/net').catch(() => own);
  const ports = new Set([...NODES.flatMap((node) => node.wires), CLIENT].map((wire) => wire.port));
  const links = JSON.parse(await must('ip', ['-j', 'link'])) as { ifname: string }[];
  return own === first ? links.map((link) => link.ifname).filter((name) => ports.has(name) && name !== 'lo') : [];
}

/** Removes every namespace of the lab; wires and bridges go with them. */
export async function removeNet(): Promise<void> {
  for (const name of [...NODES.map((node) => node.name), 'client', 'switch'].map(namespaceOf)) {
    if (await isNamespace(name)) await must('ip', ['netns', 'del', name]);
    else await run('ip', ['netns', 'del', name]);
  }
}
