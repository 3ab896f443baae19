import type { Look, Role } from '../theme.ts';
import { cells, cut } from './cells.ts';

/** A piece of one line. `lit`: it has just changed; `faded`: as of some time ago. Text from outside is made visible before. */
export type Span = { text: string; role?: Role; lit?: boolean; faded?: boolean };

/** One line of the screen. */
export type Row = Span[];

/** Makes a span. */
export const span = (text: string, role: Role = 'plain', more: { lit?: boolean; faded?: boolean } = {}): Span => ({
  text,
  role,
  ...more,
});

/** Cells a line takes. */
export const rowCells = (row: Row): number => row.reduce((sum, piece) => sum + cells(piece.text), 0);

/** The line cut or padded to exactly `width` cells. */
export const fitRow = (row: Row, width: number, look: Look, align: 'left' | 'right' = 'left'): Row => {
  const fitted: Row = [];
  let used = 0;
  for (const [index, piece] of row.entries()) {
    const room = width - used;
    const own = cells(piece.text);
    const rest = rowCells(row.slice(index + 1));
    if (own < room || (own === room && rest === 0)) {
      fitted.push(piece);
      used += own;
      continue;
    }
    const text =
      own <= room ? cut(`${piece.text} `, room, look.glyphs.ellipsis) : cut(piece.text, room, look.glyphs.ellipsis);
    fitted.push({ ...piece, text });
    used += cells(text);
    break;
  }
  if (used >= width) return fitted;
  const blank = span(' '.repeat(width - used));
  return align === 'left' ? [...fitted, blank] : [blank, ...fitted];
};

/** `left` and `right` on one line of `width` cells; the right one wins when there is no room for both. */
export const ends = (left: Row, right: Row, width: number, look: Look, fill = ' ', role: Role = 'plain'): Row => {
  const kept = rowCells(right) > width ? fitRow(right, width, look) : right;
  const room = width - rowCells(kept);
  const start = rowCells(left) > room ? fitRow(left, room, look) : left;
  const gap = room - rowCells(start);
  return [...start, span(fill.repeat(Math.max(0, gap)), role), ...kept];
};

/** `row` with each of `more` that still fits as a whole into `width` cells; the first that does not ends it. */
export const whole = (row: Row, more: Row[], width: number): Row => {
  const kept = [...row];
  let used = rowCells(row);
  for (const piece of more) {
    used += rowCells(piece);
    if (used > width) break;
    kept.push(...piece);
  }
  return kept;
};

/** Puts `separator` between rows and joins them. */
export const joined = (rows: Row[], separator: Span): Row =>
  rows.flatMap((row, index) => (index === 0 ? row : [separator, ...row]));

const asciiOnly = (text: string): string =>
  text.replace(/[^\x20-\x7e]/gu, (sign) => '?'.repeat(Math.max(0, cells(sign))));

/** The line as text with SGR codes; the only place that emits escape sequences. */
export const paintRow = (row: Row, look: Look): string => {
  let painted = '';
  for (const { text, role = 'plain', lit, faded } of row) {
    if (text === '') continue;
    const shown = look.ascii ? asciiOnly(text) : text;
    const codes = [look.sgr[role], faded ? '2' : '', lit ? '7' : ''].filter((code) => code !== '').join(';');
    painted += codes === '' ? shown : `\u001b[${codes}m${shown}\u001b[0m`;
  }
  return painted;
};

/** Exactly `height` lines of exactly `width` cells as one text. */
export const paint = (rows: Row[], width: number, height: number, look: Look): string =>
  Array.from({ length: height }, (_, index) => paintRow(fitRow(rows[index] ?? [], width, look), look)).join('\n');
