import { findings } from './findings.ts';
import { notice } from './notice.ts';
import type { Finding, State, Verdict } from './state.ts';

/** Evaluations closer together than this count as one. */
const APART = 500;

/** The verdict on what is known now, without memory: the first finding is the headline, the others stand beside it. */
export const judge = (state: State): Verdict => {
  const [first, ...also] = findings(state);
  return { ...(first as Finding), also };
};

const rank = { OK: 0, WARNING: 1, UNKNOWN: 2, CRITICAL: 3 } as const;

const sameWords = (a: Verdict, b: Verdict): boolean =>
  a.reason === b.reason &&
  a.also.length === b.also.length &&
  a.also.every((one, i) => one.reason === b.also[i]?.reason);

/**
 * Judges again. A new headline is shown when it was seen twice (an improvement: three times), at least 0.5 s apart;
 * `failing-over` and the first real verdict at once. The words under the same headline are always the newest.
 */
export const headline = (state: State): State => {
  const verdict = judge(state);
  const now = state.now.mono;
  if (verdict.code === state.verdict.code) {
    const { pending: _, ...rest } = state;
    if (!state.pending && sameWords(verdict, state.verdict)) return state;
    return { ...rest, verdict: { ...verdict, since: state.verdict.since } };
  }
  const first = state.verdict.since === state.started;
  if (first && (verdict.code === 'partly-blind' || verdict.code === 'blind') && now - state.started.mono < 3000)
    return state;
  const before =
    state.pending?.verdict.code === verdict.code ? state.pending : { verdict, first: now, last: now - APART, seen: 0 };
  const apart = now - before.last >= APART;
  const pending = {
    verdict,
    first: before.first,
    last: apart ? now : before.last,
    seen: before.seen + (apart ? 1 : 0),
  };
  const worse = rank[verdict.level] >= rank[state.verdict.level];
  const needed = first || verdict.code === 'failing-over' ? 1 : worse ? 2 : 3;
  if (pending.seen < needed) return { ...state, pending };
  const { pending: _, ...rest } = state;
  return notice(
    { ...rest, verdict: { ...verdict, since: state.now } },
    {
      source: 'console',
      kind: 'verdict',
      severity: verdict.level === 'OK' ? 'good' : verdict.level === 'CRITICAL' ? 'bad' : 'warn',
      text: `${verdict.code}: ${verdict.reason}`,
    },
  );
};
