import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemoClock, realClock, scopedClock } from './clock.ts';
import { clusterFile } from './cluster-file.ts';
import type { Flavour } from './configuration.ts';
import { FAULTS, type Fault } from './fault-list.ts';
import { applyFault } from './faults.ts';
import { healAll } from './heal.ts';
import { type HttpListener, listenHttp } from './http-server.ts';
import { listenJump } from './jump.ts';
import { makeKey, publicPart } from './keys.ts';
import type { Machine } from './machine.ts';
import { listenSsh, type NodeServer } from './ssh-server.ts';
import { createWorld, type World } from './world.ts';

export type DemoOptions = {
  /** The same seed gives the same process ids, phases and history. */
  seed?: number;
  clock?: DemoClock;
  /** For keys, known_hosts and the cluster file; default: a new directory that only the user can enter, removed by `stop`. */
  directory?: string;
  flavour?: Flavour;
};

/** A running embedded cluster. */
export type DemoCluster = {
  /** Path of its cluster file (YAML). */
  clusterFile: string;
  /** The time it lives in. */
  clock: DemoClock;
  /** Throws an Error with one sentence when there is no such fault, node or service. */
  fault(name: string, node?: string, service?: string): void;
  /** Takes every fault back and starts what should run. */
  heal(): void;
  faults: readonly Pick<Fault, 'name' | 'takes' | 'sentence'>[];
  /** Ground truth: the machines that bear the address now. */
  holders(vip: string): string[];
  /** The machines themselves: their files, journals and servers. */
  world: World;
  /** Closes everything it opened. Safe to call twice. */
  stop(): Promise<void>;
};

/** Starts the tutorial's cluster in this process: SSH and HTTP servers on loopback, all behind one jump host. */
export const startDemo = async (options: DemoOptions = {}): Promise<DemoCluster> => {
  const clock = scopedClock(options.clock ?? realClock());
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'haconsole-demo-')));
  if (options.directory) await mkdir(directory, { recursive: true, mode: 0o700 });
  const flavour = options.flavour ?? 'fixed';
  const world = createWorld(clock, flavour, options.seed ?? 1);
  const user = makeKey('haconsole demo');
  const jumpKey = makeKey('jump');
  const ssh = new Map<string, NodeServer>();
  const http = new Map<string, HttpListener>();
  const known: string[] = [];
  for (const { machine, web, keepalived } of world.hosts) {
    const hostKey = makeKey(machine.name);
    known.push(`${machine.address} ${publicPart(hostKey)}`);
    const server = await listenSsh({ machine, keepalived }, hostKey, user);
    ssh.set(machine.name, server);
    http.set(machine.name, await listenHttp(web));
    machine.onPower((on) => {
      if (!on) server.dropAll();
    });
  }
  /** Machines whose SSH server is down. */
  const deaf = new Set<string>();
  const locate = (machine: Machine, port: number): number | undefined => {
    if (port === 22) return deaf.has(machine.name) ? undefined : ssh.get(machine.name)?.port;
    const web = world.host(machine.name)?.web;
    return port === 80 && web && web.unit.processes.length > 0 ? http.get(machine.name)?.port : undefined;
  };
  const jump = await listenJump(world.lan, clock, locate, { host: jumpKey, user });
  known.push(`[127.0.0.1]:${jump.port} ${publicPart(jumpKey)}`);

  const path = (name: string): string => join(directory, name);
  const files = { identity: path('id_ed25519'), knownHosts: path('known_hosts'), sshConfig: path('ssh_config') };
  await writeFile(files.identity, user.private, { mode: 0o600 });
  await writeFile(files.knownHosts, `${known.join('\n')}\n`, { mode: 0o600 });
  // Empty on purpose: what the user's own ssh_config says about other hosts must not reach the demo.
  await writeFile(files.sshConfig, '', { mode: 0o600 });
  await writeFile(path('haconsole.yaml'), clusterFile(jump.port, files), { mode: 0o600 });

  const stage = {
    world,
    jump,
    dropSsh: (node: string) => ssh.get(node)?.dropAll(),
    sshd: (node: string, up: boolean) => {
      if (up) deaf.delete(node);
      else deaf.add(node);
      if (!up) ssh.get(node)?.dropAll();
    },
  };
  let stopping: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    clock.close();
    for (const { machine } of world.hosts) machine.powerOff();
    await jump.close();
    await Promise.all([...ssh.values(), ...http.values()].map((server) => server.close()));
    if (!options.directory) await rm(directory, { recursive: true, force: true });
    else await Promise.all([...Object.values(files), path('haconsole.yaml')].map((file) => rm(file, { force: true })));
  };
  return {
    clusterFile: path('haconsole.yaml'),
    clock,
    fault: (name, node, service) => applyFault(stage, name, node, service),
    heal: () => healAll(stage),
    faults: FAULTS,
    holders: world.holders,
    world,
    stop: () => {
      stopping ??= close();
      return stopping;
    },
  };
};
