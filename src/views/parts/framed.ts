import type { Frame, Rect } from '../layout.ts';
import type { Look } from '../theme.ts';
import type { PaneContent } from './pane-content.ts';
import { ends, fitRow, paintRow, type Row, rowCells, span } from './rows.ts';

/** Cells inside the frame of a pane. A `rule` pane leaves a blank column to its right neighbour. */
export const inside = (rect: Rect, frame: Frame, columns: number): { width: number; height: number } =>
  frame === 'box'
    ? { width: rect.width - 4, height: rect.height - 2 }
    : { width: rect.width - (rect.left + rect.width < columns ? 1 : 0), height: rect.height - 1 };

/** How a pane stands on the screen. `number`: the key that focuses it, when it has one. */
export type Stance = { rect: Rect; frame: Frame; columns: number; number?: number; focused: boolean; scroll: number };

/** First and last row in view and how many there are; `scroll` clamped to what there is. */
export const slice = (
  content: PaneContent,
  height: number,
  scroll: number,
): { from: number; to: number; total: number } => {
  const room = Math.max(1, height - (content.heading?.length ?? 0));
  const from = Math.max(0, Math.min(scroll, content.rows.length - room));
  return { from, to: Math.min(content.rows.length, from + room), total: content.rows.length };
};

const titleRow = (content: PaneContent, stance: Stance, hint: string, look: Look): Row => {
  const { number, focused } = stance;
  const sign = focused ? look.glyphs.focus : '';
  const key = number === undefined ? '' : String(number);
  const pieces = content.title.map((piece) =>
    focused && piece.role !== 'dim' ? { ...piece, role: 'accent' as const } : piece,
  );
  // What is dim in a title may be cut; the place in the pane may not.
  const head = pieces.findIndex((piece) => piece.role === 'dim');
  const at = head === -1 ? pieces.length : head;
  return [
    span(`${sign}${key}${sign !== '' || key !== '' ? ' ' : ''}`, focused ? 'accent' : 'key'),
    ...pieces.slice(0, at),
    span(hint === '' ? '' : ` ${hint}`, 'dim'),
    ...pieces.slice(at),
    span(' '),
  ];
};

/** A pane with its frame: exactly `rect.height` lines of `rect.width` cells. */
export const framed = (content: PaneContent, stance: Stance, look: Look): string => {
  const { rect, frame, columns, focused } = stance;
  const size = inside(rect, frame, columns);
  const view = slice(content, size.height, stance.scroll);
  const hint = focused && view.to - view.from < view.total ? `${view.from + 1}-${view.to}/${view.total}` : '';
  const { rule, side, corners } = look.glyphs;
  const line = focused ? 'accent' : (content.tone ?? 'dim');
  const badge: Row = rowCells(content.badge) > 0 ? [span(' '), ...content.badge, span(' ')] : [];
  const body = [...(content.heading ?? []), ...content.rows.slice(view.from, view.to)];
  const title = titleRow(content, stance, hint, look);
  if (frame === 'rule') {
    const top = [
      span(`${rule} `, line),
      ...ends(title, [...badge, span(rule, line)], size.width - 2, look, rule, line),
    ];
    const rows = [top, ...Array.from({ length: size.height }, (_, index) => body[index] ?? [])];
    return rows.map((row) => paintRow(fitRow(fitRow(row, size.width, look), rect.width, look), look)).join('\n');
  }
  const [topLeft, topRight, bottomLeft, bottomRight] = corners;
  const top: Row = [
    span(`${topLeft}${rule} `, line),
    ...ends(title, [...badge, span(rule, line)], rect.width - 4, look, rule, line),
    span(topRight, line),
  ];
  const middle = Array.from(
    { length: size.height },
    (_, index): Row => [
      span(side, line),
      span(' '),
      ...fitRow(body[index] ?? [], size.width, look),
      span(' '),
      span(side, line),
    ],
  );
  const bottom: Row = [span(`${bottomLeft}${rule.repeat(rect.width - 2)}${bottomRight}`, line)];
  return [top, ...middle, bottom].map((row) => paintRow(fitRow(row, rect.width, look), look)).join('\n');
};
