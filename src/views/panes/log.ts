import type { Notice, State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import { cells, cut } from '../parts/cells.ts';
import { shortNames } from '../parts/holder.ts';
import { LIT_FOR } from '../parts/marks.ts';
import { type Row, rowCells, span } from '../parts/rows.ts';
import { clockTime } from '../parts/times.ts';
import { sourceRole } from '../parts/words.ts';
import { wrapped } from '../parts/wrapped.ts';
import type { Look, Role } from '../theme.ts';

/** What a filter is looked for in: source, kind and text. */
export const noticeWords = (notice: Notice): string => `${notice.source} ${notice.kind} ${notice.text}`;

const signs: Record<Notice['severity'], { glyph: 'good' | 'warn' | 'bad' | 'dot'; role: Role; text: Role }> = {
  info: { glyph: 'dot', role: 'dim', text: 'plain' },
  good: { glyph: 'good', role: 'good', text: 'plain' },
  warn: { glyph: 'warn', role: 'warn', text: 'plain' },
  bad: { glyph: 'bad', role: 'bad', text: 'bad' },
};

/** Names of the sources as they are written at this width, and the cells of their column. */
export const sources = (state: State, width: number): { names: Map<string, string>; room: number } => {
  const { nodes, vips } = state.topology;
  const names = width < 110 ? shortNames(vips) : new Map<string, string>();
  const all = [...nodes.map((node) => node.name), ...vips.map((vip) => names.get(vip) ?? vip)];
  return { names, room: Math.min(16, Math.max(7, ...all.map(cells))) };
};

/** One notice as one line: wall time, source, sign, text. */
export const noticeRow = (state: State, notice: Notice, look: Look, width: number): Row => {
  const { names, room } = sources(state, width);
  const name = cut(visibleText(names.get(notice.source) ?? notice.source, 60), room, look.glyphs.ellipsis);
  const sign = signs[notice.severity];
  const lit = state.now.mono - notice.at.mono < LIT_FOR && notice.severity !== 'info';
  const kind = width >= 120 ? [span(`${notice.kind.padEnd(10)}`, 'dim')] : [];
  return [
    span(`${clockTime(notice.at.wall)} `, 'dim'),
    span(`${name}${' '.repeat(room - cells(name))} `, sourceRole(state, notice.source)),
    ...kind,
    span(`${look.glyphs[sign.glyph]} `, sign.role, { lit }),
    span(visibleText(notice.text, 2 * width + 100), sign.text),
  ];
};

/** Rows a notice may take where long ones are wrapped. */
const WRAPPED = 6;

/** One notice as one row, or as several when `wrap` is set: then nothing of it is cut. */
export const noticeRows = (state: State, notice: Notice, look: Look, width: number, wrap: boolean): Row[] => {
  if (!wrap) return [noticeRow(state, notice, look, width)];
  const head = noticeRow(state, notice, look, width).slice(0, -1);
  const indent = rowCells(head);
  const { text } = signs[notice.severity];
  return wrapped(visibleText(notice.text), Math.max(20, width - indent), WRAPPED).map((line, index) => [
    ...(index === 0 ? head : [span(' '.repeat(indent))]),
    span(line, text),
  ]);
};

/** The part of a log that is on screen: indices of the first and the last line, and how many come below. */
export type LogWindow = { first: number; last: number; below: number };

/** Fills `height` rows upwards from the line `anchor` (its id; null: the newest), and downwards when the top is reached. */
export const logWindow = <T extends { id: number }>(
  notices: T[],
  anchor: number | null,
  height: number,
  rowsOf: (notice: T) => number,
): LogWindow => {
  const found = anchor === null ? notices.length - 1 : notices.findLastIndex((notice) => notice.id <= anchor);
  let last = Math.max(0, found);
  let first = last + 1;
  let used = 0;
  const fits = (index: number): boolean => {
    const notice = notices[index];
    if (!notice) return false;
    const rows = rowsOf(notice);
    // At least one is shown, however long it is.
    if (used > 0 && used + rows > height) return false;
    used += rows;
    return true;
  };
  while (first > 0 && fits(first - 1)) first--;
  while (first === 0 && last < notices.length - 1 && fits(last + 1)) last++;
  return { first, last, below: Math.max(0, notices.length - 1 - last) };
};
