import type { DrillPlan } from '../cluster/drill.ts';
import type { Event } from '../cluster/events.ts';
import { settleMs } from './budget.ts';
import type { DeedContext } from './deed.ts';
import { differences, type Standing, takeBaseline, unitsAsBefore } from './gather.ts';
import type { Guard } from './guard.ts';
import type { Ports } from './ports.ts';
import { actPiece, piecesOf, restoreAll } from './restore.ts';
import { soleHolder } from './roles.ts';
import type { Stage } from './stage.ts';
import { seconds } from './times.ts';
import { steadyBefore } from './verify.ts';

/** How the way back ended. `restored` null: it cannot be told, the timers stand for it. */
export type Back = { restored: boolean | null; left: { node: string; command: string }[]; text: string };

type Given = {
  plan: DrillPlan;
  contexts: Record<string, DeedContext>;
  guard: Guard;
  ports: Ports;
  stage: Stage;
  before: Standing;
  leave: AbortSignal;
  record: readonly Event[];
};

/** nginx tries a web node again up to 11 s after it came back (measured); verdicts take a few seconds to be sure, ms. */
const SETTLES = 25_000;
/** Answers over which the steady state is judged again, ms. */
const WINDOW = 3000;
/** A node that has not come back this long after its timer was due is not waited for, ms. */
const GRACE = 20_000;

/** Takes back what was done, makes sure that all is as it was, and disarms the timers only then. Never rejects. */
export const takeBack = async (given: Given): Promise<Back> => {
  const { plan, contexts, guard, ports, stage, before, leave } = given;
  ports.emit({ what: 'phase', phase: 'restore' });
  const owed = stage.owed();
  if (leave.aborted) return leftAsIs(given);
  const pieces = [
    ...piecesOf(owed, before.nodes, contexts, ports),
    ...(owed.length === 0
      ? []
      : plan.restore.flatMap((one) => {
          const context = contexts[one.node];
          return context ? [actPiece(one, context, ports)] : [];
        })),
  ];
  const patience = () => Math.max(ports.now(), ...guard.armed().map((one) => one.due)) + GRACE;
  const until = patience();
  const done = await restoreAll(pieces, { ports, patience: () => until, signal: leave });
  if (leave.aborted) return leftAsIs(given, done.left);
  ports.emit({ what: 'phase', phase: 'verify' });
  const verified = await verify(given, done.ok);
  if (!done.ok || verified.restored !== true) {
    const text = [
      ...parts(done.failed, 'failed'),
      ...parts(done.unknown, 'could not be looked after'),
      ...(verified.text === '' ? [] : [verified.text]),
      ...done.notes,
      ...dueTexts(guard, ports),
    ].join('; ');
    const sure = !done.ok && verified.restored === true;
    // The end state is what counts: a piece that failed and is all the same as before is restored.
    if (!sure) return { restored: verified.restored === true ? false : verified.restored, left: done.left, text };
  }
  const armed = await guard.disarm(leave);
  const text = [
    ...done.notes,
    ...armed.map((one) => `the restore timer of ${one.node} is still armed: ${one.text}`),
  ].join('; ');
  return { restored: true, left: [], text };
};

const parts = (count: number, what: string): string[] =>
  count === 0 ? [] : [`${count} part${count === 1 ? '' : 's'} of the restore ${what}`];

const dueTexts = (guard: Guard, ports: Ports): string[] =>
  guard.armed().map(({ node, due }) => {
    const left = due - ports.now();
    return left > 0
      ? `${node} restores itself in ${seconds(left)}`
      : // A transient unit lives in /run.
        `${node} was to restore itself ${seconds(-left)} ago, unless it has rebooted: then its timer is gone`;
  });

/** `begun`: what is still to be done of a way back that was begun. */
const leftAsIs = ({ stage, contexts, before, guard, ports }: Given, begun?: Back['left']): Back => {
  const pieces = piecesOf(stage.owed(), before.nodes, contexts, ports);
  return {
    restored: pieces.length === 0 ? true : null,
    left:
      begun ??
      pieces.map((one) => ({
        node: one.node,
        command: one.commands.map((row) => row.words.join(' ')).join(' && '),
      })),
    text: ['left as it is', ...dueTexts(guard, ports)].join('; '),
  };
};

/** Waits until the steady state is there again and all is as it was; says what is not. */
const verify = async (
  { plan, contexts, ports, before, leave, record }: Given,
  done: boolean,
): Promise<{ restored: boolean | null; text: string }> => {
  const now = () => ports.state();
  const answersSince = () => ports.now() - WINDOW;
  const steady = () => steadyBefore(plan, now(), record, answersSince());
  const asBefore = () => soleHolder(now()) === (before.holder ?? undefined) && unitsAsBefore(before.nodes, now());
  const budget = settleMs(now()) + SETTLES;
  ports.refresh(plan.balancers);
  // A verdict that is about to change still has the words of what was.
  const settled = () => now().pending === undefined;
  await ports.until(() => asBefore() && settled() && steady().ok === true, done ? budget : budget / 2, leave);
  const result = steady();
  ports.emit({ what: 'steady', when: 'after', ok: result.ok, seen: result.seen });
  const after = await takeBaseline(contexts, ports, leave);
  ports.emit({ what: 'baseline', when: 'after', nodes: after.nodes, holder: after.holder });
  const { differ, uncompared } = differences(before, after);
  const text = [
    ...differ,
    ...(result.ok === true ? [] : [`the steady state did not come back: ${result.seen.join('; ')}`]),
    ...uncompared.map((one) => `${one} could not be compared`),
  ].join('; ');
  if (differ.length > 0 || result.ok === false) return { restored: false, text };
  return { restored: result.ok === null || uncompared.length > 0 ? null : true, text };
};
