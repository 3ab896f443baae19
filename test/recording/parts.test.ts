import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { State } from '../../src/cluster/state.ts';
import { same } from '../../src/recording/delta.ts';
import { createParts } from '../../src/recording/parts.ts';
import { createPlayback } from '../../src/recording/playback.ts';
import { openSource } from '../../src/recording/source.ts';
import { verify } from '../../src/recording/verify.ts';
import type { Closed } from '../../src/recording/write.ts';
import { liveAt, RecordedScene } from '../support/recorded.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'parts-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const MOST = 12_000;

/** A scene whose recording goes on in another file every 12 kB. */
const started = (gzip = false) => {
  const scene = new RecordedScene();
  const ended: Closed[] = [];
  let number = 1;
  const name = () => join(directory, `${number}.hacs.jsonl`);
  scene.recorder = createParts({
    file: name(),
    state: scene.state,
    app: '0.1.0',
    id: 'part-1',
    why: 'watch',
    by: 'ops@seat',
    gzip,
    most: MOST,
    next: () => {
      number += 1;
      return { file: name(), id: `part-${number}` };
    },
    closed: (part) => void ended.push(part),
  });
  return { scene, recorder: scene.recorder, ended };
};

/** Rounds, each of them on disk before the next. */
const play = async ({ scene, recorder }: ReturnType<typeof started>, times: number) => {
  for (let round = 0; round < times; round += 1) {
    scene.rounds(4);
    expect(await recorder.durable()).toBe(true);
  }
};

const headerOf = (file: string) => {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return JSON.parse(text.slice(0, text.indexOf('\n')));
};

describe('a session that grows', () => {
  test('goes on in another file: each is sealed, names the one before and, by itself, is what was live at each second', async () => {
    const one = started();
    one.scene.healthy();
    await play(one, 20);
    one.scene.move('lb1', 'lb2', 600);
    await play(one, 20);
    const { parts = 0 } = one.recorder.status();
    const last = await one.recorder.close('quit');
    expect(parts).toBeGreaterThan(2);
    const files = [...one.ended.map(({ file }) => file), last.file];
    expect(files).toEqual(files.map((_, index) => join(directory, `${index + 1}.hacs.jsonl`)));

    let seen = 0;
    let end = 0;
    for (const [index, file] of files.entries()) {
      const source = await openSource(file);
      expect(verify(source), file).toMatchObject({ outcome: 'sealed' });
      const header = headerOf(file);
      expect(header.after).toBe(index === 0 ? undefined : `part-${index}`);
      const playback = await createPlayback(source);
      const [from, to] = [playback.from.mono, playback.to().mono];
      if (index > 0) expect(from).toBe(end);
      end = to;
      for (let mono = Math.ceil(from / 1000) * 1000; mono < to; mono += 1000) {
        expect(same(playback.stateAt(mono), liveAt(one.scene, mono)), `${file} at ${mono} ms`).toBe(true);
        seen += 1;
      }
      playback.close();
    }
    expect(seen).toBeGreaterThan(100);
  });

  test('compresses what it has closed, and tells how many files there are', async () => {
    const one = started(true);
    one.scene.healthy();
    await play(one, 20);
    const { parts = 0 } = one.recorder.status();
    await one.recorder.close('quit');
    expect(parts).toBeGreaterThan(0);
    expect(readdirSync(directory)).toHaveLength(parts + 1);
    for (const name of readdirSync(directory)) expect(name).toMatch(/\.hacs\.jsonl\.gz$/);
  });

  test('is not cut while a drill is under way', async () => {
    const one = started();
    const take = one.recorder.take;
    let drill: State['drill'] = { phase: 'method' } as State['drill'];
    one.scene.recorder = { ...one.recorder, take: (event, state) => take(event, drill ? { ...state, drill } : state) };
    one.scene.healthy();
    await play(one, 25);
    expect(one.recorder.status().bytes).toBeGreaterThan(MOST);
    expect(readdirSync(directory)).toEqual(['1.hacs.jsonl']);
    drill = undefined;
    await play(one, 1);
    expect(readdirSync(directory)).toContain('2.hacs.jsonl');
    await one.recorder.close('quit');
  });
});
