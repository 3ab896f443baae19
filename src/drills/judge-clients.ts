import type { Case, Finding } from './judge.ts';
import { decidedIn, type Gap, gapsWithin, longestOf, lostShare, tally } from './measure.ts';
import { movesIn } from './timeline.ts';
import { between, measured, seconds } from './times.ts';

type Given = Case<'outage' | 'lost' | 'rotation' | 'blip' | 'download'>;
type Of<K extends Given['wanted']['kind']> = Case<K>;

const unknown = (measuredWords: string, why: string): Finding => ({ result: 'unknown', measured: measuredWords, why });

/**
 * A time against bounds: it misses them only when it does so with all its uncertainty and tolerance. Where requests that got lost
 * on the way make it more uncertain than the requests themselves do, and it could be either, nothing is claimed.
 */
const against = (
  gap: Pick<Gap, 'length' | 'resolution' | 'open'>,
  bounds: { least?: number; most?: number },
  tolerance: number,
  period: number,
): Finding['result'] => {
  const misses = (slack: number): boolean =>
    (bounds.most !== undefined && gap.length - slack > bounds.most) ||
    (bounds.least !== undefined && gap.length + slack < bounds.least);
  if (misses(gap.resolution + tolerance)) return 'fail';
  return misses(Math.min(gap.resolution, 2 * period) + tolerance) ? 'unknown' : 'pass';
};

const outage = ({ history, wanted, span }: Of<'outage'>): Finding => {
  const inside = decidedIn(history.samples, span);
  if (inside.every((one) => one.ok === null)) return unknown('nothing', 'no request got through to be counted');
  const longest = longestOf(
    gapsWithin(
      history.samples.filter((one) => one.answered <= span.to),
      span,
    ),
  );
  const gap = longest ?? { length: 0, resolution: history.period, open: false };
  const figure = { value: Math.round(gap.length), resolution: Math.round(gap.resolution) };
  const words = `${longest?.open ? 'still dark after ' : ''}${measured(gap.length, gap.resolution)}`;
  // What is still dark at the end of the window may have any length.
  if (longest?.open && wanted.bounds.most !== undefined)
    return { result: 'fail', measured: words, ...figure, why: 'no good answer came back' };
  const result = against(gap, wanted.bounds, wanted.tolerance, history.period);
  return {
    result,
    measured: words,
    ...figure,
    final:
      wanted.bounds.most !== undefined &&
      against(gap, { most: wanted.bounds.most }, wanted.tolerance, history.period) === 'fail',
    ...(wanted.basis === undefined ? {} : { why: `computed ${between(wanted.bounds)}` }),
  };
};

const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

const lost = ({ history, wanted, span }: Of<'lost'>): Finding => {
  const sum = tally(decidedIn(history.samples, span));
  const share = lostShare(sum);
  if (share === undefined) return unknown('nothing', 'no request got through to be counted');
  const kinds = Object.entries(sum.byKind)
    .filter(([kind]) => kind !== 'path')
    .map(([kind, count]) => `${count} ${kind}`);
  const words = `${sum.lost} of ${sum.total - sum.unknown} lost (${percent(share)}${kinds.length > 0 ? `: ${kinds.join(', ')}` : ''})`;
  const bad =
    (wanted.most !== undefined && sum.lost > wanted.most) ||
    (wanted.leastShare !== undefined && share < wanted.leastShare) ||
    (wanted.mostShare !== undefined && share > wanted.mostShare);
  const final = wanted.most !== undefined && sum.lost > wanted.most;
  return { result: bad ? 'fail' : 'pass', measured: words, value: sum.lost, final };
};

const rotation = ({ history, wanted, span }: Of<'rotation'>): Finding => {
  const { served } = tally(decidedIn(history.samples, span));
  const good = Object.values(served).reduce((sum, count) => sum + count, 0);
  const enough = 4 * Math.max(1, history.plan.webs.length);
  const words =
    history.plan.webs.map((web) => `${web} ${served[web] ?? 0}`).join(', ') || 'no web node is known by name';
  if (good < enough) return unknown(words, `fewer than ${enough} good answers`);
  const missing = wanted.served.some((web) => (served[web] ?? 0) === 0);
  const unwanted = wanted.absent.some((web) => (served[web] ?? 0) > 0);
  return { result: missing || unwanted ? 'fail' : 'pass', measured: words, final: unwanted };
};

/** Gaps so near to a move are taken for its blip, ms. */
const NEAR = 2000;

const blip = ({ history, wanted, span }: Of<'blip'>): Finding => {
  const moves = movesIn(history.timeline, span);
  if (moves.length === 0) return { result: 'fail', measured: 'no VIP moved' };
  const gaps = gapsWithin(history.samples, span).filter((gap) =>
    moves.some((move) => move.vip === gap.vip && gap.from <= move.arrived + NEAR && gap.to >= move.left - NEAR),
  );
  if (decidedIn(history.samples, span).every((one) => one.ok === null))
    return unknown('nothing', 'no request got through to be counted');
  const longest = longestOf(gaps) ?? { length: 0, resolution: history.period, open: false };
  const result = against(longest, { most: wanted.most }, wanted.tolerance, history.period);
  return {
    result,
    final: result === 'fail',
    measured: measured(longest.length, longest.resolution),
    value: Math.round(longest.length),
    resolution: Math.round(longest.resolution),
  };
};

const download = ({ history, wanted, span }: Of<'download'>): Finding => {
  const states = history.facts.flatMap(({ at, fact }) =>
    fact.what === 'download' && at <= span.to ? [{ at, fact }] : [],
  );
  // One that was cut or came to its end before is begun anew; the one that counts is open when the window begins, or begins in it.
  const before = states.findLastIndex((one) => one.at <= span.from);
  const first =
    states[before]?.fact.state === 'open'
      ? before
      : states.findIndex((one, index) => index > before && one.fact.state === 'open');
  if (first < 0) return unknown('there was none', states.at(-1)?.fact.why ?? 'it could not be begun');
  const cut = states.find((one, index) => index > first && one.fact.state === 'cut');
  const words = cut ? `cut ${seconds(cut.at - span.from)} after the begin` : 'it went on';
  return { result: (cut !== undefined) === wanted.cut ? 'pass' : 'fail', measured: words, final: cut !== undefined };
};

/** Judges what clients saw: gaps, losses, rotation, the long download. */
export const judgeClients = (given: Given): Finding => {
  const { wanted } = given;
  switch (wanted.kind) {
    case 'outage':
      return outage({ ...given, wanted });
    case 'lost':
      return lost({ ...given, wanted });
    case 'rotation':
      return rotation({ ...given, wanted });
    case 'blip':
      return blip({ ...given, wanted });
    case 'download':
      return download({ ...given, wanted });
  }
};
