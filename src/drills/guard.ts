import type { DrillPlan } from '../cluster/drill.ts';
import { visibleText } from '../cluster/visible-text.ts';
import type { Ports } from './ports.ts';

/** A timer is extended after this part of its time at the latest. */
const PART = 3;
/** And at least so often, ms: a console that dies late in a long timer should not be waited for. */
const OFTEN = 20_000;

/** The restore timers of a drill: armed together, extended while it lives, disarmed when all is as it was. */
export type Guard = {
  /** Arms a timer on every node, or on none. */
  arm(signal: AbortSignal): Promise<{ ok: true } | { ok: false; taken: boolean; text: string }>;
  /** Extends all now. False: one is gone or could not be reached, and no fault may be begun. */
  renew(signal: AbortSignal): Promise<boolean>;
  /** Keeps extending until the signal fires; `gone` is told of a timer that has fired or was cancelled. */
  keep(signal: AbortSignal, gone: (node: string) => void): Promise<void>;
  disarm(signal: AbortSignal): Promise<{ node: string; text: string }[]>;
  /** Nodes whose timer is armed as far as is known, since when, and when it fires unless it is extended (mono ms). */
  armed(): { node: string; since: number; due: number }[];
};

/** Keeps the restore timers of a plan. */
export const createGuard = (plan: DrillPlan, ports: Ports): Guard => {
  const due = new Map<string, number>();
  const full = plan.restoreAfter * 1000;
  const label = `restore timer: ${plan.restoreAfter} s`;

  const extendOne = async (node: string, signal: AbortSignal, gone?: (node: string) => void): Promise<boolean> => {
    const asked = ports.now();
    const { is } = await ports.extend(node, signal);
    if (is === 'done') {
      due.set(node, asked + full);
      ports.emit({ what: 'timer', node, op: 'extended', text: `${label} again on ${node}` });
      return true;
    }
    if (is === 'gone' && due.delete(node)) {
      ports.emit({ what: 'timer', node, op: 'lost', text: `the restore timer of ${node} has fired or was cancelled` });
      gone?.(node);
    }
    return false;
  };

  const disarmOne = async (node: string, signal: AbortSignal): Promise<string | undefined> => {
    const result = await ports.disarm(node, signal);
    if (result.is === 'unknown') return visibleText(result.text, 300);
    due.delete(node);
    if (result.is === 'done')
      ports.emit({ what: 'timer', node, op: 'disarmed', text: `restore timer of ${node} disarmed` });
    else
      ports.emit({ what: 'timer', node, op: 'lost', text: `the restore timer of ${node} had fired or was cancelled` });
    return undefined;
  };

  const disarmAll = async (signal: AbortSignal) => {
    const left: { node: string; text: string }[] = [];
    for (const node of [...due.keys()].reverse()) {
      const text = await disarmOne(node, signal);
      if (text !== undefined) left.push({ node, text });
    }
    return left;
  };

  return {
    arm: async (signal) => {
      // One after the other, in the order of the cluster file: of two consoles the second finds the first node taken.
      for (const { node, undo } of plan.arm) {
        const asked = ports.now();
        const armed = signal.aborted
          ? { ok: false as const, taken: false, text: 'the drill was ended' }
          : await ports.arm(node, plan.restoreAfter, undo, signal);
        if (armed.ok || armed.maybe) due.set(node, asked + full);
        if (armed.ok) {
          ports.emit({ what: 'timer', node, op: 'armed', text: `${label} armed on ${node}` });
          continue;
        }
        await disarmAll(AbortSignal.any([]));
        return { ok: false, taken: armed.taken, text: visibleText(armed.text, 300) };
      }
      return { ok: true };
    },
    renew: async (signal) => {
      const all = await Promise.all(plan.arm.map(({ node }) => extendOne(node, signal)));
      return all.every(Boolean);
    },
    keep: async (signal, gone) => {
      const every = Math.min(full / PART, OFTEN);
      while (!signal.aborted) {
        await ports.until(() => false, every, signal);
        if (signal.aborted) return;
        await Promise.all([...due.keys()].map((node) => extendOne(node, signal, gone)));
      }
    },
    disarm: disarmAll,
    armed: () => [...due].map(([node, at]) => ({ node, since: at - full, due: at })),
  };
};
