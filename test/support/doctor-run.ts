import { spawn } from 'node:child_process';
import type { Ran } from './doctor-cases.ts';

/** Runs a command line without a terminal; asked to end, as a person would with ctrl-c, once stdout holds `until`. */
export const runFor = (
  [command, args]: [string, readonly string[]],
  { until, env }: { until?: RegExp | undefined; env: NodeJS.ProcessEnv },
): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (until?.test(stdout)) child.kill('SIGINT');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, stdout, stderr, ms: performance.now() - began });
    });
  });
