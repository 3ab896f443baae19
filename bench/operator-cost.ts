// What an idle, healthy cluster costs on the operator's seat: the console, and beside it, in the same run, the tutorial's five
// `watch -d -n 1 curl` terminals over ssh in tmux. CPU of every process on the seat, and bytes the terminal gets.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { consoleCommand, healthy, withLab } from '../test/lab/support/lab.ts';
import { openPty } from '../test/support/pty.ts';
import { cpuMs, familyOf, sleep, table } from './measure.ts';
import { sshCommand } from './seat.ts';

const SECONDS = Number(process.argv[2] ?? 60);
const WARM = 20;
const TARGETS = ['80', '101', '102', '201', '202'];

await withLab();
await healthy();

const directory = mkdtempSync(join(tmpdir(), 'cost-'));
const socket = join(directory, 'tmux');
const tmux = (...args: string[]): string =>
  execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...args], { encoding: 'utf8' }).trim();

const [command, args] = consoleCommand(['watch']);
const own = openPty({ cmd: command, args, cols: 160, rows: 45, env: { LC_ALL: 'C.UTF-8' } });
const five = openPty({
  cmd: 'tmux',
  args: ['-S', socket, '-f', '/dev/null', 'new-session', '-s', 'five', 'sh'],
  cols: 160,
  rows: 45,
  env: { LC_ALL: 'C.UTF-8', TMUX: undefined },
});
try {
  await own.until(/healthy|degraded/i, 20_000);
  await five.until((rows) => rows.join('').includes('five'), 10_000);
  for (const [index, last] of TARGETS.entries()) {
    const [cmd, argv] = sshCommand('jump', ['watch', '-d', '-n', '1', `curl -s 172.16.249.${last}:80`], ['-tt']);
    const line = [cmd, ...argv].map((word) => `'${word}'`).join(' ');
    if (index > 0) tmux('split-window', '-t', 'five');
    tmux('select-layout', '-t', 'five', 'tiled');
    tmux('send-keys', '-t', 'five', `exec ${line}`, 'Enter');
  }
  await five.until((rows) => (rows.join('\n').match(/HTTP WEB NODE/g) ?? []).length >= 5, 30_000);
  await sleep(WARM * 1000);
  const server = Number(tmux('display-message', '-p', '#{pid}'));
  const ownPids = familyOf(own.pid);
  const fivePids = [...familyOf(five.pid), ...familyOf(server)];
  const before = { own: cpuMs(ownPids), five: cpuMs(fivePids), ownBytes: own.bytes(), fiveBytes: five.bytes() };
  await sleep(SECONDS * 1000);
  const rate = (value: number) => Math.round((value / SECONDS) * 10) / 10;
  const cost = {
    own: rate(cpuMs(ownPids) - before.own),
    five: rate(cpuMs(fivePids) - before.five),
    ownBytes: rate(own.bytes() - before.ownBytes),
    fiveBytes: rate(five.bytes() - before.fiveBytes),
  };
  console.log(
    table([
      ['idle, 160x45', 'CPU ms/s', 'terminal B/s'],
      ['console', cost.own, cost.ownBytes],
      ['five watch terminals', cost.five, cost.fiveBytes],
    ]),
  );
  console.log(
    `ratios: CPU ${(cost.own / cost.five).toFixed(2)}, bytes ${(cost.ownBytes / cost.fiveBytes).toFixed(2)} over ${SECONDS} s (CPU of the five on the jump host not counted)`,
  );
} finally {
  own.send('q');
  await own.dispose();
  tmux('kill-server');
  await five.dispose();
  rmSync(directory, { recursive: true, force: true });
}
