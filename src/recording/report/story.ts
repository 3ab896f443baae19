import { vipNames } from '../../cluster/vip-names.ts';
import type { Happening } from '../file-index.ts';
import type { Analysis, VipReport } from './analysis.ts';
import { drillSentence, worstMeasured } from './drills.ts';
import type { Hold } from './lanes.ts';
import { lengthWords, measured, several, share } from './words.ts';

/** Headings that people fill in; the tool must not. */
export const FOR_PEOPLE: { heading: string; hint: string }[] = [
  { heading: 'Root cause', hint: 'What in the system made this possible? Name conditions, not persons.' },
  { heading: 'Contributing factors', hint: 'What made it worse, longer or harder to see?' },
  { heading: 'Lessons', hint: 'What went well, what went badly, where were we lucky?' },
  { heading: 'Action items', hint: 'What will be done, by whom, by when?' },
];

/** Lines of the timeline a document shows; the JSON has all. */
const TIMELINE_SHOWN = 500;

/** The timeline as a document shows it: without what services say every time they start, and bounded. */
export const shownTimeline = ({ timeline }: Analysis): { lines: Happening[]; left: string | null } => {
  const telling = timeline.filter((one) => one.kind !== 'journal' || one.severity !== 'info');
  const lines = telling.slice(0, TIMELINE_SHOWN);
  const routine = timeline.length - telling.length;
  const more = telling.length - lines.length;
  const left = [
    ...(more > 0 ? [`${more} more lines: narrow the report with --from and --until`] : []),
    ...(routine > 0 ? [`${several(routine, 'line')} of journals without a warning left out`] : []),
  ];
  return { lines, left: left.length > 0 ? `${left.join('; ')}. --format json has all.` : null };
};

/** ms in which a session may still be connecting: what it cannot know yet is no verdict on the cluster. */
const CONNECTING = 5000;

/** The verdicts without the first moments, in which nothing could be known yet. */
export const shownVerdicts = ({ verdicts, session }: Analysis): Analysis['verdicts'] => {
  const [first, second] = verdicts;
  const early = first?.code === 'blind' && first.at.mono - session.from.mono < 1;
  return early && second && second.at.mono - first.at.mono < CONNECTING ? verdicts.slice(1) : verdicts;
};

/** Who held it, in words: `lb1`, `nobody`, `lb1 and lb2 at once`, `not known`. */
export const holderWords = (holders: Hold['holders']): string => {
  if (holders === null) return 'not known';
  if (holders.length === 0) return 'nobody';
  return holders.length === 1 ? (holders[0] as string) : `${holders.join(' and ')} at once`;
};

/** How long each had a VIP, longest first. */
export const heldBy = (vip: VipReport): { who: string; ms: number }[] => {
  const sums = new Map<string, number>();
  for (const { holders, from, to } of vip.holds)
    sums.set(holderWords(holders), (sums.get(holderWords(holders)) ?? 0) + to - from);
  return [...sums].map(([who, ms]) => ({ who, ms })).sort((a, b) => b.ms - a.ms);
};

/** VIPs whose holders change this close together are told as one, ms. */
const TOGETHER = 250;

/** VIPs that were held by the same nodes one after the other at the same times: told once, with the times of the first. `apart`: ms. */
export const heldTogether = (vips: readonly VipReport[]): { vips: string[]; holds: Hold[]; apart: number }[] => {
  const groups: { vips: string[]; holds: Hold[]; apart: number }[] = [];
  for (const { address, holds } of vips) {
    const apart = (others: Hold[]) =>
      others.length === holds.length &&
      others.every((one, index) => holderWords(one.holders) === holderWords(holds[index]?.holders ?? null))
        ? Math.max(0, ...others.map((one, index) => Math.abs(one.from - (holds[index]?.from ?? 0))))
        : Number.POSITIVE_INFINITY;
    const group = groups.find((one) => apart(one.holds) <= TOGETHER);
    if (group) {
      group.apart = Math.max(group.apart, apart(group.holds));
      group.vips.push(address);
    } else groups.push({ vips: [address], holds, apart: 0 });
  }
  return groups;
};

/** ms in which a VIP gave no good answer. */
export const lostMs = (vip: VipReport): number => vip.outages.reduce((sum, outage) => sum + outage.ms, 0);

const worst = (vip: VipReport) =>
  vip.outages.reduce<VipReport['outages'][number] | undefined>((a, b) => (a && a.ms >= b.ms ? a : b), undefined);

/** The first lines of a report: the numbers that matter, one sentence each. */
export const headlines = (analysis: Analysis): string[] => {
  const { vips, window, gaps } = analysis;
  const verdicts = shownVerdicts(analysis);
  const length = window.to.mono - window.from.mono;
  const out = vips.filter((vip) => vip.outages.length > 0);
  const lost = vips.reduce((sum, vip) => sum + vip.lost, 0);
  const asked = vips.reduce((sum, vip) => sum + vip.good + vip.lost, 0);
  const moves = new Map<string, string[]>();
  for (const vip of vips)
    for (const move of vip.moves) {
      const key = `${move.from ?? 'nobody'} → ${move.to ?? 'nobody'}`;
      moves.set(key, [...(moves.get(key) ?? []), vip.address]);
    }
  const [first, last] = [verdicts[0], verdicts.at(-1)];
  const longest = out
    .map((vip) => ({ vip, outage: worst(vip) }))
    .sort((a, b) => (b.outage?.ms ?? 0) - (a.outage?.ms ?? 0))[0];
  return [
    `${lengthWords(length)} of ${analysis.cluster}; ${first && last ? `it began ${first.code} and ended ${last.code}${analysis.ended.level === 'OK' ? '' : ` (${analysis.ended.reason})`}` : 'no verdict was reached'}.`,
    out.length === 0
      ? `No request was lost: ${several(asked, 'request')} to ${several(vips.length, 'VIP')}, asked every ${analysis.interval} ms, all answered well.`
      : `${several(lost, 'request')} of ${asked} lost (${share(asked - lost, asked)} answered well), on ${several(out.length, 'VIP')}.`,
    ...(longest?.outage
      ? [
          `Longest outage: ${longest.vip.address}, ${measured(longest.outage.ms, longest.outage.resolution)} (asked every ${analysis.interval} ms)${longest.outage.until ? '' : ', and it still lasted at the end'}.`,
        ]
      : []),
    ...[...moves].map(([way, list]) => {
      const names = vipNames([...new Set(list)]);
      return `${several(list.length, 'VIP move')} ${way} (${names}).`;
    }),
    ...analysis.drills.flatMap((drill) => {
      const worst = worstMeasured(drill);
      return [
        `Drill ${drill.name} ${drillSentence(drill)}.`,
        ...(worst
          ? [
              `In it every VIP was asked every ${drill.period} ms: ${worst.lost} of ${worst.of} requests lost, the longest time without a good answer ${measured(worst.outage.ms, worst.outage.resolution)} (${worst.address}).`,
            ]
          : []),
      ];
    }),
    ...(analysis.actions.length > 0
      ? [
          `${several(analysis.actions.length, 'action')} by hand; ${analysis.actions.filter((one) => one.outcome === 'done').length} took effect.`,
        ]
      : []),
    ...(gaps.length > 0
      ? [`${several(gaps.length, 'gap')} in the record: what happened in them is not in these figures.`]
      : []),
  ];
};

/** What the seal says of the file, in one sentence. */
export const sealWords = ({ seal }: Analysis): string =>
  seal.outcome === 'sealed'
    ? `The record is sealed and whole. Head hash: ${seal.hash}`
    : `The record is not whole: ${seal.reason}.${seal.hash ? ` Last seal that holds: ${seal.hash}` : ''}`;

/** What a seal can do and what it cannot. */
export const SEAL_MEANS =
  'The seal shows accidents and careless edits. Whoever can write the file can also seal it anew: keep the head hash elsewhere if that matters.';
