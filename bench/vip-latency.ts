// From the kernel's own time of an address change on a node to the change on the screen: the console, and beside it, in the same
// run, `watch -n 1 ip addr` on each load balancer over ssh, as people do it today. Both screens are read by the same emulator.
import { spawn } from 'node:child_process';
import { namespaceOf } from '../lab/plan.ts';
import { consoleCommand, faults, heal, healAll, healthy, withLab } from '../test/lab/support/lab.ts';
import { openPty } from '../test/support/pty.ts';
import { median, quantile, sleep, table } from './measure.ts';
import { sshCommand } from './seat.ts';

const MOVES = Number(process.argv[2] ?? 20);
const VIP = '172.16.249.80';

/** Wall time (ms) at which the kernel of a node added the VIP; the nodes share this machine's clock. */
const additions = (node: string) => {
  const child = spawn('ip', ['netns', 'exec', namespaceOf(node), 'ip', '-ts', '-o', 'monitor', 'address'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
  });
  const waiting: ((at: number) => void)[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) {
      const match = line.match(/^\[([^\]]+)\] (?!Deleted).*inet 172\.16\.249\.80\//);
      if (match) for (const resolve of waiting.splice(0)) resolve(Date.parse(`${match[1]?.slice(0, 23)}Z`));
    }
  });
  return { next: () => new Promise<number>((resolve) => waiting.push(resolve)), stop: () => child.kill() };
};

/** Wall time (ms) at which a screen first shows what is looked for. */
const seenAt = async (pty: ReturnType<typeof openPty>, shown: (rows: string[]) => boolean): Promise<number> => {
  await pty.until(shown, 30_000);
  return performance.timeOrigin + performance.now();
};

await withLab();
await healAll();
await healthy();
const [command, args] = consoleCommand(['watch']);
const own = openPty({ cmd: command, args, cols: 160, rows: 45, env: { LC_ALL: 'C.UTF-8' } });
const holderShown = (node: string) => (rows: string[]) =>
  rows.some((row) => row.includes(VIP) && new RegExp(`${VIP.replaceAll('.', '\\.')}\\s+\\S*\\s*${node}`).test(row));
const watchers = Object.fromEntries(
  ['lb1', 'lb2'].map((node) => {
    const [cmd, argv] = sshCommand(node, ['watch', '-t', '-n', '1', 'ip', '-4', '-o', 'addr', 'show'], ['-tt']);
    return [node, openPty({ cmd, args: argv, cols: 160, rows: 20 })];
  }),
);
const truth = Object.fromEntries(['lb1', 'lb2'].map((node) => [node, additions(node)]));
const results: { own: number; watch: number }[] = [];
try {
  await own.until(holderShown('lb1'), 20_000);
  await watchers.lb1?.until((rows) => rows.join('').includes(`${VIP}/`), 20_000);
  for (let move = 0; move < MOVES; move++) {
    const to = move % 2 === 0 ? 'lb2' : 'lb1';
    const added = truth[to]?.next() as Promise<number>;
    const onOwn = seenAt(own, holderShown(to));
    const onWatch = seenAt(watchers[to] as ReturnType<typeof openPty>, (rows) => rows.join('').includes(`${VIP}/`));
    await (to === 'lb2' ? faults.stop('keepalived', 'lb1') : heal.stop('keepalived', 'lb1'));
    const at = await added;
    results.push({ own: (await onOwn) - at, watch: (await onWatch) - at });
    await sleep(1000 + Math.random() * 1000); // no beat with the once-a-second looks
  }
} finally {
  own.send('q');
  await own.dispose();
  for (const one of Object.values(watchers)) await one.dispose();
  for (const one of Object.values(truth)) one.stop();
  await healAll();
}
const row = (name: string, values: number[]) => [
  name,
  Math.round(median(values)),
  Math.round(quantile(values, 0.95)),
  Math.round(Math.max(...values)),
];
console.log(
  table([
    ['VIP on the node → on the screen', 'median ms', 'p95 ms', 'max ms'],
    row(
      'console',
      results.map((one) => one.own),
    ),
    row(
      'watch -n 1 over ssh',
      results.map((one) => one.watch),
    ),
  ]),
);
console.log(
  `${results.length} moves; watch takes ${(median(results.map((one) => one.watch)) / median(results.map((one) => one.own))).toFixed(0)} times as long (medians)`,
);
