import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { CheckReport } from '../../src/commands/check-report.ts';
import type { Line } from './conformance.ts';

const bin = join(import.meta.dirname, '..', '..', 'bin', 'haconsole.mjs');

export type ConsoleResult = { code: number | null; stdout: string; stderr: string };

/** Runs the built console to its end. `prefix` puts a command before it (`ip netns exec op`). */
export const runConsole = (
  args: string[],
  options: { prefix?: string[]; env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<ConsoleResult> =>
  new Promise((resolve, reject) => {
    const [command, ...rest] = [...(options.prefix ?? []), process.execPath, bin, ...args] as [string, ...string[]];
    const child = spawn(command, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: options.env ?? process.env,
      cwd: options.cwd,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });

/** `check --json` on a cluster file. */
export const runCheck = async (file: string, prefix: string[] = []): Promise<{ report: CheckReport; code: number }> => {
  const { code, stdout, stderr } = await runConsole(['check', '--json', '-c', file], { prefix });
  try {
    return { report: JSON.parse(stdout) as CheckReport, code: code ?? -1 };
  } catch {
    throw new Error(`check printed no JSON (status ${code}): ${stdout.slice(0, 500)} ${stderr.slice(0, 2000)}`);
  }
};

/** The command line of `watch --json` on a cluster file of this machine's own. */
export const watchCommand = (file: string): [string, string[]] => [
  process.execPath,
  [bin, 'watch', '--json', '-c', file],
];

/** Starts `watch --json` by its command line; its lines as they come. */
export const startWatch = async ([command, args]: [string, string[]]): Promise<{
  lines: Line[];
  stop(): Promise<void>;
}> => {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const lines: Line[] = [];
  let partial = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (partial + text).split('\n');
    partial = parts.pop() ?? '';
    for (const part of parts) lines.push(JSON.parse(part) as Line);
  });
  return {
    lines,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
};
