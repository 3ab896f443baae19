import type { StepView } from '../../cluster/drill-view.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import type { Look, Role } from '../theme.ts';
import { cells } from './cells.ts';
import { currentStep, type PlannedDrill, stepAwaited } from './drill-now.ts';
import { countdown } from './restore-words.ts';
import { ends, joined, type Row, span } from './rows.ts';
import { wrapped } from './wrapped.ts';

/** Whole seconds while something runs (a digit more would be a frame more), tenths when it is over: `3 s`, `0.7 s`. */
const runs = (ms: number): string => `${Math.max(0, Math.floor(ms / 1000))} s`;
const took = (ms: number): string => `${(Math.max(0, ms) / 1000).toFixed(1)} s`;

/** `0.61 to 0.81 s`, `at most 0.3 s`: bounds in ms. */
export const boundsText = ({ least, most }: { least: number; most: number }): string => {
  const figure = (ms: number): string => String(Number((ms / 1000).toFixed(2)));
  return least <= 0 ? `at most ${figure(most)} s` : `${figure(least)} to ${figure(most)} s`;
};

const stepSigns: Record<StepView['state'], { glyph: keyof Look['glyphs'] & string; role: Role; text: Role }> = {
  waiting: { glyph: 'waiting', role: 'dim', text: 'dim' },
  running: { glyph: 'running', role: 'accent', text: 'strong' },
  done: { glyph: 'good', role: 'good', text: 'plain' },
  failed: { glyph: 'bad', role: 'bad', text: 'bad' },
  unknown: { glyph: 'unknown', role: 'unknown', text: 'plain' },
  skipped: { glyph: 'dot', role: 'dim', text: 'dim' },
};

const stepTime = (step: StepView, now: number): string => {
  if (step.from === undefined) return step.state === 'skipped' ? 'not begun' : '';
  return step.until === undefined
    ? step.state === 'running'
      ? runs(now - step.from)
      : ''
    : took(step.until - step.from);
};

const stepRow = (view: PlannedDrill, index: number, now: number, look: Look, width: number): Row[] => {
  const [step, planned] = [view.steps[index], view.plan.steps[index]];
  if (!step || !planned) return [];
  const { glyph, role, text } = stepSigns[step.state];
  const sign = String(look.glyphs[glyph]);
  const row: Row = [
    span(`${sign}${' '.repeat(Math.max(1, 3 - cells(sign)))}`, role),
    span(`${index + 1} `.padStart(3), 'dim'),
    span(visibleText(planned.text, 300), text),
  ];
  const seen =
    (step.state === 'failed' || step.state === 'unknown') && step.seen
      ? wrapped(visibleText(step.seen, 400), width - 6, 3).map((line): Row => [span(`      ${line}`, role)])
      : [];
  return [
    ends(row, [span(` ${stepTime(step, now)}`, step.state === 'running' ? 'accent' : 'dim')], width, look),
    ...seen,
  ];
};

/** The step before the current one and the one after it: the current one itself stands above the chart, once the steps are on. */
export const neighbourRows = (view: PlannedDrill, now: number, look: Look, width: number): Row[] => {
  const current = currentStep(view);
  const beside = view.phase === 'method' ? [current - 1, current + 1] : [current, current + 1];
  return beside.flatMap((index) => (current < 0 ? [] : stepRow(view, index, now, look, width)));
};

/** The steps: done, running with its seconds, coming. `room`: rows there are; where it is short, those far from the current one are counted. */
export const stepRows = (view: PlannedDrill, now: number, look: Look, width: number, room: number): Row[] => {
  const { steps } = view.plan;
  const all = steps.flatMap((step, index): Row[] => {
    const part = step.part !== undefined && step.part !== steps[index - 1]?.part ? step.part : undefined;
    return [
      ...(part === undefined ? [] : [[span(visibleText(part, 40), 'strong')]]),
      ...stepRow(view, index, now, look, width),
    ];
  });
  if (all.length <= room) return all;
  const current = currentStep(view);
  const failed = view.steps.findIndex((step) => step.state === 'failed' || step.state === 'unknown');
  const middle = failed >= 0 ? failed : current < 0 ? steps.length - 1 : current;
  const size = Math.max(1, room - 2);
  const first = Math.max(0, Math.min(middle - Math.floor((size - 1) / 2), steps.length - size));
  const rows = steps
    .slice(first, first + size)
    .flatMap((_, index) => stepRow(view, first + index, now, look, width))
    .slice(0, size);
  const after = steps.length - first - size;
  return [
    ...(first > 0 ? [[span(`${look.glyphs.up} ${first} before`, 'dim')]] : []),
    ...rows,
    ...(after > 0 ? [[span(`${look.glyphs.down} ${after} to come`, 'dim')]] : []),
  ];
};

/** The restore timers that stand for this drill: how soon each node would put itself back. */
export const guardRows = (view: PlannedDrill, now: number, look: Look): Row[] => {
  if (view.guards.length === 0) return [];
  const pieces = view.guards.map(({ node, at, seconds, state }): Row => {
    const name = visibleText(node, 40);
    if (state === 'armed') return [span(`${name} ${countdown(seconds - (now - at) / 1000)}`, 'warn')];
    return state === 'lost' ? [span(`${name} LOST`, 'bad')] : [span(`${name} disarmed`, 'dim')];
  });
  return [[span(`${look.glyphs.timer} restore timers: `, 'dim'), ...joined(pieces, span(', ', 'dim'))]];
};

const undoSigns = {
  begun: { glyph: 'running', role: 'accent' },
  done: { glyph: 'good', role: 'good' },
  unneeded: { glyph: 'dot', role: 'dim' },
  failed: { glyph: 'bad', role: 'bad' },
  unknown: { glyph: 'unknown', role: 'unknown' },
} as const;

/** The restore, piece by piece. */
export const undoRows = (view: PlannedDrill, look: Look, width: number): Row[] =>
  view.undo.flatMap((one): Row[] => {
    const { glyph, role } = undoSigns[one.state];
    const head: Row = [
      span(`${look.glyphs[glyph]} `, role),
      span(visibleText(`${one.text} on ${one.node}`, 300), role === 'bad' ? 'bad' : 'plain'),
    ];
    const word = one.state === 'unneeded' ? 'as it was' : one.state === 'begun' ? '' : one.state;
    const seen =
      one.state === 'failed' || one.state === 'unknown'
        ? wrapped(visibleText(one.seen, 300), width - 2, 3).map((line): Row => [span(`  ${line}`, role)])
        : [];
    return [ends(head, [span(` ${word}`, role)], width, look), ...seen];
  });

/** What waits for a person: the step that begins with `y`. */
export const awaitedRow = (view: PlannedDrill, stepping: boolean, look: Look): Row | null => {
  const awaited = stepAwaited(view, stepping);
  if (!awaited) return null;
  return [
    span(` ${look.glyphs.focus} press y: step ${awaited.index + 1} begins `, 'caution'),
    span(` ${visibleText(view.plan.steps[awaited.index]?.text ?? '', 200)}`, 'strong'),
  ];
};
