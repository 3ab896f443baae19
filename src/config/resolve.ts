import { posix, resolve as resolvePath } from 'node:path';
import { canonicalAddress } from './address.ts';
import type { ClusterConfig, HttpTarget, NodeConfig, SshTarget } from './cluster-config.ts';
import { durationMs } from './duration.ts';
import { readHop } from './hop.ts';
import type { ClusterFile } from './schema.ts';

/** What the file is resolved against. */
export type Surroundings = {
  /** Absolute path of the cluster file; absent when there is none on disk. */
  file?: string;
  /** Directory for relative paths: that of the file. */
  directory: string;
  home: string;
  /** Jump hosts from the command line; they replace those of the file. */
  jump?: SshTarget[];
};

type Http = ClusterFile['http'] | NonNullable<ClusterFile['webNodes'][number]['http']>;
type Ssh = { user?: string | undefined; port?: number | undefined; identity?: string | string[] | undefined };

const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** `~/x` → the home directory's x; a relative path → beside the cluster file. */
export const expandPath = (path: string, { home, directory }: Pick<Surroundings, 'home' | 'directory'>): string => {
  if (path === '~' || path.startsWith('~/')) return posix.join(home, path.slice(1));
  return resolvePath(directory, path);
};

/** The object without its undefined fields: absent means absent. */
const present = <T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as never;

const sshFields = (ssh: Ssh, around: Surroundings): { user?: string; port?: number; identity?: string[] } =>
  present({
    user: ssh.user,
    port: ssh.port,
    identity: ssh.identity === undefined ? undefined : list(ssh.identity).map((path) => expandPath(path, around)),
  }) as never;

const hops = (file: ClusterFile, around: Surroundings): SshTarget[] => {
  if (around.jump) return around.jump;
  if (file.ssh.jump === undefined) return [];
  return list(file.ssh.jump).flatMap((hop) => {
    if (typeof hop === 'string') return readHop(hop) ?? [];
    const alias = hop.hostKeyAlias === undefined ? {} : { hostKeyAlias: hop.hostKeyAlias };
    return { name: hop.name ?? hop.host, host: hop.host, ...sshFields(hop, around), ...alias };
  });
};

const httpFields = (own: Http, base?: Omit<HttpTarget, 'address'>): Omit<HttpTarget, 'address'> => {
  const scheme = own.scheme ?? base?.scheme ?? 'http';
  const usual = scheme === 'https' ? 443 : 80;
  // A node that changes the scheme does not want the other scheme's port.
  const inherited = base && scheme === base.scheme ? base.port : usual;
  const host = own.host ?? base?.host;
  return { scheme, port: own.port ?? inherited, path: own.path ?? base?.path ?? '/', ...(host ? { host } : {}) };
};

/** Fills in every default of a checked cluster file: durations in ms, addresses canonical, paths absolute. */
export const resolveCluster = (file: ClusterFile, around: Surroundings): ClusterConfig => {
  const jump = hops(file, around);
  const defaults = sshFields(file.ssh, around);
  const http = httpFields(file.http);
  const node = (
    role: 'lb' | 'web',
    entry: ClusterFile['loadBalancers'][number] & ClusterFile['webNodes'][number],
  ): NodeConfig => {
    const own = sshFields({ ...entry.ssh, port: entry.ssh?.port ?? entry.port }, around);
    const alias = entry.ssh?.hostKeyAlias ?? file.ssh.hostKeyAlias;
    const address = canonicalAddress(entry.address);
    return {
      name: entry.name,
      role,
      address,
      ssh: { name: entry.name, host: address, ...defaults, ...own, ...(alias ? { hostKeyAlias: alias } : {}) },
      http: { address, ...httpFields(entry.http ?? {}, http) },
      ...present({ identity: entry.identity, priority: entry.priority, weight: entry.weight }),
    } as NodeConfig;
  };
  const { knownHosts, config } = file.ssh;
  return {
    name: file.name,
    ...(around.file === undefined ? {} : { file: around.file }),
    ssh: {
      jump,
      ...(knownHosts === undefined ? {} : { knownHosts: list(knownHosts).map((path) => expandPath(path, around)) }),
      ...(config === undefined ? {} : { configFile: expandPath(config, around) }),
      sudo: file.ssh.sudo,
      transport: file.ssh.transport,
      defaults,
    },
    vips: file.vips.map((vip) => {
      const address = canonicalAddress(vip);
      return { address, http: { address, ...http } };
    }),
    nodes: [
      ...file.loadBalancers.map((entry) => node('lb', entry as never)),
      ...file.webNodes.map((entry) => node('web', entry as never)),
    ],
    http: { via: file.http.via ?? (jump.length > 0 ? 'jump' : 'direct'), defaults: http },
    interval: durationMs(file.interval),
    timeout: durationMs(file.timeout),
    services: file.services,
    checkLog: file.checkLog,
    vrrp: file.vrrp,
    render: file.render,
    protected: file.protected,
  };
};
