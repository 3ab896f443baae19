import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPlayback } from '../../src/recording/playback.ts';
import type { PlaybackCommand, PlaybackView } from '../../src/session/playback-view.ts';
import { startReplay } from '../../src/session/replay.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { liveAt } from '../support/recorded.ts';
import { type Replayed, replayed } from '../support/replayed.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'replay-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const viewOf = (one: Pick<Replayed, 'session'>): PlaybackView => one.session.get().playback as PlaybackView;
const ask = (one: Pick<Replayed, 'session'>, command: PlaybackCommand) => one.session.playback?.ask(command);
/** Asks, and lets the picture come. */
const askThen = (one: Pick<Replayed, 'session' | 'clock'>, command: PlaybackCommand): PlaybackView => {
  expect(ask(one, command)).toBeNull();
  one.clock.pass(50);
  return viewOf(one);
};
const timesOf = (one: Replayed): number[] =>
  [...new Set(viewOf(one).ticks.map((tick) => tick.at.mono))].sort((a, b) => a - b);

describe('a replay', () => {
  test('shows at each time what was shown live, whatever brought it there', async () => {
    const one = await replayed();
    const step = fc.constantFrom<1 | -1>(1, -1);
    const command = fc.oneof(
      fc.record({ kind: fc.constant('by' as const), ms: fc.integer({ min: -90_000, max: 90_000 }) }),
      fc.record({ kind: fc.constantFrom('sample' as const, 'event' as const, 'chapter' as const), step }),
      fc.record({ kind: fc.constantFrom('begin' as const, 'end' as const, 'undo' as const, 'play' as const) }),
      fc.record({
        kind: fc.constant('go' as const),
        text: fc.integer({ min: 0, max: 100 }).map((part) => `${part}%`),
      }),
      fc.record({ kind: fc.constant('speed' as const), step }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 8 }), fc.integer({ min: 40, max: 5000 }), (commands, wait) => {
        for (const each of commands) {
          ask(one, each);
          one.clock.pass(wait);
          const { state, playback } = one.session.get();
          expect(state).toEqual(liveAt(one.scene, playback?.position as number));
        }
      }),
      { numRuns: 10 },
    );
  });

  test('plays at its speed, and what comes between two pictures is left out', async () => {
    const one = await replayed();
    let pictures = 0;
    one.session.subscribe(() => pictures++);
    const from = viewOf(one).position;
    askThen(one, { kind: 'skip-idle' });
    ask(one, { kind: 'play' });
    one.clock.pass(4000);
    expect(viewOf(one).position - from).toBeCloseTo(4000, -2);
    expect(pictures).toBeLessThan(60);
    for (let press = 0; press < 3; press++) ask(one, { kind: 'speed', step: 1 });
    const before = viewOf(one).position;
    one.clock.pass(4000);
    expect(viewOf(one)).toMatchObject({ speed: 8, playing: true });
    expect(viewOf(one).position - before).toBeCloseTo(32_000, -3);
    expect(askThen(one, { kind: 'play' }).playing).toBe(false);
    const still = viewOf(one).position;
    one.clock.pass(4000);
    expect(viewOf(one).position).toBe(still);
  });

  test('a held key makes no more pictures than can be drawn, and comes to where it was going', async () => {
    const one = await replayed();
    let pictures = 0;
    one.session.subscribe(() => pictures++);
    const from = viewOf(one).position;
    for (let press = 0; press < 30; press++) {
      ask(one, { kind: 'by', ms: 5000 });
      one.clock.pass(1);
    }
    one.clock.pass(100);
    expect(viewOf(one).position).toBe(from + 150_000);
    expect(pictures).toBeLessThan(5);
  });

  test('leaves idle stretches out while playing, says so, and plays them when told to', async () => {
    const one = await replayed();
    const idle = viewOf(one).spans.find((span) => span.kind === 'idle' && span.to - span.from > 30_000);
    if (!idle) throw new Error('no idle stretch');
    for (const skip of [true, false]) {
      if (!skip) ask(one, { kind: 'skip-idle' });
      ask(one, { kind: 'go', text: new Date(one.playback.wallAt(idle.from + 1500)).toISOString() });
      ask(one, { kind: 'play' });
      one.clock.pass(1500);
      const { position, said, skipIdle } = viewOf(one);
      expect(skipIdle).toBe(skip);
      if (skip) {
        expect(said).toMatch(/^idle: \d+ s left out$/);
        expect(position).toBeGreaterThan(idle.to - 1500);
      } else expect(position).toBeLessThan(idle.from + 5000);
      ask(one, { kind: 'play' });
    }
  });

  test('[ and ] stop at each moment something was said, once, over the whole session and back', async () => {
    const one = await replayed();
    const times = timesOf(one);
    expect(times.length).toBeGreaterThan(8);
    const stops: number[] = [];
    ask(one, { kind: 'begin' });
    one.clock.pass(50);
    const first = viewOf(one).position;
    while (ask(one, { kind: 'event', step: 1 }) === null) {
      one.clock.pass(50);
      stops.push(viewOf(one).position);
    }
    expect(stops).toEqual(times.filter((time) => time > first));
    expect(viewOf(one).here?.at.mono).toBe(times.at(-1));
    const back: number[] = [];
    ask(one, { kind: 'end' });
    while (ask(one, { kind: 'event', step: -1 }) === null) {
      one.clock.pass(50);
      back.push(viewOf(one).position);
    }
    expect(back.toReversed()).toEqual(times);
    expect(ask(one, { kind: 'event', step: -1 })).toBe('nothing happened before this');
  });

  test('{ and } stop where things got worse', async () => {
    const one = await replayed();
    expect(askThen(one, { kind: 'chapter', step: 1 }).said).toBe('incident failing-over');
    expect(one.session.get().state.verdict.code).toBe('failing-over');
    expect(ask(one, { kind: 'chapter', step: 1 })).toBe('no drill and no incident begins after this');
    askThen(one, { kind: 'by', ms: 3000 });
    expect(askThen(one, { kind: 'chapter', step: -1 }).here?.text).toMatch(/left lb1: nobody holds them/);
  });

  test(', and . step from fact to fact and pause', async () => {
    const one = await replayed(undefined, { at: 30_000 });
    ask(one, { kind: 'play' });
    const { position, playing } = askThen(one, { kind: 'sample', step: 1 });
    expect(playing).toBe(false);
    expect(position).toBeGreaterThanOrEqual(30_000);
    expect(position).toBeLessThan(32_000);
    const next = askThen(one, { kind: 'sample', step: 1 }).position;
    expect(next).toBeGreaterThan(position);
    expect(askThen(one, { kind: 'sample', step: -1 }).position).toBe(position);
  });

  test('stays on the last picture at the end, and space begins anew', async () => {
    const one = await replayed(undefined, { speed: 64 });
    ask(one, { kind: 'play' });
    one.clock.pass(20_000);
    expect(viewOf(one)).toMatchObject({ playing: false, position: one.playback.to().mono });
    expect(one.session.get().state).toEqual(one.scene.state);
    expect(askThen(one, { kind: 'play' })).toMatchObject({ playing: true, said: 'from the begin' });
    expect(viewOf(one).position).toBeLessThan(one.playback.from.mono + 10_000);
  });

  test('goes to times as people write them, from where it is, and undoes jumps', async () => {
    const one = await replayed(undefined, { at: 20_000 });
    expect(askThen(one, { kind: 'go', text: '12:01:00' }).wall).toBe(Date.UTC(2026, 10, 23, 12, 1, 0));
    const { position } = viewOf(one);
    expect(askThen(one, { kind: 'go', text: ' +10s ' }).position).toBe(position + 10_000);
    expect(askThen(one, { kind: 'go', text: '-1m' }).position).toBe(position - 50_000);
    expect(ask(one, { kind: 'go', text: 'noon' })).toBe('noon is no time: 12:03:10, +90s, -5m, 50%');
    for (const back of [position + 10_000, position, 20_000])
      expect(askThen(one, { kind: 'undo' }).position).toBe(back);
    expect(ask(one, { kind: 'undo' })).toBe('there is no jump to undo');
  });

  test('searches all that was said, forwards and backwards, round the ends', async () => {
    const one = await replayed();
    expect(askThen(one, { kind: 'search', text: ' MOVED LB' }).search).toEqual({ text: ' MOVED LB', found: 2 });
    const first = askThen(one, { kind: 'found', step: 1 });
    expect(first.here?.text).toMatch(/moved lb1 → lb2/);
    expect(askThen(one, { kind: 'found', step: 1 }).here?.text).toMatch(/moved lb2 → lb1/);
    expect(askThen(one, { kind: 'found', step: 1 })).toMatchObject({
      position: first.position,
      said: 'from the begin again',
    });
    expect(askThen(one, { kind: 'found', step: -1 }).said).toBe('from the end again');
    ask(one, { kind: 'search', text: 'unicorn' });
    expect(ask(one, { kind: 'found', step: 1 })).toBe('nothing in the event log contains unicorn');
    expect(askThen(one, { kind: 'search', text: ' ' }).search).toBeNull();
    expect(ask(one, { kind: 'found', step: 1 })).toBe('nothing is searched for: / begins');
  });

  test('knows the slowest and the fastest', async () => {
    const one = await replayed();
    while (ask(one, { kind: 'speed', step: 1 }) === null);
    expect(ask(one, { kind: 'speed', step: 1 })).toBe('64x is the fastest');
    while (ask(one, { kind: 'speed', step: -1 }) === null);
    expect(ask(one, { kind: 'speed', step: -1 })).toBe('0.25x is the slowest');
    expect(askThen(one, { kind: 'speed', step: 0 }).speed).toBe(1);
  });

  test('refuses whatever would write, and says that it is a recording', async () => {
    const { session } = await replayed();
    const action = { kind: 'service', verb: 'stop', service: 'nginx', node: 'lb1' } as const;
    expect(await session.plan(action)).toEqual({
      ok: false,
      refusal: { reason: 'disabled', text: 'this is a recording' },
    });
    const plan = {
      action,
      commands: [],
      risk: { lines: [], step: 1, takesLast: false, basis: '' },
      confirmation: { kind: 'press', key: 'y' },
    } as const;
    expect(await session.perform({ ...plan, commands: [], risk: { ...plan.risk, lines: [] } }, 'y')).toMatchObject({
      step: 'refused',
      refusal: { text: 'this is a recording' },
    });
    expect(await session.note('x')).toMatchObject([
      { node: 'lb1', ok: false },
      { node: 'lb2', ok: false },
    ]);
    expect(session.drills).toBeUndefined();
    expect(session.get().prompt).toBeNull();
  });

  test('follows a file that is still being written, to its end', async () => {
    const { source, scene } = await replayed();
    const whole = Buffer.from(source.read(0, source.size()));
    const file = join(directory, 'growing.hacs.jsonl');
    const cuts = [0.3, 0.6, 0.9, 1].map((part) => Math.floor(whole.length * part));
    writeFileSync(file, whole.subarray(0, cuts[0]));
    const clock = new ManualClock();
    const playback = await createPlayback(file);
    const one = { session: startReplay({ playback, clock }), clock };
    expect(askThen(one, { kind: 'follow' })).toMatchObject({ following: true, closed: false });
    for (let index = 1; index < cuts.length; index++) {
      const before = viewOf(one).position;
      appendFileSync(file, whole.subarray(cuts[index - 1], cuts[index]));
      clock.pass(1500);
      expect(viewOf(one).position).toBeGreaterThan(before);
      expect(viewOf(one).position).toBe(playback.to().mono);
    }
    expect(one.session.get().state).toEqual(scene.state);
    expect(viewOf(one).closed).toBe(true);
    expect(askThen(one, { kind: 'by', ms: -5000 }).following).toBe(false);
    expect(ask(one, { kind: 'follow' })).toBe('the recording was closed: nothing will follow');
    one.session.stop();
  });

  test('what a disk that failed left out is passed over, and a gap on the bar', async () => {
    const one = await replayed(async (scene) => {
      scene.healthy();
      scene.rounds(20);
    });
    const gap = { kind: 'gap' as const, from: 5000, to: 9000 };
    const playback = { ...one.playback, spans: () => [gap] };
    const clock = new ManualClock();
    const session = startReplay({ playback, clock, at: 4500 });
    session.playback?.ask({ kind: 'play' });
    clock.pass(700);
    expect(viewOf({ session })).toMatchObject({ said: '4 s were not recorded' });
    expect(viewOf({ session }).position).toBeGreaterThanOrEqual(9000);
  });
});
