import type { DrillCondition, PlannedExpectation } from '../cluster/drill.ts';
import type { Budget } from './budget.ts';
import { BUDGETS, type BudgetName, type DrillExpectation, type DrillWait } from './drill.ts';
import { drillMs } from './times.ts';

/** What turns a drill's references into nodes and figures. */
export type Resolving = {
  roles(reference: string): string;
  webs: string[];
  budget(name: BudgetName): Budget | undefined;
};

/** What a command and the news of its effect take beside the budget: ssh, sudo, systemd, a push or a look, ms. */
export const REACTION = 1000;

const holderOf = (reference: string, { roles }: Resolving): string | null =>
  reference === 'nobody' ? null : roles(reference);

/** What a wait waits for, with nodes for roles. */
export const waitCondition = (wait: DrillWait, resolving: Resolving): DrillCondition => {
  if ('holder' in wait) return { is: 'holder', node: holderOf(wait.holder, resolving) };
  if ('both' in wait) return { is: 'both' };
  if ('verdict' in wait) return { is: 'verdict', codes: wait.verdict };
  if ('running' in wait) return { is: 'service', node: resolving.roles(wait.on), service: wait.running, running: true };
  if ('stopped' in wait)
    return { is: 'service', node: resolving.roles(wait.on), service: wait.stopped, running: false };
  if ('answers' in wait) return { is: 'answers', good: wait.answers === 'good' };
  return { is: 'line', node: resolving.roles(wait.on), line: wait.line };
};

const isBudget = (value: unknown): value is BudgetName => BUDGETS.includes(value as BudgetName);

type Basis = { basis?: string };
type Distribute<T> = T extends unknown
  ? Omit<T, 'text' | 'after' | 'until' | 'tolerance' | 'part' | 'basis'> & Basis
  : never;
/** An expectation without what the plan adds: its words and its window. */
export type ResolvedExpectation = Distribute<PlannedExpectation>;

/** A time as an expectation has it: a budget is given what commands and news take. */
const within = (value: BudgetName | number | string, { budget }: Resolving): { within: number } & Basis => {
  if (!isBudget(value)) return { within: drillMs(value) };
  const one = budget(value);
  return one ? { within: one.most + REACTION, basis: one.sentence } : { within: 0 };
};

const optional = (
  value: BudgetName | number | string | undefined,
  resolving: Resolving,
): { within?: number } & Basis => (value === undefined ? {} : within(value, resolving));

const boundsOf = (value: { atLeast?: number | string | undefined; atMost?: number | string | undefined }) => ({
  ...(value.atLeast === undefined ? {} : { least: drillMs(value.atLeast) }),
  ...(value.atMost === undefined ? {} : { most: drillMs(value.atMost) }),
});

/** What must be found, with nodes for roles and figures for budgets. */
export const expectationOf = (wanted: DrillExpectation, resolving: Resolving): ResolvedExpectation => {
  if ('holder' in wanted)
    return { kind: 'holder', node: holderOf(wanted.holder, resolving), ...within(wanted.within, resolving) };
  if ('outage' in wanted) {
    if (!isBudget(wanted.outage)) return { kind: 'outage', bounds: boundsOf(wanted.outage) };
    const one = resolving.budget(wanted.outage);
    return one
      ? { kind: 'outage', bounds: { least: one.least, most: one.most }, basis: one.sentence }
      : { kind: 'outage', bounds: {} };
  }
  if ('lost' in wanted) {
    const { atMost, shareAtLeast, shareAtMost } = wanted.lost;
    return {
      kind: 'lost',
      ...(atMost === undefined ? {} : { most: atMost }),
      ...(shareAtLeast === undefined ? {} : { leastShare: shareAtLeast }),
      ...(shareAtMost === undefined ? {} : { mostShare: shareAtMost }),
    };
  }
  if ('rotation' in wanted)
    return wanted.rotation === 'all'
      ? { kind: 'rotation', served: resolving.webs, absent: [] }
      : {
          kind: 'rotation',
          served: wanted.rotation.served.map(resolving.roles),
          absent: wanted.rotation.absent.map(resolving.roles),
        };
  if ('line' in wanted)
    return {
      kind: 'line',
      node: resolving.roles(wanted.on),
      line: wanted.line,
      ...optional(wanted.within, resolving),
    };
  if ('service' in wanted)
    return {
      kind: 'service',
      node: resolving.roles(wanted.on),
      service: wanted.service,
      active: wanted.is,
      ...(wanted.frozen === undefined ? {} : { frozen: wanted.frozen }),
      ...optional(wanted.within, resolving),
    };
  if ('moves' in wanted) {
    if (typeof wanted.moves === 'number') return { kind: 'moves', bounds: { least: wanted.moves, most: wanted.moves } };
    const { atLeast, atMost } = wanted.moves as { atLeast?: number; atMost?: number };
    return {
      kind: 'moves',
      bounds: {
        ...(atLeast === undefined ? {} : { least: atLeast }),
        ...(atMost === undefined ? {} : { most: atMost }),
      },
    };
  }
  if ('splitBrain' in wanted) return { kind: 'split-brain', seen: wanted.splitBrain };
  if ('blip' in wanted) return { kind: 'blip', most: drillMs(wanted.blip) };
  if ('verdict' in wanted) return { kind: 'verdict', codes: wanted.verdict, ...optional(wanted.within, resolving) };
  return { kind: 'download', cut: wanted.download === 'cut' };
};
