import { spawn } from 'node:child_process';
import { LabError, namespaceOf } from './plan.ts';

/** How a command ended. `code` is null when it was killed (`timedOut`, or by someone else). */
export type Ran = { code: number | null; stdout: string; stderr: string; timedOut: boolean };

export type RunOptions = {
  /** Written to standard input, which is then closed. */
  input?: string;
  /** ms; default 30 000. The command is killed after that. */
  timeout?: number;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
};

/** Runs one command without a shell and collects what it says. Resolves whatever the exit status; rejects only when the program is missing. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true, // a process group of its own: nsenter leaves a child behind when only it is killed
      env: options.env ?? { ...process.env, LC_ALL: 'C' },
      ...(options.cwd ? { cwd: options.cwd } : {}),
    });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      if (child.pid) process.kill(-child.pid, 'SIGKILL');
    }, options.timeout ?? 30_000);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => {}); // a command that does not read its input is no fault
    child.stdin.end(options.input ?? '');
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new LabError(`cannot run ${command}: ${error.message}`));
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString(), timedOut });
    });
  });
}

/** As `run`, but a status other than 0 is an error that quotes the command and its last words. Returns standard output. */
export async function must(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const ran = await run(command, args, options);
  if (ran.code === 0) return ran.stdout;
  const said = (ran.stderr.trim() || ran.stdout.trim()).split('\n').slice(-4).join('\n  ');
  const how = ran.timedOut ? 'took too long' : `ended with ${ran.code ?? 'a signal'}`;
  throw new LabError(`${[command, ...args].join(' ').slice(0, 300)} ${how}${said ? `:\n  ${said}` : ''}`);
}

/** Runs a command of this machine in the network namespace of a node, of `client` or of `switch`. */
export const onNet = (name: string, argv: readonly string[], options?: RunOptions): Promise<Ran> =>
  run('ip', ['netns', 'exec', namespaceOf(name), ...argv], options);

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks again every `every` ms until the answer is true; after `within` ms it fails with `what` (or what `what` finds out then). */
export async function until(
  what: string | (() => Promise<string>),
  holds: () => Promise<boolean> | boolean,
  { within = 10_000, every = 50 }: { within?: number; every?: number } = {},
): Promise<void> {
  const end = performance.now() + within;
  while (!(await holds())) {
    if (performance.now() > end) {
      throw new LabError(`waited ${within / 1000} s in vain: ${typeof what === 'string' ? what : await what()}`);
    }
    await sleep(every);
  }
}
