import { type CheckLogKind, classifyCheckLine } from '../cluster/check-words.ts';
import type { DrillFact, DrillPlan, DrillSample } from '../cluster/drill.ts';
import type { Event } from '../cluster/events.ts';
import type { Process, Unit } from '../cluster/readings.ts';
import type { VerdictCode } from '../cluster/state.ts';
import type { ServiceName } from '../cluster/topology.ts';
import type { Span } from './measure.ts';
import { type Timeline, timelineOf } from './timeline.ts';

/** When a step ran, mono ms, and how it ended. */
export type StepRun = { begun?: number; ended?: number; at?: 'done' | 'failed' | 'unknown'; seen?: string };

/** What a service of a node was seen as. `asked`, `at`: mono ms of the look. */
export type ServiceLook = { asked: number; at: number; unit?: Unit; processes?: Process[] };

/** A drill as its record tells it, made ready for the judgement. */
export type History = {
  id: number;
  plan: DrillPlan;
  facts: { at: number; fact: DrillFact }[];
  steps: StepRun[];
  samples: DrillSample[];
  timeline: Timeline;
  verdicts: { at: number; code: VerdictCode }[];
  /** When the method ended: the restore began, or the record ends, mono ms. */
  ended: number;
  /** The method came to its own end: nobody and nothing broke it off. */
  whole: boolean;
  period: number;
  looks(node: string, service: ServiceName): ServiceLook[];
  lines(node: string, kind: CheckLogKind, span: Span): { readable: boolean; at?: number };
};

const looksIn = (events: readonly Event[], node: string, service: ServiceName): ServiceLook[] =>
  events.flatMap((event) => {
    if (event.kind !== 'snapshot' || event.node !== node || !event.reading.ok) return [];
    const reading = event.reading.value.services[service];
    if (!reading) return [];
    return [
      {
        asked: event.asked,
        at: event.at.mono,
        ...(reading.unit.ok ? { unit: reading.unit.value } : {}),
        ...(reading.processes.ok ? { processes: reading.processes.value } : {}),
      },
    ];
  });

/** When a line of a kind came into the check log of a node within a span, by the stream or by a look at the log's tail. */
const linesIn = (events: readonly Event[], node: string, kind: CheckLogKind, { from, to }: Span) => {
  let readable = false;
  let old: Set<string> | undefined;
  for (const event of events) {
    const at = event.at.mono;
    if (at > to) break;
    if (event.kind === 'check-log' && event.node === node && at >= from) {
      if (classifyCheckLine(event.line) === kind) return { readable: true, at };
    }
    if (event.kind !== 'snapshot' || event.node !== node || !event.reading.ok) continue;
    const log = event.reading.value.checkLog;
    if (!log?.ok) continue;
    const { lines } = log.value;
    if (at < from) old = new Set(lines);
    else {
      readable = true;
      if (old && lines.some((line) => !old?.has(line) && classifyCheckLine(line) === kind)) return { readable, at };
    }
  }
  return { readable };
};

/** Reads one drill out of a record. Undefined when its plan is not in it. */
export const historyOf = (events: readonly Event[], id: number): History | undefined => {
  const facts = events.flatMap((event) =>
    event.kind === 'drill' && event.id === id ? [{ at: event.at.mono, fact: event.fact }] : [],
  );
  const plan = facts.find((one) => one.fact.what === 'plan')?.fact;
  if (plan?.what !== 'plan') return undefined;
  const { vips, balancers } = plan.plan;
  const steps: StepRun[] = plan.plan.steps.map(() => ({}));
  const samples: DrillSample[] = [];
  const verdicts: History['verdicts'] = [];
  let period = 50;
  let ended: number | undefined;
  let broken = false;
  for (const { at, fact } of facts) {
    if (fact.what === 'step') {
      const run = steps[fact.index];
      if (!run) continue;
      if (fact.at === 'begun') run.begun = at;
      else Object.assign(run, { ended: at, at: fact.at, seen: fact.seen });
    } else if (fact.what === 'samples') samples.push(...fact.list);
    else if (fact.what === 'verdict') verdicts.push({ at, code: fact.code });
    else if (fact.what === 'measuring') period = fact.period;
    else if (fact.what === 'abort') broken = true;
    if (ended === undefined && (fact.what === 'abort' || (fact.what === 'phase' && fact.phase === 'restore')))
      ended = at;
  }
  const last = events.at(-1)?.at.mono ?? 0;
  return {
    id,
    plan: plan.plan,
    facts,
    steps,
    samples,
    timeline: timelineOf(events, vips, balancers),
    verdicts,
    ended: ended ?? last,
    whole: !broken && steps.every((run) => run.at === 'done'),
    period,
    looks: (node, service) => looksIn(events, node, service),
    lines: (node, kind, span) => linesIn(events, node, kind, span),
  };
};
