import { vipNames } from '../../cluster/vip-names.ts';
import type { Analysis } from './analysis.ts';
import { type DrillReport, drillSentence, expectationTable, stepText, verdictOf } from './drills.ts';
import {
  FOR_PEOPLE,
  headlines,
  heldBy,
  heldTogether,
  holderWords,
  SEAL_MEANS,
  sealWords,
  shownTimeline,
  shownVerdicts,
} from './story.ts';
import { clockUtc, dateUtc, lengthWords, measured, share, sinceStart } from './words.ts';

/** Text from outside as Markdown text: no mark-up, no HTML, no link, no mention, one line. */
export const plainMarkdown = (text: string): string =>
  text
    .replace(/[\r\n\u2028\u2029]+/g, ' ')
    .replace(/[\\`*_{}[\]<>#|~&@!$]/g, '\\$&')
    .replace(/:\/\//g, '\\://')
    .replace(/\bwww\./gi, 'www\\.')
    .replace(/^([-+=])/, '\\$1')
    .replace(/^(\d+)([.)])(?=\s|$)/, '$1\\$2');

const row = (cells: string[]): string => `| ${cells.join(' | ')} |`;

const table = (heads: string[], rows: string[][]): string[] => [
  row(heads),
  row(heads.map(() => '---')),
  ...rows.map(row),
];

const ticks = '▁▂▃▄▅▆▇█';

/** Median latencies as a line of blocks; `×` where answers were lost. */
const sparkline = (values: { value: number | undefined; lost: boolean }[], columns: number): string => {
  const size = Math.max(1, Math.ceil(values.length / columns));
  const cells = Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
  const most = Math.max(...values.map((one) => one.value ?? 0), 0.001);
  return cells
    .map((cell) => {
      if (cell.some((one) => one.lost)) return '×';
      const known = cell.flatMap((one) => (one.value === undefined ? [] : [one.value]));
      if (known.length === 0) return '·';
      return ticks[Math.min(7, Math.floor((Math.max(...known) / most) * 7.999))] as string;
    })
    .join('');
};

/** One drill: its verdict, what was expected beside what was measured, its steps. */
const drillLines = (drill: DrillReport): string[] => {
  const text = plainMarkdown;
  const sign = { pass: '✔', fail: '**✖**', unknown: '**?**' };
  return [
    `### ${text(drill.name)}: ${text(verdictOf(drill))}`,
    '',
    ...(drill.title === '' ? [] : [text(drill.title), '']),
    `- ${clockUtc(drill.at.wall)} to ${drill.until ? clockUtc(drill.until.wall) : 'the end of the record'}${drill.author ? `, by ${text(drill.author)}` : ''}`,
    `- ${text(drillSentence(drill))}`,
    ...(drill.outcome?.commands ?? []).map((one) => `- left to do on ${text(one.node)}: ${text(one.command)}`),
    ...drill.vips.map(
      (vip) =>
        `- ${text(vip.address)}, asked every ${drill.period} ms: ${vip.lost} of ${vip.good + vip.lost} lost${vip.outages.length === 0 ? '' : `, without a good answer for ${vip.outages.map((one) => measured(one.ms, one.resolution)).join(' + ')}`}`,
    ),
    ...(drill.expectations.length === 0
      ? []
      : [
          '',
          ...table(
            ['', ...expectationTable(drill).heads],
            expectationTable(drill).rows.map((one) => [sign[one.result], ...one.cells.map(text)]),
          ),
        ]),
    ...(drill.steps.length === 0
      ? []
      : [
          '',
          ...table(
            ['at (UTC)', 'step', 'outcome', 'took', 'seen'],
            drill.steps.map((one) => [
              one.at ? clockUtc(one.at.wall) : '–',
              text(stepText(one)),
              text(one.state),
              one.ms === null ? '–' : lengthWords(one.ms),
              text(one.seen),
            ]),
          ),
        ]),
  ];
};

/** The report as Markdown (CommonMark with tables): reads well as it is, renders anywhere, may go into a pull request. */
export const markdownReport = (analysis: Analysis): string => {
  const { vips, window, session } = analysis;
  const text = plainMarkdown;
  const lines: string[] = [];
  const section = (title: string, body: string[]) => {
    if (body.length > 0) lines.push('', `## ${title}`, '', ...body);
  };
  lines.push(
    `# ${text(analysis.cluster)}: ${dateUtc(window.from.wall)} to ${clockUtc(window.to.wall).slice(0, 8)} UTC`,
    '',
    ...headlines(analysis).map((line) => `- ${text(line)}`),
  );

  section('Virtual IPs', [
    ...table(
      [
        'VIP',
        'requests',
        'lost',
        'answered well',
        'not known',
        'without a good answer',
        'moves',
        'latency p50 / p95 / max',
      ],
      vips.map((vip) => [
        text(vip.address),
        String(vip.requests),
        String(vip.lost),
        share(vip.good, vip.good + vip.lost),
        String(vip.unknown),
        vip.outages.length === 0 ? '–' : vip.outages.map((one) => measured(one.ms, one.resolution)).join(' + '),
        String(vip.moves.length),
        vip.latency
          ? [vip.latency.median, vip.latency.p95, vip.latency.most].map((ms) => `${ms.toFixed(1)} ms`).join(' / ')
          : '–',
      ]),
    ),
    '',
    ...vips.map(
      (vip) =>
        `- ${text(vip.address)} \`${sparkline(
          vip.series.map((one) => ({ value: one.most, lost: one.lost > 0 })),
          60,
        )}\``,
    ),
    '',
    'Each bar is the slowest answer of a stretch; `×` means that a request was lost in it.',
  ]);

  const outages = vips.flatMap((vip) => vip.outages.map((outage) => ({ vip, outage })));
  section(
    'Outages',
    outages.length === 0
      ? ['None.']
      : table(
          ['VIP', 'from (UTC)', 'length', 'lost', 'first bad answer', 'cause, where known'],
          outages
            .sort((a, b) => a.outage.from.mono - b.outage.from.mono)
            .map(({ vip, outage }) => [
              text(vip.address),
              clockUtc(outage.from.wall),
              `${measured(outage.ms, outage.resolution)}${outage.until ? '' : ', not over'}`,
              String(outage.lost),
              text(outage.why ?? ''),
              text(outage.cause ?? ''),
            ]),
        ),
  );

  section('Who held what, when', [
    ...table(
      ['VIP', 'held by', 'from (UTC)', 'for'],
      heldTogether(vips).flatMap((group) =>
        group.holds.map((hold) => [
          text(vipNames(group.vips)),
          text(holderWords(hold.holders)),
          clockUtc(window.from.wall + hold.from - window.from.mono),
          lengthWords(hold.to - hold.from),
        ]),
      ),
    ),
    ...heldTogether(vips).flatMap((group) =>
      group.vips.length === 1
        ? []
        : ['', `${text(vipNames(group.vips))} moved together, less than ${lengthWords(group.apart + 10)} apart.`],
    ),
    '',
    ...vips.map(
      (vip) =>
        `- ${text(vip.address)}: ${heldBy(vip)
          .map(({ who, ms }) => `${text(who)} ${lengthWords(ms)}`)
          .join(', ')}`,
    ),
  ]);

  section(
    'Verdicts',
    table(
      ['at (UTC)', 'level', 'verdict', 'because'],
      shownVerdicts(analysis).map((one) => [clockUtc(one.at.wall), text(one.level), text(one.code), text(one.reason)]),
    ),
  );

  section('Drills', analysis.drills.flatMap((drill) => [...drillLines(drill), '']).slice(0, -1));
  section(
    'Actions',
    analysis.actions.length === 0
      ? []
      : table(
          ['at (UTC)', 'what', 'by', 'outcome', 'took', 'seen'],
          analysis.actions.map((one) => [
            clockUtc(one.at.wall),
            text(one.text),
            text(one.author),
            text(one.outcome),
            one.ms === null ? '–' : lengthWords(one.ms),
            text(one.seen),
          ]),
        ),
  );
  section(
    'Commands',
    analysis.commands.length === 0
      ? []
      : table(
          ['begun (UTC)', 'node', 'command', 'exit', 'took', 'said'],
          analysis.commands.map((one) => [
            clockUtc(one.at.wall - Math.round(one.ms)),
            text(one.node),
            text(one.command),
            one.code === null ? '–' : String(one.code),
            lengthWords(one.ms),
            text(one.said),
          ]),
        ),
  );
  section(
    'Notes',
    analysis.notes.map(
      (one) =>
        `- ${clockUtc(one.at.wall)} ${text(one.text)} (${text(
          [
            ...(one.nodes.length > 0 ? [`written on ${one.nodes.join(', ')}`] : []),
            ...(one.failed.length > 0 ? [`not written on ${one.failed.join(', ')}`] : []),
          ].join('; '),
        )})`,
    ),
  );

  const { lines: shown, left } = shownTimeline(analysis);
  section('Timeline (UTC)', [
    ...table(
      ['at', 'since start', 'where', 'what'],
      shown.map((one) => [
        clockUtc(one.at.wall),
        sinceStart(one.at.mono - session.from.mono),
        text(one.source),
        `${one.severity === 'bad' ? '**✖** ' : one.severity === 'warn' ? '**!** ' : ''}${text(one.text)}`,
      ]),
    ),
    ...(left === null ? [] : ['', left]),
  ]);

  section('The record', [
    `- Session ${text(analysis.id)}, recorded by ${text(analysis.recordedBy)} with haconsole ${text(analysis.app)} (${text(analysis.command)}), ${dateUtc(session.from.wall)} to ${dateUtc(session.to.wall)}.`,
    `- ${text(sealWords(analysis))}`,
    `- ${SEAL_MEANS}`,
    `- Every VIP was asked every ${analysis.interval} ms; a length is true within the ± beside it, by when the requests were put and by the console’s monotonic clock.`,
    ...analysis.gaps.map(
      (gap) =>
        `- Gap: nothing recorded for ${lengthWords(gap.to - gap.from)} from ${sinceStart(gap.from - session.from.mono)} on (${text(gap.why)}), ${gap.lost} facts lost.`,
    ),
    ...analysis.jumps.map(
      (one) =>
        `- The wall clock of the console was set by ${(one.jump / 1000).toFixed(1)} s at ${sinceStart(one.at.mono - session.from.mono)}: times of day before and after it do not compare.`,
    ),
  ]);

  for (const { heading, hint } of FOR_PEOPLE) lines.push('', `## ${heading}`, '', `<!-- ${hint} -->`, '');
  return `${lines.join('\n').trimEnd()}\n`;
};
