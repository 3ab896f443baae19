import { freshness } from '../../cluster/aged.ts';
import { probeState } from '../../cluster/select.ts';
import type { NodeView, State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import { cells } from '../parts/cells.ts';
import { isLit, markCell } from '../parts/marks.ts';
import { restoreBadge } from '../parts/restore-words.ts';
import { type Row, span } from '../parts/rows.ts';
import { asOf, latency } from '../parts/times.ts';
import { answerWords, linkWords, unansweredWords } from '../parts/words.ts';
import type { Look, Role } from '../theme.ts';

/** Cells of the label column in a pane of this width. */
export const labelCells = (width: number): number => (width < 26 ? 7 : 10);

/** A label in its column, then the row. Narrow panes have a narrower column. */
export const labelled = (label: string, row: Row, width: number): Row => {
  const column = labelCells(width);
  return [span(label.slice(0, column).padEnd(column), 'dim'), ...row];
};

/** `LB lb1 172.16.249.101` */
export const nodeTitle = (kind: string, node: NodeView, width: number): Row => {
  const name = visibleText(node.name, 40);
  const own = name.toLowerCase().startsWith(kind.toLowerCase()) ? name.toUpperCase() : `${kind} ${name}`;
  const address = visibleText(node.address, 60);
  const room = cells(own) + cells(address) + 22 <= width && address !== node.name;
  return [span(own, 'strong'), ...(room ? [span(` ${address}`, 'dim')] : [])];
};

/** A node that cannot be looked at now has a frame that says so. */
export const nodeTone = (state: State, node: NodeView): { tone?: Role } =>
  freshness(node.addresses, state.now.mono, state.topology.interval) === 'fresh' ? {} : { tone: 'unknown' };

/** How the node is reached, short, for the title line. */
export const linkBadge = (state: State, node: NodeView, look: Look, width: number): Row => {
  const { link } = node;
  const lit = isLit(state, `link:${node.name}`);
  const { glyphs } = look;
  // Where the line of the timer may have no place, it stands in the title.
  const timer = width < 36 ? restoreBadge(state, node, look) : [];
  if (width < 26 || timer.length > 0)
    return [
      ...timer,
      span(link.phase === 'up' ? glyphs.good : glyphs.unknown, link.phase === 'up' ? 'good' : 'unknown', { lit }),
    ];
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
  const { last: newest } = node.probe;
  // A web node that answers as itself need not be named in its own pane.
  const { servedBy, ...unnamed } = newest ?? {};
  const last = newest && servedBy === node.name ? { ...newest, ...unnamed, servedBy: '' } : newest;
  if (last && last.ok !== null && probeState(state, node.probe) === 'unknown') {
    return [mark, ...answerWords(last, look, { faded: true }), span(` ${asOf(state.now.mono - last.at.mono)}`, 'dim')];
  }
  const lit = isLit(state, key);
  const { lastGood } = node.probe;
  if (last?.ok === null && lastGood) {
    const good = lastGood.servedBy === node.name ? { ...lastGood, servedBy: '' } : lastGood;
    return [mark, ...unansweredWords(last, good, look, { now: state.now.mono, lit })];
  }
  return [mark, ...answerWords(last, look, { lit })];
};

/** How far the node's clock is from ours. Less than a tenth of a second is no news. */
export const clockRow = (node: NodeView): Row => {
  const clock = node.clock.value;
  if (!clock) return [span(' unknown', 'dim')];
  const seconds = Math.abs(clock.offset) / 1000;
  const error = clock.error >= 50 ? ` ± ${(clock.error / 1000).toFixed(1)}` : '';
  if (seconds < 0.1) return [span(` as ours, within ${Math.max(0.1, clock.error / 1000).toFixed(1)} s`, 'dim')];
  const off = Math.abs(clock.offset) > 1000 + clock.error;
  return [
    span(` ${seconds.toFixed(1)} s ${clock.offset > 0 ? 'ahead' : 'behind'}`, off ? 'warn' : 'plain'),
    span(error, 'dim'),
  ];
};
