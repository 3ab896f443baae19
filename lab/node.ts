import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { enterFiles, processesOf, removeGroups, setFrozen } from './cgroup.ts';
import { lower, raise } from './net.ts';
import { LAB, LabError, namespaceOf, nodeOf, rootOf, STATE } from './plan.ts';
import { must, type Ran, type RunOptions, run, until } from './run.ts';

/** A process named so that a reused pid is not mistaken for it: pid and start time (clock ticks since boot). */
type Process = { pid: number; started: string };
/** `supervisor` is systemd-nspawn on this machine, `init` the node's own systemd. */
type Container = { supervisor: Process; init: Process };

const folderOf = (name: string): string => join(STATE, 'nodes', name);
const recordOf = (name: string): string => join(folderOf(name), 'container.json');

function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

const isAlive = (process: Process): boolean => startOf(process.pid) === process.started;

function container(name: string): Container | undefined {
  try {
    return JSON.parse(readFileSync(recordOf(name), 'utf8')) as Container;
  } catch {
    return undefined;
  }
}

/** Whether the node has power: its systemd lives. */
export function isRunning(name: string): boolean {
  const known = container(name);
  return known !== undefined && isAlive(known.init);
}

/** Runs a command inside a node, as root, in all of its namespaces. Rejects when the node is off. */
export async function inside(name: string, argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return run('nsenter', insideArguments(name, argv), { ...options, env: INSIDE_ENV });
}

/** As `inside`, but a status other than 0 is an error. Returns standard output. */
export async function mustInside(name: string, argv: readonly string[], options: RunOptions = {}): Promise<string> {
  return must('nsenter', insideArguments(name, argv), { ...options, env: INSIDE_ENV });
}

export const INSIDE_ENV = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  LC_ALL: 'C',
  ...(process.env.TERM ? { TERM: process.env.TERM } : {}),
};

/** Arguments of `nsenter` that lead into a node; used with `INSIDE_ENV`. */
export function insideArguments(name: string, argv: readonly string[]): string[] {
  const known = container(nodeOf(name).name);
  if (!known || !isAlive(known.init)) throw new LabError(`${name} is off`);
  return [
    `--target=${known.init.pid}`,
    '--mount',
    '--uts',
    '--ipc',
    '--net',
    '--pid',
    '--cgroup',
    '--root',
    '--wd',
    '--',
    ...argv,
  ];
}

async function isMounted(path: string): Promise<boolean> {
  return (await readFile('/proc/self/mountinfo', 'utf8')).includes(` ${path} `);
}

/** Lays the node's own writable layer over the base image. True when it was not mounted before. */
export async function mountRoot(name: string, base: string): Promise<boolean> {
  const root = rootOf(name);
  if (await isMounted(root)) return false;
  const layer = (part: string) => join(folderOf(name), part);
  for (const part of ['upper', 'work', 'root']) await mkdir(layer(part), { recursive: true });
  // What a machine that was switched off had begun to write is no use; a node always starts from the base.
  for (const part of ['upper', 'work']) await rm(layer(part), { recursive: true, force: true });
  for (const part of ['upper', 'work']) await mkdir(layer(part));
  const options = `lowerdir=${base},upperdir=${layer('upper')},workdir=${layer('work')}`;
  await must('mount', ['-t', 'overlay', `haconsole-lab-${LAB}-${name}`, '-o', options, root]);
  return true;
}

const NSPAWN = [
  ...['--quiet', '--boot', '--settings=no', '--register=no', '--keep-unit', '--link-journal=no'],
  ...['--resolv-conf=off', '--timezone=off', '--console=read-only', '--capability=CAP_NET_ADMIN,CAP_NET_RAW'],
];

/** Gives a node power: cards up, systemd started. Resolves when its init runs (not yet its services: `booted`). */
export async function powerOn(name: string): Promise<void> {
  const node = nodeOf(name);
  if (isRunning(name)) return;
  await powerOff(name); // sweeps up what a half-dead container left
  await raise(name, node.wires);
  const enter = await enterFiles(name);
  const log = openSync(join(folderOf(name), 'console.log'), 'a');
  const flags = [
    `--directory=${rootOf(name)}`,
    `--machine=${name}`,
    `--network-namespace-path=/run/netns/${namespaceOf(name)}`,
  ];
  const script = 'while [ "$1" != -- ]; do echo $$ > "$1" || exit 1; shift; done; shift; exec "$@"';
  const argv = ['-c', script, 'sh', ...enter, '--', 'systemd-nspawn', ...NSPAWN, ...flags, 'systemd.show_status=no'];
  const child = spawn('/bin/sh', argv, { detached: true, stdio: ['ignore', log, log] });
  let ended: string | undefined;
  child.on('exit', (code, signal) => {
    ended = `systemd-nspawn ended with ${code ?? signal}`;
  });
  child.on('error', (error) => {
    ended = error.message;
  });
  child.unref();
  closeSync(log);
  const complain = async () => {
    const said = await readFile(join(folderOf(name), 'console.log'), 'utf8').catch(() => '');
    return `${name} did not start: ${ended ?? 'no init appeared'}\n${said.trim().split('\n').slice(-6).join('\n')}`;
  };
  let init: number | undefined;
  await until(
    complain,
    async () => {
      if (ended) throw new LabError(await complain());
      init = initIn(name);
      return init !== undefined;
    },
    { within: 20_000, every: 20 },
  );
  const pair = { supervisor: identify(child.pid!), init: identify(init!) };
  await writeFile(recordOf(name), `${JSON.stringify(pair)}\n`);
}

function identify(pid: number): Process {
  return { pid, started: startOf(pid) ?? '' };
}

/** The process of the node's group that is number 1 in its own pid namespace and has become systemd. */
function initIn(name: string): number | undefined {
  return processesOf(name).find((pid) => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      return /^NSpid:\t\d+\t1$/m.test(status) && /^Name:\tsystemd$/m.test(status);
    } catch {
      return false;
    }
  });
}

/** Waits until the node's systemd has started everything it wants; a failed unit does not hold it up. */
export async function booted(name: string, within = 60_000): Promise<void> {
  let last = '';
  await until(
    async () => `${name} is still ${last || 'silent'}`,
    async () => {
      const ran = await inside(name, ['systemctl', 'is-system-running', '--wait'], { timeout: within });
      last = ran.stdout.trim() || ran.stderr.trim();
      return /^(running|degraded)$/.test(ran.stdout.trim());
    },
    { within, every: 100 },
  );
}

/** Pulls the plug: cards dead, every process of the node killed at once. Harmless on a node that is off. */
export async function powerOff(name: string): Promise<void> {
  await lower(nodeOf(name));
  await endProcesses(name);
}

/** Asks a node's systemd to power off (SIGRTMIN+4 of systemd's manual); returns at once. */
export function shutdownSignal(name: string): void {
  const known = container(name);
  if (known && isAlive(known.init)) process.kill(known.init.pid, SIGRTMIN + 4);
}

/** Linux with glibc; Node knows the real-time signals by number only. */
const SIGRTMIN = 34;

/** Kills exactly the processes of the node's control groups, and removes the groups. */
export async function endProcesses(name: string): Promise<void> {
  await setFrozen(name, false);
  const known = container(name);
  if (known && isAlive(known.init)) kill(known.init.pid);
  await until(
    async () => `processes of ${name} do not die: ${processesOf(name).join(' ')}`,
    () => {
      const left = processesOf(name);
      for (const pid of left) if (pid !== known?.supervisor.pid || !known || !isAlive(known.init)) kill(pid);
      return left.length === 0;
    },
    { within: 20_000, every: 20 },
  );
  removeGroups(name);
  await rm(recordOf(name), { force: true });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it is gone already
  }
}

/** Unmounts a node's root and forgets its disk. */
export async function removeNode(name: string): Promise<void> {
  const root = rootOf(name);
  while (await isMounted(root)) await must('umount', [root]);
  if (existsSync(folderOf(name))) await rm(folderOf(name), { recursive: true, force: true, maxRetries: 3 });
}
