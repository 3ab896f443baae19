import type { DrillOutcome } from '../../cluster/drill.ts';
import type { State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import { currentStep, drillShown, type PlannedDrill, phaseWords } from '../parts/drill-now.ts';
import { awaitedRow, guardRows, neighbourRows, stepRows, undoRows } from '../parts/drill-rows.ts';
import { expectationRows, tallyRow } from '../parts/expectation-rows.ts';
import { laneRows } from '../parts/lane-rows.ts';
import type { PaneContent, PaneInput } from '../parts/pane-content.ts';
import { ends, type Row, span } from '../parts/rows.ts';
import { textRows } from '../parts/text-rows.ts';
import type { Look, Role } from '../theme.ts';
import type { Ui } from '../ui.ts';

/** From here on each VIP has two lanes, and there is a legend. */
const ROOMY = 18;

const lines = (text: string, width: number, role: Role, most: number, first = ''): Row[] =>
  textRows(visibleText(text, 600), width, role, first, most);

const verdicts: Record<DrillOutcome['verdict'], { word: string; glyph: 'good' | 'bad' | 'unknown'; role: Role }> = {
  pass: { word: 'PASSED', glyph: 'good', role: 'calm' },
  fail: { word: 'FAILED', glyph: 'bad', role: 'alarm' },
  unknown: { word: 'NOT DECIDED', glyph: 'unknown', role: 'blind' },
};

const restoredSpan = ({ restored }: DrillOutcome, left: boolean, look: Look) => {
  if (restored === true) return span('restored, all is as it was', 'good');
  if (left) return span(` ${look.glyphs.warn} LEFT AS IT IS `, 'caution');
  return restored === false
    ? span(` ${look.glyphs.bad} NOT RESTORED `, 'alarm')
    : span(` ${look.glyphs.unknown} restore unknown `, 'blind');
};

/** What a person has to type where the drill did not put it back. */
const commandRows = ({ commands }: DrillOutcome, left: boolean, width: number): Row[] =>
  commands.length === 0
    ? []
    : [
        [span(left ? 'To put it back before the timers do, type:' : 'Type:', left ? 'warn' : 'bad')],
        ...commands.flatMap(({ node, command }) =>
          lines(command, width, 'strong', 6, `  on ${visibleText(node, 40)}: `),
        ),
      ];

/** How it ended: the verdict, whether all is as it was, and what a person has to type where it is not. */
const outcomeRows = (view: PlannedDrill, outcome: DrillOutcome, look: Look, width: number, most: number): Row[] => {
  if (outcome.status === 'refused')
    return [
      [span(` ${look.glyphs.warn} REFUSED, nothing was touched `, 'caution')],
      ...(view.gate?.reasons ?? []).flatMap((reason) => lines(reason, width, 'plain', most + 1, `${look.glyphs.dot} `)),
    ];
  const { word, glyph, role } = verdicts[outcome.verdict];
  const text = `${look.glyphs[glyph]} ${word}`;
  const passed = outcome.verdict === 'pass';
  const left = view.abort?.leave ?? false;
  const verdict = span(passed ? text : ` ${text} `, role);
  // The word stands there already.
  const summary = outcome.summary.replace(/^(passed|failed|not decided): /, '');
  if (passed && outcome.restored === true)
    return [ends([verdict, span(` ${visibleText(summary, 200)}`)], [restoredSpan(outcome, left, look)], width, look)];
  return [
    ends([verdict], [restoredSpan(outcome, left, look)], width, look),
    ...commandRows(outcome, left, width),
    ...lines(summary, width, 'strong', most),
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
  if (view.outcome) {
    const armed = view.guards.some((one) => one.state === 'armed') ? guardRows(view, state.now.mono, look) : [];
    return [...outcomeRows(view, view.outcome, look, width, small ? 2 : 5), ...armed];
  }
  const awaited = awaitedRow(view, stepping, look);
  const abort = view.abort
    ? lines(`${look.glyphs.warn} ended early: ${view.abort.reason}`, width, 'warn', small ? 1 : 3)
    : [];
  return [...abort, awaited ?? nowRow(view, state, look, width)];
};

/** In little room: what is decided, and the steps beside the current one; all of it is a key away. */
const smallRows = (view: PlannedDrill, { state, look, width }: PaneInput): Row[] => {
  const now = state.now.mono;
  const undo = undoRows(view, look, width);
  const expectations = expectationRows(view, look, width, true);
  const guards = guardRows(view, now, look);
  if (view.phase === 'restore' || view.phase === 'verify') return [...undo.toReversed(), ...guards, ...expectations];
  return [...neighbourRows(view, now, look, width), ...expectations, ...guards];
};

const titled = (text: string, rows: Row[]): Row[] => (rows.length === 0 ? [] : [[span(text, 'dim')], ...rows]);

/** What there is to read below the chart; `room` rows are in view. */
const bodyRows = (view: PlannedDrill, input: PaneInput, room: number): Row[] => {
  const { state, look, width, height } = input;
  const small = height < ROOMY;
  const over = view.phase === 'over';
  if (view.outcome?.status === 'refused') return [];
  if (small && !over) return smallRows(view, input);
  const expectations = titled('Expected, and found', expectationRows(view, look, width, small));
  const undo = titled('Restore', undoRows(view, look, width));
  const guards = over ? [] : guardRows(view, state.now.mono, look);
  const left = room - expectations.length - undo.length - guards.length - 1;
  const steps = titled(
    'Steps',
    stepRows(view, state.now.mono, look, width, over ? Number.POSITIVE_INFINITY : Math.max(5, left)),
  );
  return over ? [...expectations, ...undo, ...steps] : [...steps, ...undo, ...guards, ...expectations];
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
  const fits = status.length + chart.length + (small ? 2 : 3) <= height;
  const top = [...status, ...(fits ? chart : [])];
  const body = bodyRows(view, input, height - top.length);
  const bad = outcome && outcome.status !== 'refused' && (outcome.restored === false || outcome.verdict === 'fail');
  const end = outcome ? 'esc closes' : phaseWords(view);
  return {
    title: [span(`Drill ${visibleText(view.name, 40)}`), span(` ${end}`, 'dim')],
    badge: outcome?.status === 'refused' ? [] : tallyRow(view),
    heading: top,
    rows: fits ? body : [...body, ...chart],
    ...(bad ? { tone: 'bad' as const } : {}),
  };
};
