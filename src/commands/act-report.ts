import type { Action, ActionOutcome, CommandView, Plan, Risk } from '../cluster/action.ts';
import { actionText } from '../cluster/action-facts.ts';
import { type Failure, failureText } from '../cluster/failure.ts';
import { visibleText } from '../cluster/visible-text.ts';

/** How `act` ended: as an action ends, or only shown. */
export type ActEnd = ActionOutcome | { step: 'dry-run' };

/** What `act --json` prints: a contract with scripts, version 1 (docs/act.md). */
export type ActReport = {
  schema: 'haconsole.act/1';
  cluster: string;
  action: Action;
  /** The action in words. */
  text: string;
  outcome: ActEnd['step'];
  /** The exit status. */
  exit: number;
  /** What was seen afterwards, or why nothing was done, in one sentence. */
  seen: string | null;
  /** From the first command until the effect was seen or given up on. */
  ms: number | null;
  /** Of a refusal. */
  reason: string | null;
  error: Pick<Failure, 'step' | 'hop' | 'found' | 'advice'> | null;
  risk: Pick<Risk, 'step' | 'takesLast' | 'lines'> | null;
  /** What confirms it: the key `y`, the word `yes`, the name of the node or of the cluster. */
  confirm: string | null;
  /** The exact command lines that were to be run, in order. */
  commands: string[];
  /** Those that were run. `code` null: ended by a signal, or how it ended is not known (`error`). */
  ran: { command: string; code: number | null; ms: number; stderr: string; error: string | null }[];
  /** Seconds. */
  restoreAfter: number | null;
};

/** Exit status of each end. */
export const ACT_STATUS: Record<ActEnd['step'], number> = {
  done: 0,
  'dry-run': 0,
  'no-effect': 1,
  refused: 2,
  failed: 3,
  unknown: 3,
};

/** One sentence on how it ended. */
export const endText = (end: ActEnd): string => {
  switch (end.step) {
    case 'done':
      return `done: ${end.seen}`;
    case 'no-effect':
      return `did not take effect: ${end.seen}`;
    case 'unknown':
      return `unknown whether it was done: ${end.seen}${end.failure ? ` (${failureText(end.failure)})` : ''}`;
    case 'refused':
      return `not done: ${end.refusal.text}`;
    case 'failed':
      return `not done: ${failureText(end.failure)}`;
    case 'dry-run':
      return 'not done: only shown (--dry-run)';
  }
};

const failureOf = (end: ActEnd): Failure | undefined =>
  end.step === 'failed' || end.step === 'unknown' ? end.failure : undefined;

const ranOf = ({ command, result }: CommandView): ActReport['ran'][number] => ({
  command,
  code: result.ok ? result.code : null,
  ms: Math.round(result.ms),
  stderr: result.ok ? result.stderr : '',
  error: result.ok ? null : failureText(result.failure),
});

/** The whole of what happened. `plan` is absent where it did not come to one. */
export const actReport = (what: {
  cluster: string;
  action: Action;
  plan: Plan | undefined;
  end: ActEnd;
  ran: readonly CommandView[];
  restoreAfter: number | undefined;
}): ActReport => {
  const { action, plan, end } = what;
  const failure = failureOf(end);
  return {
    schema: 'haconsole.act/1',
    cluster: what.cluster,
    action,
    text: actionText(action),
    outcome: end.step,
    exit: ACT_STATUS[end.step],
    seen: 'seen' in end ? visibleText(end.seen) : end.step === 'dry-run' ? null : visibleText(endText(end)),
    ms: 'ms' in end ? end.ms : null,
    reason: end.step === 'refused' ? end.refusal.reason : null,
    error: failure
      ? {
          step: failure.step,
          hop: failure.hop,
          found: visibleText(failure.found),
          ...(failure.advice === undefined ? {} : { advice: visibleText(failure.advice) }),
        }
      : null,
    risk: plan ? { step: plan.risk.step, takesLast: plan.risk.takesLast, lines: plan.risk.lines } : null,
    confirm: plan ? (plan.confirmation.kind === 'press' ? plan.confirmation.key : plan.confirmation.word) : null,
    commands: plan?.commands ?? [],
    ran: what.ran.map(ranOf),
    restoreAfter: what.restoreAfter ?? null,
  };
};
