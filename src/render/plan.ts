import { addressFamily } from '../config/address.ts';
import type { ClusterConfig, NodeConfig } from '../config/cluster-config.ts';

/** Why nothing can be rendered; the message is one sentence for people. */
export class RenderRefusal extends Error {}

/** A load balancer with everything its files say. */
export type Balancer = { name: string; address: string; port: number; priority: number };

/** A web node as nginx's upstream sees it. `page` is the text that names it. */
export type Backend = { name: string; server: string; weight: number; page: string };

/** What the files of all nodes are written from: every number decided, nothing left to default. */
export type Plan = {
  cluster: string;
  balancers: Balancer[];
  backends: Backend[];
  backendScheme: 'http' | 'https';
  /** VIPs of the instance's own family first; the adverts carry these. */
  vips: string[];
  /** IPv6 VIPs beside IPv4 ones: they move with the instance, but no advert of one family can carry both. */
  otherVips: string[];
  family: 4 | 6;
  interface: string;
  vrid: number;
  /** Seconds. */
  advertInterval: number;
  vrrpVersion: 2 | 3;
  /** What a failed check takes off the priority: enough to fall below every healthy peer. */
  weight: number;
  unicast: boolean;
  authPass?: string;
  nginxUser: string;
  nginxUnit: string;
  keepalivedUnit: string;
  checkLog: string;
};

/** Base priorities in file order where the file is silent: the tutorial's two, then downwards. */
const PRIORITIES = [150, 100, 90, 80, 70, 60, 50, 40, 30, 20, 10, 9, 8, 7, 6, 5];

const refuse = (message: string): never => {
  throw new RenderRefusal(message);
};

const serverOf = ({ http }: NodeConfig): string =>
  `${addressFamily(http.address) === 6 ? `[${http.address}]` : http.address}:${http.port}`;

const balancersOf = (config: ClusterConfig): Balancer[] => {
  const balancers = config.nodes
    .filter((node) => node.role === 'lb')
    .map((node, index) => ({
      name: node.name,
      address: node.address,
      port: node.http.port,
      priority: node.priority ?? PRIORITIES[index] ?? 1,
      scheme: node.http.scheme,
    }));
  if (balancers.length < 2) refuse('render needs at least two load balancers in the cluster file (loadBalancers).');
  for (const [index, one] of balancers.entries()) {
    const twin = balancers.slice(0, index).find((other) => other.priority === one.priority);
    if (twin)
      refuse(`${twin.name} and ${one.name} both have priority ${one.priority}: give each load balancer its own.`);
    if (one.scheme === 'https')
      refuse(`${one.name} is asked by https, but render writes no certificates: it can only write http.`);
  }
  return balancers;
};

const backendsOf = (config: ClusterConfig): Backend[] => {
  const webs = config.nodes.filter((node) => node.role === 'web');
  if (webs.length === 0) refuse('render needs at least one web node in the cluster file (webNodes).');
  if (new Set(webs.map((web) => web.http.scheme)).size > 1)
    refuse('some web nodes are asked by http and some by https: one upstream can only have one of them.');
  return webs.map((web, index) => ({
    name: web.name,
    server: serverOf(web),
    weight: web.weight ?? 1,
    page: web.identity ?? `HTTP WEB NODE ${String(index + 1).padStart(2, '0')}`,
  }));
};

/** The last number of an address, 1..255: unique on its LAN as the VIP itself is, so two pairs do not meet by accident. */
const vridOf = (vip: string): number => {
  const last =
    addressFamily(vip) === 4 ? Number(vip.split('.')[3]) : Number.parseInt(vip.split(':').at(-1) || '1', 16) & 255;
  return last === 0 ? 1 : last;
};

const versionOf = (family: 4 | 6, advertInterval: number): 2 | 3 => {
  const version = family === 6 || !Number.isInteger(advertInterval) ? 3 : 2;
  // RFC 9568 5.2.7: twelve bits of centiseconds.
  if (version === 3 && advertInterval > 40.95)
    refuse(`vrrp.advertInterval is ${advertInterval} s, but VRRPv3 (IPv6, or a fraction of a second) ends at 40.95 s.`);
  return version;
};

const weightOf = (balancers: readonly Balancer[]): number => {
  const all = balancers.map((one) => one.priority);
  const weight = Math.max(60, Math.max(...all) - Math.min(...all) + 10);
  if (weight > 253 || Math.min(...all) < 2)
    refuse('the priorities lie too far apart: a failed check could not bring the highest below the lowest.');
  return weight;
};

const unicastOf = (config: ClusterConfig, balancers: readonly Balancer[], family: 4 | 6): boolean => {
  const possible = balancers.every((one) => addressFamily(one.address) === family);
  if (config.vrrp.unicast === true && !possible)
    refuse(
      `vrrp.unicast is true, which needs every load balancer's address to be an IPv${family} address, as the first VIP is.`,
    );
  return config.vrrp.unicast ?? possible;
};

/** Decides everything the files say. Throws a RenderRefusal when the cluster file does not say enough. */
export const planOf = (config: ClusterConfig, authPass?: string): Plan => {
  const balancers = balancersOf(config);
  const backends = backendsOf(config);
  const all = config.vips.map((vip) => vip.address);
  const [first] = all;
  if (first === undefined) return refuse('render needs at least one VIP in the cluster file (vips).');
  const family = all.some((vip) => addressFamily(vip) === 4) ? 4 : 6;
  const vips = all.filter((vip) => addressFamily(vip) === family);
  const advertInterval = config.vrrp.advertInterval ?? 1;
  const vrrpVersion = versionOf(family, advertInterval);
  // keepalived cuts what is longer than eight characters; the rest keeps its parser's special characters out.
  if (authPass !== undefined && !/^[A-Za-z0-9.,_+=/:-]{1,8}$/.test(authPass))
    refuse('HACONSOLE_AUTH_PASS must be 1 to 8 letters, digits or . , _ + = / : - (VRRPv2 has room for no more).');
  return {
    cluster: config.name,
    balancers,
    backends,
    backendScheme: config.nodes.find((node) => node.role === 'web')?.http.scheme ?? 'http',
    vips,
    otherVips: all.filter((vip) => addressFamily(vip) !== family),
    family,
    interface: config.vrrp.interface ?? 'eth0',
    vrid: config.vrrp.virtualRouterId ?? vridOf(vips[0] ?? first),
    advertInterval,
    vrrpVersion,
    weight: weightOf(balancers),
    unicast: unicastOf(config, balancers, family),
    ...(authPass === undefined || vrrpVersion === 3 ? {} : { authPass }),
    nginxUser: config.render?.nginxUser ?? 'www-data',
    nginxUnit: config.services.nginx,
    keepalivedUnit: config.services.keepalived,
    checkLog: config.checkLog,
  };
};
