import type { DrillOutcome, DrillPlan, PlannedStep } from '../cluster/drill.ts';
import type { Event } from '../cluster/events.ts';
import type { DeedContext } from './deed.ts';
import type { Drill } from './drill.ts';
import { takeBaseline } from './gather.ts';
import { createGuard, type Guard } from './guard.ts';
import { type Judgement, judge, judgedSoFar } from './judge.ts';
import { look, lookAgain } from './opening.ts';
import type { Ports } from './ports.ts';
import { createStage, type Stage } from './stage.ts';
import { steadyBefore } from './verify.ts';
import { takeBack } from './way-back.ts';

/** How a drill is run. */
export type RunOptions = {
  /** Number of this drill in the record. */
  id: number;
  find(name: string): Drill | undefined;
  author: string;
  /** Seconds after which the nodes heal themselves when nothing is heard of the drill. */
  restoreAfter: number;
  /** The name was typed, where the cluster is protected. */
  confirmed: boolean;
  /** Another drill of this console that is under way. */
  running?: string;
  /** ms for which a gate is waited for that only wants more watching (a console that has just begun). Default: not at all. */
  patience?: number;
  /** ms between two requests to a VIP. */
  period?: number;
  /** Fires when a person ends the drill: it is restored at once. */
  stop: AbortSignal;
  /** Fires when a person leaves things as they are: nothing more is done, the restore timers stay armed. */
  leave: AbortSignal;
  /** Waits for a person before each step (`--step`). Rejects or returns when the signal fires. */
  beforeStep?(step: PlannedStep, index: number, signal: AbortSignal): Promise<void>;
};

export type Ran = { outcome: DrillOutcome; judgement?: Judgement };

/** Time between two requests to one VIP, ms. */
export const PERIOD = 50;
/** How long the steady state is measured before anything is done, ms. */
export const BEFORE = 5000;

const refused = (reasons: string[], exit: 2 | 3 = 2): DrillOutcome => ({
  status: 'refused',
  verdict: 'unknown',
  restored: true,
  summary: `refused, nothing was touched: ${reasons.join('; ')}`,
  commands: [],
  exit,
});

/**
 * Runs a drill from its gate to its verdict. Before the first fault a restore timer is armed on every node that will be touched;
 * whatever happens after that, everything done is taken back, in reverse, unless a person leaves it to the timers. Never rejects.
 */
export const runDrill = async (drill: Drill, ports: Ports, options: RunOptions): Promise<Ran> => {
  const record: Event[] = [];
  const stopListening = ports.listen((event) => {
    if (event.kind !== 'tick') record.push(event);
  });
  let measuring = false;
  const over = (outcome: DrillOutcome, judgement?: Judgement): Ran => {
    ports.emit({ what: 'over', outcome });
    return { outcome, ...(judgement ? { judgement } : {}) };
  };
  const ended = AbortSignal.any([options.stop, options.leave]);

  const refuse = (reasons: string[], exit: 2 | 3 = 2): Ran => {
    ports.emit({ what: 'gate', drill: drill.name, open: false, reasons });
    return over(refused(reasons, exit));
  };

  const work = async (): Promise<Ran> => {
    const first = await look(drill, ports, options, ended);
    if (!first.ok) return refuse(first.reasons);
    const { plan, contexts } = first;
    ports.emit({ what: 'gate', drill: drill.name, open: true, reasons: [] });
    ports.emit({ what: 'plan', plan });
    ports.emit({ what: 'phase', phase: 'steady' });
    ports.emit({ what: 'verdict', code: ports.state().verdict.code });
    ports.measure({ vips: plan.vips, period: options.period ?? PERIOD, download: plan.download });
    measuring = true;
    const began = ports.now();
    await ports.until(() => false, BEFORE, ended);
    if (ended.aborted) return over(interrupted());
    const steady = steadyBefore(plan, ports.state(), record, began);
    ports.emit({ what: 'steady', when: 'before', ok: steady.ok, seen: steady.seen });
    if (steady.ok !== true) {
      // It may be another drill that has begun meanwhile: a look tells whose.
      const gate = await lookAgain(drill, plan, ports, options, ended, []);
      return refuse([`no steady state: ${steady.seen.join('; ')}`, ...(gate.open ? [] : gate.reasons)]);
    }

    const guard = createGuard(plan, ports);
    if (plan.arm.length > 0) {
      ports.emit({ what: 'phase', phase: 'arming' });
      const armed = await guard.arm(options.leave);
      if (!armed.ok && !armed.taken) return refuse([armed.text], 3);
      if (!armed.ok) {
        // Somebody was quicker: a look tells who.
        const gate = await lookAgain(drill, plan, ports, options, ended, []);
        return refuse(gate.open ? [armed.text] : gate.reasons);
      }
      // Somebody may have begun something else since the first look.
      const own = plan.arm.map((one) => one.node);
      const again = await lookAgain(drill, plan, ports, options, ended, own);
      if (!again.open || ended.aborted) {
        await guard.disarm(options.leave);
        return again.open ? over(interrupted()) : refuse(again.reasons);
      }
    }
    return await perform(plan, contexts, guard);
  };

  const perform = async (plan: DrillPlan, contexts: Record<string, DeedContext>, guard: Guard): Promise<Ran> => {
    const before = await takeBaseline(contexts, ports, options.leave);
    ports.emit({ what: 'baseline', when: 'before', nodes: before.nodes, holder: before.holder });
    const keeping = new AbortController();
    const stage: Stage = createStage({ plan, contexts, guard, ports, options });
    const kept = guard.keep(AbortSignal.any([keeping.signal, options.leave]), stage.timerGone);
    ports.emit({ what: 'phase', phase: 'method' });
    await stage.perform(() => {
      for (const result of judgedSoFar(record, options.id)) ports.emit({ what: 'expectation', result });
    });
    const back = await takeBack({ plan, contexts, guard, ports, stage, before, leave: options.leave, record });
    keeping.abort();
    await kept;
    await ports.endMeasuring();
    measuring = false;
    const judgement = judge(record, options.id);
    for (const result of judgement?.results ?? []) ports.emit({ what: 'expectation', result });
    return over(outcomeOf(stage, back, judgement), judgement);
  };

  try {
    return await work();
  } catch (error) {
    // Nothing above rejects; should it, the timers stand for the restore.
    const text = `internal error: ${String(error).slice(0, 200)}; the restore timers stay armed`;
    return over({ status: 'failed', verdict: 'unknown', restored: null, summary: text, commands: [], exit: 3 });
  } finally {
    if (measuring) await ports.endMeasuring();
    stopListening();
  }
};

const interrupted = (): DrillOutcome => ({
  status: 'interrupted',
  verdict: 'unknown',
  restored: true,
  summary: 'ended before anything was touched',
  commands: [],
  exit: 3,
});

const outcomeOf = (
  stage: Stage,
  back: { restored: boolean | null; left: { node: string; command: string }[]; text: string },
  judgement: Judgement | undefined,
): DrillOutcome => {
  const verdict = judgement?.verdict ?? 'unknown';
  const ending = stage.ending();
  const status =
    ending === 'left' || ending === 'stopped'
      ? 'interrupted'
      : ending === 'aborted'
        ? 'aborted'
        : back.restored === true && ending === 'whole'
          ? 'completed'
          : 'failed';
  const reason = stage.reason();
  // A step that did not come about is the first thing the judgement tells.
  const early = reason === undefined || ending === 'broken' ? '' : `ended early: ${reason}; `;
  const summary = `${early}${judgement?.summary ?? 'nothing was judged'}`;
  if (back.restored !== true)
    return {
      status,
      verdict,
      restored: back.restored,
      summary: `not restored: ${back.text}; ${summary}`,
      commands: back.left,
      exit: 3,
    };
  return {
    status,
    verdict,
    restored: true,
    summary: back.text === '' ? summary : `${summary}; ${back.text}`,
    commands: [],
    exit: verdict === 'pass' ? 0 : verdict === 'fail' ? 1 : 3,
  };
};
