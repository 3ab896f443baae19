import type { Tolerance } from '../cluster/drill.ts';
import { deedOf, deedText } from './deed.ts';
import { BUDGETS, type BudgetName, type Drill, type DrillExpectation, type DrillStep } from './drill.ts';
import { expectationOf, type ResolvedExpectation, type Resolving, waitCondition } from './resolve.ts';
import { drillMs, seconds } from './times.ts';
import { conditionText, expectationText } from './words.ts';

const isBudget = (value: unknown): value is BudgetName => BUDGETS.includes(value as BudgetName);

/** Roles in words, where no cluster says who plays them. */
const ROLES: Record<string, string> = {
  master: 'the master',
  backup: 'the backup',
  'web.first': 'the first web node',
  'web.second': 'the second web node',
  'web.last': 'the last web node',
};

const BUDGET_WORDS: Record<BudgetName, string> = {
  failover: 'the skew of the backup (a clean stop)',
  crash: 'the master-down time less the time since the last advert (a crash)',
  start: 'the master-down time of the one that starts',
  restart: 'a stop of about a second and the master-down time',
  failback: 'the master-down time of the returning master',
  lowered: 'the master-down time of the backup after the last advert it accepted',
  check: 'one interval of the check script and the start of nginx',
  'give-up': 'what the check script takes to give up, and the takeover',
  notice: 'what the check script takes to notice, and the takeover',
  split: 'the takeover after a crash, and a second to be sure',
};

const resolving: Resolving = {
  roles: (reference) => ROLES[reference] ?? reference,
  webs: ['every web node'],
  budget: () => undefined,
};

const time = (value: BudgetName | number | string): string =>
  isBudget(value) ? `at most: ${BUDGET_WORDS[value]}` : `at most ${seconds(drillMs(value))}`;

const stepWords = (step: DrillStep): string => {
  if ('act' in step) return `${deedText(deedOf(step.act))} on ${ROLES[step.on] ?? step.on}`;
  if ('hold' in step) return `watch for ${seconds(drillMs(step.hold))}`;
  return `wait until ${conditionText(waitCondition(step.wait, resolving))} (${time(step.within)})`;
};

const CHECKS = {
  moves: 'where the check script can move the VIPs',
  kills: 'where the check script can only kill keepalived',
};

const withoutBudget = (wanted: ResolvedExpectation): string => {
  if ('within' in wanted) {
    const { within: _, ...rest } = wanted;
    return expectationText({ ...rest } as Parameters<typeof expectationText>[0]).replace(/ at the end$/, '');
  }
  return expectationText(wanted as Parameters<typeof expectationText>[0]);
};

const expectationWords = (wanted: DrillExpectation, numbers: ReadonlyMap<string, number>): string => {
  const within = 'within' in wanted ? wanted.within : undefined;
  const one = expectationOf(wanted, resolving);
  const text =
    'outage' in wanted && isBudget(wanted.outage)
      ? `longest gap in the answers of any VIP: ${BUDGET_WORDS[wanted.outage]}`
      : isBudget(within)
        ? `${withoutBudget(one)} (${time(within)})`
        : expectationText(one as Parameters<typeof expectationText>[0]);
  const from = wanted.after === undefined ? '' : `, from step ${numbers.get(wanted.after)} on`;
  const to = wanted.until === undefined ? '' : `, up to step ${numbers.get(wanted.until)}`;
  const where = wanted.check === undefined ? '' : ` (${CHECKS[wanted.check]})`;
  return `${text}${from}${to}${where}`;
};

const TOLERATED: Record<Tolerance, string> = {
  outage: 'an outage',
  'no-holder': 'VIPs that nobody holds',
  'split-brain': 'two holders',
  'web-down': 'a web node that does not answer',
};

const section = (title: string, lines: readonly string[], first?: number): string[] =>
  lines.length === 0
    ? []
    : [
        '',
        title,
        ...lines.map(
          (line, index) => `  ${first === undefined ? '-' : `${String(first + index).padStart(2)}.`} ${line}`,
        ),
      ];

/** Numbers of the steps that have a name, as they are shown. */
const numbersOf = (drill: Drill): Map<string, number> =>
  new Map(
    [...drill.setup, ...drill.method].flatMap((step, index) =>
      step.id === undefined ? [] : [[step.id, index + 1] as const],
    ),
  );

const gateWords = ({ gate, start }: Drill): string[] => [
  `the verdict is ${gate.verdicts.join(' or ')}, and nothing has changed for ${seconds(drillMs(gate.steady))}`,
  'one load balancer is proven to hold all VIPs',
  ...(gate.backup === 'ready' ? ['a backup is proven ready'] : []),
  ...(gate.check === 'needed' ? ['keepalived runs a check script on every load balancer'] : []),
  'no other drill and no restore timer is active on any node; every right is there',
  ...(start === undefined
    ? []
    : [
        `as part of a tour: ${[
          ...(start.verdicts ? [`the verdict is ${start.verdicts.join(' or ')}`] : []),
          ...(start.holder === undefined
            ? []
            : [
                conditionText({
                  is: 'holder',
                  node: start.holder === 'nobody' ? null : (ROLES[start.holder] ?? start.holder),
                }),
              ]),
        ].join(', ')}`,
      ]),
];

/** A drill in words, for `drill show`: what it teaches, when it may begin, what it does, what must be found, how it is taken back. */
export const showDrill = (drill: Drill): string =>
  [
    `${drill.name}: ${drill.title}`,
    '',
    drill.shows,
    ...(drill.tutorial === undefined ? [] : ['', `The tutorial says: ${drill.tutorial}`]),
    ...(drill.reality === undefined ? [] : ['', `What really happens: ${drill.reality}`]),
    ...section('It begins only when', gateWords(drill)),
    ...section('Its parts, in a row', drill.parts ?? [], 1),
    ...section('It first brings about its starting state', drill.setup.map(stepWords), 1),
    ...section('Then it does this', drill.method.map(stepWords), drill.setup.length + 1),
    ...section(
      'What must be found',
      drill.expect.map((one) => expectationWords(one, numbersOf(drill))),
    ),
    ...section(
      'What does not end it early, because it is meant',
      drill.tolerates.map((one) => TOLERATED[one]),
    ),
    ...section('How it is taken back', [
      'before the first act a restore timer is armed on every node it touches: should this console die, the nodes do it themselves',
      'whatever was done is undone, in reverse, and looked after',
      ...drill.restore.map((one) => `${deedText(deedOf(one.act))} on ${ROLES[one.on] ?? one.on}`),
      'units, files and the holder of the VIPs must be what they were',
    ]),
    '',
  ].join('\n');
