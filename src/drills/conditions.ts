import { classifyCheckLine } from '../cluster/check-words.ts';
import type { DrillCondition, DrillSample, PlannedStep } from '../cluster/drill.ts';
import { holdersOf, overlapMs, SPLIT_AFTER, unknownOn } from '../cluster/holding.ts';
import type { State } from '../cluster/state.ts';
import { serviceIs } from './effect.ts';
import { soleHolder } from './roles.ts';
import { standing, standsAt } from './steady.ts';

/** The newest request of each VIP of which anything is known. */
export type Newest = Record<string, DrillSample>;

/** Whether every VIP is proven to be held by nobody. */
const unheld = (state: State): boolean =>
  Object.values(state.vips).every((vip) => holdersOf(state, vip).length === 0 && unknownOn(state, vip).length === 0);

/** Who holds the VIPs, in words. */
export const holdersText = (state: State): string => {
  const names = [...new Set(Object.values(state.vips).map((vip) => holdersOf(state, vip).join(' and ') || 'nobody'))];
  return `the VIPs are held by ${names.join(', ')}`;
};

const answered = (newest: Newest, state: State, good: boolean, since: number): boolean =>
  state.topology.vips.every((vip) => {
    const last = newest[vip];
    return last !== undefined && last.asked >= since && last.ok === good;
  });

/** Whether a condition holds now. `since`: mono ms when the step began; older looks and answers do not count. */
export const conditionHolds = (condition: DrillCondition, state: State, newest: Newest, since: number): boolean => {
  switch (condition.is) {
    case 'holder':
      return condition.node === null ? unheld(state) : soleHolder(state) === condition.node;
    case 'both':
      return Object.values(state.vips).some((vip) => overlapMs(state, vip) > SPLIT_AFTER);
    case 'verdict':
      return standsAt(state, condition.codes);
    case 'service':
      return serviceIs(state, condition.node, condition.service, condition.running, since).met === true;
    case 'answers':
      return answered(newest, state, condition.good, since);
    case 'line': {
      const lines = state.nodes[condition.node]?.seenLines ?? [];
      return lines.some((one) => one.at >= since && classifyCheckLine(one.line) === condition.line);
    }
  }
};

/** What is seen where a condition does not hold, in words. */
export const conditionSeen = (condition: DrillCondition, state: State, newest: Newest, since: number): string => {
  switch (condition.is) {
    case 'holder':
    case 'both':
      return holdersText(state);
    case 'verdict':
      return `the verdict is ${standing(state.verdict).code}: ${standing(state.verdict).reason}`;
    case 'service':
      return serviceIs(state, condition.node, condition.service, condition.running, since).text;
    case 'answers': {
      const lost = state.topology.vips.filter((vip) => newest[vip]?.ok === !condition.good);
      return lost.length > 0 ? `${lost.join(', ')} did not` : 'no answer came';
    }
    case 'line':
      return 'no such line';
  }
};

/** Whether the state lets a part of a tour begin. */
export const gateHolds = (step: Extract<PlannedStep, { kind: 'gate' }>, state: State): boolean =>
  standsAt(state, step.verdicts) &&
  (step.holder === undefined || (step.holder === null ? unheld(state) : soleHolder(state) === step.holder));
