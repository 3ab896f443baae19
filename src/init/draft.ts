import { canonicalAddress, isUnusable } from '../config/address.ts';
import { identitiesOf } from './identity.ts';
import type { Findings, Seen, Source } from './seen.ts';
import { serverOf } from './server.ts';
import { differences, type Way, type WaySettings } from './ways.ts';

/** One node as it is written. `notes` stand above it as comments. */
export type DraftNode = {
  name: string;
  address: string;
  priority?: number;
  identity?: string;
  /** HTTP port, where it is not 80. */
  port?: number;
  ssh?: WaySettings;
  notes: string[];
};

/** What the cluster file will say, before it is text. */
export type Draft = {
  name: string;
  vips: string[];
  loadBalancers: DraftNode[];
  webNodes: DraftNode[];
  /** Port of VIPs and load balancers, where it is not 80. */
  port?: number;
  checkLog?: string;
  vrrp: { interface?: string; virtualRouterId?: number; advertInterval?: number; unicast?: boolean };
  /** What could not be found out. */
  open: string[];
};

const SOURCES: Record<Source, string> = {
  given: 'named on the command line',
  upstream: 'found in nginx’s upstream',
  unicast_peer: 'found as unicast_peer in keepalived.conf',
  journal: 'found in keepalived’s journal',
  neighbour: 'found in the neighbour table',
};

/** Builds the draft from what was found. `ways` is how each given host is reached, the first of them the usual way. */
export const draftOf = (found: Findings, ways: readonly Way[]): Draft => {
  const open: string[] = [];
  const balancers = found.seen.filter(({ kind }) => kind === 'lb');
  const instances = balancers.flatMap(({ configuration }) => configuration?.instances ?? []);
  const vips = [...new Set(instances.flatMap((one) => one.vips).map(canonicalAddress))].filter(
    (vip) => !isUnusable(vip),
  );
  const names = new Set<string>();
  const addressOf = (seen: Seen): string => {
    const way = canonicalAddress(ways.find(({ host }) => host === seen.host)?.address ?? seen.host);
    // A VIP moves: who was looked for under one is written with an address of its own.
    return vips.includes(way) ? (seen.addresses.find((one) => !vips.includes(canonicalAddress(one))) ?? way) : way;
  };
  const sshOf = (seen: Seen | undefined): { ssh?: WaySettings } => {
    const own = ways.find(({ host }) => host === seen?.host);
    const ssh = own && differences(own, ways[0]);
    return ssh && Object.keys(ssh).length > 0 ? { ssh } : {};
  };
  const name = (hostname: string, kind: 'lb' | 'web'): string => {
    const usable = hostname !== '' && hostname !== 'localhost' && !names.has(hostname.toLowerCase());
    let chosen = hostname;
    for (let number = 1; !usable && (chosen === hostname || names.has(chosen)); number++) chosen = `${kind}${number}`;
    names.add(chosen.toLowerCase());
    return chosen;
  };

  const byPriority = [...balancers].sort((one, two) => priorityOf(two) - priorityOf(one));
  const loadBalancers = byPriority.map((seen): DraftNode => {
    const priority = seen.configuration?.instances[0]?.priority;
    const holds = vips.filter((vip) => seen.addresses.some((one) => canonicalAddress(one) === vip));
    return {
      name: name(seen.hostname, 'lb'),
      address: addressOf(seen),
      ...(priority !== undefined && priority >= 1 && priority <= 254 ? { priority } : {}),
      ...sshOf(seen),
      notes: [
        `${SOURCES[seen.source]}; ${instanceWords(seen)}${holds.length > 0 ? '; it holds the VIPs now' : ''}`,
        ...seen.remarks,
      ],
    };
  });

  const servers = new Map(
    balancers
      .flatMap(({ configuration }) => configuration?.upstream ?? [])
      .flatMap((server) => serverOf(server) ?? [])
      .map((server) => [`${server.address}:${server.port}`, server]),
  );
  const given = found.seen.filter(({ kind, source }) => kind === 'web' && source === 'given');
  const seenAt = (address: string) =>
    found.seen.find(({ host, addresses }) => host === address || addresses.includes(address));
  for (const seen of given) {
    const address = addressOf(seen);
    if (![...servers.values()].some((server) => seen.addresses.includes(server.address) || server.address === address))
      servers.set(`${address}:80`, { address, port: 80 });
  }
  const isBalancer = (address: string) => balancers.some(({ addresses }) => addresses.includes(address));
  const selves = [...servers.values()].filter(({ address }) => isBalancer(address));
  for (const { address, port } of selves) {
    servers.delete(`${address}:${port}`);
    open.push(`nginx also passes requests to ${address}:${port}, which is a load balancer itself`);
  }
  // Two ports of one host are two servers to nginx, and one node to us.
  const places = [...servers.values()].filter(
    ({ address }, index, all) => all.findIndex((other) => other.address === address) === index,
  );
  const pages = places.map(({ address, port }) => {
    const page = found.pages.get(`${address}:${port}`);
    return page && 'bodies' in page ? page : undefined;
  });
  const identities = identitiesOf(pages);
  const webNodes = places.map(({ address, port }, index): DraftNode => {
    const seen = seenAt(address);
    const page = found.pages.get(`${address}:${port}`);
    const identity = identities[index];
    const notes = [
      seen ? SOURCES[seen.source] + (seen.webUnits[0] ? `; it runs ${seen.webUnits[0]}` : '') : SOURCES.upstream,
    ];
    const unseen = found.unseen.find(({ host }) => host === address);
    if (unseen) notes.push(`not logged in: ${unseen.failure.step}: ${unseen.failure.found}`);
    if (page && 'bodies' in page)
      notes.push(
        `its page: status ${page.status}${identity === undefined ? '; no text in it names this node alone: write one as identity' : ''}`,
      );
    else
      notes.push(
        `its page was not read${page ? `: ${page.found}` : ''}; its identity is learnt later, or written here`,
      );
    const many = [...servers.values()]
      .filter((other) => other.address === address && other.port !== port)
      .map((other) => other.port);
    if (many.length > 0) notes.push(`nginx passes to its ports ${[port, ...many].join(', ')}; the first is watched`);
    return {
      name: name(seen?.hostname ?? '', 'web'),
      address,
      ...(identity === undefined ? {} : { identity }),
      ...(port === 80 ? {} : { port }),
      ...sshOf(seen),
      notes,
    };
  });

  if (balancers.length === 1) open.push(...missingPeer(found));
  if (balancers.length === 0) open.push('no load balancer was found: nobody can be asked who holds a VIP');
  if (vips.length === 0) open.push('no VIP was found in a keepalived.conf');
  if (places.length === 0) open.push('no server was found in an nginx upstream');
  for (const { host, source, failure } of found.unseen)
    if (source === 'given' || source === 'unicast_peer' || source === 'journal')
      open.push(
        `${host} (${SOURCES[source]}) was not looked at: ${failure.step}: ${failure.found}${failure.advice ? ` (${failure.advice})` : ''}`,
      );
  for (const { host, hostname, source } of found.seen.filter(({ kind }) => kind === 'other'))
    if (source === 'given') open.push(`${host} (${hostname}) has neither keepalived nor a web server`);
  const vrids = [...new Set(instances.map(({ vrid }) => vrid))];
  if (vrids.length > 1)
    open.push(
      `there are several VRRP instances (VRID ${vrids.join(', ')}); vrrp below is the first, and only render reads it`,
    );

  const ports = [...new Set(balancers.flatMap((one) => one.ports))];
  const port = ports.length === 0 || ports.includes(80) ? undefined : ports[0];
  const [log, ...otherLogs] = [...new Set(balancers.flatMap(({ logs }) => logs))];
  if (log === undefined && balancers.length > 0) open.push('the check script’s log: checkLog is the default');
  if (otherLogs.length > 0) open.push(`check scripts also write to ${otherLogs.join(', ')}`);
  const [first] = instances;
  const ifname = first?.ifname;
  return {
    name: clusterName(loadBalancers, webNodes),
    vips,
    loadBalancers,
    webNodes,
    ...(port === undefined ? {} : { port }),
    ...(log === undefined ? {} : { checkLog: log }),
    vrrp: first
      ? {
          ...(ifname !== undefined && /^[A-Za-z0-9_][A-Za-z0-9._-]{0,14}$/.test(ifname) ? { interface: ifname } : {}),
          ...(first.vrid >= 1 && first.vrid <= 255 ? { virtualRouterId: first.vrid } : {}),
          ...(first.advertInterval >= 0.01 && first.advertInterval <= 255
            ? { advertInterval: first.advertInterval }
            : {}),
          unicast: balancers.some(({ unicast }) => unicast),
        }
      : {},
    open,
  };
};

const priorityOf = ({ configuration }: Seen): number => configuration?.instances[0]?.priority ?? 0;

const instanceWords = ({ configuration }: Seen): string => {
  const all = configuration?.instances ?? [];
  if (all.length === 0) return 'no VRRP instance was read';
  return all
    .map(
      (one) =>
        `${one.name}: VRID ${one.vrid}, priority ${one.priority}, an advert each ${one.advertInterval} s${one.state ? `, state ${one.state}` : ''}${one.nopreempt ? ', nopreempt' : ''}`,
    )
    .join('; ');
};

/** The other half of a pair that was not found, and where it may be. */
const missingPeer = (found: Findings): string[] => {
  const strangers = found.unseen.filter(({ source }) => source === 'neighbour').map(({ host }) => host);
  return [
    'only one load balancer was found; name the others too: haconsole init HOST HOST',
    ...(strangers.length > 0 ? [`neighbours that no login was possible on: ${strangers.join(', ')}`] : []),
  ];
};

/** Named after the load balancers; never as a node is named, since typing the one name must not mean the other. */
const clusterName = (balancers: readonly DraftNode[], others: readonly DraftNode[]): string => {
  const [first, second] = balancers.map(({ name }) => name.slice(0, 28));
  if (first === undefined) return 'cluster';
  const chosen = second === undefined ? `${first}-cluster` : `${first}-${second}`;
  const taken = [...balancers, ...others].some(({ name }) => name.toLowerCase() === chosen.toLowerCase());
  return taken ? `${chosen}-ha` : chosen;
};
