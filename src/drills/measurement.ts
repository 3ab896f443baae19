import type { DrillSample } from '../cluster/drill.ts';
import type { VerdictCode } from '../cluster/state.ts';
import type { History } from './history.ts';
import { firstLostAfter, type Gap, gapsIn, longestOf, lostShare, type Tally, tally } from './measure.ts';
import { firstHeldBy, type HolderMove, movesIn } from './timeline.ts';

/** What the whole drill, its restore included, cost one VIP. Times in ms. */
export type VipMeasurement = {
  vip: string;
  tally: Tally;
  gaps: Gap[];
  longest?: Gap;
  /** All gaps together. */
  dark: number;
  moves: HolderMove[];
};

/** How the web nodes took turns within a stretch of the drill. */
export type Turns = { when: 'before' | 'during' | 'after'; served: Record<string, number>; total: number };

/** Everything that was measured in a drill. Times in ms; what was not seen is absent. */
export type Measurement = {
  period: number;
  deadline?: number;
  via?: 'jump' | 'direct';
  rtt?: number;
  vips: VipMeasurement[];
  all: Tally;
  share?: number;
  /** From the first act: to the first lost request, to a VIP with no holder, to another verdict of the console. */
  detection: { lost?: number; unheld?: number; verdict?: { ms: number; code: VerdictCode } };
  /** From the first act to the last VIP's arrival at another load balancer. */
  takeover?: number;
  /** The longest gap around a move back to the holder of the start. */
  failbackBlip?: Gap;
  turns: Turns[];
  download?: 'open' | 'cut' | 'ended' | 'failed';
};

/** A gap this near to a move belongs to it, ms. */
const NEAR = 2000;

const turnsOf = (samples: readonly DrillSample[], method: { from: number; to: number }): Turns[] => {
  const within = (when: Turns['when'], from: number, to: number): Turns => {
    const { served } = tally(samples.filter((one) => one.asked >= from && one.asked < to));
    return { when, served, total: Object.values(served).reduce((sum, count) => sum + count, 0) };
  };
  return [
    within('before', Number.NEGATIVE_INFINITY, method.from),
    within('during', method.from, method.to),
    within('after', method.to, Number.POSITIVE_INFINITY),
  ];
};

const detectionOf = (history: History, from: number): Measurement['detection'] => {
  const lost = firstLostAfter(history.samples, from);
  const unheld = firstHeldBy(history.timeline, null, { from, to: history.ended });
  const before = history.verdicts.findLast((one) => one.at <= from)?.code;
  const verdict = history.verdicts.find((one) => one.at >= from && one.code !== before);
  return {
    ...(lost === undefined ? {} : { lost: lost - from }),
    ...(unheld === undefined ? {} : { unheld: unheld - from }),
    ...(verdict === undefined ? {} : { verdict: { ms: verdict.at - from, code: verdict.code } }),
  };
};

const blipOf = (vips: readonly VipMeasurement[], holder: string | undefined): Gap | undefined =>
  longestOf(
    vips.flatMap(({ gaps, moves }) =>
      gaps.filter((gap) =>
        moves.some((move) => move.to === holder && gap.from <= move.arrived + NEAR && gap.to >= move.left - NEAR),
      ),
    ),
  );

/** Everything that was measured in a drill, from its record. */
export const measurementOf = (history: History): Measurement => {
  const { plan, samples, timeline } = history;
  const whole = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
  const gaps = gapsIn(samples);
  const moves = movesIn(timeline, whole);
  const vips = plan.vips.map((vip): VipMeasurement => {
    const own = gaps.filter((gap) => gap.vip === vip);
    const longest = longestOf(own);
    return {
      vip,
      tally: tally(samples.filter((one) => one.vip === vip)),
      gaps: own,
      ...(longest ? { longest } : {}),
      dark: own.reduce((sum, gap) => sum + gap.length, 0),
      moves: moves.filter((move) => move.vip === vip),
    };
  });
  const acts = history.steps.filter((run, index) => plan.steps[index]?.kind === 'act' && run.begun !== undefined);
  const from = acts[0]?.begun ?? history.steps.find((run) => run.begun !== undefined)?.begun;
  const measuring = history.facts.find((one) => one.fact.what === 'measuring')?.fact;
  const download = history.facts.findLast((one) => one.fact.what === 'download')?.fact;
  const arrived =
    from === undefined ? [] : moves.filter((move) => move.arrived >= from && move.arrived <= history.ended);
  const all = tally(samples);
  const share = lostShare(all);
  const blip = blipOf(vips, plan.roles.master);
  return {
    period: history.period,
    ...(measuring?.what === 'measuring'
      ? {
          deadline: measuring.deadline,
          via: measuring.via,
          ...(measuring.rtt === undefined ? {} : { rtt: measuring.rtt }),
        }
      : {}),
    vips,
    all,
    ...(share === undefined ? {} : { share }),
    detection: from === undefined || acts.length === 0 ? {} : detectionOf(history, from),
    ...(from === undefined || arrived.length === 0
      ? {}
      : { takeover: Math.min(...arrived.map((move) => move.arrived)) - from }),
    ...(blip ? { failbackBlip: blip } : {}),
    turns: from === undefined ? [] : turnsOf(samples, { from, to: history.ended }),
    ...(download?.what === 'download' ? { download: download.state } : {}),
  };
};
