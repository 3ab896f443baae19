import { freshness } from '../../cluster/aged.ts';
import { readiness } from '../../cluster/readiness.ts';
import type { NodeView, State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import { shortNames, vipsOn } from '../parts/holder.ts';
import { isLit, markCell } from '../parts/marks.ts';
import type { PaneContent, PaneInput } from '../parts/pane-content.ts';
import { restoreRow } from '../parts/restore-words.ts';
import { type Row, span } from '../parts/rows.ts';
import { asOf, clockTime } from '../parts/times.ts';
import { failureWords } from '../parts/words.ts';
import type { Look } from '../theme.ts';
import { answerLine, clockRow, labelCells, labelled, linkBadge, linkLine, nodeTitle, nodeTone } from './node-parts.ts';
import { serviceRow } from './service-row.ts';
import { vrrpRow } from './vrrp-row.ts';

const readyWords = (state: State, node: NodeView, look: Look): Row => {
  const { ready, why } = readiness(state, node);
  const reason = visibleText(why.join('; '), 200);
  if (ready === true) return [span(', ready', 'dim')];
  if (ready === false) return [span(` ${look.glyphs.bad} not ready: ${reason}`, 'bad')];
  return [span(` ${look.glyphs.unknown} ready? ${reason}`, 'unknown')];
};

const vipsRow = (state: State, node: NodeView, look: Look): Row => {
  const { held, unseen } = vipsOn(state, node.name);
  const names = shortNames(state.topology.vips);
  const short = (vips: string[]): string => vips.map((vip) => names.get(vip) ?? vip).join(' ');
  const lit = state.topology.vips.some((vip) => isLit(state, `vip:${vip}`));
  const count = state.topology.vips.length;
  if (unseen.length === count && count > 0) {
    const { failure, at } = node.addresses;
    const were = state.topology.vips.filter((vip) => state.vips[vip]?.holdings[node.name]?.holds);
    const was = at === undefined ? '' : `, was ${were.length}/${count}, ${asOf(state.now.mono - at)}`;
    const why = failure && node.link.phase === 'up' ? ` ${failureWords(failure)}` : '';
    return [span(' '), span(`${look.glyphs.unknown} unknown`, 'unknown'), span(`${was}${why}`, 'dim')];
  }
  if (held.length === 0) return [span(' '), span('none', 'plain', { lit }), ...readyWords(state, node, look)];
  return [span(' '), span(`${held.length}/${count} `, 'strong', { lit }), span(short(held), 'plain', { lit })];
};

/** `Mon Nov 23 18:18:46 UTC 2026: text`, the form check_nginx.sh writes, shortened to `18:18:46 text` (the node's own clock). */
const shortLine = (line: string): string => {
  const found = /^\w{3} \w{3} +\d+ (\d\d:\d\d:\d\d) .{0,20}?\d{4}: ?(.*)$/.exec(line);
  return visibleText(found ? `${found[1]} ${found[2]}` : line, 300);
};

const checkLogRows = (state: State, node: NodeView, look: Look, count: number): Row[] => {
  const { value, at, failure } = node.checkLog;
  const key = `check:${node.name}`;
  const mark = markCell(state, key, look);
  // What the stream has pushed is there before the next snapshot reads the tail.
  const lines = node.seenLines.length > 0 ? node.seenLines.map((seen) => seen.line) : value?.lines;
  if (!lines) {
    const text = failure ? `${look.glyphs.unknown} ${failureWords(failure)}` : `${look.glyphs.waiting} not read yet`;
    return [[mark, span(text, 'unknown')]];
  }
  const faded = freshness(node.checkLog, state.now.mono, state.topology.interval) !== 'fresh';
  const old = faded && at !== undefined ? [span(` ${asOf(state.now.mono - at)}`, 'dim')] : [];
  if (lines.length === 0) return [[mark, span('empty', 'dim'), ...old]];
  const [newest = '', ...older] = lines.slice(-count).reverse();
  return [
    [mark, span(shortLine(newest), 'plain', { faded, lit: isLit(state, key) }), ...old],
    ...older.map((line): Row => [span(' '), span(shortLine(line), 'dim')]),
  ];
};

const streamsRow = (node: NodeView, look: Look): Row => {
  const names = ['addresses', 'journal', 'check-log'] as const;
  return names.flatMap((name) => {
    const stream = node.streams[name];
    if (!stream) return [span(` ${look.glyphs.waiting} ${name}`, 'dim')];
    if (stream.failure && (stream.failedAt ?? 0) >= (stream.at ?? 0))
      return [span(` ${look.glyphs.unknown} ${name} ${failureWords(stream.failure)}`, 'unknown')];
    return [span(` ${look.glyphs.good}`, 'good'), span(` ${name}`, 'dim')];
  });
};

/** A load balancer: VRRP state and priority, VIPs held, its services, the last check-log line, how it is reached. */
export const loadBalancerPane = ({ state, look, width, height }: PaneInput, node: NodeView): PaneContent => {
  const line = (label: string, row: Row): Row => labelled(label, row, width);
  const room = width - labelCells(width);
  const broken = linkLine(state, node, look);
  const [log = [], ...older] = checkLogRows(state, node, look, Math.max(1, height));
  const lastMove = state.moves.findLast((move) => move.from === node.name || move.to === node.name);
  const restore = restoreRow(state, node, look);
  const rows: Row[] = [
    ...(broken ? [line('link', broken)] : []),
    line('VRRP', vrrpRow(state, node, look)),
    line('VIPs', vipsRow(state, node, look)),
    line('nginx', serviceRow(state, node, 'nginx', look, room)),
    line('keepalived', serviceRow(state, node, 'keepalived', look, room)),
    ...(restore ? [restore] : []),
    line('check log', log),
    line('answer', answerLine(state, node, look)),
    ...(lastMove
      ? [
          line('last move', [
            span(
              ` ${lastMove.from ?? 'nobody'} ${look.glyphs.arrow} ${lastMove.to ?? 'nobody'} ${clockTime(lastMove.at.wall)}`,
            ),
            span(lastMove.cause ? ` ${visibleText(lastMove.cause, 200)}` : '', 'dim'),
          ]),
        ]
      : []),
    line('streams', streamsRow(node, look)),
    line('clock', clockRow(node)),
    ...older.map((row) => line('', row)),
  ];
  return {
    title: nodeTitle('LB', node, width),
    badge: linkBadge(state, node, look, width),
    rows,
    ...nodeTone(state, node),
  };
};
