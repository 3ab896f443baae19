import type { DrillPlan, DrillSample } from '../cluster/drill.ts';
import type { Event } from '../cluster/events.ts';
import type { State } from '../cluster/state.ts';
import { lostShare, tally } from './measure.ts';
import { standing, standsAt } from './steady.ts';

/** Whether the steady state holds; `ok` null: it cannot be told. */
export type Steady = { ok: boolean | null; seen: string[] };

/** From the end of the record backwards: it grows long, and this is asked after every event. */
const samplesOf = (record: readonly Event[], since: number): DrillSample[] => {
  const samples: DrillSample[] = [];
  for (let index = record.length - 1; index >= 0; index -= 1) {
    const event = record[index] as Event;
    if (event.at.mono < since) break;
    if (event.kind === 'drill' && event.fact.what === 'samples')
      samples.push(...event.fact.list.filter((one) => one.asked >= since));
  }
  return samples;
};

/** What the requests since a time tell: every VIP answered, all of them good, every web node served. */
export const answersSteady = (plan: DrillPlan, record: readonly Event[], since: number): Steady => {
  const samples = samplesOf(record, since);
  const silent = plan.vips.filter((vip) => !samples.some((one) => one.vip === vip && one.ok !== null));
  if (silent.length > 0) return { ok: null, seen: [`no request to ${silent.join(', ')} came through`] };
  const sum = tally(samples);
  const missing = plan.steady.rotation ? plan.webs.filter((web) => (sum.served[web] ?? 0) === 0) : [];
  const seen = [
    ...(sum.lost > 0
      ? [`${sum.lost} of ${sum.total - sum.unknown} requests lost (${((lostShare(sum) ?? 0) * 100).toFixed(1)} %)`]
      : []),
    ...(missing.length > 0 ? [`${missing.join(' and ')} served nothing`] : []),
  ];
  return {
    ok: seen.length === 0,
    seen: seen.length > 0 ? seen : [`${sum.total} requests, none lost, slowest ${Math.round(sum.slowest)} ms`],
  };
};

const verdictSteady = (plan: DrillPlan, state: State): Steady => {
  const now = standing(state.verdict);
  const ok = standsAt(state, plan.steady.verdicts);
  return { ok: now.level === 'UNKNOWN' ? null : ok, seen: [`${now.code}: ${now.reason}`] };
};

/** The steady state before anything is done, measured since `since` (mono ms). */
export const steadyBefore = (plan: DrillPlan, state: State, record: readonly Event[], since: number): Steady => {
  const [verdict, answers] = [verdictSteady(plan, state), answersSteady(plan, record, since)];
  const ok =
    verdict.ok === false || answers.ok === false ? false : verdict.ok === null || answers.ok === null ? null : true;
  return { ok, seen: [...verdict.seen, ...answers.seen] };
};
