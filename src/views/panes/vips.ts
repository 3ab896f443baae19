import { probeState } from '../../cluster/select.ts';
import type { State, VipView } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import { cells } from '../parts/cells.ts';
import { commonPrefix, type Holder, holderOf, shortNames } from '../parts/holder.ts';
import { isLit, markCell } from '../parts/marks.ts';
import type { PaneContent, PaneInput } from '../parts/pane-content.ts';
import { type Row, span } from '../parts/rows.ts';
import { type Column, table } from '../parts/table.ts';
import { asOf, clockTime, howLong } from '../parts/times.ts';
import { answerWords, unansweredWords } from '../parts/words.ts';
import type { Look } from '../theme.ts';

const columnsFor = (narrow: boolean): Column[] => [
  { floor: 1, rank: 9 },
  { floor: 4, rank: 8 },
  { floor: 6, rank: 7 },
  { floor: narrow ? 6 : 7, rank: 6 },
  { floor: 18, rank: 2, least: 12 },
  { floor: narrow ? 14 : 18, rank: 1, least: 10 },
];

const holderRow = (holder: Holder, look: Look, lit: boolean): Row => {
  const { glyphs } = look;
  switch (holder.kind) {
    case 'one':
      return [span(holder.node, 'strong', { lit })];
    case 'many':
      return [span(`${glyphs.bad} ${holder.nodes.join(' + ')}`, 'bad', { lit })];
    case 'nobody':
      return [span(`${glyphs.bad} nobody`, 'bad', { lit })];
    case 'unknown':
      return [span(`${glyphs.unknown} ${holder.last ? `was ${holder.last}` : 'unknown'}`, 'unknown', { lit })];
  }
};

const sinceRow = (state: State, holder: Holder): Row => {
  const now = state.now.mono;
  if (holder.kind === 'unknown')
    return holder.lastProof === undefined ? [] : [span(`${howLong(now - holder.lastProof)} ago`, 'dim')];
  if (holder.kind === 'many' || holder.since === undefined) return [];
  return [span(howLong(now - holder.since), holder.kind === 'nobody' ? 'bad' : 'plain')];
};

const answerRow = (state: State, vip: VipView, look: Look): Row => {
  const lit = isLit(state, `probe:${vip.address}`);
  const { last, lastGood } = vip.probe;
  if (last && probeState(state, vip.probe) === 'unknown' && last.ok !== null) {
    return [...answerWords(last, look, { faded: true }), span(` ${asOf(state.now.mono - last.at.mono)}`, 'dim')];
  }
  if (last?.ok === null && lastGood) return unansweredWords(last, lastGood, look, { now: state.now.mono, lit });
  const answer = answerWords(last, look, { lit });
  if (last?.ok === false && lastGood) {
    return [...answer, span(` good ${howLong(state.now.mono - lastGood.at.mono)} ago`, 'dim')];
  }
  return answer;
};

const moveRow = (vip: VipView, look: Look, lit: boolean, width: number): Row => {
  const move = vip.lastMove;
  if (!move) return [span('not moved', 'dim')];
  const from = width < 72 ? '' : `${move.from ?? 'nobody'} `;
  const path = `${from}${look.glyphs.arrow} ${move.to ?? 'nobody'}`;
  const cause = move.cause && width >= 96 ? ` ${visibleText(move.cause, 200)}` : '';
  return [span(path, 'plain', { lit }), span(` ${clockTime(move.at.wall)}${cause}`, 'dim')];
};

/** The VIPs: who holds each, for how long, its last answer and its last move. */
export const vipsPane = ({ state, look, width, height }: PaneInput): PaneContent => {
  const vips = state.topology.vips.flatMap((address) => state.vips[address] ?? []);
  const addresses = vips.map((vip) => vip.address);
  const narrow = width < 72;
  // In between, the time of the last move is worth more than the first three numbers of every address.
  const short = width < 76 || Math.max(0, ...addresses.map(cells)) > width * 0.3;
  const names = short ? shortNames(addresses) : new Map<string, string>();
  const prefix = short ? commonPrefix(addresses) : '';
  const lines = vips.map((vip): Row[] => {
    const key = `vip:${vip.address}`;
    const lit = isLit(state, key);
    const holder = holderOf(state, vip.address);
    return [
      [markCell(state, key, look)],
      [span(names.get(vip.address) ?? vip.address)],
      holderRow(holder, look, lit),
      sinceRow(state, holder),
      answerRow(state, vip, look),
      moveRow(vip, look, lit, width),
    ];
  });
  const heads = ['', 'address', 'holder', 'for', 'last answer', 'last move'].map((name): Row => [span(name, 'dim')]);
  const withHeading = height > vips.length;
  const [first = [], ...rest] = table([withHeading ? heads : [], ...lines], columnsFor(narrow), width, look);
  const holders = vips.map((vip) => holderOf(state, vip.address).kind);
  const alarm =
    holders.some((kind) => kind === 'many' || kind === 'nobody') ||
    vips.some((vip) => probeState(state, vip.probe) === 'bad');
  const moved = vips.reduce((sum, vip) => sum + vip.moves, 0);
  return {
    title: [span('VIPs'), ...(prefix === '' ? [] : [span(` ${prefix}`, 'dim')])],
    badge: moved === 0 ? [] : [span(`${moved} ${moved === 1 ? 'move' : 'moves'}`, 'dim')],
    ...(alarm ? { tone: 'bad' as const } : holders.includes('unknown') ? { tone: 'unknown' as const } : {}),
    ...(withHeading ? { heading: [first] } : {}),
    rows: rest.length > 0 ? rest : [[span('no VIP known yet: waiting for the load balancers to tell', 'dim')]],
  };
};
