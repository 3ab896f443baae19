import type { DrillFact, DrillOutcome, DrillPlan, ExpectationResult, UndoState } from '../cluster/drill.ts';
import type { Event } from '../cluster/events.ts';
import { historyOf } from './history.ts';
import { type Judgement, judge } from './judge.ts';
import { type Measurement, measurementOf } from './measurement.ts';

/** One step as it went. Times in ms since the drill began. */
export type StepReport = {
  text: string;
  part?: string;
  state: 'done' | 'failed' | 'unknown' | 'not come to';
  begun?: number;
  ms?: number;
  seen?: string;
};

/** A drill with everything there is to tell of it, from its record alone. */
export type DrillReport = {
  cluster: string;
  drill: string;
  title: string;
  /** ms since the epoch. */
  started: number;
  ended: number;
  outcome: DrillOutcome;
  /** Why the gate was closed; empty when it was open. */
  refusals: string[];
  plan?: DrillPlan;
  judgement?: Judgement;
  measurement?: Measurement;
  steps: StepReport[];
  steady: { when: 'before' | 'after'; ok: boolean | null; seen: string[] }[];
  undo: { node: string; text: string; command: string; state: UndoState; seen: string }[];
  abort?: { by: 'criterion' | 'operator'; reason: string };
};

const unfinished: DrillOutcome = {
  status: 'failed',
  verdict: 'unknown',
  restored: null,
  summary: 'the record ends before the drill does',
  commands: [],
  exit: 3,
};

const clusterIn = (events: readonly Event[]): string => {
  const topology = events.findLast((event) => event.kind === 'topology');
  return topology?.kind === 'topology' ? topology.topology.name : '';
};

const undoOf = (facts: readonly { fact: DrillFact }[]): DrillReport['undo'] => {
  const rows: DrillReport['undo'] = [];
  for (const { fact } of facts) {
    if (fact.what !== 'undo') continue;
    const row = { node: fact.node, text: fact.text, command: fact.command, state: fact.at, seen: fact.seen };
    const index = rows.findIndex((one) => one.node === fact.node && one.text === fact.text);
    if (index < 0) rows.push(row);
    else rows[index] = row;
  }
  return rows;
};

/**
 * Everything there is to tell of a drill, from the record alone. Undefined when the record holds nothing of it. `cluster`: its name
 * where the record does not say it.
 */
export const reportOf = (events: readonly Event[], id: number, cluster?: string): DrillReport | undefined => {
  const own = events.filter((event) => event.kind === 'drill' && event.id === id);
  const facts = own.flatMap((event) => (event.kind === 'drill' ? [{ at: event.at, fact: event.fact }] : []));
  const [first, last] = [facts[0], facts.at(-1)];
  if (!first || !last) return undefined;
  const gate = facts.findLast((one) => one.fact.what === 'gate')?.fact;
  const over = facts.findLast((one) => one.fact.what === 'over')?.fact;
  const abort = facts.find((one) => one.fact.what === 'abort')?.fact;
  const history = historyOf(events, id);
  const plan = history?.plan;
  const began = first.at.mono;
  const refused = over?.what === 'over' && over.outcome.status === 'refused';
  const judgement = refused ? undefined : judge(events, id);
  return {
    cluster: cluster ?? clusterIn(events),
    drill: plan?.name ?? (gate?.what === 'gate' ? gate.drill : ''),
    title: plan?.title ?? '',
    started: first.at.wall,
    ended: last.at.wall,
    outcome: over?.what === 'over' ? over.outcome : unfinished,
    refusals: gate?.what === 'gate' && !gate.open ? gate.reasons : [],
    ...(plan ? { plan } : {}),
    ...(judgement ? { judgement } : {}),
    ...(history && !refused ? { measurement: measurementOf(history) } : {}),
    steps: (history?.steps ?? []).map((run, index) => {
      const step = plan?.steps[index];
      return {
        text: step?.text ?? '',
        ...(step?.part === undefined ? {} : { part: step.part }),
        state: run.begun === undefined ? 'not come to' : (run.at ?? 'unknown'),
        ...(run.begun === undefined ? {} : { begun: run.begun - began }),
        ...(run.begun === undefined || run.ended === undefined ? {} : { ms: run.ended - run.begun }),
        ...(run.seen ? { seen: run.seen } : {}),
      };
    }),
    steady: facts.flatMap(({ fact }) =>
      fact.what === 'steady' ? [{ when: fact.when, ok: fact.ok, seen: fact.seen }] : [],
    ),
    undo: undoOf(facts),
    ...(abort?.what === 'abort' ? { abort: { by: abort.by, reason: abort.reason } } : {}),
  };
};

/** The expectations in the order they are told: failed first, then what could not be told, then what passed. */
export const worstFirst = (results: readonly ExpectationResult[]): ExpectationResult[] => {
  const rank = { fail: 0, unknown: 1, pass: 2 };
  return [...results].sort((a, b) => rank[a.result] - rank[b.result] || a.index - b.index);
};
