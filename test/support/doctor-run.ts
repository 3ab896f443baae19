import { spawn } from 'node:child_process';
import type { Ran } from './doctor-cases.ts';

/** Runs a command line without a terminal; asked to end after `limit` ms, as a person would with ctrl-c. */
export const runFor = (
  [command, args]: [string, readonly string[]],
  { limit, env }: { limit?: number | undefined; env: NodeJS.ProcessEnv },
): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const timer = limit === undefined ? undefined : setTimeout(() => child.kill('SIGINT'), limit);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr, ms: performance.now() - began });
    });
  });
