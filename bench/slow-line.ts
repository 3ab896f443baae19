// The console on a slow line for a minute while its cluster changes: the age of what is on the screen, the probes' schedule as the
// servers see it, and how soon keys answer. Runs on the embedded cluster: `node bench/slow-line.ts [seconds]` after `npm run build`.
import { onSlowLine } from '../test/support/slow-line.ts';
import { median, quantile, table } from './measure.ts';

const SECONDS = Number(process.argv[2] ?? 60);

const rows: (string | number)[][] = [];
for (const rate of [5000, 2000]) {
  const { ages, keys, gaps, quit, bytesPerSecond, moves } = await onSlowLine({ rate, seconds: SECONDS });
  const triple = (values: number[]) => [median(values), quantile(values, 0.95), Math.max(...values)].map(Math.round);
  rows.push([
    `${rate / 1000} KB/s`,
    triple(ages).join(' / '),
    triple(gaps).join(' / '),
    triple(keys).join(' / '),
    Math.round(quit),
    Math.round(bytesPerSecond),
    moves,
  ]);
}
console.log(
  table([
    ['terminal reads', 'age of the screen', 'between two requests', 'key to its effect', 'q to end', 'B/s', 'moves'],
    ...rows,
  ]),
);
console.log(`ms as median / p95 / max, ${SECONDS} s each, 120x36, a fault every 2.5 s, a log line every 0.4 s`);
