import { describe, expect, test } from 'vitest';
import type { ExpectationResult } from '../../src/cluster/drill.ts';
import { judge } from '../../src/drills/judge.ts';
import { Recorded, VIP } from './support/record.ts';

const judged = (events: ReturnType<Recorded['of']>): ExpectationResult =>
  judge(events, 1)?.results[0] as ExpectationResult;
const moved = (): Recorded =>
  new Recorded().held([
    [1100, 'lb1', 'delete'],
    [1710, 'lb2', 'add'],
  ]);

describe('who holds the VIPs', () => {
  test('passes when it came in time, measured from the begin of the act', () => {
    expect(judged(moved().of({ kind: 'holder', node: 'lb2', within: 800 }))).toMatchObject({
      result: 'pass',
      value: 710,
      measured: 'seen after 0.71 s',
    });
    expect(judged(moved().of({ kind: 'holder', node: null, within: 800 }))).toMatchObject({
      result: 'pass',
      value: 100,
    });
  });

  test('fails when it came late, by more than the tolerance', () => {
    expect(judged(moved().of({ kind: 'holder', node: 'lb2', within: 600 }))).toMatchObject({ result: 'fail' });
    expect(judged(moved().of({ kind: 'holder', node: 'lb2', within: 650 }))).toMatchObject({ result: 'pass' });
  });

  test('fails when it never came, and says who had them', () => {
    const record = new Recorded().held([[1100, 'lb1', 'delete']]);
    expect(judged(record.of({ kind: 'holder', node: 'lb2', within: 800 }))).toMatchObject({
      result: 'fail',
      measured: `${VIP} nobody`,
    });
  });

  test('is unknown when no load balancer could be looked at', () => {
    expect(judged(new Recorded().of({ kind: 'holder', node: 'lb2', within: 800 }))).toMatchObject({
      result: 'unknown',
    });
  });

  test('is not told by a look that was asked for before a push came', () => {
    const record = moved().look(1104, 'lb1', { holds: true });
    expect(judged(record.of({ kind: 'holder', node: 'lb2', within: 800 }))).toMatchObject({ result: 'pass' });
  });

  test('counts a move as one however long nobody held the VIP, and a return as none', () => {
    expect(judged(moved().of({ kind: 'moves', bounds: { least: 1, most: 1 } }))).toMatchObject({ result: 'pass' });
    const back = new Recorded().held([
      [1100, 'lb1', 'delete'],
      [5000, 'lb1', 'add'],
    ]);
    expect(judged(back.of({ kind: 'moves', bounds: { most: 0 } }))).toMatchObject({
      result: 'pass',
      measured: '0 moves',
    });
    expect(judged(moved().of({ kind: 'moves', bounds: { most: 0 } }))).toMatchObject({ result: 'fail' });
  });

  test('calls two holders a split brain after a second, a handover not', () => {
    const handover = new Recorded().held([
      [1700, 'lb2', 'add'],
      [1720, 'lb1', 'delete'],
    ]);
    expect(judged(handover.of({ kind: 'split-brain', seen: false }))).toMatchObject({ result: 'pass' });
    const split = () => new Recorded().held([[3000, 'lb2', 'add']]);
    expect(judged(split().of({ kind: 'split-brain', seen: false }))).toMatchObject({
      result: 'fail',
      measured: 'two holders for 7 s',
    });
    expect(judged(split().of({ kind: 'split-brain', seen: true }))).toMatchObject({ result: 'pass' });
  });
});

describe('what clients saw', () => {
  const gap = (from: number, to: number) => new Recorded().held().asked((at) => at >= from && at < to);

  test('an outage passes within its bounds, with the resolution of the measurement', () => {
    const result = judged(
      gap(1100, 1750).of({ kind: 'outage', bounds: { least: 609, most: 809 }, basis: 'by the skew' }),
    );
    expect(result).toMatchObject({ result: 'pass', resolution: 52 });
    expect(result.measured).toBe('0.65 s ± 0.05');
    expect(result.text).toContain('computed 0.61 to 0.81 s');
  });

  test.each([
    ['too long', 1100, 3000, { most: 809 }, 'fail'],
    ['too short', 1100, 1300, { least: 609 }, 'fail'],
    ['none where one must be', 1, 2, { least: 609 }, 'fail'],
    ['none where none must be', 1, 2, { most: 0 }, 'pass'],
    ['one lost request where none must be: shorter than the tolerance', 1100, 1150, { most: 0 }, 'pass'],
    ['not over at the end', 9000, 20_000, { most: 809 }, 'fail'],
    ['not over at the end, as it must be', 2000, 20_000, { least: 6000 }, 'pass'],
  ])('an outage: %s', (_, from, to, bounds, result) => {
    expect(judged(gap(from, to).of({ kind: 'outage', bounds }))).toMatchObject({ result });
  });

  test('nothing is claimed when no request got through', () => {
    const blind = () =>
      new Recorded().held().asked(
        () => false,
        () => ({ ok: null, loss: 'path' as const }),
      );
    for (const wanted of [
      { kind: 'outage' as const, bounds: { most: 100 } },
      { kind: 'lost' as const, most: 0 },
      { kind: 'rotation' as const, served: ['web1'], absent: [] },
    ])
      expect(judged(blind().of(wanted))).toMatchObject({ result: 'unknown' });
  });

  test('an outage of which too much is unknown is not claimed either way', () => {
    const hole = (at: number) => (at >= 1750 && at < 4000 ? { ok: null, loss: 'path' as const } : {});
    const record = () => new Recorded().held().asked((at) => at >= 1100 && at < 1750, hole);
    expect(judged(record().of({ kind: 'outage', bounds: { most: 809 } }))).toMatchObject({ result: 'unknown' });
    expect(judged(record().of({ kind: 'outage', bounds: { most: 400 } }))).toMatchObject({ result: 'fail' });
    expect(judged(record().of({ kind: 'outage', bounds: { most: 4000 } }))).toMatchObject({ result: 'pass' });
  });

  test('lost requests are counted within the window alone', () => {
    expect(judged(gap(1100, 1750).of({ kind: 'lost', most: 13 }))).toMatchObject({ result: 'pass', value: 13 });
    expect(judged(gap(1100, 1750).of({ kind: 'lost', most: 12 }))).toMatchObject({ result: 'fail' });
    expect(judged(gap(1100, 1750).of({ kind: 'lost', most: 0, after: 1 }))).toMatchObject({ result: 'pass' });
    expect(judged(gap(0, 900).of({ kind: 'lost', most: 0 }))).toMatchObject({ result: 'pass' });
    expect(judged(gap(0, 20_000).of({ kind: 'lost', leastShare: 1 }))).toMatchObject({
      result: 'pass',
      measured: '180 of 180 lost (100 %: 180 refused)',
    });
  });

  test('rotation tells who served and who must not have', () => {
    const record = () =>
      new Recorded().held().asked(
        () => false,
        () => ({ servedBy: 'web2' }),
      );
    expect(judged(record().of({ kind: 'rotation', served: ['web1', 'web2'], absent: [] }))).toMatchObject({
      result: 'fail',
    });
    expect(judged(record().of({ kind: 'rotation', served: ['web2'], absent: ['web1'] }))).toMatchObject({
      result: 'pass',
      measured: 'web1 0, web2 180',
    });
  });

  test('a blip is the gap at a move, whatever is lost elsewhere', () => {
    const record = () =>
      new Recorded()
        .held([
          [5000, 'lb2', 'add'],
          [5010, 'lb1', 'delete'],
        ])
        .asked((at) => (at >= 5000 && at < 5150) || (at >= 8000 && at < 9000));
    expect(judged(record().of({ kind: 'blip', most: 300 }))).toMatchObject({
      result: 'pass',
      measured: '0.15 s ± 0.05',
    });
    const still = new Recorded().held().asked();
    expect(judged(still.of({ kind: 'blip', most: 300 }))).toMatchObject({ result: 'fail', measured: 'no VIP moved' });
  });

  test('a long download that was begun anew before the window counts as open', () => {
    const state = (at: number, state: 'open' | 'cut') => [at, { what: 'download', vip: VIP, state, bytes: 1 }] as const;
    const record = () => new Recorded().held().asked();
    const cut = record()
      .drill(...state(100, 'open'))
      .drill(...state(500, 'cut'))
      .drill(...state(600, 'open'));
    expect(judged(cut.of({ kind: 'download', cut: false }))).toMatchObject({ result: 'pass' });
    const again = record()
      .drill(...state(100, 'open'))
      .drill(...state(5000, 'cut'));
    expect(judged(again.of({ kind: 'download', cut: true }))).toMatchObject({
      result: 'pass',
      measured: 'cut 4 s after the begin',
    });
    const none = record().drill(30, { what: 'download', vip: VIP, state: 'failed', bytes: 0, why: 'refused' });
    expect(judged(none.of({ kind: 'download', cut: true }))).toMatchObject({ result: 'unknown' });
  });
});

describe('what the nodes showed', () => {
  const nginx = (active: string, over = {}) => ({ units: { nginx: { active, ...over } } });

  test('a service is judged at the end of its window, by the last look', () => {
    const record = () => new Recorded().held().look(3000, 'lb1', nginx('inactive')).look(9000, 'lb1', nginx('active'));
    const wanted = { kind: 'service' as const, node: 'lb1', service: 'nginx' as const };
    expect(judged(record().of({ ...wanted, active: ['inactive'] }))).toMatchObject({ result: 'fail' });
    expect(judged(record().of({ ...wanted, active: ['active'], within: 9000 }))).toMatchObject({
      result: 'pass',
      measured: 'active, 2 processes after 8 s',
    });
    expect(judged(record().of({ ...wanted, active: ['active'], within: 3000 }))).toMatchObject({ result: 'fail' });
  });

  test('a look that was asked for before the act had its effect tells nothing', () => {
    const record = new Recorded().held().look(1200, 'lb1', nginx('active'));
    expect(
      judged(record.of({ kind: 'service', node: 'lb1', service: 'nginx', active: ['active'], within: 5000 })),
    ).toMatchObject({ result: 'unknown', measured: 'nothing' });
  });

  test('a frozen service is active, with all its processes stopped', () => {
    const record = () => new Recorded().held().look(3000, 'lb1', nginx('active', { stat: 'T', count: 3 }));
    const wanted = { kind: 'service' as const, node: 'lb1', service: 'nginx' as const, active: ['active'] };
    expect(judged(record().of({ ...wanted, frozen: true }))).toMatchObject({
      result: 'pass',
      measured: 'active, 3 processes stopped',
    });
    expect(judged(record().of({ ...wanted, frozen: false }))).toMatchObject({ result: 'fail' });
  });

  const restart = 'Mon Nov 23 18:18:46 UTC 2026: systemctl restart nginx';
  test('a line of the check log is seen in the stream, or in the log’s tail where there is no stream', () => {
    const wanted = { kind: 'line' as const, node: 'lb1', line: 'restart' as const, within: 5000 };
    const stream = new Recorded().held().add(4000, { kind: 'check-log', node: 'lb1', line: restart });
    expect(judged(stream.of(wanted))).toMatchObject({ result: 'pass', value: 3000 });
    const tail = new Recorded()
      .held()
      .look(500, 'lb1', { lines: ['old'] })
      .look(5000, 'lb1', { lines: ['old', restart] });
    expect(judged(tail.of(wanted))).toMatchObject({ result: 'pass', value: 4000 });
    const old = new Recorded()
      .held()
      .look(500, 'lb1', { lines: [restart] })
      .look(5000, 'lb1', { lines: [restart] });
    expect(judged(old.of(wanted))).toMatchObject({ result: 'fail', measured: 'no such line' });
    expect(judged(new Recorded().held().of(wanted))).toMatchObject({ result: 'unknown' });
  });

  test('a verdict that was there at the begin of the window was seen at once', () => {
    const record = () => new Recorded().held().drill(500, { what: 'verdict', code: 'healthy' });
    const wanted = { kind: 'verdict' as const, codes: ['no-backup' as const], within: 3000 };
    expect(judged(record().drill(2500, { what: 'verdict', code: 'no-backup' }).of(wanted))).toMatchObject({
      result: 'pass',
      value: 1500,
    });
    expect(judged(record().drill(9000, { what: 'verdict', code: 'no-backup' }).of(wanted))).toMatchObject({
      result: 'fail',
    });
    expect(judged(record().of({ ...wanted, codes: ['healthy'] }))).toMatchObject({ result: 'pass', value: 0 });
    expect(judged(new Recorded().held().of(wanted))).toMatchObject({ result: 'unknown' });
  });
});

describe('a drill that was broken off', () => {
  const early = (record = new Recorded().held().asked()): Recorded =>
    Object.assign(record, { whole: false, ends: 4000 });

  test('proves neither that nothing would have come, nor that it would not have lasted', () => {
    expect(judged(early().of({ kind: 'lost', most: 0 }))).toMatchObject({ result: 'unknown' });
    expect(judged(early().of({ kind: 'outage', bounds: { least: 6000 } }))).toMatchObject({ result: 'unknown' });
    expect(judged(early().of({ kind: 'holder', node: 'lb2', within: 5000 }))).toMatchObject({ result: 'unknown' });
    expect(judged(early().of({ kind: 'moves', bounds: { most: 0 } }))).toMatchObject({ result: 'unknown' });
  });

  test('still proves what was seen', () => {
    const lost = () => new Recorded().held().asked((at) => at >= 1100 && at < 3000);
    expect(judged(early(lost()).of({ kind: 'lost', most: 0 }))).toMatchObject({ result: 'fail' });
    expect(judged(early(lost()).of({ kind: 'outage', bounds: { most: 809 } }))).toMatchObject({ result: 'fail' });
    expect(judged(early(moved()).of({ kind: 'holder', node: 'lb2', within: 5000 }))).toMatchObject({ result: 'pass' });
    expect(judged(early().of({ kind: 'holder', node: 'lb2', within: 1000 }))).toMatchObject({ result: 'fail' });
    expect(judge(early(moved()).of({ kind: 'holder', node: 'lb2', within: 5000 }), 1)?.verdict).toBe('unknown');
  });
});

describe('the verdict on the whole', () => {
  const pass = { kind: 'moves' as const, bounds: { most: 0 } };
  const fail = { kind: 'moves' as const, bounds: { least: 3 } };
  const blind = { kind: 'line' as const, node: 'lb1', line: 'restart' as const };

  test.each([
    [[pass, pass], 'pass', 'passed: 2 of 2 expectations'],
    [[pass, blind], 'unknown', 'not decided: line'],
    [[blind, fail, pass], 'fail', 'failed: moves'],
    [[], 'pass', 'passed: 0 of 0 expectations'],
  ])('of %j is %s', (wanted, verdict, summary) => {
    const judgement = judge(new Recorded().held().of(...wanted), 1);
    expect(judgement?.verdict).toBe(verdict);
    expect(judgement?.summary).toContain(summary);
  });

  test('is that of another drill in the same record only when it is asked for', () => {
    expect(judge(new Recorded().held().of(pass), 2)).toBeUndefined();
  });

  test('is a failure when a fault did not take effect, though every expectation was met', () => {
    const record = new Recorded().held();
    record.drill(1600, { what: 'step', index: 0, at: 'failed', seen: 'keepalived is active' });
    const judgement = judge(record.of(pass), 1);
    // The record holds two ends of the step; the last one counts.
    expect(judgement?.faults).toEqual([
      { index: 0, at: 'failed', text: 'the act: did not take effect (keepalived is active)' },
    ]);
    expect(judgement).toMatchObject({ verdict: 'fail' });
    expect(judgement?.summary).toBe('failed: the act: did not take effect (keepalived is active)');
  });
});
