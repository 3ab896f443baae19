import type { Stamp } from '../../cluster/events.ts';
import type { Analysis } from './analysis.ts';
import type { AnswersReport } from './answers.ts';

/** Version of the JSON report; schema/haconsole.report.schema.json describes it. */
export const REPORT_SCHEMA = 'haconsole.report/1';

const rounded = (ms: number): number => Math.round(ms * 100) / 100;

/**
 * The report as one JSON object. Every time is `{ t, s }`: ISO in UTC, and seconds since the session began by the monotonic clock.
 * Lengths are ms.
 */
export const jsonReport = (analysis: Analysis) => {
  const { session, window } = analysis;
  const at = (stamp: Stamp) => ({
    t: new Date(stamp.wall).toISOString(),
    s: Math.round(stamp.mono - session.from.mono) / 1000,
  });
  const mono = (value: number) => at({ mono: value, wall: window.from.wall + Math.round(value - window.from.mono) });
  const answers = (vip: AnswersReport & { address: string }) => ({
    address: vip.address,
    requests: vip.requests,
    good: vip.good,
    lost: vip.lost,
    unknown: vip.unknown,
    outages: vip.outages.map((one) => ({
      from: at(one.from),
      until: one.until ? at(one.until) : null,
      ms: rounded(one.ms),
      resolutionMs: rounded(one.resolution),
      lost: one.lost,
      why: one.why ?? null,
      cause: one.cause ?? null,
    })),
    latencyMs: vip.latency
      ? { median: rounded(vip.latency.median), p95: rounded(vip.latency.p95), max: rounded(vip.latency.most) }
      : null,
  });
  return {
    schema: REPORT_SCHEMA,
    cluster: analysis.cluster,
    session: {
      id: analysis.id,
      app: analysis.app,
      recordedBy: analysis.recordedBy,
      command: analysis.command,
      from: at(session.from),
      to: at(session.to),
    },
    seal: analysis.seal,
    window: { from: at(window.from), to: at(window.to), ms: rounded(window.to.mono - window.from.mono) },
    intervalMs: analysis.interval,
    verdicts: analysis.verdicts.map((one) => ({ ...one, at: at(one.at) })),
    ended: { ...analysis.ended, at: at(analysis.ended.at) },
    vips: analysis.vips.map((vip) => ({
      ...answers(vip),
      holds: vip.holds.map((one) => ({ holders: one.holders, from: mono(one.from), to: mono(one.to) })),
      moves: vip.moves.map((one) => ({ from: one.from, to: one.to, at: at(one.at), cause: one.cause ?? null })),
    })),
    drills: analysis.drills.map((drill) => ({
      name: drill.name,
      title: drill.title,
      author: drill.author,
      from: at(drill.at),
      until: drill.until ? at(drill.until) : null,
      verdict: drill.outcome?.verdict ?? null,
      status: drill.refused.length > 0 ? 'refused' : (drill.outcome?.status ?? 'running'),
      restored: drill.outcome?.restored ?? null,
      summary: drill.outcome?.summary ?? '',
      refused: drill.refused,
      expectations: drill.expectations,
      steps: drill.steps.map((one) => ({ ...one, at: one.at ? at(one.at) : null })),
      periodMs: drill.period,
      vips: drill.vips.map(answers),
    })),
    actions: analysis.actions.map((one) => ({ ...one, at: at(one.at) })),
    commands: analysis.commands.map((one) => ({ ...one, at: at(one.at), ms: rounded(one.ms) })),
    notes: analysis.notes.map((one) => ({ ...one, at: at(one.at) })),
    timeline: analysis.timeline.map((one) => ({
      at: at(one.at),
      source: one.source,
      kind: one.kind,
      severity: one.severity,
      text: one.text,
    })),
    gaps: analysis.gaps.map((one) => ({ from: mono(one.from), to: mono(one.to), lost: one.lost, why: one.why })),
    clockJumps: analysis.jumps.map((one) => ({ at: at(one.at), ms: one.jump })),
  };
};

export type JsonReport = ReturnType<typeof jsonReport>;
