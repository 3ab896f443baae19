import type { DrillPlan, DrillSample, PlannedStep } from '../cluster/drill.ts';
import type { VerdictCode } from '../cluster/state.ts';
import { visibleText } from '../cluster/visible-text.ts';
import { criterion, heard, looked, type Watch, watchFrom } from './abort.ts';
import { conditionHolds, conditionSeen, gateHolds, type Newest } from './conditions.ts';
import { asideOf, commandsOf, type DeedContext, isThere } from './deed.ts';
import { deedSeen, type Seen, takesOut } from './effect.ts';
import { freshLook } from './fresh-look.ts';
import type { Guard } from './guard.ts';
import { GATE_PATIENCE } from './plan.ts';
import type { Ports, Ran } from './ports.ts';
import type { RunOptions } from './run.ts';
import { standing } from './steady.ts';
import { type Owed, owedAfter } from './undo.ts';

/** How the method came to its end. */
export type Ending = 'whole' | 'broken' | 'aborted' | 'stopped' | 'left';

/** The method of a drill being performed: what was done, what is owed, and why it ended. */
export type Stage = {
  /** Performs the steps until one does not come about, a criterion or a person ends it. `told` is called after each step. */
  perform(told: () => void): Promise<void>;
  owed(): Owed[];
  ending(): Ending;
  /** Why it ended early, one sentence. */
  reason(): string | undefined;
  /** A restore timer is gone: without it nothing more may be done. */
  timerGone(node: string): void;
  newest(): Newest;
};

type Given = {
  plan: DrillPlan;
  contexts: Record<string, DeedContext>;
  guard: Guard;
  ports: Ports;
  options: Pick<RunOptions, 'stop' | 'leave' | 'beforeStep'>;
};

type ActStep = Extract<PlannedStep, { kind: 'act' }>;
type Performed = ['done' | 'failed' | 'unknown', string];

/** How long a node is waited for after its connection was lost in the middle of a command, ms. */
const RECONNECT = 15_000;
/** How often the turn is asked for again: the one that was just given back may need a moment to be free. */
const TURNS = 4;
/** Between two looks while an effect is awaited, ms. */
const AGAIN = 400;

/** Makes the stage on which the method is performed. */
export const createStage = ({ plan, contexts, guard, ports, options }: Given): Stage => {
  let owed: Owed[] = [];
  let ending: Ending = 'whole';
  let reason: string | undefined;
  let performing = false;
  let watch: Watch = watchFrom(ports.now());
  let verdict: VerdictCode | undefined;
  const newest: Newest = {};
  const touched = new Set<string>();
  const broken = new AbortController();
  const signal = AbortSignal.any([broken.signal, options.stop, options.leave]);

  const abort = (by: 'criterion' | 'operator', why: string, end: Ending): void => {
    if (ending !== 'whole' || !performing) return;
    [ending, reason] = [end, why];
    ports.emit({ what: 'abort', by, reason: why, leave: end === 'left' });
    broken.abort();
  };

  const timerGone = (node: string): void =>
    abort('criterion', `the restore timer of ${node} has fired or was cancelled`, 'aborted');

  const take = (samples: readonly DrillSample[]): void => {
    watch = heard(watch, samples);
    for (const one of samples)
      if (one.ok !== null && one.asked >= (newest[one.vip]?.asked ?? Number.NEGATIVE_INFINITY)) newest[one.vip] = one;
  };

  const looksBudget = (): number => {
    const { interval, timeout } = ports.state().topology;
    return 2 * interval + 2 * timeout + 3000;
  };

  /** A command that failed is believed sooner: one look is enough. */
  const failureBudget = (): number => {
    const { interval, timeout } = ports.state().topology;
    return interval + timeout + 1000;
  };

  const fileSeen = async (step: ActStep): Promise<Seen> => {
    const context = contexts[step.node];
    const file =
      step.deed.kind === 'set-aside' || step.deed.kind === 'put-back'
        ? context?.files.nginx
        : step.deed.kind === 'lower-priority' || step.deed.kind === 'restore-priority'
          ? context?.files.keepalived
          : undefined;
    if (file === undefined) return { met: true, text: '' };
    const away = step.deed.kind === 'set-aside' || step.deed.kind === 'lower-priority';
    const aside = await ports.ask(step.node, isThere(asideOf(file)), options.leave);
    if (!aside.ok) return { met: null, text: `${step.node} could not be asked` };
    const is = aside.value.code === 0;
    return { met: is === away, text: is ? `the old ${file} is aside` : `${file} is in its place` };
  };

  /** Takes a load balancer out only in turn, and only after a look at what others may have done until then. */
  const inTurn = async (step: ActStep): Promise<Performed> => {
    if (!takesOut(step.deed) || ports.state().nodes[step.node]?.role !== 'lb') return await act(step);
    let turn = await ports.turn(signal);
    for (let again = 0; turn.taken !== undefined && again < TURNS && !signal.aborted; again += 1) {
      turn.release();
      await ports.until(() => false, AGAIN, signal);
      turn = await ports.turn(signal);
    }
    try {
      if (turn.taken !== undefined && !signal.aborted)
        return ['failed', `not begun: somebody else takes a load balancer out at this very moment (on ${turn.taken})`];
      await freshLook(plan.balancers, ports, signal);
      return await act(step);
    } finally {
      turn.release();
    }
  };

  const act = async (step: ActStep): Promise<Performed> => {
    const context = contexts[step.node];
    if (!context) return ['failed', `nothing is known of ${step.node}`];
    // A fault may only be begun while its way back is guarded for a whole length of the timer.
    if (!(await guard.renew(signal))) return ['failed', 'not begun: a restore timer could not be extended'];
    if (signal.aborted) return ['unknown', 'not begun'];
    const before = ports.state();
    // What is begun is owed, however it ends.
    owed = owedAfter(owed, step.node, step.deed);
    touched.add(step.node);
    const commands = commandsOf(step.deed, context);
    // Not ended by the drill's own signal: a command that is under way is let come to its end, so that what it did is known.
    const ran: Ran = await ports.run(step.node, commands, options.leave);
    if (ran.end === 'refused') return ['failed', `not run: ${visibleText(ran.text, 300)}`];
    const since = ports.now();
    const until = since + { lost: RECONNECT, failed: failureBudget(), 'all-ran': looksBudget() }[ran.end];
    const how = ran.end === 'all-ran' ? '' : `${visibleText(ran.text, 300)}; `;
    for (;;) {
      ports.refresh([step.node]);
      const files = await fileSeen(step);
      const units = deedSeen(before, ports.state(), step.node, step.deed, since);
      const met =
        files.met === false || units.met === false ? false : files.met === null || units.met === null ? null : true;
      const text = how + [units.text, files.text].filter(Boolean).join('; ');
      if (met === true) return ['done', text];
      if (ports.now() >= until || options.leave.aborted) return [met === false ? 'failed' : 'unknown', text];
      await ports.until(() => false, Math.min(AGAIN, Math.max(1, until - ports.now())), options.leave);
    }
  };

  const perform = async (step: PlannedStep): Promise<Performed> => {
    const since = ports.now();
    switch (step.kind) {
      case 'act':
        return await inTurn(step);
      case 'hold':
        await ports.until(() => false, step.ms, signal);
        return ['done', ''];
      case 'wait': {
        const holds = () => conditionHolds(step.condition, ports.state(), newest, since);
        const came = await ports.until(holds, step.budget, signal);
        const seen = conditionSeen(step.condition, ports.state(), newest, since);
        return came ? ['done', ''] : ['failed', seen];
      }
      case 'gate': {
        const came = await ports.until(() => gateHolds(step, ports.state()), GATE_PATIENCE, signal);
        const now = standing(ports.state().verdict);
        return came ? ['done', ''] : ['failed', `the verdict is ${now.code}: ${now.reason}`];
      }
    }
  };

  return {
    perform: async (told) => {
      performing = true;
      const stopListening = ports.listen((event) => {
        if (event.kind === 'drill') {
          if (event.fact.what === 'samples') take(event.fact.list);
          return;
        }
        const state = ports.state();
        if (state.verdict.code !== verdict) {
          verdict = state.verdict.code;
          ports.emit({ what: 'verdict', code: verdict });
        }
        watch = looked(watch, state);
        const gone = guard.armed().find(({ node, since }) => {
          const timer = state.nodes[node]?.restore;
          return timer?.value === null && (timer.at ?? 0) > since + looksBudget();
        });
        if (gone) timerGone(gone.node);
        const why = criterion(plan, state, watch, touched);
        if (why !== undefined) abort('criterion', why, 'aborted');
      });
      const stopped = () => abort('operator', 'a person ended it', 'stopped');
      const left = () => abort('operator', 'a person left it as it is', 'left');
      options.stop.addEventListener('abort', stopped, { once: true });
      options.leave.addEventListener('abort', left, { once: true });
      if (options.stop.aborted) stopped();
      if (options.leave.aborted) left();
      try {
        for (const [index, step] of plan.steps.entries()) {
          if (signal.aborted) break;
          await options.beforeStep?.(step, index, signal).catch(() => {});
          if (signal.aborted) break;
          ports.emit({ what: 'step', index, at: 'begun' });
          const [at, seen] = await perform(step);
          // A wait that was broken off says nothing of what it waited for.
          if (signal.aborted && step.kind !== 'act') break;
          ports.emit({ what: 'step', index, at, seen });
          told();
          if (at === 'done') continue;
          if (ending === 'whole') [ending, reason] = ['broken', `${step.text}: ${seen}`];
          break;
        }
      } finally {
        performing = false;
        stopListening();
        options.stop.removeEventListener('abort', stopped);
        options.leave.removeEventListener('abort', left);
      }
    },
    owed: () => owed,
    ending: () => ending,
    reason: () => reason,
    timerGone,
    newest: () => newest,
  };
};
