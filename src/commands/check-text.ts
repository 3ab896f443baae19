import type { CheckReport } from './check-report.ts';

const clean = (text: string): string => text.replace(/[|\n]/g, ' ');

const summary = (report: CheckReport): string => {
  const served = report.vips.filter((vip) => vip.http.ok).length;
  const holders = [...new Set(report.vips.flatMap((vip) => vip.holders))];
  const webs = report.nodes.filter((node) => node.role === 'web');
  const up = webs.filter((node) => node.http?.ok).length;
  if (report.verdict !== 'healthy') return clean(report.reasons[0] ?? report.verdict);
  const backups = report.nodes
    .filter((node) => node.role === 'lb' && !holders.includes(node.name))
    .map((node) => node.name);
  const parts = [`vip ${served}/${report.vips.length} on ${holders.join('+') || '?'}`];
  if (backups.length > 0) parts.push(`backup ${backups.join('+')} ready`);
  if (webs.length > 0) parts.push(`web ${up}/${webs.length}`);
  return parts.join(', ');
};

/** Performance data of the monitoring-plugins guideline: counts and response times in seconds. */
const perfdata = (report: CheckReport): string => {
  const webs = report.nodes.filter((node) => node.role === 'web');
  return [
    `vips_served=${report.vips.filter((vip) => vip.http.ok).length};;;0;${report.vips.length}`,
    `webs_ok=${webs.filter((node) => node.http?.ok).length};;;0;${webs.length}`,
    ...report.vips.flatMap((vip) =>
      vip.http.ms === null ? [] : [`'${vip.address}'=${(vip.http.ms / 1000).toFixed(4)}s;;;0`],
    ),
  ].join(' ');
};

const word = (value: boolean | null, yes: string, no: string): string =>
  value === null ? 'unknown' : value ? yes : no;

const rows = (report: CheckReport): string[][] => [
  ['VIP', 'holder', 'answer', 'served by', 'ms'],
  ...report.vips.map((vip) => [
    vip.address,
    vip.holders.join('+') || '-',
    vip.http.error ?? word(vip.http.ok, 'ok', 'bad'),
    vip.http.servedBy ?? '-',
    vip.http.ms === null ? '-' : String(vip.http.ms),
  ]),
];

const nodeRows = (report: CheckReport): string[][] => [
  ['node', 'seen', 'VRRP', 'prio', 'services', 'answer'],
  ...report.nodes.map((node) => [
    node.name,
    word(node.reachable, 'yes', 'no'),
    node.role === 'lb' ? node.vrrpState : '-',
    node.priority === null ? '-' : String(node.priority),
    Object.entries(node.services)
      .map(
        ([name, service]) => `${name} ${service.active}${service.processes === null ? '' : ` (${service.processes})`}`,
      )
      .join(', ') || '-',
    node.http ? (node.http.error ?? word(node.http.ok, 'ok', 'bad')) : (node.error ?? '-'),
  ]),
];

const table = (lines: string[][]): string => {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

/** The report for people and for monitoring: the plugin line first, then why, then two tables. */
export const checkText = (report: CheckReport): string =>
  [
    `HA ${report.status} - ${summary(report)} | ${perfdata(report)}`,
    ...report.reasons.slice(report.verdict === 'healthy' ? 1 : 0).map((reason) => `  ${reason}`),
    '',
    table(rows(report)),
    '',
    table(nodeRows(report)),
    ...report.nodes.flatMap((node) => (node.error ? [`${node.name}: ${node.error}`] : [])),
    '',
  ].join('\n');
