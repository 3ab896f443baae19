import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/cluster/events.ts';
import type { State } from '../../src/cluster/state.ts';
import { same } from '../../src/recording/delta.ts';
import { createPlayback } from '../../src/recording/playback.ts';
import { verify } from '../../src/recording/verify.ts';
import { recordLive } from '../support/record-live.ts';
import { liveAt, recordInMemory, secondsOf } from '../support/recorded.ts';

describe('the law: the state is the fold of the file', () => {
  test('at every second of a session with moves, faults and a broken way, replayed state and live state are the same', async () => {
    const { scene, source } = await recordInMemory((one) => {
      one.healthy();
      one.rounds(100);
      one.move('lb1', 'lb2', 600);
      one.rounds(30);
      one.world.web.web2 = {
        kind: 'none',
        failure: { step: 'tcp', hop: 'bastion', found: 'refused', blame: 'target' },
      };
      one.rounds(40);
      one.move('lb2', null, 600);
      one.rounds(10);
      one.world.held.lb1 = ['172.16.249.80', '172.16.249.90', '172.16.249.100'];
      one.rounds(100);
    });
    expect(verify(source)).toMatchObject({ outcome: 'sealed' });
    const playback = await createPlayback(source);
    const times = secondsOf(scene);
    expect(times.length).toBeGreaterThan(280);
    for (const mono of [...times, ...times.toReversed()])
      expect(same(playback.stateAt(mono), liveAt(scene, mono)), `at ${mono} ms`).toBe(true);
    expect(playback.index().keys.length).toBe(5);
  });

  test('and in a live session on the embedded cluster, with its floats, clocks and connections, after every single fact', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'law-'));
    const { cluster, session, recorder, stop } = await recordLive(join(directory, 'live.hacs.jsonl'));
    const steps: { event: Event; state: State }[] = [];
    session.onEvent((event) => steps.push({ event, state: session.state() }));
    const until = async (code: string) => {
      for (const end = performance.now() + 15_000; session.state().verdict.code !== code && performance.now() < end; )
        await new Promise((resolve) => setTimeout(resolve, 20));
      expect(session.state().verdict.code).toBe(code);
    };
    await until('healthy');
    cluster.fault('stop', 'lb1', 'keepalived');
    await until('no-backup');
    await session.note('from the test');
    cluster.fault('start', 'lb1', 'keepalived');
    await until('healthy');
    const lost = recorder.status().lost;
    const playback = await createPlayback(await stop());
    const replayed = [...playback.walk(playback.from.mono, playback.to().mono)];
    expect(lost).toBe(0);
    expect(replayed.map(({ event }) => event)).toEqual(steps.map(({ event }) => event));
    for (const [index, { after }] of replayed.entries()) expect(same(after, steps[index]?.state)).toBe(true);
    rmSync(directory, { recursive: true });
  });
});
