import { visibleText } from '../../cluster/visible-text.ts';
import type { Look } from '../theme.ts';
import { cells, graphemes } from './cells.ts';
import { type Row, span } from './rows.ts';

/** A line of text being typed; `cursor` counts signs (grapheme clusters) from its start. */
export type Field = { text: string; cursor: number };

/** Longest line that can be typed, in UTF-16 units. */
export const FIELD_LIMIT = 500;

export const emptyField: Field = { text: '', cursor: 0 };

/** A pasted page becomes one line: line breaks and tabs are spaces, other controls are dropped. */
const oneLine = (text: string): string => text.replace(/[\r\n\t]+/g, ' ').replace(/[\p{Cc}\p{Cs}]/gu, '');

/** Inserts at the cursor; what goes beyond the limit is left out. */
export const insert = (field: Field, text: string): Field => {
  const signs = graphemes(field.text);
  const room = FIELD_LIMIT - field.text.length;
  const added = oneLine(text.slice(0, Math.max(0, room)).toWellFormed());
  const before = signs.slice(0, field.cursor).join('') + added;
  return { text: before + signs.slice(field.cursor).join(''), cursor: graphemes(before).length };
};

const edits: Record<string, (signs: string[], cursor: number) => [string[], number]> = {
  left: (signs, cursor) => [signs, Math.max(0, cursor - 1)],
  right: (signs, cursor) => [signs, Math.min(signs.length, cursor + 1)],
  home: (signs) => [signs, 0],
  end: (signs) => [signs, signs.length],
  backspace: (signs, cursor) => (cursor === 0 ? [signs, 0] : [signs.toSpliced(cursor - 1, 1), cursor - 1]),
  delete: (signs, cursor) => [signs.toSpliced(cursor, 1), cursor],
  'delete-before': (signs, cursor) => [signs.slice(cursor), 0],
  'delete-after': (signs, cursor) => [signs.slice(0, cursor), cursor],
  'delete-word': (signs, cursor) => {
    let from = cursor;
    while (from > 0 && signs[from - 1] === ' ') from--;
    while (from > 0 && signs[from - 1] !== ' ') from--;
    return [signs.toSpliced(from, cursor - from), from];
  },
};

/** Names of what can be done to a line besides typing. */
export const isEdit = (name: string): boolean => name in edits;

/** Moves the cursor or deletes; an unknown name changes nothing. */
export const edit = (field: Field, name: string): Field => {
  const change = edits[name];
  if (!change) return field;
  const [signs, cursor] = change(graphemes(field.text), field.cursor);
  return { text: signs.join(''), cursor };
};

/** The part of the line around the cursor that fits into `width` cells, the cursor shown as a lit cell. */
export const fieldRow = (field: Field, width: number, look: Look): Row => {
  const signs = graphemes(field.text).map((sign) => visibleText(sign));
  let from = field.cursor;
  let used = cells(signs[field.cursor] ?? ' ');
  while (from > 0 && used + cells(signs[from - 1] ?? '') <= width - 1) used += cells(signs[--from] ?? '');
  const under = signs[field.cursor];
  const cursor = under === undefined ? span(look.glyphs.cursor, 'accent') : span(under, 'plain', { lit: true });
  return [span(signs.slice(from, field.cursor).join('')), cursor, span(signs.slice(field.cursor + 1).join(''))];
};
