import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/cluster/action.ts';
import { memorySink } from '../../src/recording/sink.ts';
import { withLookBack } from '../../src/session/look-back.ts';
import type { DrillDesk, SessionStore } from '../../src/session/store.ts';
import { eventually } from '../support/demo-console.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { liveAt, RecordedScene } from '../support/recorded.ts';

const action = { kind: 'service', verb: 'stop', service: 'nginx', node: 'lb1' } as const;
const plan: Plan = {
  action,
  commands: ['systemctl stop nginx'],
  risk: { lines: [], step: 1, takesLast: false, basis: '' },
  confirmation: { kind: 'press', key: 'y' },
};

/** A session that runs and remembers what was asked of it, recorded into memory. */
const running = async () => {
  const scene = new RecordedScene();
  const sink = memorySink();
  const recorder = scene.record({ sink });
  scene.healthy();
  scene.rounds(30);
  await recorder.durable();
  const asked: string[] = [];
  const listeners = new Set<() => void>();
  let prompt: ReturnType<SessionStore['get']>['prompt'] = null;
  let picture: ReturnType<SessionStore['get']> = { state: scene.state, prompt, recording: { phase: 'off' } };
  const drills = {
    list: () => [],
    glance: () => null,
    planDrill: async (name: string) => {
      asked.push(`drill ${name}`);
      return { ok: false, reasons: [] };
    },
  } as unknown as DrillDesk;
  const live: SessionStore = {
    get: () => picture,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    clear: () => void asked.push('clear'),
    note: async () => {
      asked.push('note');
      return [];
    },
    plan: async () => {
      asked.push('plan');
      return { ok: true, plan };
    },
    perform: async () => {
      asked.push('perform');
      return { step: 'done', seen: '', ms: 1 };
    },
    answer: () => void asked.push('answer'),
    retry: () => void asked.push('retry'),
    drills,
  };
  const clock = new ManualClock();
  let memory: (() => ReturnType<typeof memorySink>) | (() => undefined) = () => sink;
  const store = withLookBack(live, { memory: () => memory(), clock });
  const publish = () => {
    picture = { state: scene.state, prompt, recording: { phase: 'off' } };
    for (const listener of listeners) listener();
  };
  return {
    scene,
    recorder,
    asked,
    store,
    clock,
    publish,
    ask: (open: typeof prompt) => {
      prompt = open;
      publish();
    },
    forget: () => {
      memory = () => undefined;
    },
    back: async (ms: number) => {
      expect(store.playback?.lookBack?.(ms)).toBeNull();
      await eventually('the past', () => store.get().playback !== undefined);
    },
  };
};

describe('looking back', () => {
  test('shows what was, while the session goes on and its past grows', async () => {
    const one = await running();
    await one.back(10_000);
    const { state, playback } = one.store.get();
    expect(playback).toMatchObject({
      kind: 'look-back',
      zone: 'local',
      position: one.scene.now - 10_000,
      playing: false,
    });
    expect(state).toEqual(liveAt(one.scene, one.scene.now - 10_000));
    const { now } = one.scene;
    one.scene.move('lb1', 'lb2', 600);
    one.scene.rounds(5);
    one.publish();
    expect(one.store.get().playback?.now?.state).toBe(one.scene.state);
    expect(one.store.get().state).toBe(state);
    expect(await one.recorder.durable()).toBe(true);
    one.clock.pass(600);
    expect(one.store.get().playback?.to.mono).toBeGreaterThan(now + 5000);
    expect(one.store.playback?.ask({ kind: 'chapter', step: 1 })).toBeNull();
    one.clock.pass(50);
    const later = one.store.get();
    expect(later.state).toEqual(liveAt(one.scene, later.playback?.position ?? 0));
    expect(later.state.verdict.code).toBe('failing-over');
    expect(one.store.playback?.ask({ kind: 'end' })).toBeNull();
    expect(one.store.get()).toMatchObject({ state: one.scene.state });
    expect(one.store.get().playback).toBeUndefined();
  });

  test('begins nothing that writes, and puts no question; now it does again', async () => {
    const one = await running();
    await one.back(5000);
    one.ask({ id: 7, prompt: { kind: 'passphrase', hop: 'bastion', file: 'id', again: false } });
    expect(one.store.get().prompt).toBeNull();
    expect(one.store.get().playback?.now?.question).toBe(true);
    expect(await one.store.plan(action)).toMatchObject({ ok: false, refusal: { reason: 'disabled' } });
    expect(await one.store.perform(plan, 'y')).toMatchObject({ step: 'refused' });
    expect(await one.store.note('x')).toEqual([]);
    expect(await one.store.drills?.planDrill('tour')).toMatchObject({
      ok: false,
      reasons: [expect.stringContaining('this is the past')],
    });
    one.store.clear();
    expect(one.asked).toEqual([]);
    one.store.playback?.ask({ kind: 'leave' });
    expect(one.store.get().prompt).toMatchObject({ id: 7 });
    await one.store.plan(action);
    await one.store.perform(plan, 'y');
    await one.store.note('x');
    await one.store.drills?.planDrill('tour');
    expect(one.asked).toEqual(['plan', 'perform', 'note', 'drill tour']);
  });

  test('says why there is no past yet, and is deaf to keys of the past when it is now', async () => {
    const one = await running();
    one.forget();
    expect(one.store.playback?.lookBack?.(5000)).toBe(
      'this session has just begun: there is nothing to look back at yet',
    );
    expect(one.store.playback?.ask({ kind: 'by', ms: -5000 })).toBe('this is now: ← looks back');
    expect(one.store.get().playback).toBeUndefined();
  });
});
