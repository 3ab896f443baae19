/** One row of a frame as cells: what Ink wrote as text with SGR sequences, laid out on columns. */
import { agreedColumns, CONTINUED, type GlyphTable, graphemes, SPACE } from './glyph.ts';
import type { StyleTable } from './style.ts';

export type Row = {
  /** The text it was made from, and the style it began in: equal text means an equal row. */
  readonly source: string;
  readonly styleBefore: number;
  readonly styleAfter: number;
  /** Per column: the glyph, and the id of its style. */
  readonly glyphs: Uint32Array;
  readonly styles: Uint16Array;
  /** Columns up to the last cell that is not a blank in the default style. */
  readonly end: number;
  /** True when some glyph is not plainly one column wide: then the row is always rewritten whole. */
  readonly whole: boolean;
};

/** What the numbers in rows stand for; one pair per terminal. */
export type Tables = { readonly styles: StyleTable; readonly glyphs: GlyphTable };

/** An empty row. */
export function blankRow(columns: number): Row {
  const glyphs = new Uint32Array(columns).fill(SPACE);
  const styles = new Uint16Array(columns);
  return { source: '', styleBefore: 0, styleAfter: 0, glyphs, styles, end: 0, whole: false };
}

/**
 * Lays one line out on `columns` cells. What does not fit is cut; control characters and every escape sequence but SGR
 * (hyperlinks among them) are dropped.
 */
export function parseRow(source: string, styleBefore: number, columns: number, tables: Tables): Row {
  const glyphs = new Uint32Array(columns).fill(SPACE);
  const styles = new Uint16Array(columns);
  let style = styleBefore;
  let x = 0;
  let whole = false;

  const place = (text: string): void => {
    for (const [grapheme, width] of graphemes(text)) {
      const code = grapheme.charCodeAt(0);
      if (code < 0x20 || (code >= 0x7f && code < 0xa0)) continue;
      if (width === 0) {
        // A mark that an SGR sequence has cut from its base still belongs to the cell before it.
        let before = x - 1;
        while (before >= 0 && glyphs[before] === CONTINUED) before--;
        if (before >= 0) glyphs[before] = tables.glyphs.of(tables.glyphs.text(glyphs[before] ?? SPACE) + grapheme);
        whole = true;
        continue;
      }
      if (x + width > columns) {
        x = columns;
        return;
      }
      const glyph = tables.glyphs.of(grapheme);
      if (agreedColumns(glyph) !== 1) whole = true;
      glyphs[x] = glyph;
      styles[x] = style;
      for (let i = 1; i < width; i++) {
        glyphs[x + i] = CONTINUED;
        styles[x + i] = style;
      }
      x += width;
    }
  };

  let i = 0;
  while (i < source.length) {
    const esc = source.indexOf('\x1b', i);
    const stop = esc === -1 ? source.length : esc;
    const start = i;
    while (i < stop && x < columns) {
      const unit = source.charCodeAt(i);
      const width = agreedColumns(unit);
      if (width === 0) break;
      if (width === 2) {
        if (x + 2 > columns) break;
        glyphs[x + 1] = CONTINUED;
        styles[x + 1] = style;
        whole = true;
      }
      glyphs[x] = unit;
      styles[x] = style;
      x += width;
      i++;
    }
    if (i < stop && agreedColumns(source.charCodeAt(i)) === 0) {
      // The character before may be the base of a cluster: take it back and let the segmenter see both.
      if (i > start) {
        i--;
        const width = agreedColumns(source.charCodeAt(i));
        x -= width;
        glyphs.fill(SPACE, x, x + width);
        styles.fill(0, x, x + width);
      }
      place(source.slice(i, stop));
    } else if (i < stop) x = columns;
    i = stop;
    if (esc === -1) break;
    const [after, sgr] = readEscape(source, esc);
    if (sgr !== undefined) style = tables.styles.apply(style, sgr);
    i = after;
  }

  let end = columns;
  while (end > 0 && glyphs[end - 1] === SPACE && styles[end - 1] === 0) end--;
  return { source, styleBefore, styleAfter: style, glyphs, styles, end, whole };
}

/** Where an escape sequence that begins at `at` ends, and its parameters if it is SGR. */
function readEscape(text: string, at: number): readonly [number, string?] {
  const kind = text[at + 1];
  if (kind === '[') {
    let i = at + 2;
    while (i < text.length && (text.charCodeAt(i) < 0x40 || text.charCodeAt(i) > 0x7e)) i++;
    return text[i] === 'm' ? [i + 1, text.slice(at + 2, i)] : [i + 1];
  }
  if (kind !== undefined && ']PX^_'.includes(kind)) {
    const st = text.indexOf('\x1b\\', at + 2);
    const bel = text.indexOf('\x07', at + 2);
    if (st === -1 && bel === -1) return [text.length];
    return bel !== -1 && (st === -1 || bel < st) ? [bel + 1] : [st + 2];
  }
  return [at + 2];
}
