import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ClusterFileOptions, clusterYaml } from '../../../lab/cluster-file.ts';
import { FAULTS } from '../../../lab/faults.ts';
import { healAll, healthy } from '../../../lab/heal.ts';
import { CLUSTER_FILE, namespaceOf, REPOSITORY, STATE } from '../../../lab/plan.ts';
import { run, sleep, until } from '../../../lab/run.ts';
import { up } from '../../../lab/up.ts';

export { currentFlavour, type Flavour } from '../../../lab/configure.ts';
export { inside, isRunning, mustInside } from '../../../lab/node.ts';
export { addressOf, CLUSTER_FILE, IDENTITY, LabError, NODES, STATE, VIPS, WEB_NAMES } from '../../../lab/plan.ts';
export { secret } from '../../../lab/secrets.ts';
export {
  addressesOf,
  arpOwners,
  banner,
  curl,
  curlNode,
  curlVip,
  holders,
  inWords,
  processStates,
  unitState,
} from '../../../lab/truth.ts';
export { setFlavour } from '../../../lab/up.ts';
export { FAULTS, healAll, healthy, sleep, until };

/** The lab, healthy: brought up where it does not run, put right where something was left broken. For `beforeAll`. */
export const withLab = (): Promise<void> => up({ say: (line) => console.error(`lab: ${line}`) });

type Switches = { [Name in keyof typeof FAULTS]: (typeof FAULTS)[Name]['apply'] };
const side = (which: 'apply' | 'heal'): Switches =>
  Object.fromEntries(Object.entries(FAULTS).map(([name, fault]) => [name, fault[which]])) as Switches;

/** `faults.stop('nginx', 'lb1')`, `faults['power-off']('lb1')`: resolves when the effect was seen, with what was seen. */
export const faults: Switches = side('apply');

/** `heal.stop('nginx', 'lb1')`: the way back of each fault. `healAll` undoes everything. */
export const heal: Switches = side('heal');

/** How the console ended. `ms` from start to exit. */
export type ConsoleRun = { code: number | null; stdout: string; stderr: string; ms: number };

export type ConsoleOptions = {
  /** Cluster file; default the lab's own. */
  config?: string;
  input?: string;
  /** ms after which it is killed; default 30 000. */
  timeout?: number;
  env?: NodeJS.ProcessEnv;
};

/** Command line that runs haconsole in the operator's network namespace: for a PTY or a process of one's own. */
export const consoleCommand = (args: readonly string[], config: string = CLUSTER_FILE): [string, string[]] => [
  'ip',
  ['netns', 'exec', namespaceOf('op'), process.execPath, join(REPOSITORY, 'bin/haconsole.mjs'), ...args, '-c', config],
];

/** Runs haconsole without a terminal from the operator's seat, which sees the jump host and nothing else. */
export async function runConsole(args: readonly string[], options: ConsoleOptions = {}): Promise<ConsoleRun> {
  const [command, argv] = consoleCommand(args, options.config);
  const started = performance.now();
  // No agent and no ssh_config of whoever runs the tests.
  const env = { PATH: process.env.PATH, HOME: STATE, LC_ALL: 'C.UTF-8', TZ: 'UTC', ...options.env };
  const ran = await run(command, argv, {
    env,
    timeout: options.timeout ?? 30_000,
    ...(options.input === undefined ? {} : { input: options.input }),
  });
  return { code: ran.code, stdout: ran.stdout, stderr: ran.stderr, ms: Math.round(performance.now() - started) };
}

/** What `check --json` prints, as far as tests look at it. */
export type Checked = {
  schema: string;
  status: 'OK' | 'WARNING' | 'CRITICAL' | 'UNKNOWN';
  verdict: string;
  reasons: string[];
  vips: { address: string; holders: string[]; http: { ok: boolean | null; servedBy?: string; status?: number } }[];
  nodes: {
    name: string;
    role: string;
    reachable: boolean | null;
    vips?: string[];
    vrrpState?: string;
    error?: unknown;
  }[];
};

/** `check --json` from the operator's seat, parsed; fails with its own words when it prints no object. */
export async function check(options: ConsoleOptions = {}): Promise<ConsoleRun & { report: Checked }> {
  const ran = await runConsole(['check', '--json'], options);
  try {
    return { ...ran, report: JSON.parse(ran.stdout) as Checked };
  } catch {
    throw new Error(
      `check --json printed no JSON (status ${ran.code}): ${ran.stdout.slice(0, 500)}${ran.stderr.slice(-1000)}`,
    );
  }
}

/** Writes a variant of the lab's cluster file (another user, key, known_hosts) and returns its path. */
export async function clusterFileWith(name: string, options: ClusterFileOptions): Promise<string> {
  const path = join(STATE, `haconsole-${name}.yaml`);
  await writeFile(path, clusterYaml(options), { mode: 0o600 });
  return path;
}
