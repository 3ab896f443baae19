/** A console on a slow line while its cluster changes: how old its screen is, whether it probes on time and answers keys. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CHECK_LOG, closeConsoles, type DemoCluster, isHealthy, startDemo, watchCluster } from './demo-console.ts';

export type SlowLine = {
  /** Age of the oldest news that was not on the screen yet, ms, at each look (every 20 ms). */
  ages: number[];
  /** From a key to its effect on the screen, ms. */
  keys: number[];
  /** Between two requests at web1, which no fault touches, ms: the probes' schedule is 1000. */
  gaps: number[];
  /** From q to the end of the process, ms. */
  quit: number;
  /** The last bytes that the terminal got, with what gave it back. */
  farewell: string;
  bytesPerSecond: number;
  /** VIP moves that the cluster made. */
  moves: number;
};

type Fault = [name: string, node: string, service?: string];
const FAULTS: readonly Fault[] = [
  ['stop', 'lb1', 'keepalived'],
  ['stop', 'web2', 'web'],
  ['start', 'lb1', 'keepalived'],
  ['start', 'web2', 'web'],
  ['kill9', 'lb1', 'nginx'],
  ['restart', 'lb2', 'keepalived'],
];

/** The cluster changes this often, and news (a line of the check log) comes this often, ms. */
const FAULT_EVERY = 2500;
const NEWS_EVERY = 400;
const LOOK_EVERY = 20;

const newestShown = (rows: string[]): number =>
  Math.max(-1, ...rows.flatMap((row) => [...row.matchAll(/news (\d+)\./g)].map((found) => Number(found[1]))));

/** Watches a console of this size for some seconds, its terminal reading `rate` bytes a second from the start. */
export const onSlowLine = async (options: {
  rate: number;
  seconds: number;
  cols?: number;
  rows?: number;
}): Promise<SlowLine> => {
  const { rate, seconds, cols = 120, rows = 36 } = options;
  const cluster: DemoCluster = await startDemo({ seed: 5 });
  const requests: number[] = [];
  const web = cluster.world.host('web1')?.web;
  const log = cluster.world.host('lb2')?.machine.files;
  if (!web || !log) throw new Error('the demo has no web1 or lb2');
  const { answer } = web;
  const timers: NodeJS.Timeout[] = [];
  const pty = watchCluster(cluster.clusterFile, { cols, rows, drain: rate });
  try {
    await pty.until(isHealthyNarrow, 60_000);
    web.answer = (path, done) => {
      requests.push(performance.now());
      return answer(path, done);
    };
    const told: number[] = [];
    const tell = () => log.append(CHECK_LOG, `news ${told.push(performance.now()) - 1}.\n`);
    let fault = 0;
    let moves = 0;
    let holder = cluster.holders('172.16.249.80').join();
    timers.push(
      setInterval(tell, NEWS_EVERY),
      setInterval(() => cluster.fault(...(FAULTS[fault++ % FAULTS.length] as Fault)), FAULT_EVERY),
    );
    const from = performance.now();
    const bytes = pty.bytes();
    const ages: number[] = [];
    const keys: number[] = [];
    let key: { pane: number; at: number } | undefined;
    while (performance.now() - from < seconds * 1000) {
      await sleep(LOOK_EVERY);
      const now = performance.now();
      const screen = pty.screen();
      const missing = told[newestShown(screen) + 1];
      ages.push(missing === undefined ? 0 : now - missing);
      const holds = cluster.holders('172.16.249.80').join();
      if (holds !== holder && holds !== '') {
        holder = holds;
        moves++;
      }
      if (key && screen.join('\n').includes(`▸${key.pane} `)) {
        keys.push(now - key.at);
        key = undefined;
      } else if (!key && now - from > 1000 * (keys.length + 1)) {
        key = { pane: 1 + (keys.length % 6), at: now };
        pty.send(String(key.pane));
      }
    }
    if (key) keys.push(performance.now() - key.at);
    const bytesPerSecond = (pty.bytes() - bytes) / seconds;
    const leaving = performance.now();
    pty.send('q');
    await pty.exit;
    return {
      ages,
      keys,
      gaps: requests.slice(1).map((at, index) => at - (requests[index] ?? 0)),
      quit: performance.now() - leaving,
      farewell: pty.rawOutput().slice(-3000),
      bytesPerSecond,
      moves,
    };
  } finally {
    for (const timer of timers) clearInterval(timer);
    await closeConsoles();
    await cluster.stop();
  }
};

const isHealthyNarrow = (rows: string[]): boolean => isHealthy(rows) && rows.some((row) => /1-7 pane/.test(row));
