import { spawn } from 'node:child_process';
import type { ActReport } from '../../src/commands/act-report.ts';

/** How a run of `act` or `note` ended. `report` is absent where it printed no JSON object. */
export type Acted = { code: number | null; stdout: string; stderr: string; report: ActReport | undefined };

/** A run that goes on: what it has said, and its end. */
export type Acting = {
  said(): string;
  /** Resolves when stderr holds this text; fails when it ends without. */
  until(text: string): Promise<void>;
  /** By default kill -9. */
  kill(signal?: NodeJS.Signals): void;
  ended: Promise<Acted>;
};

const reportIn = (stdout: string): ActReport | undefined => {
  try {
    return JSON.parse(stdout) as ActReport;
  } catch {
    return undefined;
  }
};

/** Starts the console by its command line, without a terminal. */
export const startActing = ([command, args]: [string, string[]], env: NodeJS.ProcessEnv = process.env): Acting => {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env, detached: true });
  let stdout = '';
  let stderr = '';
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const look of waiting) look();
  });
  const ended = new Promise<Acted>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr, report: reportIn(stdout) }));
  });
  return {
    said: () => stderr,
    until: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!stderr.includes(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`it ended without saying ${text}: ${stderr}`)));
      }),
    kill: (signal = 'SIGKILL') => {
      if (child.pid) process.kill(-child.pid, signal);
    },
    ended,
  };
};
