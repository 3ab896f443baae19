/** Starts the fixture program of the terminal tests and reads what it found. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { openPty, type Pty, type PtyOptions } from '../support/pty.ts';

export type Report = {
  readonly keys: string[];
  readonly pastes: string[];
  /** How late, in milliseconds, each turn of a 10 ms timer was. */
  readonly delays: number[];
  readonly lost: string[];
  readonly suspended?: boolean;
  readonly resumed?: boolean;
  readonly stats: { frames: number; sent: number; dropped: number; bytes: number; writes: number; roundTrip?: number };
};

export type Program = Pty & {
  /** What the program wrote about itself when it ended (or when key `s` told it to); undefined before. */
  report(): Report | undefined;
  /** The process of the program itself, read from its header. */
  programPid(): number;
  /** The terminal's settings before and after, where a shell runs the program: equal when all was given back. */
  settings(): { before: string; after: string };
};

export const PROGRAM = join(import.meta.dirname, 'fixtures/terminal-program.ts');
const started: { pty: Pty; dir: string }[] = [];

afterEach(async () => {
  for (const { pty, dir } of started.splice(0)) {
    await pty.dispose();
    rmSync(dir, { recursive: true });
  }
});

type Options = Omit<Partial<PtyOptions>, 'env'> & {
  readonly mode?: string;
  /** Milliseconds between two changes of the picture, and how many there are. */
  readonly period?: number;
  readonly frames?: number;
};

/**
 * How it is started. `alone`: as the terminal's only program. `shell`: by a shell that notes the terminal's settings
 * before and after, says `ended STATUS` and stays. `jobs`: by typing into an interactive shell with job control.
 */
export function startProgram(how: 'alone' | 'shell' | 'jobs', options: Options = {}): Program {
  const dir = mkdtempSync(join(tmpdir(), 'terminal-'));
  const { mode = '', period = 100, frames, ...rest } = options;
  const run = `'${process.execPath}' '${PROGRAM}'`;
  const shell = `stty -a > '${dir}/before'; ${run}; s=$?; stty -a > '${dir}/after'; echo ended $s; exec sleep 60`;
  const command = {
    alone: { cmd: process.execPath, args: [PROGRAM] },
    shell: { cmd: 'sh', args: ['-c', shell] },
    jobs: { cmd: 'bash', args: ['--norc', '--noprofile', '-i'] },
  }[how];
  const env = {
    NODE_ENV: 'production',
    FORCE_COLOR: '3',
    PS1: 'prompt> ',
    MODE: mode,
    PERIOD: String(period),
    FRAMES: frames === undefined ? undefined : String(frames),
    REPORT: join(dir, 'report.json'),
  };
  const pty = openPty({ ...command, ...rest, env });
  started.push({ pty, dir });
  // A parent that is no shell, as npm would be, has to stop and go on with the program.
  if (how === 'jobs') pty.send(`sh -c "${run}; true"\r`);
  return {
    ...pty,
    report() {
      try {
        return JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8')) as Report;
      } catch {
        return undefined;
      }
    },
    programPid: () => Number(/pid (\d+)/.exec(pty.screen().join('\n'))?.[1]),
    settings: () => ({
      before: readFileSync(join(dir, 'before'), 'utf8'),
      after: readFileSync(join(dir, 'after'), 'utf8'),
    }),
  };
}

/** True while a process exists. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
