import type { DrillOutcome } from '../../cluster/drill.ts';
import type { State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import { currentStep, drillShown, type PlannedDrill, phaseWords } from '../parts/drill-now.ts';
import { awaitedRow, expectationRows, guardRows, stepRows, tallyRow, undoRows } from '../parts/drill-rows.ts';
import { laneRows } from '../parts/lane-rows.ts';
import type { PaneContent, PaneInput } from '../parts/pane-content.ts';
import { ends, type Row, span } from '../parts/rows.ts';
import { wrapped } from '../parts/wrapped.ts';
import type { Look, Role } from '../theme.ts';
import type { Ui } from '../ui.ts';

/** From here on each VIP has two lanes, and there is a legend. */
const ROOMY = 18;

const lines = (text: string, width: number, role: Role, most: number): Row[] =>
  wrapped(visibleText(text, 600), width, most).map((line): Row => [span(line, role)]);

const verdicts: Record<DrillOutcome['verdict'], { word: string; glyph: 'good' | 'bad' | 'unknown'; role: Role }> = {
  pass: { word: 'PASSED', glyph: 'good', role: 'calm' },
  fail: { word: 'FAILED', glyph: 'bad', role: 'alarm' },
  unknown: { word: 'NOT DECIDED', glyph: 'unknown', role: 'blind' },
};

const restoredSpan = ({ restored }: DrillOutcome, look: Look) =>
  restored === true
    ? span('restored, all is as it was', 'good')
    : restored === false
      ? span(` ${look.glyphs.bad} NOT RESTORED `, 'alarm')
      : span(` ${look.glyphs.unknown} restore unknown `, 'blind');

/** How it ended: the verdict, whether all is as it was, and what a person has to type where it is not. */
const outcomeRows = (outcome: DrillOutcome, look: Look, width: number, most: number): Row[] => {
  const refused = outcome.status === 'refused';
  const { word, glyph, role } = verdicts[outcome.verdict];
  const verdict = refused
    ? span(` ${look.glyphs.warn} REFUSED, nothing was touched `, 'caution')
    : span(outcome.verdict === 'pass' ? `${look.glyphs[glyph]} ${word}` : ` ${look.glyphs[glyph]} ${word} `, role);
  const commands = outcome.commands.flatMap(({ node, command }) => [
    ...lines(`type on ${node}:`, width, 'bad', 1),
    ...lines(`  ${command}`, width, 'strong', 6),
  ]);
  const head: Row[] = [refused ? [verdict] : ends([verdict], [restoredSpan(outcome, look)], width, look)];
  return [
    ...head,
    ...commands,
    ...lines(outcome.summary, width, outcome.verdict === 'pass' ? 'plain' : 'strong', most),
  ];
};

const doing: Partial<Record<PlannedDrill['phase'], string>> = {
  steady: 'measuring the steady state; nothing is touched yet',
  arming: 'arming the restore timers; nothing is stopped before they stand',
  restore: 'putting everything back, the newest first',
  verify: 'making sure that all is as it was',
};

const nowRow = (view: PlannedDrill, state: State, look: Look, width: number): Row => {
  const step = view.steps[currentStep(view)];
  const text = doing[view.phase] ?? view.plan.steps[currentStep(view)]?.text ?? 'every step is done';
  const seconds =
    view.phase === 'method' && step?.state === 'running' && step.from !== undefined
      ? `${Math.floor((state.now.mono - step.from) / 1000)} s`
      : '';
  return ends(
    [span(`${look.glyphs.running} `, 'accent'), span(visibleText(text, 300), 'strong')],
    [span(seconds === '' ? '' : ` ${seconds}`, 'accent')],
    width,
    look,
  );
};

const statusRows = (view: PlannedDrill, { state, look, width, height }: PaneInput, stepping: boolean): Row[] => {
  const small = height < ROOMY;
  if (view.outcome) return outcomeRows(view.outcome, look, width, small ? 2 : 5);
  const awaited = awaitedRow(view, stepping, look);
  const abort = view.abort
    ? lines(`${look.glyphs.warn} ended early: ${view.abort.reason}`, width, 'warn', small ? 1 : 3)
    : [];
  return [...abort, awaited ?? nowRow(view, state, look, width)];
};

const heading = (text: string, more: Row, width: number, look: Look): Row =>
  ends([span(text, 'dim')], more, width, look);

/** What there is to read below the chart; `room` rows are in view. */
const bodyRows = (view: PlannedDrill, { state, look, width, height }: PaneInput, room: number): Row[] => {
  const small = height < ROOMY;
  const over = view.phase === 'over';
  const expectations = expectationRows(view, look, width, small);
  const undo = undoRows(view, look, width);
  const guards = over ? [] : guardRows(view, state.now.mono, look);
  const backward = view.phase === 'restore' || view.phase === 'verify';
  const titles = small ? 0 : 4;
  const left = room - expectations.length - undo.length - guards.length - titles;
  const rest = small ? Math.max(3, Math.min(left, Math.floor(room / 2))) : Math.max(5, left);
  const steps = stepRows(view, state.now.mono, look, width, over ? Number.POSITIVE_INFINITY : rest);
  const titled = (text: string, rows: Row[], more: Row = []): Row[] =>
    rows.length === 0 ? [] : [...(small ? [] : [heading(text, more, width, look)]), ...rows];
  const parts = {
    steps: titled('Steps', steps),
    expectations: titled('Expected, and found', expectations),
    undo: titled('Restore', undo),
  };
  if (over) return [...parts.expectations, ...parts.undo, ...parts.steps];
  // In little room the newest comes first; the rest is a key away.
  if (small && backward) return [...guards, ...parts.undo, ...parts.expectations, ...parts.steps];
  return small
    ? [...parts.steps, ...parts.expectations, ...guards]
    : [...parts.steps, ...parts.undo, ...guards, ...parts.expectations];
};

/** The drill under way, or how the last one ended: steps, chart, the verdict as it forms, the way back. */
export const drillPane = (input: PaneInput, ui: Pick<Ui, 'stepping'>): PaneContent => {
  const { state, look, width, height } = input;
  const view = drillShown(state, { closedDrill: null });
  if (!view) return { title: [span('Drill')], badge: [], rows: [[span('no drill has run', 'dim')]] };
  const { outcome } = view;
  const small = height < ROOMY;
  const status = statusRows(view, input, ui.stepping);
  const chart = laneRows(view, state, look, width, small);
  // A result that takes up the whole pane is read before the chart is.
  const fits = status.length + chart.length + 3 <= height;
  const top = [...status, ...(fits ? chart : [])];
  const body = bodyRows(view, input, height - top.length);
  const bad = outcome && outcome.status !== 'refused' && (outcome.restored === false || outcome.verdict === 'fail');
  const end = outcome ? 'esc closes' : phaseWords(view);
  return {
    title: [span(`Drill ${visibleText(view.name, 40)}`), span(` ${end}`, 'dim')],
    badge: tallyRow(view),
    heading: top,
    rows: fits ? body : [...body, ...chart],
    ...(bad ? { tone: 'bad' as const } : {}),
  };
};
