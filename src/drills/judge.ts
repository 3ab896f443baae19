import type { ExpectationResult, PlannedExpectation } from '../cluster/drill.ts';
import type { Event } from '../cluster/events.ts';
import { type History, historyOf } from './history.ts';
import { judgeClients } from './judge-clients.ts';
import { judgeNodes } from './judge-nodes.ts';
import type { Span } from './measure.ts';

/** One finding of the judgement, before it is put into the common words. */
export type Finding = {
  result: ExpectationResult['result'];
  measured: string;
  value?: number;
  resolution?: number;
  /** Said after the figures, where they need it. */
  why?: string;
  /** Decided whatever would have come after: what had to be seen was seen, or what must not be was. */
  final?: boolean;
};

/** What the judge of one kind of expectation is given. `span`: its window; `taken`: when the act before it was seen to have taken effect. */
export type Case<K extends PlannedExpectation['kind'] = PlannedExpectation['kind']> = {
  history: History;
  wanted: Extract<PlannedExpectation, { kind: K }>;
  span: Span;
  taken: number;
};

/** The judgement on a drill, from its record alone. */
export type Judgement = {
  verdict: 'pass' | 'fail' | 'unknown';
  results: ExpectationResult[];
  /** Acts that did not take effect, or of which that is not known, in words. */
  faults: { index: number; at: 'failed' | 'unknown'; text: string }[];
  /** The first thing to read, one sentence. */
  summary: string;
};

/** Beginning and end of an expectation's window; `cut`: the drill was broken off in it. Undefined: its step was never begun. */
const spanOf = (
  history: History,
  wanted: PlannedExpectation,
): { span: Span; taken: number; cut: boolean } | undefined => {
  const run = history.steps[wanted.after];
  if (run?.begun === undefined) return undefined;
  const until = wanted.until === undefined ? undefined : history.steps[wanted.until]?.begun;
  const act = history.plan.steps[wanted.after]?.kind === 'act';
  const to = until ?? history.ended;
  const cut = until === undefined && !history.whole;
  return { span: { from: run.begun, to }, taken: act ? Math.min(to, run.ended ?? run.begun) : run.begun, cut };
};

const decide = (given: Case): Finding => {
  const { wanted } = given;
  switch (wanted.kind) {
    case 'outage':
    case 'lost':
    case 'rotation':
    case 'blip':
    case 'download':
      return judgeClients({ ...given, wanted });
    default:
      return judgeNodes({ ...given, wanted });
  }
};

const judgeOne = (history: History, wanted: PlannedExpectation): Finding => {
  const window = spanOf(history, wanted);
  if (!window) return { result: 'unknown', measured: 'not come to', why: 'the drill ended before' };
  const found = decide({ history, wanted, span: window.span, taken: window.taken });
  // A window that was cut short proves neither that nothing would have come nor that it would not have lasted.
  if (window.cut && !found.final && found.result !== 'unknown')
    return { ...found, result: 'unknown', why: 'the drill ended before' };
  return found;
};

const resultOf = (history: History, wanted: PlannedExpectation, index: number): ExpectationResult => {
  const { result, measured, value, resolution, why } = judgeOne(history, wanted);
  const part = wanted.part === undefined ? '' : `${wanted.part}: `;
  const verb = result === 'pass' ? 'as expected' : result === 'fail' ? 'not as expected' : 'could not be told';
  return {
    index,
    result,
    expected: wanted.text,
    measured,
    text: `${part}${wanted.text}: ${measured} (${verb}${why === undefined ? '' : `, ${why}`})`,
    ...(value === undefined ? {} : { value }),
    ...(resolution === undefined ? {} : { resolution }),
  };
};

/** The acts of a drill that were begun and are not proven to have taken effect. */
const faultsOf = ({ plan, steps }: History): Judgement['faults'] =>
  steps.flatMap((run, index) => {
    const step = plan.steps[index];
    if (!step || run.begun === undefined || run.at === 'done') return [];
    const at = run.at === 'failed' ? ('failed' as const) : ('unknown' as const);
    // A step that was broken off by a person or a criterion says nothing of itself.
    if (run.at === undefined && step.kind !== 'act') return [];
    const word =
      step.kind === 'act'
        ? at === 'failed'
          ? 'did not take effect'
          : 'is not known to have taken effect'
        : at === 'failed'
          ? 'did not come about'
          : 'could not be told';
    return [{ index, at, text: `${step.text}: ${word}${run.seen ? ` (${run.seen})` : ''}` }];
  });

const summaryOf = (history: History, results: ExpectationResult[], faults: Judgement['faults']): string => {
  const failed = faults.find((one) => one.at === 'failed') ?? results.find((one) => one.result === 'fail');
  if (failed) return `failed: ${failed.text}`;
  const unsure = faults[0] ?? results.find((one) => one.result === 'unknown');
  if (unsure) return `not decided: ${unsure.text}`;
  const count = results.length;
  return history.whole ? `passed: ${count} of ${count} expectations` : 'not decided: the drill was ended early';
};

/**
 * Judges a drill from the record of events alone: each expectation by itself, pass, fail or unknown, with what was measured and
 * how exactly. A fault that did not take effect fails the drill. Undefined when the record holds no plan of that drill.
 */
export const judge = (events: readonly Event[], id: number): Judgement | undefined => {
  const history = historyOf(events, id);
  if (!history) return undefined;
  const results = history.plan.expectations.map((wanted, index) => resultOf(history, wanted, index));
  const faults = faultsOf(history);
  const failed = results.some((one) => one.result === 'fail') || faults.some((one) => one.at === 'failed');
  const sure = history.whole && faults.length === 0 && results.every((one) => one.result === 'pass');
  return {
    verdict: failed ? 'fail' : sure ? 'pass' : 'unknown',
    results,
    faults,
    summary: summaryOf(history, results, faults),
  };
};

/** The expectations whose window is over (or which are decided whatever comes), for a drill that still runs. */
export const judgedSoFar = (events: readonly Event[], id: number): ExpectationResult[] => {
  const history = historyOf(events, id);
  if (!history) return [];
  const now = events.at(-1)?.at.mono ?? 0;
  return history.plan.expectations.flatMap((wanted, index) => {
    const from = history.steps[wanted.after]?.begun;
    if (from === undefined) return [];
    const next = wanted.until === undefined ? undefined : history.steps[wanted.until]?.begun;
    const within = 'within' in wanted ? wanted.within : undefined;
    const result = resultOf(history, wanted, index);
    // What must be seen is decided when it is seen; what must not, or how long, only at the end of its window.
    const seen = within !== undefined && result.result === 'pass';
    const late = within !== undefined && now > from + within + wanted.tolerance;
    return seen || late || next !== undefined ? [result] : [];
  });
};
