/** Files that haconsole did not write, or that somebody wrote in its place: sealed as any file can be. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { castFrames } from '../../src/commands/cast-frames.ts';
import { castOf } from '../../src/commands/export.ts';
import { csvOf } from '../../src/recording/export/csv.ts';
import { junitXml, sessionSuites } from '../../src/recording/export/junit.ts';
import { openMetricsOf } from '../../src/recording/export/openmetrics.ts';
import { RecordingError } from '../../src/recording/format.ts';
import { momentOf } from '../../src/recording/moment.ts';
import { createPlayback } from '../../src/recording/playback.ts';
import { newestRecordings } from '../../src/recording/recordings.ts';
import { analyse } from '../../src/recording/report/analysis.ts';
import { jsonReport } from '../../src/recording/report/json.ts';
import { markdownReport } from '../../src/recording/report/markdown.ts';
import { htmlReport } from '../../src/recording/report/page.ts';
import { createChain, sealedLine } from '../../src/recording/seal.ts';
import { memorySource, openSource, type Source } from '../../src/recording/source.ts';
import { verify } from '../../src/recording/verify.ts';
import { recordInMemory } from '../support/recorded.ts';

type Line = Record<string, unknown> & { k: string };

let directory: string;
let lines: Line[];
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hostile-'));
  const { bytes } = await recordInMemory((scene) => {
    scene.healthy();
    scene.rounds(3);
    scene.send({ kind: 'note', node: 'lb1', text: 'change 4711', outcome: { ok: true } });
    scene.wallOffset = -3_600_000;
    scene.rounds(3);
  });
  lines = bytes
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
});
afterAll(() => rmSync(directory, { recursive: true }));

/** The session with some lines made otherwise, sealed anew. */
const forged = (change: (line: Line) => Line | undefined): Source => {
  const chain = createChain();
  const text = lines
    .flatMap((line) => change(structuredClone(line)) ?? [])
    .map(({ h, ...line }) => {
      if (h !== undefined) return `${sealedLine(chain, JSON.stringify(line))}\n`;
      chain.add(`${JSON.stringify(line)}\n`);
      return `${JSON.stringify(line)}\n`;
    })
    .join('');
  return memorySource('it', () => Buffer.from(text));
};
const inKind = (kind: string, change: (line: Line) => object) =>
  forged((line) => (line.k === kind ? { ...line, ...change(line) } : line));

const drained = <T>(work: Generator<number, T>): T => {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
};

/** Everything that is made of a file; undefined where it is refused in a sentence. */
const outputsOf = (source: Source) =>
  madeOf(source).catch((error: unknown) => {
    if (error instanceof RecordingError) return undefined;
    throw error;
  });

const madeOf = async (source: Source) => {
  const verification = verify(source);
  const playback = await createPlayback(source);
  const bounds = { from: playback.from.mono, to: playback.to().mono };
  const analysis = drained(analyse(playback, { verification }));
  const cast = { columns: 120, rows: 36, fps: 1, idle: 2, frames: castFrames, seal: null };
  return {
    markdown: markdownReport(analysis),
    html: htmlReport(analysis),
    json: JSON.stringify(jsonReport(analysis)),
    csv: [...csvOf(playback, bounds.from, bounds.to)].join(''),
    junit: junitXml(sessionSuites(analysis)),
    openmetrics: openMetricsOf(playback, bounds.from, bounds.to),
    cast: drained(castOf(playback, bounds, { version: 2, ...cast })),
  };
};

const wrong: unknown[] = [null, -1, 1e308, 1e14, '', 'x', [], [null], {}, true, undefined];

describe('a file whose lines are not as haconsole writes them', () => {
  test.each(['app', 'id', 't', 'm', 'w', 'why', 'by', 'topology'])(
    'is refused when %s of its header is of a wrong kind',
    async (field) => {
      for (const value of wrong) {
        const source = inKind('hdr', () => ({ [field]: value }));
        const is = JSON.stringify(value);
        if (typeof value === 'string' && !['m', 'w', 'topology'].includes(field)) continue;
        if ((field === 'm' && value === -1) || (field === 'w' && value === 1e14)) continue;
        expect(verify(source).outcome, is).toBe('altered');
        await expect(createPlayback(source), is).rejects.toThrow(RecordingError);
      }
    },
  );

  test.each(['name', 'vips', 'nodes', 'hops', 'interval', 'timeout'])(
    'is refused when %s of what is watched is of a wrong kind',
    async (field) => {
      for (const value of wrong) {
        if (Array.isArray(value) && value.length === 0 && field !== 'interval') continue;
        if (field === 'name' && typeof value === 'string') continue;
        const source = inKind('hdr', (line) => ({ topology: { ...(line.topology as object), [field]: value } }));
        await expect(createPlayback(source), JSON.stringify(value)).rejects.toThrow(RecordingError);
      }
    },
  );

  test.each(['said', 'clock', 'key', 'end', 'note', 'http', 'snapshot'])(
    'is read around a %s line that holds anything',
    async (kind) => {
      const fields = Object.keys(lines.find((line) => line.k === kind) ?? {}).filter(
        (field) => field !== 'k' && field !== 'h',
      );
      expect(fields.length).toBeGreaterThan(0);
      for (const field of fields)
        for (const value of wrong) {
          const outputs = await outputsOf(inKind(kind, () => ({ [field]: value })));
          if (outputs) expect(outputs.html).toContain('</html>');
        }
    },
  );

  test('a seal over a line that is no JSON is not one of ours', () => {
    const first = `${JSON.stringify(lines[0])}\n`;
    const own = createChain();
    own.add(first);
    const bytes = Buffer.from(`${first}${sealedLine(own, '{"k":"seal","m":oops}')}\n`);
    expect(verify(memorySource('it', () => bytes))).toMatchObject({ outcome: 'altered', where: { line: 2 } });
  });

  test('a list that claims a thousand million members is not made', async () => {
    const { deflateRawSync } = await import('node:zlib');
    const state = deflateRawSync(
      JSON.stringify({ topology: lines[0]?.topology, moves: { '~c': 1e9, k: {} } }),
    ).toString('base64');
    const playback = await createPlayback(inKind('key', () => ({ state })));
    expect(() => playback.stateAt(playback.from.mono)).toThrow(RecordingError);
  });
});

describe('what a document is made of', () => {
  const evil = '\u001b]0;x\u0007<script>alert(1)</script>"\n# x';

  test('an object in place of a text does not pass for markup', async () => {
    const source = inKind('hdr', (line) => ({
      topology: { ...(line.topology as object), checkLog: { markup: evil } },
    }));
    const note = forged((line) =>
      line.k === 'note' ? { ...line, d: { ...(line.d as object), text: { markup: '<script>1</script>' } } } : line,
    );
    for (const one of [source, note]) {
      const outputs = await outputsOf(one);
      expect(outputs?.html).toContain('</html>');
      expect(outputs?.html).not.toContain('<script>');
    }
  });

  test('names of a forged header reach no document as they are', async () => {
    const source = forged((line) =>
      line.k === 'key' || line.k === 'hdr'
        ? {
            ...line,
            ...(line.k === 'hdr'
              ? { topology: { ...(line.topology as object), name: evil }, by: evil, why: evil, app: evil }
              : {}),
          }
        : line,
    );
    const outputs = await outputsOf(source);
    expect(outputs).toBeDefined();
    for (const [kind, text] of Object.entries(outputs ?? {})) {
      if (kind !== 'cast') expect(text, kind).not.toContain('\u001b');
      if (kind === 'html' || kind === 'junit') expect(text, kind).not.toContain('<script>');
    }
    expect(outputs?.cast.split('\n')[0]).not.toContain('\\u001b');
  });
});

describe('what is no session', () => {
  test('a pipe, a directory and a device are refused at once', async () => {
    const pipe = join(directory, 'pipe.hacs.jsonl');
    execFileSync('mkfifo', [pipe]);
    mkdirSync(join(directory, 'folder.hacs.jsonl'));
    await expect(openSource(pipe)).rejects.toThrow('it is no regular file');
    await expect(openSource('/dev/zero')).rejects.toThrow('it is no regular file');
    await expect(openSource(join(directory, 'folder.hacs.jsonl'))).rejects.toThrow('it is a directory');
    const listed = await newestRecordings(directory, 20);
    expect(listed.map(({ name, why }) => ({ name, why }))).toEqual([
      { name: 'pipe.hacs.jsonl', why: 'it is no regular file' },
      { name: 'folder.hacs.jsonl', why: 'it is no regular file' },
    ]);
  });

  test('a compressed file that is no session is not inflated', async () => {
    const bomb = join(directory, 'bomb.gz');
    writeFileSync(bomb, gzipSync(Buffer.alloc(8 << 20)));
    await expect(openSource(bomb)).rejects.toThrow('is not a haconsole session');
    expect(readFileSync(bomb).length).toBeLessThan(20_000);
  });

  test('a file that becomes shorter while it is read ends there', async () => {
    const whole = forged((line) => line);
    let size = whole.size();
    const bytes = whole.read(0, size);
    const source: Source = {
      ...memorySource('it', () => bytes),
      // It is told to be longer than what can be read of it.
      size: () => size + (8 << 20),
      read: (from, to) => bytes.subarray(from, Math.min(to, size)),
    };
    const playback = await createPlayback(source);
    size = 100;
    expect(playback.refresh()).toBe(false);
    expect(playback.from.mono).toBe(1000);
  });

  test('a line without an end is refused, not read for ever', async () => {
    const head = `${JSON.stringify(lines[0])}\n`;
    const source: Source = {
      ...memorySource('it', () => Buffer.alloc(0)),
      size: () => 2 ** 40,
      read: (from, to) =>
        Buffer.concat([
          Buffer.from(head.slice(from, to)),
          Buffer.alloc(Math.max(0, to - Math.max(from, head.length)), 0x61),
        ]),
    };
    await expect(createPlayback(source)).rejects.toThrow('line 2 has no end');
  });
});

describe('a clock that was set', () => {
  test('a year of stillness is drawn as quickly as a minute', async () => {
    const source = forged((line) => (line.k === 'end' ? { ...line, m: 3e10 } : line));
    const playback = await createPlayback(source);
    const cast = { version: 2 as const, columns: 80, rows: 24, fps: 30, idle: 2, frames: castFrames, seal: null };
    let steps = 0;
    for (const _ of castOf(playback, { from: playback.from.mono, to: playback.to().mono }, cast)) steps++;
    expect(steps).toBeLessThan(2000);
  });

  test('a time of day is found where the session seems to end before it began, or ten thousand years later', () => {
    const at = (wall: number) => ({ mono: wall < 0 ? 0 : 1000, wall });
    const frame = { from: at(5e11), zone: 'utc' as const };
    expect(momentOf('12:00', { ...frame, to: at(0) })).toBeTypeOf('number');
    expect(momentOf('12:00', { ...frame, to: at(8e15) })).toBeTypeOf('number');
  });
});
