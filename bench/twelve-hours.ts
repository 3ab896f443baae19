// Twelve hours in the life of the console by fast clock: 43,200 rounds of a live session with its screen on the embedded cluster,
// through real SSH and HTTP on loopback, with moves, faults and lost connections; what the process holds after each hour.
// `node bench/twelve-hours.ts [rounds]`. The screen is JSX, which Node does not read: the run is bundled first.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import type * as LongRun from '../test/support/long-run.tsx';
import { table } from './measure.ts';

const ROUNDS = Number(process.argv[2] ?? 43_200);
const HOUR = 3600;

process.env.NODE_ENV = 'production';
delete process.env.DEV;
// Beside the packages that it imports, and out of the way of everything that reads this folder.
const bundle = join(import.meta.dirname, '..', 'node_modules', `.twelve-hours.${process.pid}.mjs`);
await build({
  entryPoints: [join(import.meta.dirname, '..', 'test', 'support', 'long-run.tsx')],
  outfile: bundle,
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  logLevel: 'warning',
});
const { runLong } = (await import(bundle).finally(() => rm(bundle))) as typeof LongRun;
const heads = ['clock', 'round', 'heap MB', 'RSS MB', 'descriptors', 'sockets', 'timers', 'verdict'];
const rows: (string | number)[][] = [heads];
const result = await runLong({
  rounds: ROUNDS,
  every: Math.min(HOUR, Math.ceil(ROUNDS / 4)),
  onSample: ({ at, round, heap, rss, descriptors, sockets, timers, verdict }) => {
    rows.push([at, round, heap, rss, descriptors, sockets, timers, verdict]);
    console.error(`${at} heap ${heap} MB, RSS ${rss} MB, ${descriptors} descriptors`);
  },
});
console.log(table(rows));
const { moves, requests, notices, frames, seconds } = result;
console.log(
  `${ROUNDS} rounds in ${seconds} s: ${requests} requests, ${moves} moves kept, ${notices} log lines, ${frames} frames; console and cluster in one process`,
);
process.exit(0);
