// Time to the first full picture of the console, beside one cold `ssh -J jump node true`, in turns in one run.
import { spawnSync } from 'node:child_process';
import { consoleCommand, withLab } from '../test/lab/support/lab.ts';
import { openPty } from '../test/support/pty.ts';
import { median, quantile, table } from './measure.ts';
import { sshCommand } from './seat.ts';

const RUNS = Number(process.argv[2] ?? 12);

/** Every pane has its news: VRRP states, both web nodes, the verdict. */
const isFull = (rows: string[]): boolean => {
  const text = rows.join('\n');
  return (
    /healthy|degraded/i.test(text) &&
    /MASTER/.test(text) &&
    /BACKUP/.test(text) &&
    /web2/i.test(text) &&
    !/connecting/i.test(text)
  );
};

await withLab();
const own: number[] = [];
const ssh: number[] = [];
for (let run = 0; run <= RUNS; run++) {
  const [command, args] = consoleCommand(['watch']);
  const start = performance.now();
  const pty = openPty({ cmd: command, args, cols: 160, rows: 45, env: { LC_ALL: 'C.UTF-8' } });
  await pty.until(isFull, 20_000);
  const full = performance.now() - start;
  pty.send('q');
  await pty.exit;
  await pty.dispose();
  const [program, argv] = sshCommand('lb1', ['true']);
  const before = performance.now();
  const { status, stderr } = spawnSync(program, argv, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ssh failed: ${stderr}`);
  const cold = performance.now() - before;
  if (run === 0) continue; // warm caches for both
  own.push(full);
  ssh.push(cold);
}
const row = (name: string, values: number[]) => [name, Math.round(median(values)), Math.round(quantile(values, 0.95))];
console.log(
  table([['', 'median ms', 'p95 ms'], row('console, first full picture', own), row('ssh -J jump lb1 true', ssh)]),
);
console.log(`ratio of medians: ${(median(own) / median(ssh)).toFixed(2)} (${RUNS} runs each)`);
