import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { same } from '../../src/recording/delta.ts';
import { createLookBack } from '../../src/recording/look-back.ts';
import { createPlayback } from '../../src/recording/playback.ts';
import { liveAt, RecordedScene, secondsOf } from '../support/recorded.ts';
import { answer } from '../support/scene.ts';

const MB = 1 << 20;

describe('the memory to look back in', () => {
  test('has nothing to show before anything was taken, then every second of the session, while it goes on', async () => {
    const memory = createLookBack();
    expect(memory.source()).toBeUndefined();
    const scene = new RecordedScene();
    const recorder = scene.record({ sink: memory.sink });
    scene.healthy();
    scene.rounds(50);
    expect(await recorder.durable()).toBe(true);
    const source = memory.source();
    if (!source) throw new Error('nothing');
    const playback = await createPlayback(source);
    for (const mono of secondsOf(scene))
      expect(same(playback.stateAt(mono), liveAt(scene, mono)), `${mono}`).toBe(true);
    const before = playback.to().mono;
    scene.move('lb1', 'lb2', 600);
    scene.rounds(50);
    expect(await recorder.durable()).toBe(true);
    expect(playback.refresh()).toBe(true);
    expect(playback.to().mono).toBeGreaterThan(before);
    for (const mono of secondsOf(scene))
      expect(same(playback.stateAt(mono), liveAt(scene, mono)), `${mono}`).toBe(true);
    expect(playback.ended()).toBeUndefined();
    playback.close();
    await recorder.close('quit');
  });

  test('keeps the newest and lets the oldest go, in a bounded room, and begins with a state of its own', async () => {
    const memory = createLookBack(MB);
    const scene = new RecordedScene();
    const recorder = scene.record({ sink: memory.sink });
    scene.healthy();
    let early: Awaited<ReturnType<typeof createPlayback>> | undefined;
    let most = 0;
    const target = { kind: 'web', id: 'web1' } as const;
    for (let minute = 0; minute < 7; minute++) {
      // What never repeats fills a memory soon.
      for (let line = 0; line < 40; line++)
        scene.send({ kind: 'http', target, asked: scene.now, result: answer(randomBytes(6000).toString('hex')) });
      scene.rounds(61);
      expect(await recorder.durable(5000)).toBe(true);
      const source = memory.source();
      if (minute === 1 && source) early = await createPlayback(source);
      most = Math.max(most, memory.bytes());
    }
    const source = memory.source();
    if (!source || !early) throw new Error('nothing');
    expect(source.size()).toBeGreaterThan(MB / 2);
    expect(source.size()).toBeLessThan(3 * MB);
    // Deflated but for the newest pieces.
    expect(most).toBeLessThan(3.5 * MB);
    const playback = await createPlayback(source);
    expect(playback.from.mono).toBeGreaterThan(1000 + 3 * 60_000);
    expect(playback.index().keys[0]?.at).toEqual(playback.from);
    const times = secondsOf(scene).filter((mono) => mono >= playback.from.mono);
    expect(times.length).toBeGreaterThan(50);
    for (const mono of times.filter((_, index) => index % 7 === 0))
      expect(same(playback.stateAt(mono), liveAt(scene, mono)), `${mono}`).toBe(true);
    // Who looks back holds what he looks at, and what has come since.
    expect(early.refresh()).toBe(true);
    for (const mono of [early.from.mono, early.from.mono + 30_000, 200_000, scene.now])
      expect(same(early.stateAt(mono), liveAt(scene, mono)), `${mono}`).toBe(true);
    expect(early.from.mono).toBeLessThan(playback.from.mono);
    await recorder.close('quit');
  });
});
