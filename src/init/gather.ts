import type { ClusterConfig, HttpTarget } from '../config/cluster-config.ts';
import { openAgent } from '../probes/agent/agent.ts';
import type { Clock } from '../probes/clock.ts';
import { probeHttp } from '../probes/http.ts';
import { failureOf } from '../probes/looks.ts';
import type { Network } from '../ssh/remote.ts';
import type { Findings, Page, Seen, Source, Unseen } from './seen.ts';
import { serverOf } from './server.ts';
import { seenOf, surveyScript } from './survey.ts';

/** From the first packet to the login, with a person who answers questions, ms; and of what runs on the node. */
const LOGIN = 180_000;
const SURVEY = 10_000;
/** How many strangers of the neighbour table are tried. */
const MOST_NEIGHBOURS = 8;
const PAGE = 3000;

/** What finding out needs. */
export type Gathering = {
  network: Network;
  /** What the network was made for: the hosts of the command line. */
  given: readonly { name: string; address: string }[];
  hops: readonly string[];
  via: ClusterConfig['http']['via'];
  clock: Clock;
  signal: AbortSignal;
  /** From now on nobody is asked anything: an unknown host key is a refusal. */
  hush: () => void;
  say: (sentence: string) => void;
};

type Place = { name: string; address: string; source: Source };

/** Logs in on the given hosts, then on those that they tell of, and asks the web nodes for their pages. Never rejects. */
export const gather = async (task: Gathering): Promise<Findings> => {
  const found: Findings = { seen: [], unseen: [], pages: new Map() };
  const tried = new Set<string>();
  const known = (address: string) =>
    tried.has(address) || found.seen.some(({ addresses, host }) => host === address || addresses.includes(address));
  const round = async (places: Place[]): Promise<Seen[]> => {
    const fresh = places.filter(({ address }) => !known(address));
    for (const { address } of fresh) tried.add(address);
    const looks = await Promise.all(fresh.map((place) => look(task, place)));
    const seen = looks.flatMap((one) => ('kind' in one ? [one] : []));
    // The same machine may answer under two names.
    for (const one of seen)
      if (!one.addresses.some((address) => found.seen.some((other) => other.addresses.includes(address))))
        found.seen.push(one);
    found.unseen.push(...looks.flatMap((one) => ('failure' in one ? [one] : [])));
    return seen;
  };
  const add = (addresses: readonly string[], source: Source): Place[] =>
    [...new Set(addresses)].map((address) => ({ name: address, address, source }));

  await round(task.given.map((one) => ({ ...one, source: 'given' })));
  const balancers = () => found.seen.filter(({ kind }) => kind === 'lb');
  const vips = () =>
    balancers().flatMap(({ configuration }) => configuration?.instances.flatMap((one) => one.vips) ?? []);
  const servers = () =>
    balancers()
      .flatMap(({ configuration }) => configuration?.upstream ?? [])
      .flatMap((server) => serverOf(server) ?? []);
  const peers = balancers().flatMap((one) => one.peers);
  if (peers.length > 0)
    task.say(`other routers: ${peers.map(({ address, source }) => `${address} (${source})`).join(', ')}`);
  for (const source of ['unicast_peer', 'journal'] as const)
    await round(
      add(
        peers.filter((peer) => peer.source === source).map(({ address }) => address),
        source,
      ),
    );

  const webs = servers().map(({ address }) => address);
  if (webs.length > 0) task.say(`servers behind nginx: ${[...new Set(webs)].join(', ')}`);
  const [, pages] = await Promise.all([round(add(webs, 'upstream')), askPages(task, servers())]);
  found.pages = pages;

  if (balancers().length === 1) {
    const taken = new Set([...vips(), ...webs, ...task.hops]);
    const strangers = balancers().flatMap(({ neighbours }) => neighbours.filter((address) => !taken.has(address)));
    task.hush();
    await round(add(strangers, 'neighbour').slice(0, MOST_NEIGHBOURS));
  }
  return found;
};

const look = async (task: Gathering, { name, address, source }: Place): Promise<Seen | Unseen> => {
  const { network, clock, signal } = task;
  network.addNode({ name, address });
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LOGIN)]);
  try {
    const agent = await openAgent({ remote: network.remote(name), script: surveyScript(), clock, signal: limit });
    try {
      const seen = seenOf(await agent.ask('snap', SURVEY), name, source);
      task.say(`${name}: ${WORDS[seen.kind]}${seen.hostname === '' ? '' : ` (${seen.hostname})`}`);
      return seen;
    } finally {
      agent.close();
    }
  } catch (error) {
    const failure = failureOf(error, name);
    if (source !== 'neighbour') task.say(`${name}: ${failure.step}: ${failure.found}`);
    return { host: name, source, failure };
  }
};

const WORDS = { lb: 'a load balancer', web: 'a web node', other: 'neither keepalived nor a web server' } as const;

const askPages = async (
  task: Gathering,
  servers: readonly { address: string; port: number }[],
): Promise<Findings['pages']> => {
  const pages: Findings['pages'] = new Map();
  await Promise.all(
    servers.map(async ({ address, port }) => {
      const key = `${address}:${port}`;
      if (!pages.has(key))
        pages.set(key, await askPage(task, { address, port, path: '/', scheme: port === 443 ? 'https' : 'http' }));
    }),
  );
  return pages;
};

/** Twice, since what changes from one answer to the next is no name. */
const askPage = async ({ network, via, signal }: Gathering, target: HttpTarget): Promise<Page | Unseen['failure']> => {
  const ask = () =>
    probeHttp(target, {
      dial: (host, port, options) => network.dial(host, port, { ...options, direct: via === 'direct' }),
      timeout: PAGE,
      pathAlive: async () => true,
      name: target.address,
      signal,
    });
  const first = await ask();
  const second = first.kind === 'answer' ? await ask() : first;
  if (first.kind !== 'answer') return first.failure;
  return { status: first.status, bodies: [first.body, ...(second.kind === 'answer' ? [second.body] : [])] };
};
