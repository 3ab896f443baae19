import { describe, expect, test } from 'vitest';
import type { DrillFact } from '../../src/cluster/drill.ts';
import { SLICE } from '../../src/cluster/drill-view.ts';
import type { Event } from '../../src/cluster/events.ts';
import { initialState } from '../../src/cluster/initial.ts';
import { reduce } from '../../src/cluster/reduce.ts';
import { Recorded } from '../drills/support/record.ts';
import { Scene, VIPS } from '../support/scene.ts';

const VIP = VIPS[0] as string;
const plan = () => {
  const event = new Recorded().of().find((one) => one.kind === 'drill' && one.fact.what === 'plan');
  if (event?.kind !== 'drill' || event.fact.what !== 'plan') throw new Error('no plan');
  return event.fact;
};
const scene = () => new Scene().healthy();
const send = (on: Scene, fact: DrillFact, id = 1) => on.send({ kind: 'drill', id, fact });

describe('a drill in the state', () => {
  test('shows its steps with their times as they go', () => {
    const on = scene();
    send(on, { what: 'gate', drill: 'own', open: true, reasons: [] });
    send(on, plan());
    expect(on.state.drill).toMatchObject({
      name: 'own',
      phase: 'steady',
      steps: [{ state: 'waiting' }, { state: 'waiting' }],
    });
    send(on, { what: 'phase', phase: 'method' });
    send(on, { what: 'step', index: 0, at: 'begun' });
    const from = on.now;
    on.pass(1500);
    send(on, { what: 'step', index: 0, at: 'done', seen: 'nginx is inactive' });
    expect(on.state.drill?.steps[0]).toEqual({ state: 'done', from, until: from + 1500, seen: 'nginx is inactive' });
    send(on, { what: 'phase', phase: 'restore' });
    expect(on.state.drill?.steps[1]).toEqual({ state: 'skipped' });
  });

  test('counts answers in slices by when they were asked, in whatever order they come', () => {
    const on = scene();
    send(on, plan());
    const sample = (asked: number, ok: boolean | null) => ({ vip: VIP, asked, answered: asked + 3, ok });
    send(on, { what: 'samples', list: [sample(SLICE * 40, true), sample(SLICE * 42, false)] });
    send(on, {
      what: 'samples',
      list: [sample(SLICE * 41 + 10, true), sample(SLICE * 40 + 200, null), sample(SLICE * 42 + 50, false)],
    });
    expect(on.state.drill?.lanes[VIP]).toEqual([
      { at: SLICE * 40, good: 1, lost: 0, unknown: 1 },
      { at: SLICE * 41, good: 1, lost: 0, unknown: 0 },
      { at: SLICE * 42, good: 0, lost: 2, unknown: 0 },
    ]);
  });

  test('shows who held each VIP when', () => {
    const on = scene();
    send(on, plan());
    const at = on.now;
    on.move('lb1', 'lb2', 600);
    on.pass(1000);
    const lane = on.state.drill?.holders[VIP] ?? [];
    expect(lane.map((one) => one.holders)).toEqual([['lb1'], [], ['lb2']]);
    expect(lane[0]?.at).toBe(at);
    expect((lane[2]?.at ?? 0) - (lane[1]?.at ?? 0)).toBeGreaterThanOrEqual(600);
  });

  test('counts down its restore timers from when they were last extended', () => {
    const on = scene();
    send(on, plan());
    send(on, { what: 'timer', node: 'lb1', op: 'armed', text: 'armed' });
    on.pass(5000);
    send(on, { what: 'timer', node: 'lb1', op: 'extended', text: 'again' });
    expect(on.state.drill?.guards).toEqual([{ node: 'lb1', at: on.now, seconds: 300, state: 'armed' }]);
    send(on, { what: 'timer', node: 'lb1', op: 'disarmed', text: 'disarmed' });
    expect(on.state.drill?.guards).toMatchObject([{ state: 'disarmed' }]);
  });

  test('is not pushed off the screen by another that is refused', () => {
    const on = scene();
    send(on, plan());
    send(on, { what: 'gate', drill: 'tour', open: false, reasons: ['the drill own is under way'] }, 2);
    expect(on.state.drill).toMatchObject({ id: 1, name: 'own' });
    expect(on.state.notices.at(-1)?.text).toBe('drill tour refused: the drill own is under way');
  });

  test('takes the next one when it is over', () => {
    const on = scene();
    send(on, plan());
    send(on, {
      what: 'over',
      outcome: { status: 'completed', verdict: 'pass', restored: true, summary: 'passed', commands: [], exit: 0 },
    });
    expect(on.state.drill).toMatchObject({ phase: 'over', outcome: { exit: 0 } });
    expect(on.state.notices.at(-1)).toMatchObject({ kind: 'drill', severity: 'good', text: 'drill own: passed' });
    send(on, { what: 'gate', drill: 'tour', open: false, reasons: ['no'] }, 2);
    expect(on.state.drill).toMatchObject({ id: 2, name: 'tour', phase: 'over', gate: { open: false } });
  });

  test('is the fold of its facts, from any prefix, without ever changing the state it was given', () => {
    const events: Event[] = new Recorded()
      .held()
      .asked((at) => at > 3000)
      .of({ kind: 'moves', bounds: { most: 0 } });
    let state = initialState(new Scene().state.topology, { mono: 0, wall: 0 });
    for (const event of events) {
      const before = JSON.stringify(state);
      const next = reduce(state, event);
      expect(JSON.stringify(state)).toBe(before);
      state = next;
    }
    expect(state.drill?.steps.map((step) => step.state)).toEqual(['done', 'done']);
    expect(JSON.parse(JSON.stringify(state.drill))).toEqual(state.drill);
  });
});
