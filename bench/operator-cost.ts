// What watching an idle, healthy cluster costs: the console, and after it, in the same run, the tutorial's five terminals, each
// `ssh -tt jump watch -d -n 1 curl …` in one tmux. CPU on the operator's seat, CPU on the jump host and the nodes over what
// they use unwatched, and the bytes the terminal gets.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processesOf } from '../lab/cgroup.ts';
import { consoleCommand, healAll, healthy, withLab } from '../test/lab/support/lab.ts';
import { openPty, type Pty } from '../test/support/pty.ts';
import { cpuMs, familyOf, sleep, table } from './measure.ts';
import { sshCommand } from './seat.ts';

const SECONDS = Number(process.argv[2] ?? 60);
/** Until shares are counted over a full window and ages are coarse. */
const WARM = 40;
const [cols, rows] = (process.argv[3] ?? '160x45').split('x').map(Number) as [number, number];
const SIZE = { cols, rows, env: { LC_ALL: 'C.UTF-8', TMUX: undefined } };
const TARGETS = ['80', '101', '102', '201', '202'];
const REMOTE = ['jump', 'lb1', 'lb2', 'web1', 'web2'];

type Cost = { seat: number; remote: number; bytes: number };

const remoteMs = (): number => cpuMs(REMOTE.flatMap(processesOf));

const measure = async (pids: () => number[], pty?: Pty): Promise<Cost> => {
  await sleep(WARM * 1000);
  const family = pids();
  const before = { seat: cpuMs(family), remote: remoteMs(), bytes: pty?.bytes() ?? 0 };
  await sleep(SECONDS * 1000);
  const rate = (value: number) => value / SECONDS;
  return {
    seat: rate(cpuMs(family) - before.seat),
    remote: rate(remoteMs() - before.remote),
    bytes: rate((pty?.bytes() ?? 0) - before.bytes),
  };
};

const watchFive = async (): Promise<Cost> => {
  const directory = mkdtempSync(join(tmpdir(), 'cost-'));
  const server = ['-S', join(directory, 'tmux'), '-f', '/dev/null'];
  const tmux = (...args: string[]): string => execFileSync('tmux', [...server, ...args], { encoding: 'utf8' }).trim();
  const pty = openPty({ cmd: 'tmux', args: [...server, 'new-session', '-s', 'five', 'sh'], ...SIZE });
  try {
    await pty.until((rows) => rows.join('').includes('five'), 10_000);
    for (const [index, last] of TARGETS.entries()) {
      const curl = `curl -s 172.16.249.${last}:80`;
      const [cmd, argv] = sshCommand('jump', ['watch', '-d', '-n', '1', `'${curl}'`], ['-tt']);
      if (index > 0) tmux('split-window', '-t', 'five', 'sh');
      tmux('select-layout', '-t', 'five', 'tiled');
      tmux('send-keys', '-t', 'five', `exec ${[cmd, ...argv].map((word) => `"${word}"`).join(' ')}`, 'Enter');
    }
    await pty.until((rows) => (rows.join('\n').match(/HTTP WEB NODE/g) ?? []).length >= TARGETS.length, 30_000);
    const pid = Number(tmux('display-message', '-p', '#{pid}'));
    return await measure(() => [...familyOf(pty.pid), ...familyOf(pid)], pty);
  } finally {
    tmux('kill-server');
    await pty.dispose();
    rmSync(directory, { recursive: true, force: true });
  }
};

const watchOwn = async (): Promise<Cost> => {
  const [cmd, args] = consoleCommand(['watch']);
  const pty = openPty({ cmd, args, ...SIZE });
  try {
    await pty.until(/healthy|degraded/i, 20_000);
    return await measure(() => familyOf(pty.pid), pty);
  } finally {
    pty.send('q');
    await pty.dispose();
  }
};

await withLab();
await healAll();
await healthy();
const nothing = await measure(() => []);
const own = await watchOwn();
const five = await watchFive();
const row = (name: string, cost: Cost) => {
  const remote = cost.remote - nothing.remote;
  return [name, cost.seat.toFixed(1), remote.toFixed(1), (cost.seat + remote).toFixed(1), cost.bytes.toFixed(0)];
};
console.log(
  table([
    [`idle, ${cols}x${rows}`, 'seat CPU ms/s', 'jump + nodes CPU ms/s', 'all CPU ms/s', 'terminal B/s'],
    row('console', own),
    row('five watch terminals', five),
  ]),
);
const all = (cost: Cost) => cost.seat + cost.remote - nothing.remote;
console.log(
  `ratios: CPU ${(all(own) / all(five)).toFixed(2)}, bytes ${(own.bytes / five.bytes).toFixed(2)}, over ${SECONDS} s each`,
);
