import type { DrillSample, LossKind } from '../cluster/drill.ts';

/** A stretch of time, mono ms. */
export type Span = { from: number; to: number };

/**
 * A gap in the good answers of one VIP. `length` ms, true within ± `resolution`: it began between the last good and the first lost
 * request and ended between the last lost and the next good one. `open`: no good answer came any more, so it is at least so long.
 */
export type Gap = {
  vip: string;
  from: number;
  to: number;
  length: number;
  resolution: number;
  lost: number;
  open: boolean;
};

/** What a VIP, or all of them, gave within a stretch of time. */
export type Tally = {
  total: number;
  lost: number;
  unknown: number;
  byKind: Partial<Record<LossKind, number>>;
  served: Record<string, number>;
  /** Longest time to a good answer, ms. */
  slowest: number;
};

const byAsked = (samples: readonly DrillSample[]): DrillSample[] => [...samples].sort((a, b) => a.asked - b.asked);

/** The VIPs that were asked, in order of their first request. */
const vipsIn = (samples: readonly DrillSample[]): string[] => [...new Set(samples.map((one) => one.vip))];

const gapsOf = (vip: string, samples: readonly DrillSample[]): Gap[] => {
  const known = byAsked(samples.filter((one) => one.vip === vip && one.ok !== null));
  const gaps: Gap[] = [];
  for (let index = 0; index < known.length; index += 1) {
    const first = known[index] as DrillSample;
    if (first.ok !== false) continue;
    let end = index;
    while (known[end + 1]?.ok === false) end += 1;
    const last = known[end] as DrillSample;
    const before = known[index - 1]?.asked ?? first.asked;
    const after = known[end + 1]?.asked;
    const from = (before + first.asked) / 2;
    const to = after === undefined ? last.asked : (last.asked + after) / 2;
    gaps.push({
      vip,
      from,
      to,
      length: to - from,
      resolution: (first.asked - before) / 2 + (after === undefined ? 0 : (after - last.asked) / 2),
      lost: end - index + 1,
      open: after === undefined,
    });
    index = end;
  }
  return gaps;
};

/** The gaps in the answers of every VIP, by time. What is unknown neither makes nor ends one; it makes its edges less sure. */
export const gapsIn = (samples: readonly DrillSample[]): Gap[] =>
  vipsIn(samples)
    .flatMap((vip) => gapsOf(vip, samples))
    .sort((a, b) => a.from - b.from);

/** The gaps that touch a stretch of time. */
export const gapsWithin = (samples: readonly DrillSample[], { from, to }: Span): Gap[] =>
  gapsIn(samples).filter((gap) => gap.to >= from && gap.from <= to);

/** The longest of these gaps. */
export const longestOf = (gaps: readonly Gap[]): Gap | undefined =>
  gaps.reduce<Gap | undefined>((a, b) => (a && a.length >= b.length ? a : b), undefined);

/** Requests put and decided within a stretch of time: what was still under way at its end belongs to what came after. */
export const decidedIn = (samples: readonly DrillSample[], { from, to }: Span): DrillSample[] =>
  samples.filter((one) => one.asked >= from && one.answered <= to);

/** Counts requests. */
export const tally = (samples: readonly DrillSample[]): Tally => {
  const sum: Tally = { total: 0, lost: 0, unknown: 0, byKind: {}, served: {}, slowest: 0 };
  for (const one of samples) {
    sum.total += 1;
    if (one.ok === null) sum.unknown += 1;
    if (one.ok === false) {
      sum.lost += 1;
      const kind = one.loss ?? 'wrong';
      sum.byKind[kind] = (sum.byKind[kind] ?? 0) + 1;
    }
    if (one.ok === true) {
      sum.slowest = Math.max(sum.slowest, one.answered - one.asked);
      if (one.servedBy !== undefined) sum.served[one.servedBy] = (sum.served[one.servedBy] ?? 0) + 1;
    }
  }
  return sum;
};

/** Share of the requests whose answer is known that were lost, 0 to 1; undefined when nothing is known. */
export const lostShare = ({ total, lost, unknown }: Tally): number | undefined =>
  total - unknown > 0 ? lost / (total - unknown) : undefined;

/** When the first request was lost that was put at or after a time, mono ms: how a client notices. */
export const firstLostAfter = (samples: readonly DrillSample[], from: number): number | undefined =>
  byAsked(samples).find((one) => one.asked >= from && one.ok === false)?.asked;
