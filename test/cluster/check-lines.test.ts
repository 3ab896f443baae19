import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { datedText, zoneOffset } from '../../src/cluster/check-date.ts';
import { checkLogLines } from '../../src/cluster/check-lines.ts';
import { classifyCheckLine, explainCheckLine } from '../../src/cluster/check-words.ts';
import type { ClockReading, Unit } from '../../src/cluster/readings.ts';
import { Scene } from '../support/scene.ts';

const samples = join(import.meta.dirname, '../../fixtures/samples');
const sample = (name: string) => readFileSync(join(samples, name), 'utf8').trim().split('\n');
/** Our wall clock in a scene whose mono clock stands at 1000. */
const WALL = Date.UTC(2026, 10, 23, 12, 0, 0);
const restart = 'systemctl restart nginx';

/** A snapshot of a node whose check log ends in these lines. */
const tail = (
  scene: Scene,
  node: string,
  lines: string[],
  over: { mtime?: number; clock?: ClockReading | null } = {},
) => {
  const { clock, ...value } = scene.snapshotOf(node);
  const reading = { ok: true as const, value: { lines, size: 100, mtime: over.mtime ?? 0 } };
  const known = over.clock === null ? {} : { clock: over.clock ?? clock ?? { offset: 0, error: 1 } };
  scene.send({
    kind: 'snapshot',
    node,
    asked: scene.now - 2,
    reading: { ok: true, value: { ...value, checkLog: reading, ...known } },
  });
};
const texts = (scene: Scene) => checkLogLines(scene.state).map(({ node, text }) => `${node} ${text}`);
const iso = (ms: number) => new Date(ms).toISOString().slice(11, 19);

describe('a date in the check log', () => {
  test('is read as date(1) of real systems wrote it, in their zones and languages', () => {
    const rows = sample('date.coreutils-9.1.txt').map((row) => row.match(/^(\d+) (\S+) (\S+) (.*)$/)?.slice(1) ?? []);
    expect(rows).toHaveLength(147);
    for (const [epoch, zone, form, text] of rows as [string, string, string, string][]) {
      const { date, text: rest } = datedText(`${text}: ${restart}`);
      expect([form, text, rest]).toEqual([form, text, restart]);
      const at = Number(epoch) * 1000;
      const ahead = ((date?.local ?? Number.NaN) - at) / 60_000;
      const expected = { 'Asia/Shanghai': 480, 'Asia/Kolkata': 330, 'America/Sao_Paulo': -180, 'Asia/Kathmandu': 345 };
      if (zone in expected) expect([text, ahead]).toEqual([text, expected[zone as keyof typeof expected]]);
      const offset = zoneOffset(date?.zone ?? '');
      if (offset === undefined) expect(date?.zone).toMatch(/^(CST|CDT|IST)$/);
      else expect([text, ahead]).toEqual([text, offset]);
    }
  });

  test.each([
    'systemctl restart nginx',
    'Mon Nov 31 18:43:46 UTC 2026: x',
    'Mon Nov 23 25:43:46 UTC 2026: x',
    'a: b: c',
    '',
    ': ',
  ])('is not invented: %j is all text', (line) => expect(datedText(line)).toEqual({ text: line }));

  test('never makes anything throw, whatever stands there', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        expect(datedText(text).text.length).toBeLessThanOrEqual(text.length);
        explainCheckLine(text);
      }),
    );
  });
});

describe('a line of the check log', () => {
  test.each([
    ['Mon Nov 23 18:43:36 UTC 2026: systemctl restart nginx', 'restart'],
    ['2026年 11月 23日 星期一 18:43:36 CST: systemctl restart nginx', 'restart'],
    ['Mon Nov 23 18:43:38 UTC 2026: killall keepalived', 'killall'],
    ['Mon Nov 23 21:09:13 UTC 2026: nginx does not come up, no more restarts for 120 s', 'gave-up'],
    ['Mon Nov 23 18:43:38 UTC 2026: note by ops@seat: after systemctl restart nginx all is well', 'note'],
    ['Mon Nov 23 18:43:38 UTC 2026: note by eve@seat: fake: systemctl restart nginx', 'note'],
    ['\u001b[2J', 'other'],
  ])('%j is a %s', (line, kind) => expect(classifyCheckLine(line)).toBe(kind));
});

describe('the check logs of all nodes', () => {
  test('are one log in the order of time, with the nodes’ clocks taken out', () => {
    const scene = new Scene();
    tail(scene, 'lb1', [`Mon Nov 23 11:58:00 UTC 2026: ${restart}`, 'Mon Nov 23 11:59:00 UTC 2026: c']);
    // lb2's clock is two minutes ahead, and it keeps Berlin's time.
    const ahead = { offset: 120_000, error: 20 };
    tail(scene, 'lb2', ['Mon Nov 23 13:00:30 CET 2026: b', 'Mon Nov 23 13:01:30 CET 2026: d'], { clock: ahead });
    expect(texts(scene)).toEqual([`lb1 ${restart}`, 'lb2 b', 'lb1 c', 'lb2 d']);
    const [first, second] = checkLogLines(scene.state);
    expect(first).toMatchObject({
      at: WALL - 120_000,
      error: 1001,
      explained: 'check_nginx found no nginx and restarted it',
    });
    expect(second).toMatchObject({ at: WALL - 90_000, error: 1020 });
    expect(second).not.toHaveProperty('unsure');
  });

  test('keep a line without a date next to the one it follows, or else before the one it precedes', () => {
    const scene = new Scene();
    tail(scene, 'lb1', [
      'cut off',
      'Mon Nov 23 11:58:00 UTC 2026: a',
      '  at line 7',
      'Mon Nov 23 11:59:30 UTC 2026: d',
    ]);
    tail(scene, 'lb2', ['Mon Nov 23 11:57:00 UTC 2026: z', 'Mon Nov 23 11:58:30 UTC 2026: b']);
    expect(texts(scene)).toEqual(['lb2 z', 'lb1 cut off', 'lb1 a', 'lb1   at line 7', 'lb2 b', 'lb1 d']);
    expect(checkLogLines(scene.state)[3]).toMatchObject({ unsure: 'no date that can be read', error: Infinity });
  });

  test('place a pushed line without a date where it came', () => {
    const scene = new Scene();
    tail(scene, 'lb1', ['Mon Nov 23 11:00:00 UTC 2026: a']);
    tail(scene, 'lb2', ['Mon Nov 23 11:30:00 UTC 2026: b']);
    scene.send({ kind: 'check-log', node: 'lb1', line: 'Di 24. Nov 12:00:00 CET 2026: nanu' });
    expect(texts(scene).at(-1)).toMatch(/^lb1 Di 24/);
    expect(checkLogLines(scene.state).at(-1)).toMatchObject({ at: WALL, error: 2000 });
  });

  test('understand an ambiguous zone by the time of the file', () => {
    const scene = new Scene();
    const mtime = (WALL - 60_000) / 1000;
    tail(scene, 'lb1', [`Mon Nov 23 19:58:00 CST 2026: ${restart}`, 'Mon Nov 23 19:59:00 CST 2026: a'], { mtime });
    expect(checkLogLines(scene.state).map(({ at, unsure }) => [iso(at), unsure])).toEqual([
      ['11:58:00', undefined],
      ['11:59:00', undefined],
    ]);
  });

  test('understand it by a line that was pushed, too', () => {
    const scene = new Scene();
    tail(scene, 'lb1', ['Mon Nov 23 05:58:00 CST 2026: a']);
    expect(checkLogLines(scene.state)[0]).toMatchObject({ unsure: 'zone CST can mean several', error: 14 * 3600_000 });
    scene.send({ kind: 'check-log', node: 'lb1', line: 'Mon Nov 23 06:00:00 CST 2026: b' });
    expect(checkLogLines(scene.state).map(({ at }) => iso(at))).toEqual(['11:58:00', '12:00:00']);
    expect(checkLogLines(scene.state)[0]).not.toHaveProperty('unsure');
  });

  test('say that they are not sure when a clock was never measured', () => {
    const scene = new Scene();
    tail(scene, 'lb1', ['Mon Nov 23 11:58:00 UTC 2026: a'], { clock: null });
    expect(checkLogLines(scene.state)[0]).toMatchObject({ unsure: 'its clock has not been measured', error: Infinity });
  });

  test('hold nothing that a terminal would obey', () => {
    const scene = new Scene();
    tail(scene, 'lb1', ['Mon Nov 23 11:58:00 UTC 2026: note by \u001b[31mops: \u202ehi']);
    expect(JSON.stringify(checkLogLines(scene.state))).not.toMatch(/\u202e|\\u001b/);
  });
});

describe('the check script that gave up', () => {
  /** Our wall clock when the real log was written. */
  const [, line = ''] = sample('lb1.check-log.nginx-config-broken-killall.txt');
  const dead = (over: Partial<Unit>): Partial<Unit> => ({ active: 'inactive', sub: 'dead', mainPid: 0, ...over });
  const gaveUp = (keepalived: Partial<Unit>, nginx: Partial<Unit>) => {
    const scene = new Scene();
    // The line says 18:43:36, keepalived stopped at 18:43:37, as systemd told of that run; it is looked at 23 s later.
    scene.now = 1000 + (Date.UTC(2026, 10, 23, 18, 44, 0) - WALL);
    scene.world.units.lb1 = { keepalived, nginx };
    tail(scene, 'lb1', [line]);
    return scene;
  };
  const broken = dead({ active: 'failed', sub: 'failed', result: 'exit-code', age: 26 });
  const explained = (scene: Scene) => checkLogLines(scene.state)[0]?.explained;

  test('is told from keepalived’s end right after the restart, for it writes no line about it', () => {
    expect(line).toBe('Mon Nov 23 18:43:36 UTC 2026: systemctl restart nginx');
    expect(explained(gaveUp(dead({ age: 23 }), broken))).toBe(
      'check_nginx found no nginx and restarted it, in vain; then check_nginx gave up and killed keepalived: it will not return by itself',
    );
  });

  test.each<[string, Partial<Unit>, Partial<Unit>]>([
    ['keepalived runs', {}, broken],
    ['keepalived failed by itself', dead({ active: 'failed', result: 'signal', age: 23 }), broken],
    ['keepalived stopped long after', dead({ age: 2 }), broken],
    ['keepalived stopped long before', dead({ age: 600 }), broken],
    ['nginx had come back', dead({ age: 23 }), { age: 25 }],
  ])('is not blamed when %s', (_, keepalived, nginx) =>
    expect(explained(gaveUp(keepalived, nginx))).toBe('check_nginx found no nginx and restarted it'),
  );

  /** systemd forgets when a unit that is not enabled was stopped, and the tutorial enables none. */
  const { age: _, ...forgotten } = { ...dead({}), age: 0 };

  test('is told by keepalived’s own word where systemd has forgotten when it stopped', () => {
    const scene = gaveUp({ ...forgotten, age: undefined as never }, broken);
    scene.now -= 23_000;
    scene.send({ kind: 'journal', node: 'lb1', unit: 'keepalived.service', message: 'Stopping', nodeTime: 0 });
    scene.now += 23_000;
    tail(scene, 'lb1', [line]);
    expect(explained(scene)).toContain('in vain; then check_nginx gave up');
    scene.send({ kind: 'journal', node: 'lb1', unit: 'keepalived.service', message: 'Stopping', nodeTime: 0 });
    expect(explained(scene)).toBe('check_nginx found no nginx and restarted it');
  });

  test('is what probably happened where nobody saw it: nginx down, keepalived gone, and nothing written since', () => {
    const unknown = { ...forgotten, age: undefined as never };
    const scene = gaveUp(unknown, broken);
    expect(explained(scene)).toContain('in vain; then probably check_nginx gave up and killed keepalived');
    expect(explained(gaveUp(unknown, {}))).toBe('check_nginx found no nginx and restarted it');
    tail(scene, 'lb1', [line, 'Mon Nov 23 18:43:58 UTC 2026: note by ops@seat: keepalived stopped by hand']);
    expect(explained(scene)).toBe('check_nginx found no nginx and restarted it');
  });

  test('is not blamed for what this console did', () => {
    const scene = gaveUp(dead({ age: 0 }), broken);
    scene.send({
      kind: 'action',
      id: 1,
      action: { kind: 'out-of-service', node: 'lb1' },
      author: 'ops',
      phase: { step: 'done', seen: 'it is', ms: 5 },
    });
    scene.world.units.lb1 = { keepalived: dead({ age: 0 }), nginx: broken };
    const before = `Mon Nov 23 18:43:58 UTC 2026: ${restart}`;
    tail(scene, 'lb1', [line, before]);
    expect(checkLogLines(scene.state).at(-1)?.explained).toBe('check_nginx found no nginx and restarted it');
  });
});
