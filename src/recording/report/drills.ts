import type { DrillFact, DrillOutcome, DrillSample } from '../../cluster/drill.ts';
import type { DrillView } from '../../cluster/drill-view.ts';
import type { Event, Stamp } from '../../cluster/events.ts';
import type { Answer, State } from '../../cluster/state.ts';
import { type AnswersReport, trackAnswers } from './answers.ts';

/** One step (`part`: the drill of a tour it belongs to): what was to be done, and what became of it. `at` and `ms` are null where it was not begun, or had not ended. */
export type DrillStep = {
  part: string | null;
  text: string;
  state: string;
  at: Stamp | null;
  ms: number | null;
  seen: string;
};

/** One expectation as it was judged when the drill ran. */
export type DrillExpectation = {
  part: string | null;
  text: string;
  result: 'pass' | 'fail' | 'unknown';
  expected: string;
  measured: string;
};

/** What a report tells of one drill. `outcome` null: it had not ended. `period`: ms between the requests of the close measurement. */
export type DrillReport = {
  id: number;
  name: string;
  title: string;
  author: string;
  at: Stamp;
  until: Stamp | null;
  outcome: DrillOutcome | null;
  refused: string[];
  steps: DrillStep[];
  expectations: DrillExpectation[];
  period: number | null;
  /** What the close measurement saw, by VIP. */
  vips: (AnswersReport & { address: string })[];
};

type Known = { view: DrillView; samples: DrillSample[]; offset: number };

const answerOf = (sample: DrillSample, wall: number): Answer => ({
  at: { mono: sample.answered, wall },
  ok: sample.ok,
  ms: sample.answered - sample.asked,
  ...(sample.servedBy === undefined ? {} : { servedBy: sample.servedBy }),
  ...(sample.loss === undefined ? {} : { why: sample.loss }),
});

/** Samples come in the order of their answers; what was put first counts first. */
const measuredBy = ({ samples, offset }: Known): DrillReport['vips'] => {
  const byVip = Map.groupBy(
    [...samples].sort((a, b) => a.asked - b.asked),
    (sample) => sample.vip,
  );
  return [...byVip].map(([address, list]) => {
    const [from, to] = [list[0]?.asked ?? 0, list.at(-1)?.asked ?? 0];
    const answers = trackAnswers({ from, to }, Math.max(1, to - from + 1));
    for (const sample of list) answers.take(answerOf(sample, Math.round(sample.answered + offset)), sample.asked);
    return { address, ...answers.report() };
  });
};

const stepsOf = ({ view, offset }: Known): DrillStep[] =>
  (view.plan?.steps ?? []).map((step, index) => {
    const seen = view.steps[index];
    const from = seen?.from;
    return {
      part: step.part ?? null,
      text: step.kind === 'act' ? `${step.text} (${step.node})` : step.text,
      state: seen?.state ?? 'waiting',
      at: from === undefined ? null : { mono: from, wall: Math.round(from + offset) },
      ms: from === undefined || seen?.until === undefined ? null : seen.until - from,
      seen: seen?.seen ?? '',
    };
  });

const reportOf = (known: Known): DrillReport => {
  const { view } = known;
  return {
    id: view.id,
    name: view.name,
    title: view.plan?.title ?? '',
    author: view.plan?.author ?? '',
    at: view.from,
    until: view.until ?? null,
    outcome: view.outcome ?? null,
    refused: view.gate && !view.gate.open ? view.gate.reasons : [],
    steps: stepsOf(known),
    expectations: view.expectations.map(({ index, text, result, expected, measured }) => ({
      part: view.plan?.expectations[index]?.part ?? null,
      text: view.plan?.expectations[index]?.text ?? text,
      result,
      expected,
      measured,
    })),
    period: view.sampling?.period ?? null,
    vips: measuredBy(known),
  };
};

/** Follows the drills of a window: the verdicts are those that were given when they ran. */
export const trackDrills = () => {
  const drills = new Map<number, Known>();
  const samplesOf = (fact: DrillFact): DrillSample[] => (fact.what === 'samples' ? fact.list : []);
  return {
    take: (event: Event, after: State) => {
      if (event.kind !== 'drill' || after.drill?.id !== event.id) return;
      const known = drills.get(event.id) ?? { view: after.drill, samples: [], offset: 0 };
      known.view = after.drill;
      known.offset = event.at.wall - event.at.mono;
      for (const sample of samplesOf(event.fact)) known.samples.push(sample);
      drills.set(event.id, known);
    },
    report: (): DrillReport[] => [...drills.values()].map(reportOf),
  };
};

/** The verdict of a drill in one or two words. */
export const verdictOf = ({ outcome, refused }: DrillReport): string => {
  if (refused.length > 0) return 'refused';
  if (!outcome) return 'not ended';
  const word = { pass: 'passed', fail: 'failed', unknown: 'unknown' }[outcome.verdict];
  const restored = outcome.restored === false ? ', not restored' : outcome.restored === null ? ', restore unknown' : '';
  return `${word}${outcome.status === 'completed' ? '' : ` (${outcome.status})`}${restored}`;
};

/** The verdict with its sentence, without saying it twice. */
export const drillSentence = (drill: DrillReport): string => {
  const verdict = verdictOf(drill);
  const why = [...(drill.outcome ? [drill.outcome.summary.replace(/\.$/, '')] : []), ...drill.refused].join('; ');
  if (why === '') return verdict;
  return why.startsWith(`${verdict}:`) ? why : `${verdict}: ${why}`;
};

/** What the close measurement came to: the longest time without a good answer, and what was lost, over all VIPs; undefined: nothing was. */
export const worstMeasured = ({ vips }: DrillReport) => {
  const all = vips.flatMap(({ address, outages }) => outages.map((outage) => ({ address, outage })));
  const worst = all.reduce<(typeof all)[number] | undefined>(
    (a, b) => (a && a.outage.ms >= b.outage.ms ? a : b),
    undefined,
  );
  const lost = vips.reduce((sum, vip) => sum + vip.lost, 0);
  return worst && { ...worst, lost, of: vips.reduce((sum, vip) => sum + vip.good + vip.lost, 0) };
};

/** Heads and cells of the table of expectations: parts only where there are some, `expected` only where it says more than the text. */
export const expectationTable = (
  drill: DrillReport,
): { heads: string[]; rows: (DrillExpectation & { cells: string[] })[] } => {
  const parts = drill.expectations.some((one) => one.part !== null);
  const more = drill.expectations.some((one) => one.expected !== one.text);
  return {
    heads: [...(parts ? ['part'] : []), 'expectation', ...(more ? ['expected'] : []), 'measured'],
    rows: drill.expectations.map((one) => ({
      ...one,
      cells: [...(parts ? [one.part ?? ''] : []), one.text, ...(more ? [one.expected] : []), one.measured],
    })),
  };
};

/** A step's words, with the part of the tour it belongs to. */
export const stepText = ({ part, text }: DrillStep): string => (part === null ? text : `${part}: ${text}`);
