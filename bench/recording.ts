// A day of the console in one file: how large it is, how long opening and seeking take, what recording costs.
// `node bench/recording.ts [hours] [live]`: records `live` hours (default 1) of a session on the embedded cluster by fast clock, with a
// failover in each, and lets them happen again and again until `hours` (default 24) are in one file; that one is measured.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Event } from '../src/cluster/events.ts';
import { reduce } from '../src/cluster/reduce.ts';
import { createPlayback } from '../src/recording/playback.ts';
import { openSource } from '../src/recording/source.ts';
import { verify } from '../src/recording/verify.ts';
import { createRecorder } from '../src/recording/write.ts';
import { recordFast } from '../test/support/record-fast.ts';
import { median, quantile, table } from './measure.ts';

const HOURS = Number(process.argv[2] ?? 24);
const LIVE = Math.min(HOURS, Number(process.argv[3] ?? 1));
const directory = mkdtempSync(join(tmpdir(), 'bench-recording-'));

/** What happens within each hour, in rounds (seconds) from its begin. */
const EVENTS: Record<number, (run: Awaited<ReturnType<typeof recordFast>>) => unknown> = {
  600: ({ cluster }) => cluster.fault('stop', 'lb1', 'keepalived'),
  640: ({ cluster }) => cluster.fault('start', 'lb1', 'keepalived'),
  1800: ({ cluster }) => cluster.fault('stop', 'web2', 'web'),
  1860: ({ cluster }) => cluster.fault('start', 'web2', 'web'),
  2700: ({ cluster }) => cluster.fault('kill9', 'lb1', 'nginx'),
};

const live = join(directory, 'live.hacs.jsonl');
const run = await recordFast(live, { gzip: false });
await run.connected();
for (let second = 0; second < LIVE * 3600; second++) {
  EVENTS[second % 3600]?.(run);
  await run.round();
}
await run.stop();
console.error(`${LIVE} h recorded`);

/** A fact as if it had come `ms` later. */
const later = (event: Event, ms: number): Event => {
  const next = { ...event, at: { mono: event.at.mono + ms, wall: event.at.wall + ms } };
  return 'asked' in next ? { ...next, asked: next.asked + ms } : next;
};

const file = join(directory, 'day.hacs.jsonl');
const original = await createPlayback(live);
const pass = original.to().mono - original.from.mono + 250;
let state = original.stateAt(original.from.mono - 1);
const recorder = createRecorder({ file, state, app: '0.1.0', id: 'day', why: 'demo', by: 'ops@seat', gzip: false });
let taking = 0;
let facts = 0;
for (let shift = 0; shift < HOURS * 3_600_000; shift += pass)
  for (const { event } of original.walk(original.from.mono, original.to().mono)) {
    const next = later(event, shift);
    state = reduce(state, next);
    const began = performance.now();
    recorder.take(next, state);
    taking += performance.now() - began;
    if (++facts % 2000 === 0) await recorder.durable(10_000);
  }
original.close();
await recorder.close('quit');

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
const timed = async <T>(work: () => T | Promise<T>): Promise<[T, number]> => {
  const began = performance.now();
  const result = await work();
  return [result, performance.now() - began];
};

const { size } = statSync(file);
const bytes = readFileSync(file);
const packed = `${join(directory, 'packed')}.gz`;
writeFileSync(packed, gzipSync(bytes));
const [, hashing] = await timed(() => createHash('sha256').update(bytes).digest('hex'));
const [found, verifying] = await timed(async () => verify(await openSource(file)));
const opened: number[] = [];
for (let round = 0; round < 3; round++) {
  const [playback, ms] = await timed(() => createPlayback(file));
  opened.push(ms);
  playback.close();
}
const [, unpacking] = await timed(() => createPlayback(packed));
const playback = await createPlayback(file);
const length = playback.to().mono - playback.from.mono;
const random = (seed: number) => ((Math.sin(seed) * 43_758.5453) % 1) ** 2;
const seeks: number[] = [];
for (let seek = 0; seek < 200; seek++)
  seeks.push((await timed(() => playback.stateAt(playback.from.mono + length * random(seek))))[1]);
const steps: number[] = [];
for (let step = 0; step < 100; step++)
  steps.push((await timed(() => playback.stateAt(playback.to().mono - step * 5000)))[1]);
const hours = length / 3_600_000;
console.log(
  table([
    ['what', 'figure'],
    ['length', `${hours.toFixed(1)} h, ${playback.index().lines} lines, ${playback.index().keys.length} states`],
    ['size', `${megabytes(size)} (${megabytes(size / hours)} an hour)`],
    [
      'compressed',
      `${megabytes(statSync(packed).size)} (${(statSync(packed).size / 1000 / hours).toFixed(0)} KB an hour)`,
    ],
    ['opening, median of 3', `${median(opened).toFixed(0)} ms`],
    ['opening the compressed one', `${unpacking.toFixed(0)} ms`],
    ['verify', `${found.outcome} in ${verifying.toFixed(0)} ms (hashing alone ${hashing.toFixed(0)} ms)`],
    [
      'seek anywhere, median / p95 / max',
      `${median(seeks).toFixed(1)} / ${quantile(seeks, 0.95).toFixed(1)} / ${Math.max(...seeks).toFixed(1)} ms`,
    ],
    [
      '5 s back, median / p95 / max',
      `${median(steps).toFixed(1)} / ${quantile(steps, 0.95).toFixed(1)} / ${Math.max(...steps).toFixed(1)} ms`,
    ],
    ['taking one fact', `${((1000 * taking) / facts).toFixed(0)} µs on the main thread`],
    ['memory of this process', megabytes(process.memoryUsage().rss)],
  ]),
);
rmSync(directory, { recursive: true });
process.exit(0);
