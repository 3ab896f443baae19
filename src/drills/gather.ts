import { priorityFor } from '../actions/outlook.ts';
import type { Baseline, Deed, DrillPlan } from '../cluster/drill.ts';
import { unknownOn } from '../cluster/holding.ts';
import { unitOf } from '../cluster/select.ts';
import type { State } from '../cluster/state.ts';
import { servicesOf } from '../cluster/topology.ts';
import { visibleText } from '../cluster/visible-text.ts';
import {
  asideOf,
  commandsOf,
  type DeedContext,
  hashCommand,
  isThere,
  looksFor,
  readCommand,
  wayBackOf,
} from './deed.ts';
import type { Ports } from './ports.ts';
import { withPriority } from './priority.ts';
import { soleHolder } from './roles.ts';
import { deedsOn } from './undo.ts';

/** What was found out on the nodes before anything is done: what speaks against the drill, and all that its commands need. */
export type Gathered = { against: string[]; contexts: Record<string, DeedContext>; lost?: string };

/** How far below the backup a lowered priority goes, so that no tie is near. */
const BELOW = 10;

const moved = (deed: Deed, { files }: DeedContext): string | undefined =>
  deed.kind === 'set-aside' ? files.nginx : deed.kind === 'lower-priority' ? files.keepalived : undefined;

/** The file's text and the priority to go down to, or why it cannot. */
const lowering = async (
  node: string,
  context: DeedContext,
  ports: Ports,
  signal: AbortSignal,
): Promise<{ lowered: NonNullable<DeedContext['lowered']> } | { why: string }> => {
  const state = ports.state();
  const others = state.topology.nodes.filter((one) => one.role === 'lb' && one.name !== node);
  const lowest = Math.min(...others.map((one) => priorityFor(state, state.nodes[one.name] as never).value));
  const file = context.files.keepalived;
  const read = await ports.ask(node, readCommand(file), signal);
  if (!read.ok) return { why: `${file} on ${node}: ${read.failure.found}` };
  if (read.value.code !== 0) return { why: `${file} on ${node} cannot be read` };
  const priority = Math.max(1, lowest - BELOW);
  if (priority >= lowest) return { why: `no priority below ${lowest} is left for ${node}` };
  if (withPriority(read.value.stdout, priority) === undefined)
    return { why: `${file} on ${node} sets no priority itself` };
  const reloadable = await ports.reloadable(node, signal);
  if (!reloadable.ok) return { why: `whether keepalived on ${node} can reload its file: ${reloadable.failure.found}` };
  if (reloadable.value !== null)
    return { why: `keepalived on ${node} would not survive a reload: ${visibleText(reloadable.value, 300)}` };
  return { lowered: { text: read.value.stdout, priority } };
};

/** Commands of the way back and of all looks, for the question of rights: they must be allowed before the first fault. */
const alsoNeeded = (
  deeds: readonly Deed[],
  context: DeedContext,
  running: readonly string[],
  lb: boolean,
): string[][] => [
  ...running.map((unit) => ['systemctl', 'start', unit]),
  ...deeds.flatMap((deed) => {
    const back = wayBackOf(deed);
    return back ? commandsOf(back, context).map((one) => one.words) : [];
  }),
  ...looksFor(deeds, context),
  ...(lb ? [hashCommand(context)] : []),
];

const ofNode = async (
  { node, undo, running }: DrillPlan['arm'][number],
  plan: DrillPlan,
  ports: Ports,
  signal: AbortSignal,
): Promise<{ node: string; context: DeedContext; against: string[] }> => {
  let context = ports.context(node);
  const deeds = deedsOn(plan.steps, node);
  const against: string[] = [];
  for (const file of new Set(deeds.flatMap((deed) => moved(deed, context) ?? []))) {
    const left = await ports.ask(node, isThere(asideOf(file)), signal);
    if (!left.ok) against.push(`${asideOf(file)} on ${node}: ${left.failure.found}`);
    else if (left.value.code === 0)
      against.push(
        `${asideOf(file)} is on ${node}: an earlier drill was not restored; compare, then: mv -f -- ${asideOf(file)} ${file}`,
      );
  }
  if (deeds.some((deed) => deed.kind === 'lower-priority')) {
    const result = await lowering(node, context, ports, signal);
    if ('why' in result) against.push(result.why);
    else context = { ...context, lowered: result.lowered };
  }
  if (against.length > 0) return { node, context, against };
  const unknown = deeds.find((deed) => commandsOf(deed, context).length === 0);
  if (unknown) return { node, context, against: [`which unit to touch on ${node} is not known yet`] };
  const lb = ports.state().nodes[node]?.role === 'lb';
  const words = deeds.flatMap((deed) => commandsOf(deed, context).map((one) => one.words));
  const rights = await ports.rights(node, [...words, ...alsoNeeded(deeds, context, running, lb)], undo, signal);
  if (!rights.ok) {
    const { found, advice } = rights.failure;
    return { node, context, against: [`${node}: ${found}${advice ? ` (${advice})` : ''}`] };
  }
  return { node, context, against };
};

/** Finds out on every node that will be touched what the drill needs: rights, leftovers of an earlier drill, files. Changes nothing. */
export const gather = async (plan: DrillPlan, ports: Ports, signal: AbortSignal): Promise<Gathered> => {
  const all = await Promise.all(plan.arm.map((one) => ofNode(one, plan, ports, signal)));
  return {
    against: all.flatMap((one) => one.against),
    contexts: Object.fromEntries(all.map((one) => [one.node, one.context])),
  };
};

const hashesOf = async (node: string, context: DeedContext, ports: Ports, signal: AbortSignal) => {
  const answer = await ports.ask(node, hashCommand(context), signal);
  if (!answer.ok) return {};
  const rows = answer.value.stdout.split('\n').flatMap((line) => {
    const [, hash, path] = /^([0-9a-f]{64}) [ *](\/.{1,4000})$/.exec(line) ?? [];
    return hash && path ? [[path, hash] as const] : [];
  });
  return Object.fromEntries(rows);
};

/** How a node stands, by the newest looks at its units and the hashes of its files. */
const baselineOf = async (node: string, context: DeedContext, ports: Ports, signal: AbortSignal): Promise<Baseline> => {
  const state = ports.state();
  const view = state.nodes[node];
  const role = view?.role ?? 'lb';
  return {
    node,
    units: servicesOf(role).flatMap((service) => {
      // Only what was freshly seen is compared: what a node was last seen as proves nothing after a lost connection.
      const unit = view && unitOf(state, view, service);
      const name = context.units[service];
      return unit && name !== undefined
        ? [{ service, unit: name, active: unit.active === 'active', file: unit.file }]
        : [];
    }),
    hashes: role === 'lb' ? await hashesOf(node, context, ports, signal) : {},
  };
};

/** How the touched nodes stand and which load balancer holds all VIPs alone; `known` false: where they are is not sure. */
export type Standing = { nodes: Baseline[]; holder: string | null; known: boolean };

/** How the nodes stand that a drill touches, and who holds the VIPs. */
export const takeBaseline = async (
  contexts: Record<string, DeedContext>,
  ports: Ports,
  signal: AbortSignal,
): Promise<Standing> => ({
  nodes: await Promise.all(Object.entries(contexts).map(([node, context]) => baselineOf(node, context, ports, signal))),
  holder: soleHolder(ports.state()) ?? null,
  known: Object.values(ports.state().vips).every((vip) => unknownOn(ports.state(), vip).length === 0),
});

/** In what the end differs from the start, in words. What could not be compared is left out: `uncompared` tells it. */
export const differences = (before: Standing, after: Standing): { differ: string[]; uncompared: string[] } => {
  const differ: string[] = [];
  const uncompared: string[] = [];
  if (before.holder !== after.holder && !after.known) uncompared.push('who holds the VIPs');
  else if (before.holder !== after.holder)
    differ.push(
      `the VIPs were held by ${before.holder ?? 'nobody alone'} and are held by ${after.holder ?? 'nobody alone'}`,
    );
  for (const was of before.nodes) {
    const is = after.nodes.find((one) => one.node === was.node);
    for (const unit of was.units) {
      const now = is?.units.find((one) => one.service === unit.service);
      if (!now) uncompared.push(`${unit.unit} on ${was.node}`);
      else if (now.active !== unit.active)
        differ.push(
          `${unit.unit} on ${was.node} was ${unit.active ? 'active' : 'not active'} and is ${now.active ? '' : 'not '}active`,
        );
      else if (now.file !== unit.file) differ.push(`${unit.unit} on ${was.node} was ${unit.file} and is ${now.file}`);
    }
    for (const [path, hash] of Object.entries(was.hashes)) {
      const now = is?.hashes[path];
      if (now === undefined) uncompared.push(`${path} on ${was.node}`);
      else if (now !== hash) differ.push(`${path} on ${was.node} is not what it was`);
    }
  }
  return { differ, uncompared };
};

/** The state's own word for whether a node's units are as in the baseline, without asking the node. */
export const unitsAsBefore = (before: readonly Baseline[], state: State): boolean =>
  before.every((was) =>
    was.units.every((unit) => {
      const now = state.nodes[was.node]?.services[unit.service]?.unit.value;
      return now !== undefined && (now.active === 'active') === unit.active;
    }),
  );
