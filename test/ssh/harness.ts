import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Link } from '../../src/cluster/events.ts';
import type { ClusterConfig, NodeConfig, SshTarget } from '../../src/config/cluster-config.ts';
import { createNetwork, type NetworkOptions } from '../../src/ssh/network.ts';
import type { Network, Prompt, Prompter } from '../../src/ssh/remote.ts';
import { defaultTimings, type Timings } from '../../src/ssh/timings.ts';
import type { TestKey, TestServer } from '../support/ssh-server.ts';

/** Short waits, so that a test of a silence does not last ten seconds. */
export const quick: Timings = {
  ...defaultTimings,
  tcp: 1_000,
  handshake: 1_000,
  auth: 1_000,
  keepalive: { hop: { interval: 100, count: 2 }, node: { interval: 200, count: 2 } },
  rtt: 100,
  backoff: { first: 30, max: 200 },
};

export type Bench = {
  home: string;
  network: Network;
  links: Map<string, Link>;
  history: { name: string; link: Link }[];
  prompts: Prompt[];
  log: string[];
  /** Waits until the named link is as described. */
  until(name: string, test: (link: Link) => boolean): Promise<Link>;
  close(): Promise<void>;
};

export const node = (name: string, ssh: Partial<SshTarget>): NodeConfig => ({
  name,
  role: 'lb',
  address: '127.0.0.1',
  ssh: { name, host: '127.0.0.1', user: 'ops', ...ssh },
  http: { address: '127.0.0.1', port: 80, path: '/', scheme: 'http' },
});

export const hop = (name: string, server: { port: number }, ssh: Partial<SshTarget> = {}): SshTarget => ({
  name,
  host: '127.0.0.1',
  port: server.port,
  user: 'ops',
  ...ssh,
});

/** A home directory with key files and known_hosts, removed by the caller. */
export const makeHome = (files: Record<string, string>): string => {
  const home = mkdtempSync(join(tmpdir(), 'haconsole-test-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, name), text, { mode: 0o600 });
  return home;
};

export const knownHosts = (...servers: { port: number; hostKey: TestKey }[]): string =>
  servers.map(({ port, hostKey }) => `[127.0.0.1]:${port} ${hostKey.public}\n`).join('');

export type BenchOptions = {
  jump?: SshTarget[];
  nodes?: NodeConfig[];
  files?: Record<string, string>;
  known?: TestServer[];
  prompter?: Prompter;
  ssh?: Partial<ClusterConfig['ssh']>;
  timings?: Partial<Timings>;
  env?: NetworkOptions['env'];
  /** Null: targets without an identity name none, as when the cluster file does not. */
  identity?: null;
};

/** A network on a throw-away home; `key` in `files` is used as identity of every target without one. */
export const bench = (options: BenchOptions): Bench => {
  const home = makeHome({
    known_hosts: options.known ? knownHosts(...options.known) : '',
    ...options.files,
  });
  const identity = [join(home, 'key')];
  const withIdentity = (target: SshTarget): SshTarget => ({
    ...target,
    ...(options.identity === null ? {} : { identity: target.identity?.map((file) => join(home, file)) ?? identity }),
  });
  const prompts: Prompt[] = [];
  const log: string[] = [];
  const links = new Map<string, Link>();
  const history: { name: string; link: Link }[] = [];
  const waiting = new Set<() => void>();
  const network = createNetwork(
    {
      ssh: {
        jump: (options.jump ?? []).map(withIdentity),
        knownHosts: [join(home, 'known_hosts')],
        configFile: 'none',
        sudo: false,
        transport: 'ssh2',
        defaults: {},
        ...options.ssh,
      },
      nodes: (options.nodes ?? []).map((entry) => ({ ...entry, ssh: withIdentity(entry.ssh) })),
      http: { via: 'jump', defaults: { port: 80, path: '/', scheme: 'http' } },
      timeout: 1_000,
    },
    {
      prompter: (prompt, signal) => {
        prompts.push(prompt);
        return options.prompter?.(prompt, signal) ?? Promise.resolve(null);
      },
      env: options.env ?? { PATH: process.env.PATH },
      home,
      log: (line) => log.push(line),
      timings: { ...quick, ...options.timings },
    },
  );
  network.onLink((name, link) => {
    links.set(name, link);
    history.push({ name, link });
    for (const check of [...waiting]) check();
  });
  return {
    home,
    network,
    links,
    history,
    prompts,
    log,
    until: (name, test) =>
      new Promise((resolve) => {
        const check = () => {
          const link = links.get(name);
          if (!link || !test(link)) return;
          waiting.delete(check);
          resolve(link);
        };
        waiting.add(check);
        check();
      }),
    async close() {
      await network.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
};

export const soon = (ms = 2_000): AbortSignal => AbortSignal.timeout(ms);
