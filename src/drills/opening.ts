import type { DrillPlan } from '../cluster/drill.ts';
import type { DeedContext } from './deed.ts';
import type { Drill } from './drill.ts';
import { freshLook } from './fresh-look.ts';
import { type Gate, gateOf } from './gate.ts';
import { gather } from './gather.ts';
import { makePlan, type Planned } from './plan.ts';
import type { Ports } from './ports.ts';
import type { RunOptions } from './run.ts';

/** What the gate came to: a plan with all its commands need, or every reason against it. */
export type Looked =
  | { ok: true; plan: DrillPlan; contexts: Record<string, DeedContext> }
  | { ok: false; reasons: string[] };

const allOf = (ports: Ports): string[] => ports.state().topology.nodes.map((node) => node.name);

const planNow = (drill: Drill, ports: Ports, options: RunOptions): Planned =>
  makePlan(drill, {
    find: options.find,
    state: ports.state(),
    author: options.author,
    restoreAfter: options.restoreAfter,
    context: ports.context,
  });

const gateNow = (
  drill: Drill,
  planned: Planned,
  ports: Ports,
  options: RunOptions,
  against: string[],
  own: string[],
): Gate =>
  gateOf(drill, planned.ok ? planned.plan : { reasons: planned.reasons }, ports.state(), {
    confirmed: options.confirmed,
    against,
    own,
    ...(options.running === undefined ? {} : { running: options.running }),
  });

/** The gate: first by the state alone, then with what the nodes say when asked, by a fresh look. */
export const look = async (drill: Drill, ports: Ports, options: RunOptions, signal: AbortSignal): Promise<Looked> => {
  const glance = (): Gate => gateNow(drill, planNow(drill, ports, options), ports, options, [], []);
  const decided = (): boolean => {
    const gate = glance();
    return gate.open || !gate.passes;
  };
  if (options.patience !== undefined) await ports.until(decided, options.patience, signal);
  const early = planNow(drill, ports, options);
  const closed = gateNow(drill, early, ports, options, [], []);
  if (!closed.open) return { ok: false, reasons: closed.reasons };
  if (!early.ok) return { ok: false, reasons: early.reasons };
  const gathered = await gather(early.plan, ports, signal);
  await freshLook(allOf(ports), ports, signal);
  const planned = planNow(drill, ports, options);
  const gate = gateNow(drill, planned, ports, options, gathered.against, []);
  if (!gate.open) return { ok: false, reasons: gate.reasons };
  return planned.ok
    ? { ok: true, plan: planned.plan, contexts: gathered.contexts }
    : { ok: false, reasons: planned.reasons };
};

/** The gate again, once the timers are armed: somebody may have begun something else since the first look. */
export const lookAgain = async (
  drill: Drill,
  plan: DrillPlan,
  ports: Ports,
  options: RunOptions,
  signal: AbortSignal,
  own: string[],
): Promise<Gate> => {
  await freshLook(allOf(ports), ports, signal);
  const planned = planNow(drill, ports, options);
  const gate = gateNow(drill, planned, ports, options, [], own);
  if (!gate.open) return gate;
  const same = planned.ok && JSON.stringify(planned.plan.roles) === JSON.stringify(plan.roles);
  return same ? gate : { open: false, reasons: ['who holds the VIPs has changed meanwhile'], passes: false };
};
