import type { Event, Stamp } from '../../cluster/events.ts';
import type { Evidence, Move, State, VerdictCode } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import type { Gap, Happening } from '../file-index.ts';
import type { Playback } from '../playback.ts';
import type { Verification } from '../verify.ts';
import { type AnswersReport, type Bucket, type OutageReport, trackAnswers } from './answers.ts';
import { type ActionReport, type CommandReport, type NoteReport, trackDeeds } from './deeds.ts';
import { type DrillReport, trackDrills } from './drills.ts';
import { type Hold, trackHolds } from './lanes.ts';

/** What a report tells of one VIP. */
export type VipReport = AnswersReport & { address: string; holds: Hold[]; moves: Move[]; series: Bucket[] };

export type VerdictReport = { at: Stamp; code: VerdictCode; level: string; reason: string };

/** Everything a report says, from the record alone. Times are stamps (mono and wall ms), lengths are ms. */
export type Analysis = {
  cluster: string;
  id: string;
  app: string;
  recordedBy: string;
  command: string;
  session: { from: Stamp; to: Stamp };
  window: { from: Stamp; to: Stamp };
  interval: number;
  bucket: number;
  seal: { outcome: Verification['outcome']; reason: string; hash: string | null };
  verdicts: VerdictReport[];
  /** The last verdict, with the reason it had at the end. */
  ended: VerdictReport;
  vips: VipReport[];
  drills: DrillReport[];
  actions: ActionReport[];
  commands: CommandReport[];
  notes: NoteReport[];
  timeline: Happening[];
  gaps: Gap[];
  jumps: { at: Stamp; jump: number }[];
};

/** Slices a chart has at most. */
const SLICES = 300;

/** What is said within these times of an outage's begin can explain it, ms: probes see it late, and journals lag. */
const SAID_BEFORE = 5000;
const SAID_AFTER = 4000;

/** What the node that held the VIP until the outage said of itself at that time; the best of it. */
const causeOf = (outage: OutageReport, holds: Hold[], evidence: Evidence[]): string | undefined => {
  const at = outage.from.mono;
  const holder = holds.findLast((hold) => hold.from <= at && hold.holders?.length === 1)?.holders?.[0];
  return evidence
    .filter((one) => one.node === holder && one.at >= at - SAID_BEFORE && one.at <= at + SAID_AFTER)
    .reduce<Evidence | undefined>((best, one) => (best && best.rank >= one.rank ? best : one), undefined)?.text;
};

/** Takes events and states in, in order, and keeps what a report needs. */
const createAnalyst = (window: { from: Stamp; to: Stamp }, bucket: number, first: State) => {
  const span = { from: window.from.mono, to: window.to.mono };
  const answers = new Map<string, ReturnType<typeof trackAnswers>>();
  const holds = new Map<string, ReturnType<typeof trackHolds>>();
  const moves = new Map<string, Move>();
  const evidence = new Set<Evidence>();
  const deeds = trackDeeds(span);
  const drills = trackDrills();
  const verdictOf = ({ verdict }: State, at: Stamp): VerdictReport => ({
    at,
    code: verdict.code,
    level: verdict.level,
    reason: verdict.reason,
  });
  const verdicts = [verdictOf(first, window.from)];

  const tracked = <T>(map: Map<string, T>, name: string, create: () => T): T => {
    const known = map.get(name) ?? create();
    map.set(name, known);
    return known;
  };
  const watchHolds = (state: State) => {
    for (const address of state.topology.vips)
      tracked(holds, address, () => trackHolds(address, state.now.mono, first.topology.interval)).take(state);
  };
  const takeMoves = (state: State) => {
    // The cause of a move can come to be known seconds after it.
    for (const move of state.moves.slice(-60))
      if (move.at.mono >= span.from) moves.set(`${move.vip} ${move.at.mono}`, move);
  };
  let previous = first;
  watchHolds({ ...first, now: window.from });

  return {
    take: (event: Event, after: State) => {
      // Behind a gap nothing is the same object any more: what happened meanwhile is taken in then.
      const before = previous;
      previous = after;
      if (event.kind === 'http' && event.target.kind === 'vip') {
        const answer = after.vips[event.target.id]?.probe.last;
        if (answer?.at === event.at || answer?.at.mono === event.at.mono)
          tracked(answers, event.target.id, () => trackAnswers(span, bucket)).take(answer, event.asked);
      } else watchHolds(after);
      if (after.moves !== before.moves) takeMoves(after);
      deeds.take(event, before, after);
      drills.take(event, after);
      if (after.evidence !== before.evidence) for (const one of after.evidence) evidence.add(one);
      if (after.verdict.code !== before.verdict.code) verdicts.push(verdictOf(after, event.at));
    },
    result: (vips: string[]) => ({
      verdicts,
      ended: verdictOf(previous, verdicts.at(-1)?.at ?? window.from),
      drills: drills.report(),
      ...deeds.report(),
      vips: vips.map((address): VipReport => {
        const seen = answers.get(address) ?? trackAnswers(span, bucket);
        const report = seen.report();
        const own = [...moves.values()].filter((move) => move.vip === address);
        const held = holds.get(address)?.report(span.to) ?? [];
        for (const outage of report.outages) {
          const cause = causeOf(outage, held, [...evidence]);
          if (cause !== undefined) outage.cause = cause;
        }
        return {
          address,
          ...report,
          holds: held,
          moves: own,
          series: seen.buckets(),
        };
      }),
    }),
  };
};

/** Text from outside is made visible here, once, for every format. */
const shown = <T>(value: T): T => {
  if (typeof value === 'string') return visibleText(value, 2000) as T;
  if (Array.isArray(value)) return value.map(shown) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [visibleText(key, 300), shown(one)])) as T;
};

/**
 * Analyses a stretch of a session from its facts alone. Pure but for what `playback` reads. Yields now and then (0 to 1), for progress;
 * returns the analysis.
 */
export function* analyse(
  playback: Playback,
  options: { from?: number; to?: number; verification: Verification },
): Generator<number, Analysis> {
  const { header } = playback;
  const session = { from: playback.from, to: playback.to() };
  const stampAt = (mono: number): Stamp => ({ mono, wall: playback.wallAt(mono) });
  const from = Math.max(session.from.mono, options.from ?? session.from.mono);
  const to = Math.max(from, Math.min(session.to.mono, options.to ?? session.to.mono));
  const window = { from: stampAt(from), to: stampAt(to) };
  const walk = playback.walk(from, to);
  const begin = walk.next();
  const first = begin.done ? playback.stateAt(from) : begin.value.before;
  const { interval } = first.topology;
  const bucket = Math.max(interval, Math.ceil((to - from) / SLICES / 100) * 100);
  const analyst = createAnalyst(window, bucket, first);
  let last = first;
  let count = 0;
  for (let step = begin; !step.done; step = walk.next()) {
    const { event, after } = step.value;
    analyst.take(event, after);
    last = after;
    if (++count % 500 === 0) yield (event.at.mono - from) / Math.max(1, to - from);
  }
  const within = ({ mono }: Stamp) => mono >= from && mono <= to;
  const { verification } = options;
  return shown({
    cluster: last.topology.name,
    id: header.id,
    app: header.app,
    recordedBy: header.by,
    command: header.why,
    session,
    window,
    interval,
    bucket,
    seal: { outcome: verification.outcome, reason: verification.reason, hash: verification.seal ?? null },
    ...analyst.result(last.topology.vips),
    timeline: playback.happenings().filter((one) => within(one.at)),
    gaps: playback.index().gaps.filter((gap) => gap.to >= from && gap.from <= to),
    jumps: playback.index().jumps.filter((one) => within(one.at)),
  });
}
