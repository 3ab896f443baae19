import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lengthOf, momentOf } from '../../src/recording/moment.ts';
import { createPlayback } from '../../src/recording/playback.ts';
import { memorySink } from '../../src/recording/sink.ts';
import { memorySource } from '../../src/recording/source.ts';
import { foldOf, liveAt, RecordedScene, recordInMemory } from '../support/recorded.ts';

let directory: string;
let recorded: Awaited<ReturnType<typeof recordInMemory>>;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'playback-'));
  recorded = await recordInMemory((scene) => {
    scene.healthy();
    scene.rounds(50);
    scene.move('lb1', 'lb2', 600);
    scene.rounds(60);
    scene.send({ kind: 'note', node: 'lb1', text: 'back', outcome: { ok: true } });
    scene.move('lb2', 'lb1', 600);
    scene.rounds(150);
  });
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('playback', () => {
  test('a seek to any time, from any other, gives the fold of every fact up to it', async () => {
    const { scene, source } = recorded;
    const playback = await createPlayback(source);
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: scene.now + 1000, noNaN: true }), { maxLength: 6 }), (times) => {
        for (const mono of times) {
          const upTo = scene.steps.filter(({ event }) => event.at.mono <= Math.max(1000, mono));
          expect(playback.stateAt(mono)).toEqual(foldOf(upTo.map(({ event }) => event)));
        }
      }),
      { numRuns: 12 },
    );
  });

  test('times outside are the nearest inside', async () => {
    const playback = await createPlayback(recorded.source);
    expect(playback.stateAt(-5)).toEqual(playback.stateAt(playback.from.mono));
    expect(playback.stateAt(1e12)).toEqual(recorded.scene.state);
  });

  test('happenings are the lines of the event log as it stood at the end, in order', async () => {
    const playback = await createPlayback(recorded.source);
    const shown = recorded.scene.state.notices.map(({ id, text, source, at }) => ({ id, text, source, at }));
    const told = playback.happenings().map(({ id, text, source, at }) => ({ id, text, source, at }));
    expect([...told].sort((a, b) => (a.id ?? 0) - (b.id ?? 0))).toEqual(shown.sort((a, b) => a.id - b.id));
    expect(told.map((one) => one.text).join('\n')).toContain('moved lb1 → lb2');
  });

  test('idle stretches are those without a happening for ten seconds', async () => {
    const playback = await createPlayback(recorded.source);
    const times = playback.happenings().map((one) => one.at.mono);
    const idle = playback.spans().filter((span) => span.kind === 'idle');
    expect(idle.length).toBeGreaterThanOrEqual(3);
    for (const { from, to } of idle) {
      expect(to - from).toBeGreaterThan(10_000);
      expect(times.some((time) => time > from && time < to)).toBe(false);
    }
    expect(idle.at(-1)?.to).toBe(recorded.scene.now);
  });

  test('steps from sample to sample, over keys, and ends at the ends', async () => {
    const { scene, source } = recorded;
    const playback = await createPlayback(source);
    const times = [
      ...new Set(scene.steps.filter(({ event }) => event.kind !== 'tick').map(({ event }) => event.at.mono)),
    ].filter((mono) => mono > 1000);
    const forward: number[] = [];
    for (let at = playback.sample(1000, 1); at !== undefined; at = playback.sample(at, 1)) forward.push(at);
    expect(forward).toEqual(times);
    const back: number[] = [];
    for (let at = playback.sample(1e9, -1); at !== undefined; at = playback.sample(at, -1)) back.push(at);
    expect(back.toReversed().filter((mono) => mono > 1000)).toEqual(times);
  });

  test('walks every fact once, with the states it led to', async () => {
    const { scene, source } = recorded;
    const playback = await createPlayback(source);
    const [from, to] = [40_000, 180_000];
    const walked = [...playback.walk(from, to)];
    const meant = scene.steps.filter(({ event }) => event.at.mono >= from && event.at.mono <= to);
    expect(walked.map(({ event }) => event)).toEqual(meant.map(({ event }) => event));
    expect(walked.at(-1)?.after).toEqual(meant.at(-1)?.state);
    expect([...playback.walk(playback.from.mono, playback.to().mono)]).toHaveLength(scene.steps.length);
  });

  test('follows a file that is still being written, and a line that is half there is not there yet', async () => {
    const file = join(directory, 'growing.hacs.jsonl');
    const whole = recorded.bytes;
    const cuts = [0.2, 0.5, 0.51, 0.9, 1].map((part) => Math.floor(whole.length * part));
    writeFileSync(file, whole.subarray(0, cuts[0]));
    const playback = await createPlayback(file);
    expect(playback.ended()).toBeUndefined();
    expect(playback.refresh()).toBe(false);
    for (let index = 1; index < cuts.length; index++) {
      appendFileSync(file, whole.subarray(cuts[index - 1], cuts[index]));
      expect(playback.refresh()).toBe(true);
      // Of the facts of one moment only some may be there.
      const count = [...playback.walk(playback.from.mono, playback.to().mono)].length;
      expect(playback.stateAt(1e12)).toEqual(recorded.scene.steps[count - 1]?.state);
    }
    expect(playback.ended()).toMatchObject({ why: 'quit' });
    expect(playback.stateAt(1e12)).toEqual(recorded.scene.state);
    const again = await createPlayback(recorded.source);
    expect(playback.happenings()).toEqual(again.happenings());
    expect(playback.spans()).toEqual(again.spans());
  });

  test('looks back into a session that is running, from memory', async () => {
    const scene = new RecordedScene();
    const sink = memorySink();
    const recorder = scene.record({ sink });
    scene.healthy();
    expect(await recorder.durable()).toBe(true);
    const playback = await createPlayback(sink);
    scene.rounds(140);
    scene.move('lb1', 'lb2', 600);
    scene.rounds(3);
    expect(await recorder.durable()).toBe(true);
    expect(playback.refresh()).toBe(true);
    for (const mono of [2000, 50_000, 130_000, scene.now]) expect(playback.stateAt(mono)).toEqual(liveAt(scene, mono));
    await recorder.close('quit');
  });

  test('a file whose states another version made is folded anew from its facts', async () => {
    const older = recorded.bytes.toString('utf8').replaceAll('"rev":1', '"rev":0');
    const playback = await createPlayback(memorySource('older', () => Buffer.from(older)));
    for (const mono of [1000, 60_000, 121_000, 200_000, 1e9])
      expect(playback.stateAt(mono)).toEqual(liveAt(recorded.scene, Math.min(recorded.scene.now, mono)));
  });

  test('says in one sentence what cannot be played', async () => {
    await expect(createPlayback(join(directory, 'nowhere'))).rejects.toThrow('there is no such file');
    await expect(createPlayback(directory)).rejects.toThrow('it is a directory');
    await expect(createPlayback(memorySource('x', () => Buffer.from('hello\n')))).rejects.toThrow(
      'x is not a haconsole session',
    );
    const newer = Buffer.from('{"k":"hdr","schema":"haconsole.session/7"}\n');
    await expect(createPlayback(memorySource('x', () => newer))).rejects.toThrow(
      'x was made by a newer haconsole (format 7, this one reads 1): use that one',
    );
    const bare = recorded.bytes.subarray(0, recorded.bytes.indexOf(10) + 1);
    await expect(createPlayback(memorySource('x', () => bare))).rejects.toThrow('ends before its first state');
  });

  test('a line that was spoilt costs itself alone', async () => {
    const text = recorded.bytes.toString('utf8').split('\n');
    const index = text.findIndex((line, at) => at > 200 && line.startsWith('{"k":"tick"'));
    text[index] = 'garbage';
    const playback = await createPlayback(memorySource('spoilt', () => Buffer.from(text.join('\n'))));
    expect(playback.stateAt(1e9).verdict).toEqual(recorded.scene.state.verdict);
  });
});

describe('moments', () => {
  const wall = Date.UTC(2026, 10, 23, 23, 58, 0);
  const frame = {
    from: { mono: 5000, wall },
    to: { mono: 5000 + 600_000, wall: wall + 600_000 },
    zone: 'utc' as const,
  };
  test.each([
    ['23:59', 60_000],
    ['23:59:10.5', 70_500],
    ['00:01', 180_000],
    ['00:03:20', 320_000],
    ['2026-11-24T00:00:00Z', 120_000],
    ['2026-11-24T00:00:00', 120_000],
    ['2026-11-24T01:00:00+01:00', 120_000],
    ['+90s', 90_000],
    ['+1m30s', 90_000],
    ['-30s', 570_000],
    ['50%', 300_000],
    ['+2h', 600_000],
    ['12:00', 600_000],
    ['2020-01-01T00:00:00Z', 0],
  ])('%s is %d ms into the session', (text, ms) => {
    expect(momentOf(text, frame)).toBe(5000 + ms);
  });

  test.each(['', 'noon', '25:00', '12:60', '12:00:61', '+', '+5', '%', '10 %', '2026-13-45T00:00:00Z'])(
    '%j is none',
    (text) => {
      expect(momentOf(text, frame)).toBeUndefined();
    },
  );

  test('lengths are sums of their parts', () => {
    expect(lengthOf('1h2m3s4ms')).toBe(3_723_004);
    expect(lengthOf('90')).toBeUndefined();
  });
});
