import type { DrillPlan, PlannedExpectation, PlannedStep } from '../cluster/drill.ts';
import { balancers, webNodes } from '../cluster/select.ts';
import type { NodeView, State } from '../cluster/state.ts';
import { servicesOf } from '../cluster/topology.ts';
import { type Budget, budgetFor, checkKind } from './budget.ts';
import { type DeedContext, deedOf, servicesTouched } from './deed.ts';
import type { BudgetName, Drill, DrillStep } from './drill.ts';
import { BUDGETS } from './drill.ts';
import { expectationOf, type Resolving, waitCondition } from './resolve.ts';
import { castNow, nodeOf } from './roles.ts';
import { drillMs } from './times.ts';
import { deedsOn, undoCommand } from './undo.ts';
import { expectationText, stepText } from './words.ts';

/** What planning needs beside the drill. */
export type PlanOptions = {
  /** A drill by its name, for the parts of a tour. */
  find(name: string): Drill | undefined;
  state: State;
  author: string;
  /** Seconds after which the nodes heal themselves. */
  restoreAfter: number;
  /** Unit names and file paths of a node. */
  context(node: string): DeedContext;
};

/** A drill made ready, or everything that stands in the way. */
export type Planned = { ok: true; plan: DrillPlan } | { ok: false; reasons: string[] };

/** Two looks and a slow answer: what a wait is given beside its budget, ms. */
const patience = (state: State): number => 2 * state.topology.interval + 2 * state.topology.timeout + 1000;
/** How long a part of a tour may take to come to its starting state: verdicts need to be seen several times, ms. */
export const GATE_PATIENCE = 15_000;
/** An outage this short never ends a drill, ms. */
const LEAST_LIMIT = 3000;

/** Units of a node that run as last seen, nginx before keepalived. */
export const unitsRunning = (node: NodeView, { units }: DeedContext): string[] =>
  (['nginx', 'keepalived', 'web'] as const).flatMap((service) => {
    const active = node.services[service]?.unit.value?.active ?? '';
    const unit = units[service];
    return unit !== undefined && ['active', 'reloading', 'activating'].includes(active) ? [unit] : [];
  });

/** The drills of a tour in order; a drill without parts is its own only part. */
const partsOf = (drill: Drill, find: PlanOptions['find']): { parts: Drill[]; missing: string[] } => {
  if (!drill.parts) return { parts: [drill], missing: [] };
  const found = drill.parts.map((name) => ({ name, drill: find(name) }));
  return {
    parts: found.flatMap((one) => (one.drill && !one.drill.parts ? [one.drill] : [])),
    missing: found.filter((one) => !one.drill || one.drill.parts).map((one) => one.name),
  };
};

const isBudget = (value: unknown): value is BudgetName => BUDGETS.includes(value as BudgetName);

/** Makes a drill ready for the cluster as it is now: roles become nodes, budgets become figures. Changes nothing. */
export const makePlan = (drill: Drill, options: PlanOptions): Planned => {
  const { state } = options;
  const reasons: string[] = [];
  const roles = castNow(state);
  const { parts, missing } = partsOf(drill, options.find);
  for (const name of missing) reasons.push(`no drill is named ${name}`);
  const budgets = new Map<string, Budget>();
  const place = (reference: string): string => {
    const node = nodeOf(state, roles, reference);
    const why = `nobody plays ${reference}`;
    if (node === undefined && !reasons.includes(why)) reasons.push(why);
    return node ?? reference;
  };

  const steps: PlannedStep[] = [];
  const expectations: PlannedExpectation[] = [];
  const master = state.nodes[roles.master ?? ''];
  const backup = state.nodes[roles.backup ?? ''];

  for (const [number, part] of parts.entries()) {
    const label = drill.parts ? { part: part.name } : {};
    let acting: NodeView | undefined = master;
    const budget = (name: BudgetName): Budget | undefined => {
      const node = acting?.role === 'lb' ? acting : master;
      const heir = node === master ? backup : master;
      if (!node || !heir) return undefined;
      const one = budgetFor(state, name, { node, heir });
      budgets.set(`${one.name} ${one.sentence}`, one);
      return one;
    };
    const resolving: Resolving = { roles: place, webs: webNodes(state).map((node) => node.name), budget };
    const within = (value: BudgetName | number | string): number => {
      if (!isBudget(value)) return drillMs(value);
      return (budget(value)?.most ?? 0) + patience(state);
    };
    const ids = new Map<string, number>();
    const bare = (step: DrillStep) => {
      if ('act' in step) {
        const node = place(step.on);
        acting = state.nodes[node];
        const deed = deedOf(step.act);
        const fits = servicesTouched(deed).every((one) => acting && servicesOf(acting.role).includes(one));
        if (acting && !fits) reasons.push(`${step.act} on ${node}: there is no such service`);
        return { kind: 'act' as const, deed, node };
      }
      if ('hold' in step) return { kind: 'hold' as const, ms: drillMs(step.hold) };
      return {
        kind: 'wait' as const,
        condition: waitCondition(step.wait, resolving),
        budget: within(step.within),
      };
    };
    const push = (stage: PlannedStep['stage'], step: DrillStep): void => {
      const planned = bare(step);
      if (step.id !== undefined) ids.set(step.id, steps.length);
      const id = step.id === undefined ? {} : { id: step.id };
      steps.push({ ...planned, stage, text: stepText(planned), ...label, ...id });
    };
    const gate = (): void => {
      const from = part.start ?? {
        verdicts: part.gate.verdicts,
        holder: part.gate.backup === 'ready' ? 'master' : undefined,
      };
      const planned = {
        kind: 'gate' as const,
        verdicts: from.verdicts ?? part.gate.verdicts,
        ...(from.holder === undefined ? {} : { holder: from.holder === 'nobody' ? null : place(from.holder) }),
      };
      steps.push({ ...planned, stage: 'method', text: stepText(planned), ...label });
    };

    const begin = steps.length;
    if (number === 0) for (const step of part.setup) push('setup', step);
    if (number > 0 || (part.setup.length > 0 && part.start)) gate();
    const opening = steps.length;
    for (const step of part.method) push('method', step);
    const firstAct = steps.findIndex((step, index) => index >= opening && step.kind === 'act');
    const standard = firstAct >= 0 ? firstAct : Math.min(opening, steps.length - 1);
    const end = steps.length;

    const cast = master && backup ? { node: master, heir: backup } : undefined;
    const kind = cast ? checkKind(state, cast) : 'unknown';
    for (const wanted of part.expect) {
      if (wanted.check !== undefined) {
        if (kind === 'unknown' && reasons.every((one) => !one.startsWith('what the check script')))
          reasons.push('what the check script can do is not known (keepalived.conf could not be read)');
        if (kind !== wanted.check) continue;
      }
      const after = wanted.after === undefined ? standard : (ids.get(wanted.after) ?? begin);
      const until = wanted.until === undefined ? undefined : ids.get(wanted.until);
      const from = steps[after];
      acting = from?.kind === 'act' ? state.nodes[from.node] : master;
      const one = expectationOf(wanted, resolving);
      // What is said of all answers must not read as if it held for the gap, too.
      const isOfTheRest = one.kind === 'lost' || one.kind === 'rotation' || one.kind === 'outage';
      const stop = until ?? (number < parts.length - 1 ? end : undefined);
      expectations.push({
        ...one,
        text: `${expectationText(one)}${isOfTheRest && wanted.after !== undefined ? `, from step ${after + 1} on` : ''}`,
        after,
        tolerance: wanted.tolerance === undefined ? 100 : drillMs(wanted.tolerance),
        ...(stop === undefined ? {} : { until: stop }),
        ...label,
      } as PlannedExpectation);
    }
  }
  const restore = parts.flatMap((part) =>
    part.restore.map((one) => {
      const act = { kind: 'act' as const, deed: deedOf(one.act), node: place(one.on) };
      return { deed: act.deed, node: act.node, text: stepText(act) };
    }),
  );
  if (reasons.length > 0) return { ok: false, reasons };

  const first = parts[0] ?? drill;
  const tolerates = [...new Set(parts.flatMap((part) => part.tolerates))];
  const limits = expectations.flatMap((one) =>
    one.kind === 'outage' && one.bounds.most !== undefined ? [one.bounds.most] : [],
  );
  return {
    ok: true,
    plan: {
      name: drill.name,
      title: drill.title,
      shows: drill.shows,
      ...(drill.tutorial === undefined ? {} : { tutorial: drill.tutorial }),
      ...(drill.reality === undefined ? {} : { reality: drill.reality }),
      author: options.author,
      roles,
      vips: state.topology.vips,
      balancers: balancers(state).map((node) => node.name),
      webs: webNodes(state).map((node) => node.name),
      steps,
      expectations,
      tolerates,
      ...(tolerates.includes('outage') ? {} : { outageLimit: Math.max(LEAST_LIMIT, 2 * Math.max(0, ...limits)) }),
      steady: (drill.parts ? first : drill).steady,
      arm: armOf(steps, restore, options),
      restoreAfter: options.restoreAfter,
      restore,
      download: drill.download || parts.some((part) => part.download),
      budgets: [...budgets.values()].map(({ name, least, most, sentence }) => ({ name, least, most, sentence })),
    },
  };
};

/**
 * The nodes that get a restore timer, in the order of the cluster file, which is the same for everybody: of two consoles one
 * comes first and the other takes nothing. The first load balancer is always among them: its timer is the lock of the cluster.
 */
const armOf = (
  steps: readonly PlannedStep[],
  restore: DrillPlan['restore'],
  { state, context }: PlanOptions,
): DrillPlan['arm'] => {
  const touched = new Set([
    ...steps.flatMap((step) => (step.kind === 'act' ? [step.node] : [])),
    ...restore.map((one) => one.node),
  ]);
  if (touched.size === 0) return [];
  const lock = balancers(state)[0]?.name;
  return state.topology.nodes
    .filter((node) => touched.has(node.name) || node.name === lock)
    .map(({ name }) => {
      const running = unitsRunning(state.nodes[name] as NodeView, context(name));
      return { node: name, undo: undoCommand(deedsOn(steps, name), context(name), running), running };
    });
};
