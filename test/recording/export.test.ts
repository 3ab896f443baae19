import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import xterm from '@xterm/headless';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { castFrames } from '../../src/commands/cast-frames.ts';
import { castOf } from '../../src/commands/export.ts';
import { createCast } from '../../src/recording/export/asciicast.ts';
import { csvOf } from '../../src/recording/export/csv.ts';
import { escapeXml, junitXml, sessionSuites } from '../../src/recording/export/junit.ts';
import { openMetricsOf } from '../../src/recording/export/openmetrics.ts';
import { createPlayback, type Playback } from '../../src/recording/playback.ts';
import { analyse } from '../../src/recording/report/analysis.ts';
import type { Source } from '../../src/recording/source.ts';
import { verify } from '../../src/recording/verify.ts';
import { recordInMemory } from '../support/recorded.ts';
import { noAnswer, VIPS } from '../support/scene.ts';

const SIZE = { columns: 120, rows: 36 };
const HOSTILE = `=cmd|' /C calc'!A0 <x y="1">&amp; ]]> \u0000\u001b[2J\uffff "q", \n2nd`;

let recorded: Source;
let playback: Playback;
let bounds: { from: number; to: number };
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'export-'));
  const { source } = await recordInMemory((scene) => {
    scene.healthy();
    scene.rounds(30);
    scene.move('lb1', 'lb2', 600);
    scene.send({ kind: 'note', node: 'lb1', text: HOSTILE, outcome: { ok: true } });
    scene.rounds(10);
    scene.world.vip = { [VIPS[0] as string]: noAnswer({ found: HOSTILE }) };
    scene.rounds(5);
    scene.world.vip = {};
    scene.rounds(60);
  });
  recorded = source;
  playback = await createPlayback(source);
  bounds = { from: playback.from.mono, to: playback.to().mono };
});
afterAll(() => rmSync(directory, { recursive: true }));

const drained = <T>(work: Generator<number, T>): T => {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
};

const cast = (version: 2 | 3) =>
  drained(castOf(playback, bounds, { version, ...SIZE, fps: 1, idle: 2, frames: castFrames, seal: 'abc' }));

type CastEvent = [number, string, string];
const parsed = (text: string): { header: Record<string, unknown>; events: CastEvent[] } => {
  const [header, ...events] = text.trimEnd().split('\n');
  return {
    header: JSON.parse(header as string) as Record<string, unknown>,
    events: events.map((line) => JSON.parse(line) as CastEvent),
  };
};

const written = (term: InstanceType<typeof xterm.Terminal>, text: string) =>
  new Promise<void>((resolve) => term.write(text, resolve));
const screenOf = (term: InstanceType<typeof xterm.Terminal>): string[] =>
  Array.from({ length: SIZE.rows }, (_, row) => term.buffer.active.getLine(row)?.translateToString(true) ?? '');
const terminal = () => new xterm.Terminal({ cols: SIZE.columns, rows: SIZE.rows, allowProposedApi: true });

describe('an asciicast', () => {
  test('of version 2 has what every player takes and nothing else', () => {
    const text = cast(2);
    const { header, events } = parsed(text);
    expect(header).toMatchObject({ version: 2, width: 120, height: 36, idle_time_limit: 2 });
    expect(Number.isInteger(header.timestamp)).toBe(true);
    expect(text.endsWith('\n')).toBe(true);
    let last = 0;
    for (const event of events) {
      expect(event).toHaveLength(3);
      expect(event[0]).toBeGreaterThanOrEqual(last);
      expect(['o', 'm']).toContain(event[1]);
      expect(typeof event[2]).toBe('string');
      last = event[0];
    }
    const data = events.filter((one) => one[1] === 'o').map((one) => one[2]);
    expect(data.slice(0, -1).join('')).not.toMatch(/[\n\r]/);
    expect(data.at(-1)).toContain('\u001b[?25h');
  });

  test('of version 3 has the same at the same times, told as intervals', () => {
    const [two, three] = [parsed(cast(2)), parsed(cast(3))];
    expect(three.header).toMatchObject({ version: 3, term: { cols: 120, rows: 36 } });
    let at = 0;
    const absolute = three.events.map(([interval, code, data]): CastEvent => {
      at += Math.round(interval * 1000);
      return [at / 1000, code, data];
    });
    expect(absolute.at(-1)?.slice(1)).toEqual(['x', '0']);
    expect(absolute.slice(0, -1)).toEqual(two.events);
  });

  test('played into a terminal shows at each time what the panes show', async () => {
    const { events } = parsed(cast(2));
    const term = terminal();
    let frames = 0;
    for (const [index, [at, code, data]] of events.entries()) {
      if (code === 'o') await written(term, data);
      const shown = events[index + 1]?.[0] !== at && code === 'o' && index < events.length - 1;
      if (!shown || index < 2) continue;
      const meant = terminal();
      const lines = castFrames(playback.stateAt(bounds.from + at * 1000), SIZE);
      await written(meant, lines.map((line, row) => `\u001b[${row + 1};1H${line}\u001b[0m`).join(''));
      expect(screenOf(term), `at ${at} s`).toEqual(screenOf(meant));
      meant.dispose();
      frames++;
    }
    expect(frames).toBeGreaterThan(20);
    term.dispose();
  });

  test('has a marker, and a picture of its own, where something happened', () => {
    const { events } = parsed(cast(2));
    const markers = events.filter((one) => one[1] === 'm');
    expect(markers.map((one) => one[2]).join('\n')).toMatch(/^12:00:\d\dZ \S+ .*moved lb1 → lb2/m);
    for (const [at, , label] of markers) {
      expect(label).not.toMatch(/[\p{Cc}]/u);
      expect(events.some((one) => one[0] === at && one[1] === 'o' && one[2].includes('\u001b[2J'))).toBe(true);
    }
  });

  test('stands still where nothing happens, so that players can shorten it', () => {
    const times = parsed(cast(2)).events.map((one) => one[0]);
    const still = times.map((time, index) => time - (times[index - 1] ?? 0));
    expect(Math.max(...still)).toBeGreaterThan(20);
  });

  test('draws all of the screen anew once a minute', () => {
    const writer = createCast({
      version: 2,
      columns: 10,
      rows: 2,
      idle: 1,
      title: '',
      timestamp: 0,
      haconsole: { id: '', seal: null },
    });
    writer.start();
    const whole = Array.from({ length: 150 }, (_, second) => writer.frame(second * 1000, ['a', `${second}`])).filter(
      (event) => event.includes('[2J'),
    );
    expect(whole).toHaveLength(3);
    expect(writer.frame(151_000, ['a', '149'])).toBe('');
  });

  const player = spawnSync('asciinema', ['--version'], { encoding: 'utf8' });
  test.skipIf(player.status !== 0)('is played by the asciinema of this machine', () => {
    const file = join(directory, 'it.cast');
    writeFileSync(file, cast(2));
    const { status, stdout } = spawnSync('script', ['-qec', `asciinema cat ${file}`, '/dev/null'], {
      encoding: 'utf8',
      timeout: 30_000,
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    });
    expect(status).toBe(0);
    const played = parsed(cast(2)).events.flatMap((one) => (one[1] === 'o' ? [one[2]] : []));
    expect(stdout.replaceAll('\r\n', '\n')).toContain(played.slice(0, -1).join(''));
  });
});

/** RFC 4180. */
const cellsOf = (text: string): string[][] => {
  const rows: string[][] = [[]];
  for (const match of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    if (match[0] === '') break;
    rows.at(-1)?.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
    if (match[3] === '\r\n') rows.push([]);
  }
  return rows.filter((row) => row.length > 0);
};

describe('CSV', () => {
  test('has one line for each answer, and no field that a spreadsheet would run', () => {
    const [head, ...rows] = cellsOf([...csvOf(playback, bounds.from, bounds.to)].join(''));
    expect(head).toEqual(['time', 'seconds', 'target', 'kind', 'good', 'status', 'served_by', 'ms', 'why']);
    const answers = [...playback.walk(bounds.from, bounds.to)].filter(({ event }) => event.kind === 'http');
    expect(rows).toHaveLength(answers.length);
    for (const row of rows) {
      expect(row).toHaveLength(9);
      for (const cell of row) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    }
    expect(rows.filter((row) => row[2] === VIPS[0] && row[4] === 'no')).toHaveLength(5);
    expect(rows.find((row) => row[4] === 'no')?.[8]).toMatch(/^'=cmd/);
  });
});

describe('OpenMetrics', () => {
  test('is history as promtool takes it: families in one piece, times that go on, an end', () => {
    const text = openMetricsOf(playback, bounds.from, bounds.to);
    expect(text.endsWith('# EOF\n')).toBe(true);
    const families: string[] = [];
    const newest = new Map<string, number>();
    for (const line of text.trimEnd().split('\n')) {
      const type = /^# TYPE (\S+) (gauge|counter)$/.exec(line);
      if (type) families.push(type[1] as string);
      if (line.startsWith('#')) continue;
      const sample = /^([a-z_]+)(\{.*\}) (\S+) (\d+\.\d{3})$/.exec(line);
      expect(sample, line).not.toBeNull();
      const [, name, labels, value, at] = sample as unknown as [string, string, string, string, string];
      expect(name.replace(/_total$/, '')).toBe(families.at(-1));
      expect(Number.isFinite(Number(value))).toBe(true);
      expect(Number(at)).toBeGreaterThan(newest.get(name + labels) ?? 0);
      newest.set(name + labels, Number(at));
    }
    expect(new Set(families).size).toBe(families.length);
    expect(text).toMatch(/haconsole_vip_lost_total\{cluster="tutorial",vip="172\.16\.249\.80"\} 5 /);
    expect(text).toMatch(/haconsole_vip_held\{cluster="tutorial",vip="172\.16\.249\.80",node="lb2"\} 1 /);
  });
});

describe('JUnit', () => {
  test('tells what was lost as a failure, in XML that holds together whatever was said', () => {
    const work = analyse(playback, {
      verification: verify(recorded),
    });
    const text = junitXml(sessionSuites(drained(work)));
    expect(text).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites tests="4" failures="1"/);
    expect(text).toContain('<failure message="5 of ');
    const open: string[] = [];
    for (const [, end, name, , self] of text.matchAll(/<(\/?)([a-z]+)((?:\s[a-z_]+="[^"<]*")*)\s*(\/?)>/g)) {
      if (end) expect(open.pop()).toBe(name);
      else if (!self) open.push(name as string);
    }
    expect(open).toEqual([]);
    expect(text.replace(/<[^>]*>/g, '')).not.toMatch(/[<>]/);
    expect([...text].some((sign) => sign < ' ' && sign !== '\n')).toBe(false);
  });

  test('leaves out what XML cannot hold', () => {
    expect(escapeXml('a\u0000b\ud800c\u001bd<&>"')).toBe('a\ufffdb\ufffdc\ufffdd&lt;&amp;&gt;&quot;');
  });
});
