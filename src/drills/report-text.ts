import { visibleText } from '../cluster/visible-text.ts';
import type { Tally } from './measure.ts';
import type { Measurement, VipMeasurement } from './measurement.ts';
import { type DrillReport, worstFirst } from './report.ts';
import { between, measured, seconds, shortly } from './times.ts';

const WORD = { pass: 'PASSED', fail: 'FAILED', unknown: 'NOT DECIDED' };
const SIGN = { pass: 'pass', fail: 'FAIL', unknown: '?   ' };

const lostWords = ({ total, lost, unknown, byKind }: Tally): string => {
  const kinds = Object.entries(byKind).filter(([kind]) => kind !== 'path');
  const why = kinds.length > 0 ? ` (${kinds.map(([kind, count]) => `${count} ${kind}`).join(', ')})` : '';
  const blind = unknown > 0 ? `, ${unknown} unknown` : '';
  return `${lost} of ${total - unknown} requests lost${why}${blind}`;
};

const vipLine = ({ vip, tally, longest, dark, gaps, moves }: VipMeasurement): string => {
  const gap =
    longest === undefined
      ? 'no gap'
      : `longest gap ${longest.open ? 'at least ' : ''}${measured(longest.length, longest.resolution)}${gaps.length > 1 ? `, ${gaps.length} gaps, ${seconds(dark)} in all` : ''}`;
  const way = moves.map((move) => `${move.from} → ${move.to}`).join(', ');
  return `  ${vip.padEnd(16)} ${gap}; ${lostWords(tally)}; ${moves.length === 0 ? 'no move' : way}`;
};

const turnLine = ({ when, served, total }: Measurement['turns'][number]): string => {
  const shares = Object.entries(served)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([web, count]) => `${web} ${Math.round((100 * count) / Math.max(1, total))} %`);
  return `${when} ${shares.join(', ') || 'nobody'} (${total})`;
};

const detectionLine = ({ detection, takeover }: Measurement): string[] => {
  const parts = [
    ...(detection.lost === undefined ? [] : [`first lost request after ${seconds(detection.lost)}`]),
    ...(detection.unheld === undefined ? [] : [`no holder after ${seconds(detection.unheld)}`]),
    ...(detection.verdict ? [`verdict ${detection.verdict.code} after ${seconds(detection.verdict.ms)}`] : []),
    ...(takeover === undefined ? [] : [`first VIP on another load balancer after ${seconds(takeover)}`]),
  ];
  return parts.length > 0 ? [`  from the first act: ${parts.join(', ')}`] : [];
};

const measurementLines = (measurement: Measurement): string[] => {
  const { period, deadline, via, rtt, failbackBlip, all, turns, download } = measurement;
  const way = via === 'jump' ? 'through the tunnel' : via === 'direct' ? 'directly' : '';
  const how = [
    `a request to each VIP every ${period} ms`,
    ...(deadline === undefined ? [] : [`each given ${seconds(deadline)}`]),
    ...(way ? [way + (rtt === undefined ? '' : ` (round trip ${rtt < 1 ? '< 1' : Math.round(rtt)} ms)`)] : []),
  ];
  return [
    '',
    `Measured: ${how.join(', ')}`,
    ...measurement.vips.map(vipLine),
    `  slowest good answer ${shortly(all.slowest)}`,
    ...detectionLine(measurement),
    ...(failbackBlip ? [`  blip at failback ${measured(failbackBlip.length, failbackBlip.resolution)}`] : []),
    ...(turns.length > 0 ? [`  web nodes: ${turns.map(turnLine).join(' · ')}`] : []),
    ...(download === undefined ? [] : [`  long download: ${download}`]),
  ];
};

const expectationLines = ({ judgement, plan }: DrillReport): string[] => {
  if (!judgement) return [];
  const rows = worstFirst(judgement.results).map((one) => {
    const wanted = plan?.expectations[one.index];
    const basis = one.result !== 'pass' && wanted?.basis !== undefined ? [`        computed: ${wanted.basis}`] : [];
    return [`  ${SIGN[one.result]}  ${one.text}`, ...basis];
  });
  return [
    '',
    'Expectations',
    ...judgement.faults.map((one) => `  ${one.at === 'failed' ? 'FAIL' : '?   '}  ${one.text}`),
    ...rows.flat(),
  ];
};

const stepLines = ({ steps }: DrillReport): string[] => {
  if (steps.length === 0) return [];
  const rows = steps.map(({ text, part, state, begun, ms, seen }, index) => {
    const when = begun === undefined ? ''.padStart(8) : `${(begun / 1000).toFixed(1)} s`.padStart(8);
    const length = ms === undefined ? '' : `, ${seconds(ms)}`;
    const tail = seen && state !== 'done' ? `: ${seen}` : '';
    return `  ${String(index + 1).padStart(2)} ${when}  ${part === undefined ? '' : `${part}: `}${text} (${state}${length}${tail})`;
  });
  return ['', 'Steps', ...rows];
};

const undoLines = ({ undo, steady, outcome }: DrillReport): string[] => {
  const after = steady.find((one) => one.when === 'after');
  const rows = [
    ...undo.map((one) => `  ${one.node}: ${one.text}: ${one.state}${one.seen ? ` (${one.seen})` : ''}`),
    ...(after
      ? [
          `  steady state ${after.ok === true ? 'again' : after.ok === false ? 'NOT again' : 'unknown'}: ${after.seen.join('; ')}`,
        ]
      : []),
    ...outcome.commands.map((one) => `  type on ${one.node}:  ${one.command}`),
  ];
  return rows.length > 0 ? ['', 'Restore', ...rows] : [];
};

/** A drill's report for people: the verdict and the first failed expectation first, then what was seen. Ends with a newline. */
export const reportText = (report: DrillReport): string => {
  const { outcome, drill, cluster } = report;
  const word = outcome.status === 'refused' ? 'REFUSED' : WORD[outcome.verdict];
  const restored =
    outcome.restored === true ? 'restored' : outcome.restored === false ? 'NOT RESTORED' : 'restore unknown';
  const length = seconds(report.ended - report.started);
  const where = cluster === '' ? '' : ` on ${cluster}`;
  const head =
    outcome.status === 'refused'
      ? `${word} drill ${drill}${where}: nothing was touched`
      : `${word} drill ${drill}${where}, ${length}, ${restored}`;
  const budgets = report.plan?.budgets ?? [];
  const lines = [
    head,
    ...(outcome.status === 'refused' ? report.refusals.map((one) => `  - ${one}`) : [`  ${outcome.summary}`]),
    ...(outcome.status === 'refused'
      ? []
      : [
          ...expectationLines(report),
          ...(report.measurement ? measurementLines(report.measurement) : []),
          ...(budgets.length > 0 ? ['', 'Computed'] : []),
          ...budgets.map((one) => `  ${one.name}: ${between(one)}: ${one.sentence}`),
          ...stepLines(report),
          ...undoLines(report),
        ]),
  ];
  return lines.map((line) => `${visibleText(line, 2000)}\n`).join('');
};
