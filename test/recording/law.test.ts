import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { same } from '../../src/recording/delta.ts';
import { createPlayback } from '../../src/recording/playback.ts';
import { verify } from '../../src/recording/verify.ts';
import { keepSteps, lawReport } from '../support/keeps-the-law.ts';
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
    for (const mono of [...times, ...times.toReversed().filter((_, index) => index % 7 === 0)])
      expect(same(playback.stateAt(mono), liveAt(scene, mono)), `at ${mono} ms`).toBe(true);
    expect(playback.index().keys.length).toBe(5);
  });

  test('and in a live session on the embedded cluster that records itself, after every single fact, through faults, a note and an action', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'law-'));
    const { cluster, session, stop } = await recordLive(join(directory, 'live.hacs.jsonl'));
    const steps = keepSteps(session);
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
    const planned = await session.plan({ kind: 'service', verb: 'restart', service: 'nginx', node: 'lb2' });
    if (!planned.ok) throw new Error(JSON.stringify(planned));
    const { confirmation } = planned.plan;
    const done = await session.perform(
      planned.plan,
      confirmation.kind === 'press' ? confirmation.key : confirmation.word,
    );
    expect(done.step).toBe('done');
    expect(session.recording()).toMatchObject({ phase: 'recording', lost: 0 });
    const memory = session.memory();
    if (!memory) throw new Error('no memory');
    const file = await stop();
    const report = await lawReport(file, steps);
    expect(report.differences).toEqual([]);
    expect(report).toMatchObject({ outcome: 'sealed', facts: steps.length });
    expect(report.seconds).toBeGreaterThan(5);
    // What one looks back in is the same.
    const back = await createPlayback(memory);
    const lived = [...back.walk(back.from.mono, back.to().mono)];
    for (const [index, { after }] of lived.slice(-steps.length).entries())
      expect(same(after, steps[index]?.state)).toBe(true);
    expect(same(back.stateAt(back.to().mono), steps.at(-1)?.state)).toBe(true);
    rmSync(directory, { recursive: true });
  });
});
