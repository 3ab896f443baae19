import type { Finding, State, Verdict, VerdictCode } from '../cluster/state.ts';

/** The verdict on what is now: findings that only tell of the last ten minutes (moves, restarts of nginx) do not count. */
export const standing = (verdict: Verdict): Finding =>
  [verdict, ...verdict.also].find((one) => !one.past) ?? { code: 'healthy', level: 'OK', reason: 'healthy' };

/** Whether the verdict on what is now is one of these. */
export const standsAt = (state: State, codes: readonly VerdictCode[]): boolean =>
  codes.includes(standing(state.verdict).code);

/** The console itself must have watched at least so long, ms: ages told by the nodes say nothing of the answers. */
export const WATCHED = 5000;

/** For how long nothing has changed, as far as this console saw it and the nodes tell it themselves, ms. */
export const steadyFor = (state: State): number => {
  const now = state.now.mono;
  const ages = Object.values(state.nodes).flatMap((node) =>
    Object.values(node.services).flatMap(({ unit }) =>
      unit.value?.age === undefined || unit.at === undefined ? [] : [now - unit.at + unit.value.age * 1000],
    ),
  );
  const moved = state.moves.map((move) => now - move.at.mono);
  const since = Object.values(state.vips).flatMap((vip) =>
    vip.probe.since === undefined || vip.probe.badStreak > 0 ? [] : [now - vip.probe.since.mono],
  );
  // Nothing that this console has seen since it began says how it was before: there the ages of the units speak.
  const watched = now - state.started.mono;
  const quiet = since.map((ms) => (ms >= watched - WATCHED ? Number.POSITIVE_INFINITY : ms));
  return Math.max(0, Math.min(...ages, ...moved, ...quiet, Number.MAX_SAFE_INTEGER));
};
