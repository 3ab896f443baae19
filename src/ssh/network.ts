import type { Duplex } from 'node:stream';
import type { Link } from '../cluster/events.ts';
import type { ClusterConfig, SshTarget } from '../config/cluster-config.ts';
import { isDeadline, remoteError } from './failures.ts';
import { parseHops } from './hops.ts';
import { collectIdentities } from './identities.ts';
import { createKeyRing } from './key-ring.ts';
import { createLink, type HostLink } from './link.ts';
import { login } from './login.ts';
import { createRuntimeFolder } from './openssh-login.ts';
import { createPrompts } from './prompts.ts';
import type { Network, Prompter, Remote } from './remote.ts';
import { isUsableHost, questionFor, resolveHost, type SshConfigContext } from './ssh-config.ts';
import { askMany } from './ssh-config-batch.ts';
import { dialTcp } from './tcp.ts';
import { defaultTimings, type Timings } from './timings.ts';
import type { Trace } from './trace.ts';

/** What the network needs from the program around it. Log lines hold no secrets. */
export type NetworkOptions = {
  prompter: Prompter;
  env: Record<string, string | undefined>;
  home: string;
  /** Monotonic ms, for `retryAt`. */
  clock?: { now(): number };
  log?: (line: string) => void;
  timings?: Partial<Timings>;
  /** Told about each passed step of each login. */
  trace?: Trace;
};

const maxHops = 8;
/** How long the first answers about ssh_config are used, ms. */
const ANSWERS_LIVE = 5_000;

/**
 * All ways to the cluster: a chain of jump hosts, one connection to each, and one to each node inside the last. Nothing
 * is connected before `start`.
 */
export const createNetwork = (
  config: Pick<ClusterConfig, 'ssh' | 'nodes' | 'http' | 'timeout'>,
  options: NetworkOptions,
): Network => {
  const log = options.log ?? (() => {});
  const timings = { ...defaultTimings, ...options.timings };
  const now = () => options.clock?.now() ?? performance.now();
  const { env, home } = options;
  const { configFile, knownHosts, defaults } = config.ssh;
  const context: SshConfigContext = { env, home, log, configFile, knownHosts, identity: defaults.identity };
  const targets = [...config.ssh.jump, ...config.nodes.map((node) => node.ssh)].filter((one) => isUsableHost(one.host));
  // Asked once for the first connections; a later attempt asks anew, since the file may have been corrected.
  context.answers = Promise.all(targets.map((one) => questionFor(one, context))).then((lists) => askMany(lists, env));
  const forget = setTimeout(() => {
    context.answers = undefined;
  }, ANSWERS_LIVE);
  forget.unref();
  const prompts = createPrompts(options.prompter, log);
  const ring = createKeyRing(prompts);
  const folder = createRuntimeFolder();
  const links = new Map<string, HostLink>();
  /** Hops that only ssh_config knows (ProxyJump), by the way they are reached. */
  const hidden = new Map<string, HostLink>();
  const listeners = new Set<(name: string, link: Link) => void>();
  let started = false;
  let closed = false;

  /** What a login needs to know beforehand. */
  const prepare = async (target: SshTarget) => {
    const settings = await resolveHost(target, context);
    return { settings, identities: await collectIdentities(settings, ring) };
  };

  const linkTo = (target: SshTarget, before: HostLink | null, role: 'hop' | 'node', depth = 0): HostLink => {
    // For the first attempt made while the hop before is still being connected to; a later one reads everything anew.
    let prepared: ReturnType<typeof prepare> | undefined;
    const link = createLink({
      name: target.name,
      timings,
      now,
      async via() {
        if (before === null) return await jumpsOf(target, depth);
        prepared = prepare(target);
        prepared.catch(() => {});
        return before;
      },
      async connect(via, signal) {
        const ready = (context.answers && prepared) ?? prepare(target);
        prepared = undefined;
        const { settings, identities } = await ready;
        const { transport } = config.ssh;
        return await login({
          settings,
          identities,
          target,
          via,
          role,
          prompts,
          ring,
          timings,
          signal,
          transport,
          context,
          env,
          folder,
          trace: options.trace,
        });
      },
      publish(state) {
        for (const listener of [...listeners]) listener(target.name, state);
      },
    });
    return link;
  };

  /** The last of the hops that ssh_config wants for this host; shared by all hosts that want the same. */
  const jumpsOf = async (target: SshTarget, depth: number): Promise<HostLink | null> => {
    const { proxyJump } = await resolveHost(target, context);
    if (depth >= maxHops) throw remoteError('config', target.name, 'ProxyJump in ssh_config goes in a circle');
    let before: HostLink | null = null;
    let way = '';
    for (const hop of parseHops(proxyJump, target.name)) {
      way += `>${hop.user ?? ''}@${hop.host}:${hop.port ?? ''}`;
      const link: HostLink = hidden.get(way) ?? linkTo(hop, before, 'hop', depth + 1);
      hidden.set(way, link);
      if (!closed) link.start();
      before = link;
    }
    return before;
  };

  const hops: HostLink[] = [];
  for (const hop of config.ssh.jump) {
    const link = linkTo(hop, hops.at(-1) ?? null, 'hop');
    hops.push(link);
    links.set(hop.name, link);
  }
  const lastHop = hops.at(-1) ?? null;
  for (const node of config.nodes) links.set(node.name, linkTo(node.ssh, lastHop, 'node'));

  const linkOf = (name: string): HostLink => {
    const link = links.get(name);
    if (!link) throw new Error(`no such node: ${name}`);
    return link;
  };

  return {
    start() {
      if (started || closed) return;
      started = true;
      for (const link of links.values()) link.start();
    },
    remote: (name) => remoteOver(linkOf(name)),
    addNode({ name, address }) {
      if (links.has(name) || closed) return;
      const link = linkTo({ name, host: address, ...config.ssh.defaults }, lastHop, 'node');
      links.set(name, link);
      if (started) link.start();
    },
    async dial(host, port, { signal, direct }): Promise<Duplex> {
      if (lastHop === null || direct)
        return await dialTcp(host, host, port, { signal, name: timings.name, tcp: 2 ** 30 });
      const connection = await giveUpAs(signal, () => lastHop.up(signal));
      return await connection.dial(host, port, signal);
    },
    async ping({ signal }) {
      if (lastHop === null) return 0;
      const connection = await lastHop.up(signal);
      try {
        return await connection.ping(signal);
      } catch (error) {
        if (!signal.aborted || !isDeadline(signal)) throw error;
        throw remoteError('timeout', lastHop.name, 'the jump host does not answer');
      }
    },
    onLink(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    retry() {
      ring.forgetRefusals();
      for (const link of [...hidden.values(), ...links.values()]) link.retry();
    },
    async close() {
      closed = true;
      // Nodes first: what runs on them ends with its stdin while the way there is still open.
      for (const link of [...links.values()].reverse()) link.close();
      for (const link of hidden.values()) link.close();
      listeners.clear();
      await folder.remove();
    },
  };
};

/** Where the contract wants the signal's own reason, whatever waiting it cut short. */
const giveUpAs = async <T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> => {
  try {
    return await run();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
};

const remoteOver = (link: HostLink): Remote => ({
  name: link.name,
  async exec(command, options) {
    const connection = await link.up(options.signal);
    return await connection.exec(command, options);
  },
  async open(command, options) {
    const connection = await link.up(options.signal);
    return await connection.open(command, options);
  },
});
