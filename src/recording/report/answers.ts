import type { Stamp } from '../../cluster/events.ts';
import type { Answer } from '../../cluster/state.ts';

/**
 * A stretch of time in which requests put to a VIP got no good answer. `ms` is true within ± `resolution` ms: it began between the
 * last request that was answered well and the first that was not, and ended between the last such and the next good one, each by
 * when it was put.
 */
export type OutageReport = {
  from: Stamp;
  /** Absent: it still lasted at the end. */
  until?: Stamp;
  ms: number;
  resolution: number;
  lost: number;
  /** What the first bad answer was. */
  why?: string;
  cause?: string;
};

/** What the answers of one target came to. Times in ms. */
export type AnswersReport = {
  requests: number;
  good: number;
  lost: number;
  /** The way there was broken: nothing is known. */
  unknown: number;
  outages: OutageReport[];
  latency: { median: number; p95: number; most: number } | null;
};

/** Answers of a slice of time, for charts. `from`: mono ms. */
export type Bucket = {
  from: number;
  good: number;
  lost: number;
  unknown: number;
  least?: number;
  most?: number;
  sum: number;
  served: Record<string, number>;
};

/** Steps of the latency histogram: 5 %, over ten decades. */
const STEP = Math.log(1.05);

const histogram = () => {
  const counts = new Map<number, number>();
  let total = 0;
  let most = 0;
  return {
    add: (ms: number) => {
      const step = Math.round(Math.log(Math.max(0.01, ms)) / STEP);
      counts.set(step, (counts.get(step) ?? 0) + 1);
      total += 1;
      most = Math.max(most, ms);
    },
    at: (part: number): number => {
      let seen = 0;
      for (const [step, count] of [...counts].sort((a, b) => a[0] - b[0])) {
        seen += count;
        if (seen >= part * total) return Math.min(most, Math.exp(step * STEP));
      }
      return most;
    },
    most: () => most,
    total: () => total,
  };
};

/** Follows the answers of one target through a window. `bucket`: length of a slice for charts, ms. */
export const trackAnswers = (window: { from: number; to: number }, bucket: number) => {
  const latency = histogram();
  const buckets = new Map<number, Bucket>();
  const outages: OutageReport[] = [];
  let good = 0;
  let lost = 0;
  let unknown = 0;
  let lastGood: number | undefined;
  let open: { from: Stamp; earliest: number; lastBad: number; lost: number; why?: string } | undefined;

  const bucketAt = (mono: number): Bucket => {
    const from = window.from + Math.floor(Math.max(0, mono - window.from) / bucket) * bucket;
    const known = buckets.get(from);
    if (known) return known;
    const fresh: Bucket = { from, good: 0, lost: 0, unknown: 0, sum: 0, served: {} };
    buckets.set(from, fresh);
    return fresh;
  };

  /** `asked`: when the request was put that was answered well again. */
  const finish = (until?: { at: Stamp; asked: number }) => {
    if (!open) return;
    const { from, earliest, lastBad, why } = open;
    const least = (until ? lastBad : window.to) - from.mono;
    const most = (until?.asked ?? window.to) - earliest;
    outages.push({
      from,
      ...(until ? { until: until.at } : {}),
      ms: Math.max(0, least + most) / 2,
      resolution: Math.max(0, most - least) / 2,
      lost: open.lost,
      ...(why === undefined ? {} : { why }),
    });
    open = undefined;
  };

  return {
    take: (answer: Answer, asked: number) => {
      const slot = bucketAt(asked);
      const put: Stamp = { mono: asked, wall: answer.at.wall - Math.round(answer.at.mono - asked) };
      if (answer.ok === null) {
        unknown += 1;
        slot.unknown += 1;
        return;
      }
      if (!answer.ok) {
        lost += 1;
        slot.lost += 1;
        const why = answer.why === undefined ? {} : { why: answer.why };
        open ??= { from: put, earliest: lastGood ?? asked, lastBad: asked, lost: 0, ...why };
        open.lost += 1;
        open.lastBad = Math.max(open.lastBad, asked);
        return;
      }
      good += 1;
      slot.good += 1;
      const ms = answer.ms ?? 0;
      latency.add(ms);
      slot.sum += ms;
      slot.least = Math.min(slot.least ?? ms, ms);
      slot.most = Math.max(slot.most ?? ms, ms);
      if (answer.servedBy !== undefined) slot.served[answer.servedBy] = (slot.served[answer.servedBy] ?? 0) + 1;
      finish({ at: put, asked });
      lastGood = Math.max(lastGood ?? asked, asked);
    },
    report: (): AnswersReport => {
      finish();
      return {
        requests: good + lost + unknown,
        good,
        lost,
        unknown,
        outages,
        latency:
          latency.total() === 0 ? null : { median: latency.at(0.5), p95: latency.at(0.95), most: latency.most() },
      };
    },
    buckets: (): Bucket[] => [...buckets.values()].sort((a, b) => a.from - b.from),
  };
};
