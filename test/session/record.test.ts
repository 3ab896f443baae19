import { describe, expect, test } from 'vitest';
import { memorySink, type Sink } from '../../src/recording/sink.ts';
import { memorySource } from '../../src/recording/source.ts';
import { verify } from '../../src/recording/verify.ts';
import { type RecordOptions, recordSession } from '../../src/session/record.ts';
import { RecordedScene } from '../support/recorded.ts';

const until = async (what: string, holds: () => boolean) => {
  for (const end = performance.now() + 10_000; !holds(); ) {
    if (performance.now() > end) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** A disk that hangs or fails on demand. */
const disk = () => {
  const memory = memorySink();
  const of = { hang: undefined as Promise<void> | undefined, failing: undefined as string | undefined };
  const guard = async () => {
    await of.hang;
    if (of.failing) throw Object.assign(new Error(of.failing), { code: of.failing });
  };
  const sink: Sink = {
    name: 'disk',
    open: guard,
    write: async (bytes, position) => {
      await guard();
      await memory.write(bytes, position);
    },
    sync: guard,
    close: async () => {},
  };
  return { of, sink, source: () => memorySource('disk', () => Buffer.from(memory.read(0, memory.size()))) };
};

const started = (over: Partial<RecordOptions> = {}) => {
  const { of, sink, source } = disk();
  const scene = new RecordedScene();
  const said: string[] = [];
  let changes = 0;
  const options: RecordOptions = {
    file: 'x',
    app: '0',
    id: 'x',
    why: 'watch',
    by: 'ops@seat',
    gzip: false,
    required: false,
    sink,
    ...over,
  };
  const record = recordSession(scene.state, options, {
    changed: () => {
      changes++;
    },
    say: (_, text) => void said.push(text),
    now: () => performance.now(),
  });
  const send = scene.send.bind(scene);
  scene.send = (fact) => {
    send(fact);
    const step = scene.steps.at(-1);
    if (step) record.take(step.event, step.state);
  };
  scene.healthy();
  return { of, source, scene, record, said, changes: () => changes };
};

describe('the record of a session', () => {
  test('waits for the disk before something is begun, and then says that it is there', async () => {
    const { record, scene, source } = started();
    scene.send({ kind: 'note', node: 'lb1', text: 'here', outcome: { ok: true } });
    expect(await record.saved()).toBeNull();
    const file = source();
    expect(file.read(0, file.size()).toString()).toContain('"text":"here"');
    expect(record.view()).toMatchObject({ phase: 'recording', lost: 0, file: 'x' });
    expect(record.objection()).toBeNull();
    const closed = await record.close();
    expect(verify(source())).toMatchObject({ outcome: 'sealed', seal: closed?.seal });
    expect(await record.close()).toBe(closed);
  });

  test('of a disk that hangs holds an action up for a second once, and nothing after it', async () => {
    const { of, record, scene, said } = started();
    expect(await record.saved()).toBeNull();
    let release = () => {};
    of.hang = new Promise((resolve) => {
      release = resolve;
    });
    scene.send({ kind: 'note', node: 'lb1', text: 'one', outcome: { ok: true } });
    const began = performance.now();
    expect(await record.saved()).toMatch(/recording failed: the disk/);
    const first = performance.now() - began;
    expect(first).toBeLessThan(1500);
    for (let step = 0; step < 20; step++) {
      scene.send({ kind: 'note', node: 'lb1', text: 'more', outcome: { ok: true } });
      expect(await record.saved()).toMatch(/recording failed/);
    }
    expect(performance.now() - began).toBeLessThan(first + 500);
    await until('the failure', () => record.view().phase === 'failed');
    expect(said).toEqual([expect.stringMatching(/^recording failed: the disk has not answered/)]);
    of.hang = undefined;
    release();
    await until('the return', () => record.view().phase === 'recording');
    expect(said.at(-1)).toBe('recording goes on');
    await until('the disk', () => record.objection() === null);
    await record.close();
  });

  test('that is required speaks against everything while it fails, and no longer than that', async () => {
    const { of, record, scene } = started({ required: true });
    expect(await record.saved()).toBeNull();
    expect(record.objection()).toBeNull();
    of.failing = 'ENOSPC';
    scene.send({ kind: 'note', node: 'lb1', text: 'one', outcome: { ok: true } });
    await until('the failure', () => record.view().phase === 'failed');
    expect(record.objection()).toBe('recording failed: the disk is full');
    expect(await record.cleared()).toBe('recording failed: the disk is full');
    of.failing = undefined;
    await until('the return', () => record.objection() === null);
    expect(record.view()).toMatchObject({ phase: 'recording', lost: 0 });
    await record.close();
  });

  test('that is required does not clear the way while nobody knows yet whether the disk will take it', async () => {
    const broken = started({ required: true });
    broken.of.failing = 'EROFS';
    expect(await broken.record.cleared()).toBe('recording failed: the file system is read-only');
    await broken.record.close();
    const slow = started({ required: true });
    expect(await slow.record.cleared()).toBeNull();
    slow.of.hang = new Promise(() => {});
    slow.scene.send({ kind: 'note', node: 'lb1', text: 'one', outcome: { ok: true } });
    expect(await slow.record.cleared()).toMatch(/recording failed: the disk/);
    expect(slow.record.objection()).toMatch(/recording failed: the disk/);
  });

  test('where none is asked for, is kept in memory alone', async () => {
    const scene = new RecordedScene();
    const record = recordSession(scene.state, undefined, { changed: () => {}, say: () => {}, now: () => 0 });
    scene.healthy();
    for (const { event, state } of scene.steps) record.take(event, state);
    expect(record.view()).toEqual({ phase: 'off' });
    expect(await record.saved()).toBeNull();
    await until('the memory', () => record.memory() !== undefined);
    expect(await record.close()).toBeUndefined();
  });
});
