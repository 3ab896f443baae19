import { createInterface } from 'node:readline';
import type { DrillFact, DrillPlan } from '../cluster/drill.ts';
import { visibleText } from '../cluster/visible-text.ts';
import { between } from '../drills/times.ts';
import type { LiveSession } from '../session/live.ts';
import type { Io } from './io.ts';

/** Between two progress lines while nothing else happens, ms. */
const STILL = 5000;

const line = (text: string): string => `${visibleText(text, 1000)}\n`;

/** What a drill will do, before it is confirmed. Ends with a newline. */
export const planText = (plan: DrillPlan, cluster: string): string =>
  [
    `drill ${plan.name} on ${cluster}: ${plan.title}`,
    `  ${plan.shows}`,
    `  ${Object.entries(plan.roles)
      .map(([role, node]) => `${role} ${node}`)
      .join(', ')}`,
    ...plan.steps.map(
      ({ part, text }, index) => `  ${String(index + 1).padStart(2)}. ${part === undefined ? '' : `${part}: `}${text}`,
    ),
    ...plan.budgets.map((one) => `  computed ${one.name}: ${between(one)}: ${one.sentence}`),
    ...plan.arm.map(
      ({ node, undo }) =>
        `  ${node} restores itself ${plan.restoreAfter} s after it last heard of us: ${undo.join(' ')}`,
    ),
  ]
    .map(line)
    .join('');

const PHASES = {
  steady: 'the steady state is measured',
  arming: 'restore timers are armed',
  method: 'the drill begins',
  restore: 'everything is put back',
  verify: 'waiting until all is as it was',
  over: '',
};

/** One line for what a drill did or saw; undefined for what is told elsewhere. */
const factText = (fact: DrillFact, plan: DrillPlan | undefined): string | undefined => {
  switch (fact.what) {
    case 'phase':
      return PHASES[fact.phase] || undefined;
    case 'timer':
      return fact.op === 'extended' ? undefined : fact.text;
    case 'step': {
      const step = plan?.steps[fact.index];
      const text = `${fact.index + 1}. ${step?.part === undefined ? '' : `${step.part}: `}${step?.text ?? ''}`;
      if (fact.at === 'begun') return text;
      return fact.at === 'done' && fact.seen === ''
        ? undefined
        : `${fact.at === 'done' ? '' : `${fact.at}: `}${fact.seen}`;
    }
    case 'download':
      return `long download ${fact.state}${fact.why === undefined ? '' : `: ${fact.why}`}`;
    case 'verdict':
      return `the verdict is ${fact.code}`;
    case 'abort':
      return `ended early: ${fact.reason}`;
    case 'undo':
      return fact.at === 'begun'
        ? undefined
        : `${fact.node}: ${fact.text}: ${fact.at}${fact.seen ? ` (${fact.seen})` : ''}`;
    case 'steady':
      return `steady state ${fact.when} the drill: ${fact.ok === true ? 'yes' : fact.ok === false ? 'no' : 'unknown'}: ${fact.seen.join('; ')}`;
    default:
      return undefined;
  }
};

/** What tells how a drill goes. `asking`: while a person is asked, nothing comes between question and answer. */
export type Telling = { asking<T>(question: () => Promise<T>): Promise<T>; stop(): void };

/** Tells on stderr how a drill goes, with the seconds since it began; with `step` a line from the terminal lets each step begin. */
export const tellDrill = (session: LiveSession, io: Io, { name, step }: { name: string; step: boolean }): Telling => {
  const began = performance.now();
  let asked = false;
  let plan: DrillPlan | undefined;
  let last = 'looking at the cluster';
  let saidAt = began;
  const say = (text: string): void => {
    saidAt = performance.now();
    io.stderr.write(line(`${((saidAt - began) / 1000).toFixed(1).padStart(6)} s  ${text}`));
  };
  const lines = step ? createInterface({ input: io.stdin }) : undefined;
  lines?.on('line', () => session.nextStep());
  const offer = (index: number): void => {
    const next = plan?.steps[index];
    if (lines && next) say(`press enter for step ${index + 1}: ${next.text}`);
  };
  const stop = session.onEvent((event) => {
    if (event.kind === 'command') {
      const { result } = event;
      say(
        `  ${event.node}$ ${event.command}${result.ok && result.code === 0 ? '' : result.ok ? ` -> ${result.code} ${result.stderr}` : ` -> ${result.failure.found}`}`,
      );
    }
    if (event.kind !== 'drill') return;
    const { fact } = event;
    if (fact.what === 'plan') plan = fact.plan;
    const text = factText(fact, plan);
    if (text !== undefined) {
      if (fact.what !== 'verdict') last = text;
      say(text);
    }
    if (fact.what === 'phase' && fact.phase === 'method') offer(0);
    if (fact.what === 'step' && fact.at === 'done') offer(fact.index + 1);
  });
  const timer = setInterval(() => {
    if (asked || performance.now() - saidAt < STILL) return;
    const { verdict, drill } = session.state();
    const why = drill === undefined ? (session.glance(name) ?? verdict.code) : '';
    say(drill === undefined ? `looking at the cluster, the gate is not open yet: ${why}` : `still: ${last}`);
  }, STILL / 5);
  return {
    asking: async (question) => {
      asked = true;
      try {
        return await question();
      } finally {
        asked = false;
        saidAt = performance.now();
      }
    },
    stop: () => {
      clearInterval(timer);
      lines?.close();
      stop();
    },
  };
};
