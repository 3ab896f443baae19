import { probeState } from '../../cluster/select.ts';
import type { NodeView, State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import { cells } from '../parts/cells.ts';
import { isLit, markCell } from '../parts/marks.ts';
import { type Row, span } from '../parts/rows.ts';
import { asOf, latency } from '../parts/times.ts';
import { answerWords, linkWords } from '../parts/words.ts';
import type { Look } from '../theme.ts';

/** A label in its column, then the row. Narrow panes have a narrower column. */
export const labelled = (label: string, row: Row, width: number): Row => {
  const column = width < 26 ? 8 : 10;
  return [span(label.slice(0, column).padEnd(column), 'dim'), ...row];
};

/** `LB lb1 172.16.249.101` */
export const nodeTitle = (kind: string, node: NodeView, width: number): Row => {
  const name = visibleText(node.name, 40);
  const own = name.toLowerCase().startsWith(kind.toLowerCase()) ? name.toUpperCase() : `${kind} ${name}`;
  const address = visibleText(node.address, 60);
  const room = cells(own) + cells(address) + 14 <= width && address !== node.name;
  return [span(own, 'strong'), ...(room ? [span(` ${address}`, 'dim')] : [])];
};

/** How the node is reached, short, for the title line. */
export const linkBadge = (state: State, node: NodeView, look: Look): Row => {
  const { link } = node;
  const lit = isLit(state, `link:${node.name}`);
  const { glyphs } = look;
  if (link.phase === 'up') {
    return [
      span(glyphs.good, 'good', { lit }),
      span(` ssh${link.rtt === undefined ? '' : ` ${latency(link.rtt)}`}`, 'dim', { lit }),
    ];
  }
  if (link.phase === 'connecting') return [span(`${glyphs.waiting} connecting`, 'unknown', { lit })];
  return [span(`${glyphs.unknown} not connected`, 'unknown', { lit })];
};

/** Why the node is not connected and when it is tried again; null while it is. */
export const linkLine = (state: State, node: NodeView, look: Look): Row | null => {
  if (node.link.phase === 'up') return null;
  if (node.link.phase === 'connecting' && !node.link.failure) return null;
  return [markCell(state, `link:${node.name}`, look), ...linkWords(node.link, state.now.mono, look)];
};

/** What the node itself answers when asked directly. */
export const answerLine = (state: State, node: NodeView, look: Look): Row => {
  const key = `probe:${node.name}`;
  const mark = markCell(state, key, look);
  const { last } = node.probe;
  if (last && last.ok !== null && probeState(state, node.probe) === 'unknown') {
    return [mark, ...answerWords(last, look, { faded: true }), span(` ${asOf(state.now.mono - last.at.mono)}`, 'dim')];
  }
  return [mark, ...answerWords(last, look, { lit: isLit(state, key) })];
};
