/** The built console in a pseudo-terminal, on an embedded cluster of the test's own process: its truth is at hand. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemoCluster, startDemo } from '../../src/demo/cluster.ts';
import { openPty, type Pty, type PtyOptions } from './pty.ts';

export const BIN = join(import.meta.dirname, '..', '..', 'bin', 'haconsole.mjs');
export const CHECK_LOG = '/etc/keepalived/check_nginx.log';

const open: Pty[] = [];
const directories: string[] = [];

/** Ends every console and removes every directory: for `afterEach`. */
export const closeConsoles = async (): Promise<void> => {
  for (const pty of open.splice(0)) await pty.dispose();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
};

/** A directory that is gone after the test. */
export const testDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'console-'));
  directories.push(directory);
  return directory;
};

/** The environment of a user with a UTF-8 terminal, whatever the tests themselves run in. */
export const userEnvironment = {
  LC_ALL: 'C.UTF-8',
  TZ: 'UTC',
  FORCE_COLOR: undefined,
  NO_COLOR: undefined,
  SSH_AUTH_SOCK: undefined,
};

/** Runs a program in a terminal that is freed after the test. */
export const inTerminal = (options: PtyOptions): Pty => {
  const pty = openPty({ ...options, env: { ...userEnvironment, ...options.env } });
  open.push(pty);
  return pty;
};

/** Where the bundle is kept compiled from one console to the next. */
const COMPILED = join(tmpdir(), 'node-compile-cache');

/** The console by its command line. What it leaves in its temporary directory when it is killed is gone after the test. */
export const openConsole = (args: readonly string[], options: Omit<PtyOptions, 'cmd' | 'args'> = {}): Pty =>
  inTerminal({
    ...options,
    cmd: process.execPath,
    args: [BIN, ...args],
    env: { TMPDIR: testDirectory(), NODE_COMPILE_CACHE: COMPILED, ...options.env },
  });

/** `watch` on a cluster. */
export const watchCluster = (file: string, options: Omit<PtyOptions, 'cmd' | 'args'> = {}): Pty =>
  openConsole(['watch', '-c', file], options);

/** The first full picture of a healthy cluster. */
export const isHealthy = (rows: string[]): boolean =>
  /OK healthy/.test(rows[0] ?? '') && rows.filter((row) => /lb1 .*● web\d 200/.test(row)).length >= 3;

/** Takes every fault back and waits until the cluster itself is as it was: lb1 holds the VIPs, everything runs. */
export const healed = async (cluster: DemoCluster): Promise<void> => {
  cluster.heal();
  const well = () =>
    cluster.holders('172.16.249.80').join() === 'lb1' &&
    cluster.world.hosts.every(({ machine }) => [...machine.units.values()].every((unit) => unit.active === 'active'));
  while (!well()) await new Promise((resolve) => setTimeout(resolve, 20));
};

/** A cluster file like the cluster's own but for some text. Fails when the text to be replaced is not there. */
export const changedFile = (
  cluster: DemoCluster,
  directory: string,
  changes: readonly (readonly [string | RegExp, string])[],
) => {
  let text = readFileSync(cluster.clusterFile, 'utf8');
  for (const [from, to] of changes) {
    const next = text.replace(from, () => to);
    if (next === text) throw new Error(`nothing to replace by ${to} in the demo's cluster file:\n${text}`);
    text = next;
  }
  const file = join(directory, 'haconsole.yaml');
  writeFileSync(file, text);
  return file;
};

/** Resolves when `holds` does; fails with `what` after `ms`. */
export const eventually = async (what: string, holds: () => boolean, ms = 10_000): Promise<void> => {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`${what} did not come within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

export { type DemoCluster, startDemo };
