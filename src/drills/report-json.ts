import type { Gap, Tally } from './measure.ts';
import type { Measurement } from './measurement.ts';
import type { DrillReport } from './report.ts';

const iso = (wall: number): string => new Date(wall).toISOString();
const round = (ms: number): number => Math.round(ms);
const gapOf = (gap: Gap) => ({
  ms: round(gap.length),
  resolution: round(gap.resolution),
  lost: gap.lost,
  open: gap.open,
});
const tallyOf = (tally: Tally) => ({
  requests: tally.total,
  lost: tally.lost,
  unknown: tally.unknown,
  byKind: tally.byKind,
  servedBy: tally.served,
  slowest: round(tally.slowest),
});

const measurementOf = (one: Measurement) => ({
  period: one.period,
  deadline: one.deadline ?? null,
  via: one.via ?? null,
  roundTrip: one.rtt ?? null,
  ...tallyOf(one.all),
  lostShare: one.share ?? null,
  detection: {
    lost: one.detection.lost === undefined ? null : round(one.detection.lost),
    noHolder: one.detection.unheld === undefined ? null : round(one.detection.unheld),
    verdict: one.detection.verdict ? { ms: round(one.detection.verdict.ms), code: one.detection.verdict.code } : null,
  },
  takeover: one.takeover === undefined ? null : round(one.takeover),
  failbackBlip: one.failbackBlip ? gapOf(one.failbackBlip) : null,
  rotation: one.turns.map(({ when, served, total }) => ({ when, total, served })),
  download: one.download ?? null,
  vips: one.vips.map((vip) => ({
    address: vip.vip,
    ...tallyOf(vip.tally),
    longestGap: vip.longest ? gapOf(vip.longest) : null,
    dark: round(vip.dark),
    gaps: vip.gaps.length,
    moves: vip.moves.map(({ from, to, left, arrived }) => ({ from, to, unheld: round(Math.max(0, arrived - left)) })),
  })),
});

/** A drill's report as one JSON object (`haconsole.drill/1`). Times are ms; what was not measured is null. */
export const reportJson = (report: DrillReport): unknown => ({
  schema: 'haconsole.drill/1',
  cluster: report.cluster,
  drill: report.drill,
  title: report.title,
  status: report.outcome.status,
  verdict: report.outcome.verdict,
  restored: report.outcome.restored,
  exit: report.outcome.exit,
  summary: report.outcome.summary,
  reasons: report.refusals,
  author: report.plan?.author ?? null,
  start: iso(report.started),
  end: iso(report.ended),
  duration: report.ended - report.started,
  roles: report.plan?.roles ?? {},
  abort: report.abort ?? null,
  budgets: report.plan?.budgets ?? [],
  steady: report.steady,
  steps: report.steps.map((step) => ({
    text: step.text,
    part: step.part ?? null,
    state: step.state,
    begun: step.begun === undefined ? null : round(step.begun),
    ms: step.ms === undefined ? null : round(step.ms),
    seen: step.seen ?? null,
  })),
  faults:
    report.judgement?.faults.map(({ at, text }) => ({ result: at === 'failed' ? 'fail' : 'unknown', text })) ?? [],
  expectations:
    report.judgement?.results.map((one) => {
      const wanted = report.plan?.expectations[one.index];
      return {
        text: one.expected,
        part: wanted?.part ?? null,
        result: one.result,
        measured: one.measured,
        value: one.value ?? null,
        resolution: one.resolution ?? null,
        tolerance: wanted?.tolerance ?? null,
        computed: wanted?.basis ?? null,
        sentence: one.text,
      };
    }) ?? [],
  measurement: report.measurement ? measurementOf(report.measurement) : null,
  restore: report.undo.map(({ node, text, command, state, seen }) => ({ node, text, command, state, seen })),
  commands: report.outcome.commands,
});
