import type { DrillSample, LossKind } from '../cluster/drill.ts';

/** A stretch of time, mono ms. */
export type Span = { from: number; to: number };

/**
 * A gap in the good answers of one VIP. `length` ms, true within ± `resolution`: it began between the last good and the first lost
 * request, and ended with the first good answer. `open`: no good answer came any more, so it is at least so long.
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

/**
 * When a VIP answered again after a run of lost requests: the first good answer, whenever its request was put (one that was put into
 * the gap may be answered late, when the VIP is back), and the last request before it that would have been answered had it been back.
 */
const returnAfter = (
  known: readonly DrillSample[],
  end: number,
  quick: number,
): { last: number; first: number } | undefined => {
  let first = Number.POSITIVE_INFINITY;
  for (let index = end + 1; index < known.length; index += 1) {
    const one = known[index] as DrillSample;
    if (one.asked >= first) break;
    if (one.ok) first = Math.min(first, one.answered);
  }
  if (first === Number.POSITIVE_INFINITY) return undefined;
  let last = (known[end] as DrillSample).asked;
  for (let index = end + 1; index < known.length; index += 1) {
    const { asked } = known[index] as DrillSample;
    if (asked > first - 2 * quick) break;
    last = asked;
  }
  return { last, first };
};

const gapsOf = (vip: string, samples: readonly DrillSample[]): Gap[] => {
  const known = byAsked(samples.filter((one) => one.vip === vip && one.ok !== null));
  const quick = Math.min(
    ...known.filter((one) => one.ok).map((one) => one.answered - one.asked),
    Number.MAX_SAFE_INTEGER,
  );
  const gaps: Gap[] = [];
  for (let index = 0; index < known.length; index += 1) {
    const first = known[index] as DrillSample;
    if (first.ok !== false) continue;
    let end = index;
    while (known[end + 1]?.ok === false) end += 1;
    const before = known[index - 1]?.asked ?? first.asked;
    const from = (before + first.asked) / 2;
    const back = returnAfter(known, end, quick);
    const to = back ? (back.last + back.first) / 2 : (known[end] as DrillSample).asked;
    gaps.push({
      vip,
      from,
      to,
      length: to - from,
      resolution: (first.asked - before) / 2 + (back ? (back.first - back.last) / 2 : 0),
      lost: end - index + 1,
      open: back === undefined,
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
