import { vipNames } from '../../cluster/vip-names.ts';
import type { Analysis, VipReport } from './analysis.ts';
import { answerChart, holderChart, latencyChart, rotationChart } from './chart.ts';
import { type DrillReport, drillSentence, expectationTable, stepText, verdictOf } from './drills.ts';
import { html, Markup } from './markup.ts';
import {
  FOR_PEOPLE,
  headlines,
  heldBy,
  heldTogether,
  SEAL_MEANS,
  sealWords,
  shownTimeline,
  shownVerdicts,
} from './story.ts';
import { style } from './style.ts';
import { clockUtc, dateUtc, lengthWords, measured, share, sinceStart } from './words.ts';

type Cell = string | number | Markup;

const table = (heads: string[], rows: Cell[][], wide: number[] = []): Markup =>
  html`<div class="scroll"><table><thead><tr>${heads.map((head) => html`<th>${head}</th>`)}</tr></thead><tbody>${rows.map(
    (row) =>
      html`<tr>${row.map((cell, index) => html`<td class="${wide.includes(index) ? 'w' : 'n'}">${cell}</td>`)}</tr>`,
  )}</tbody></table></div>`;

/** Stays on one line. */
const unbroken = (text: string): string => text.replaceAll(' ', '\u00a0');

const section = (title: string, body: Markup | Markup[]): Markup => html`<section><h2>${title}</h2>${body}</section>`;

const vipTable = ({ vips }: Analysis): Markup =>
  html`${table(
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
      vip.address,
      vip.requests,
      vip.lost > 0 ? html`<span class="bad">${vip.lost}</span>` : 0,
      share(vip.good, vip.good + vip.lost),
      vip.unknown,
      vip.outages.length === 0 ? '–' : vip.outages.map((one) => unbroken(measured(one.ms, one.resolution))).join(' + '),
      vip.moves.length,
      vip.latency
        ? `${[vip.latency.median, vip.latency.p95, vip.latency.most].map((ms) => ms.toFixed(1)).join(' / ')} ms`
        : '–',
    ]),
    [5],
  )}<ul>${heldTogether(vips).map(
    (group) =>
      html`<li class="w">${vipNames(group.vips)} held by ${heldBy(
        vips.find((vip) => vip.address === group.vips[0]) as VipReport,
      )
        .map(({ who, ms }) => unbroken(`${who} ${lengthWords(ms)}`))
        .join(', ')}</li>`,
  )}</ul>`;

const outageTable = ({ vips }: Analysis): Markup => {
  const outages = vips.flatMap((vip) => vip.outages.map((outage) => ({ vip, outage })));
  if (outages.length === 0) return html`<p>None.</p>`;
  return table(
    ['VIP', 'from (UTC)', 'length', 'lost', 'first bad answer', 'cause, where known'],
    outages
      .sort((a, b) => a.outage.from.mono - b.outage.from.mono)
      .map(({ vip, outage }) => [
        vip.address,
        clockUtc(outage.from.wall),
        `${measured(outage.ms, outage.resolution)}${outage.until ? '' : ', not over'}`,
        outage.lost,
        outage.why ?? '',
        outage.cause ?? '',
      ]),
    [4, 5],
  );
};

const timelineTable = (analysis: Analysis): Markup => {
  const { lines, left } = shownTimeline(analysis);
  const sign = { bad: '✖ ', warn: '! ', good: '✔ ', info: '' };
  return html`${table(
    ['at (UTC)', 'since start', 'where', 'what'],
    lines.map((one) => [
      clockUtc(one.at.wall),
      sinceStart(one.at.mono - analysis.session.from.mono),
      one.source,
      html`<span class="${one.severity}">${sign[one.severity]}${one.text}</span>`,
    ]),
    [3],
  )}${left === null ? '' : html`<p class="dim">${left}</p>`}`;
};

const drillPart = (drill: DrillReport): Markup => {
  const sign = {
    pass: html`<span class="good">✔ pass</span>`,
    fail: html`<span class="bad">✖ fail</span>`,
    unknown: html`<span class="warn">? unknown</span>`,
  };
  const lines = [
    `${clockUtc(drill.at.wall)} to ${drill.until ? clockUtc(drill.until.wall) : 'the end of the record'}${drill.author ? `, by ${drill.author}` : ''}`,
    drillSentence(drill),
    ...(drill.outcome?.commands ?? []).map((one) => `left to do on ${one.node}: ${one.command}`),
    ...drill.vips.map(
      (vip) =>
        `${vip.address}, asked every ${drill.period} ms: ${vip.lost} of ${vip.good + vip.lost} lost${vip.outages.length === 0 ? '' : `, without a good answer for ${vip.outages.map((one) => measured(one.ms, one.resolution)).join(' + ')}`}`,
    ),
  ];
  return html`<h3>${drill.name}: ${verdictOf(drill)}</h3>${drill.title === '' ? '' : html`<p>${drill.title}</p>`}<ul>${lines.map((line) => html`<li class="w">${line}</li>`)}</ul>${
    drill.expectations.length === 0
      ? ''
      : table(
          ['', ...expectationTable(drill).heads],
          expectationTable(drill).rows.map((one) => [sign[one.result], ...one.cells]),
          [1, 2, 3, 4],
        )
  }${
    drill.steps.length === 0
      ? ''
      : table(
          ['at (UTC)', 'step', 'outcome', 'took', 'seen'],
          drill.steps.map((one) => [
            one.at ? clockUtc(one.at.wall) : '–',
            stepText(one),
            one.state,
            one.ms === null ? '–' : lengthWords(one.ms),
            one.seen,
          ]),
          [1, 4],
        )
  }`;
};

const deeds = (analysis: Analysis): Markup[] => [
  ...(analysis.drills.length === 0 ? [] : [section('Drills', analysis.drills.map(drillPart))]),
  ...(analysis.actions.length === 0
    ? []
    : [
        section(
          'Actions',
          table(
            ['at (UTC)', 'what', 'by', 'outcome', 'took', 'seen'],
            analysis.actions.map((one) => [
              clockUtc(one.at.wall),
              one.text,
              one.author,
              one.outcome,
              one.ms === null ? '–' : lengthWords(one.ms),
              one.seen,
            ]),
            [1, 5],
          ),
        ),
      ]),
  ...(analysis.commands.length === 0
    ? []
    : [
        section(
          'Commands',
          table(
            ['begun (UTC)', 'node', 'command', 'exit', 'took', 'said'],
            analysis.commands.map((one) => [
              clockUtc(one.at.wall - Math.round(one.ms)),
              one.node,
              html`<code>${one.command}</code>`,
              one.code === null ? '–' : one.code,
              lengthWords(one.ms),
              one.said,
            ]),
            [2, 5],
          ),
        ),
      ]),
  ...(analysis.notes.length === 0
    ? []
    : [
        section(
          'Notes',
          table(
            ['at (UTC)', 'note', 'written on', 'not written on'],
            analysis.notes.map((one) => [clockUtc(one.at.wall), one.text, one.nodes.join(', '), one.failed.join(', ')]),
            [1],
          ),
        ),
      ]),
];

const record = (analysis: Analysis): Markup => {
  const { session } = analysis;
  const lines = [
    `Session ${analysis.id}, recorded by ${analysis.recordedBy} with haconsole ${analysis.app} (${analysis.command}), ${dateUtc(session.from.wall)} to ${dateUtc(session.to.wall)}.`,
    sealWords(analysis),
    SEAL_MEANS,
    `Every VIP was asked every ${analysis.interval} ms; a length is true within the ± beside it, by when the requests were put and by the console’s monotonic clock.`,
    ...analysis.gaps.map(
      (gap) =>
        `Gap: nothing recorded for ${lengthWords(gap.to - gap.from)} from ${sinceStart(gap.from - session.from.mono)} on (${gap.why}), ${gap.lost} facts lost.`,
    ),
    ...analysis.jumps.map(
      (one) =>
        `The wall clock of the console was set by ${(one.jump / 1000).toFixed(1)} s at ${sinceStart(one.at.mono - session.from.mono)}: times of day before and after it do not compare.`,
    ),
  ];
  return html`<ul>${lines.map((line) => html`<li class="w">${line}</li>`)}</ul>`;
};

/** The report as one HTML file that needs nothing else: no network, no script. */
export const htmlReport = (analysis: Analysis): string => {
  const { window } = analysis;
  const title = `${analysis.cluster}: ${dateUtc(window.from.wall)}`;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer"><title>${title}</title><style>${new Markup(style)}</style></head><body>
<h1>${analysis.cluster}</h1><p class="when">${dateUtc(window.from.wall)} to ${dateUtc(window.to.wall)}, ${lengthWords(window.to.mono - window.from.mono)}</p>
<ul class="head">${headlines(analysis).map((line) => html`<li>${line}</li>`)}</ul>
${section('Virtual IPs', vipTable(analysis))}
${section('Over time', [
  html`<h3>Who held each VIP</h3>`,
  holderChart(analysis),
  html`<h3>Good and lost answers (lost ones at the foot, and marked above)</h3>`,
  answerChart(analysis),
  html`<h3>Latency of good answers: fastest to slowest, mean as a line</h3>`,
  latencyChart(analysis),
  html`<h3>Which web node served</h3>`,
  rotationChart(analysis),
])}
${section('Outages', outageTable(analysis))}
${section(
  'Verdicts',
  table(
    ['at (UTC)', 'level', 'verdict', 'because'],
    shownVerdicts(analysis).map((one) => [clockUtc(one.at.wall), one.level, one.code, one.reason]),
    [3],
  ),
)}
${deeds(analysis)}
${section('Timeline', timelineTable(analysis))}
${section('The record', record(analysis))}
${FOR_PEOPLE.map(({ heading, hint }) => section(heading, html`<div class="todo">${hint}</div>`))}
<footer>Made by haconsole ${analysis.app} from the record alone.</footer>
</body></html>
`;
  return page.toString();
};
