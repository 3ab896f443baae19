import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DrillView } from '../../src/cluster/drill-view.ts';
import type { State } from '../../src/cluster/state.ts';
import { createPublisher } from '../../src/session/publisher.ts';
import { Scene, VIPS } from '../support/scene.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const [VIP = ''] = VIPS;

const view = (over: Partial<DrillView> = {}): DrillView => ({
  id: 1,
  name: 'lb1-down',
  phase: 'method',
  from: { mono: 0, wall: 0 },
  steps: [{ state: 'running', from: 0 }],
  lanes: { [VIP]: [{ at: 0, good: 5, lost: 0, unknown: 0 }] },
  holders: {},
  expectations: [],
  guards: [],
  undo: [],
  ...over,
});

/** How often a picture came out after these changes, without the beat. */
const shownAfter = (...changes: Partial<DrillView>[]): number => {
  const { state } = new Scene().healthy();
  const first: State = { ...state, drill: view() };
  const publisher = createPublisher<State>({ initial: first, state: (one) => one, gather: 4 });
  let shown = 0;
  publisher.subscribe(() => {
    shown += 1;
  });
  let drill = view();
  // What has not changed is the same object, as the reducer leaves it.
  const kept = { ...first, drill };
  publisher.offer(kept);
  publisher.publish();
  shown = 0;
  for (const change of changes) {
    drill = { ...drill, ...change };
    publisher.offer({ ...first, drill });
    vi.advanceTimersByTime(10);
  }
  return shown;
};

describe('the pictures of a drill under way', () => {
  test('do not come with every answer, which would be a frame four times a second', () => {
    const lane = { at: 250, good: 5, lost: 0, unknown: 0 };
    expect(shownAfter({ lanes: { [VIP]: [lane] } }, { lanes: { [VIP]: [lane, { ...lane, at: 500 }] } })).toBe(0);
  });

  test('come at once when the answers turn', () => {
    expect(shownAfter({ lanes: { [VIP]: [{ at: 250, good: 0, lost: 5, unknown: 0 }] } })).toBe(1);
  });

  test('come at once with a step, a phase, a finding, a holder, a piece of the restore, the end', () => {
    for (const change of [
      { steps: [{ state: 'done' }] },
      { phase: 'restore' },
      { expectations: [{ index: 0, result: 'pass', expected: '', measured: '', text: '' }] },
      { holders: { [VIP]: [{ at: 0, holders: [] }] } },
      { undo: [{ node: 'lb1', text: 'start nginx', command: '', state: 'done', seen: '' }] },
      { abort: { by: 'operator', reason: '', leave: false, at: 0 } },
    ] satisfies Partial<DrillView>[])
      expect(shownAfter(change)).toBe(1);
  });
});
