import type { DrillFact, DrillSample } from './drill.ts';
import { type DrillView, type LaneSlice, SLICE, SLICES_KEPT, type StepView } from './drill-view.ts';
import type { Event } from './events.ts';
import { vipsOf } from './finding.ts';
import { holdersOf } from './holding.ts';
import { notice } from './notice.ts';
import type { Notice, State } from './state.ts';

const begun = (state: State, id: number, name: string): DrillView => ({
  id,
  name,
  phase: 'steady',
  from: state.now,
  steps: [],
  lanes: {},
  holders: {},
  expectations: [],
  guards: [],
  undo: [],
});

const withSample = (lane: LaneSlice[], sample: DrillSample): LaneSlice[] => {
  const at = Math.floor(sample.asked / SLICE) * SLICE;
  const key = sample.ok === null ? 'unknown' : sample.ok ? 'good' : 'lost';
  const index = lane.findLastIndex((slice) => slice.at <= at);
  const slice = lane[index];
  if (slice?.at === at) return lane.with(index, { ...slice, [key]: slice[key] + 1 });
  // Answers come out of order: a slow one belongs to the slice in which it was asked.
  return lane.toSpliced(index + 1, 0, { at, good: 0, lost: 0, unknown: 0, [key]: 1 }).slice(-SLICES_KEPT);
};

const withStep = (view: DrillView, fact: Extract<DrillFact, { what: 'step' }>, now: number): StepView[] => {
  const old = view.steps[fact.index];
  if (!old) return view.steps;
  const next: StepView =
    fact.at === 'begun' ? { state: 'running', from: now } : { ...old, state: fact.at, until: now, seen: fact.seen };
  return view.steps.with(fact.index, next);
};

/** Guards by node: a second `armed` is a new one. */
const withGuard = (view: DrillView, fact: Extract<DrillFact, { what: 'timer' }>, now: number): DrillView['guards'] => {
  const index = view.guards.findIndex((one) => one.node === fact.node);
  const old = view.guards[index];
  const seconds = view.plan?.restoreAfter ?? 0;
  if (fact.op === 'armed' || fact.op === 'extended' || !old) {
    const one = { node: fact.node, at: now, seconds, state: 'armed' as const };
    return old ? view.guards.with(index, one) : fact.op === 'armed' ? [...view.guards, one] : view.guards;
  }
  return view.guards.with(index, { ...old, state: fact.op });
};

const withUndo = (view: DrillView, fact: Extract<DrillFact, { what: 'undo' }>): DrillView['undo'] => {
  const one = { node: fact.node, text: fact.text, command: fact.command, state: fact.at, seen: fact.seen };
  const index = view.undo.findIndex((other) => other.node === fact.node && other.text === fact.text);
  return index < 0 ? [...view.undo, one] : view.undo.with(index, one);
};

const shown = (state: State, view: DrillView, fact: DrillFact): DrillView => {
  const now = state.now.mono;
  switch (fact.what) {
    case 'gate':
      return {
        ...view,
        gate: { open: fact.open, reasons: fact.reasons },
        ...(fact.open ? {} : { phase: 'over' as const, until: state.now }),
      };
    case 'plan':
      return {
        ...view,
        plan: fact.plan,
        steps: fact.plan.steps.map(() => ({ state: 'waiting' })),
        holders: Object.fromEntries(
          vipsOf(state).map((vip) => [vip.address, [{ at: now, holders: holdersOf(state, vip) }]]),
        ),
      };
    case 'phase':
      return {
        ...view,
        phase: fact.phase,
        steps:
          fact.phase === 'restore'
            ? view.steps.map((step) => (step.state === 'waiting' ? { state: 'skipped' } : step))
            : view.steps,
      };
    case 'measuring':
      return {
        ...view,
        sampling: {
          period: fact.period,
          deadline: fact.deadline,
          via: fact.via,
          ...(fact.rtt === undefined ? {} : { rtt: fact.rtt }),
        },
      };
    case 'samples': {
      const lanes = { ...view.lanes };
      for (const sample of fact.list) lanes[sample.vip] = withSample(lanes[sample.vip] ?? [], sample);
      return { ...view, lanes };
    }
    case 'download':
      return {
        ...view,
        download: { state: fact.state, at: now, ...(fact.why === undefined ? {} : { why: fact.why }) },
      };
    case 'timer':
      return { ...view, guards: withGuard(view, fact, now) };
    case 'step':
      return { ...view, steps: withStep(view, fact, now) };
    case 'abort':
      return { ...view, abort: { by: fact.by, reason: fact.reason, leave: fact.leave, at: now } };
    case 'undo':
      return { ...view, undo: withUndo(view, fact) };
    case 'expectation': {
      const rest = view.expectations.filter((one) => one.index !== fact.result.index);
      return { ...view, expectations: [...rest, fact.result].sort((a, b) => a.index - b.index) };
    }
    case 'over':
      return { ...view, phase: 'over', outcome: fact.outcome, until: state.now };
    default:
      return view;
  }
};

type Words = [source: string, severity: Notice['severity'], text: string];

const stepWords = (view: DrillView, fact: Extract<DrillFact, { what: 'step' }>): Words | undefined => {
  const step = view.plan?.steps[fact.index];
  if (!step) return undefined;
  const source = step.kind === 'act' ? step.node : 'console';
  if (fact.at === 'begun') return step.kind === 'act' ? [source, 'warn', `${view.name}: ${step.text}`] : undefined;
  if (fact.at === 'done') return undefined;
  return [
    source,
    'bad',
    `${view.name}: ${step.text}: ${fact.at === 'failed' ? 'did not come about' : 'unknown'}, ${fact.seen}`,
  ];
};

/** What of a drill is told in the event log. */
const words = (view: DrillView, fact: DrillFact): Words | undefined => {
  switch (fact.what) {
    case 'gate':
      return fact.open ? undefined : ['console', 'warn', `drill ${view.name} refused: ${fact.reasons.join('; ')}`];
    case 'plan':
      return ['console', 'info', `drill ${view.name}: ${fact.plan.title}`];
    case 'step':
      return stepWords(view, fact);
    case 'timer':
      if (fact.op === 'extended') return undefined;
      return [fact.node, fact.op === 'lost' ? 'bad' : 'info', fact.text];
    case 'abort':
      return ['console', 'bad', `drill ${view.name} ended early: ${fact.reason}`];
    case 'undo':
      if (fact.at === 'begun' || fact.at === 'unneeded') return undefined;
      return [
        fact.node,
        fact.at === 'done' ? 'good' : 'bad',
        `restore: ${fact.text}: ${fact.at}${fact.seen ? `, ${fact.seen}` : ''}`,
      ];
    case 'over': {
      const { verdict, restored, summary } = fact.outcome;
      const bad = verdict === 'fail' || restored === false;
      return ['console', bad ? 'bad' : verdict === 'pass' ? 'good' : 'warn', `drill ${view.name}: ${summary}`];
    }
    default:
      return undefined;
  }
};

/** A drill went on: what the screen shows of it, and its line in the event log. */
export const takeDrill = (state: State, event: Extract<Event, { kind: 'drill' }>): State => {
  const { id, fact } = event;
  const name = fact.what === 'gate' ? fact.drill : fact.what === 'plan' ? fact.plan.name : (state.drill?.name ?? '');
  const current = state.drill;
  // One that runs is not pushed off the screen by one that is refused.
  const other = current !== undefined && current.id !== id && current.plan !== undefined && current.phase !== 'over';
  const old = current?.id === id ? current : begun(state, id, name);
  const view = shown(state, old, fact);
  const next: State = other ? state : { ...state, drill: view };
  const said = words(view, fact);
  return said ? notice(next, { source: said[0], kind: 'drill', severity: said[1], text: said[2] }) : next;
};

/** While a drill runs: who holds each VIP, as a lane beside the answers. */
export const watchHolders = (state: State): State => {
  const view = state.drill;
  if (!view?.plan || view.phase === 'over') return state;
  let holders = view.holders;
  for (const vip of vipsOf(state)) {
    const lane = holders[vip.address] ?? [];
    const now = holdersOf(state, vip);
    if (lane.at(-1)?.holders.join() === now.join() && lane.length > 0) continue;
    holders = { ...holders, [vip.address]: [...lane, { at: state.now.mono, holders: now }].slice(-SLICES_KEPT) };
  }
  return holders === view.holders ? state : { ...state, drill: { ...view, holders } };
};
