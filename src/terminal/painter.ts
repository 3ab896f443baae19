/**
 * Turns frames into the fewest bytes that make the terminal show them: it remembers what each cell holds and moves to
 * and writes only what differs.
 */
import { CONTINUED, disputed, GlyphTable, SPACE } from './glyph.ts';
import { blankRow, parseRow, type Row, type Tables } from './row.ts';
import { StyleTable } from './style.ts';

/** A whole picture. */
export type Frame = {
  /** Lines as Ink wrote them: text and SGR sequences. */
  readonly lines: readonly string[];
  /** Where the text cursor stands, counted from 0, or undefined when it is hidden. */
  readonly cursor?: { readonly x: number; readonly y: number } | undefined;
};

/** Blanks from this many columns on are erased rather than written. */
const ERASE_FROM = 9;

/** Holds what the terminal shows. Positions are counted from 0 here and from 1 on the wire. */
export class Painter {
  #tables: Tables = { styles: new StyleTable(), glyphs: new GlyphTable() };
  #rows: Row[] = [];
  #columns = 0;
  #known = false;
  #cursor: string | undefined;
  #out = '';
  #x = -1;
  #y = -1;
  #pen = 0;

  /** Says that what the terminal shows is unknown, so that the next frame is painted whole. */
  forget(): void {
    this.#known = false;
  }

  /** True when the next frame will be painted on a cleared screen. */
  get blank(): boolean {
    return !this.#known;
  }

  /** The bytes that turn what the terminal shows into `frame`, `''` when it shows it already. */
  paint(frame: Frame, columns: number, rows: number): string {
    this.#out = '';
    this.#x = this.#y = -1;
    this.#pen = 0;
    if (this.#tables.styles.full || this.#tables.glyphs.full) {
      this.#tables.styles.reset();
      this.#tables.glyphs.reset();
      this.#known = false;
    }
    if (!this.#known || columns !== this.#columns || rows !== this.#rows.length) this.#clear(columns, rows);
    // A frame that is too tall shows its end, as it would on a terminal that scrolls.
    const top = Math.max(0, frame.lines.length - rows);
    let style = 0;
    for (let y = 0; y < rows; y++) {
      const source = frame.lines[top + y] ?? '';
      const before = this.#rows[y] ?? blankRow(columns);
      if (before.source === source && before.styleBefore === style) {
        style = before.styleAfter;
        continue;
      }
      const row = parseRow(source, style, columns, this.#tables);
      if (row.whole || before.whole) this.#rewrite(y, before, row);
      else this.#difference(y, before, row);
      this.#rows[y] = row;
      style = row.styleAfter;
    }
    this.#style(0);
    this.#showCursor(frame.cursor && { x: frame.cursor.x, y: frame.cursor.y - top }, columns, rows);
    return this.#out;
  }

  #clear(columns: number, rows: number): void {
    this.#out = '\x1b[m\x1b[?25l\x1b[H\x1b[2J';
    this.#x = this.#y = 0;
    this.#rows = Array.from({ length: rows }, () => blankRow(columns));
    this.#columns = columns;
    this.#cursor = undefined;
    this.#known = true;
  }

  #difference(y: number, before: Row, row: Row): void {
    const { glyphs, styles, end } = row;
    const same = (x: number): boolean => glyphs[x] === before.glyphs[x] && styles[x] === before.styles[x];
    const width = Math.max(end, before.end);
    let x = 0;
    while (x < width) {
      if (same(x)) {
        x++;
        continue;
      }
      this.#reach(x, y, row);
      if (x >= end && width - x > 3) {
        this.#style(0);
        this.#out += '\x1b[K';
        return;
      }
      let blanks = blanksFrom(row, x);
      while (blanks > 0 && same(x + blanks - 1)) blanks--;
      if (blanks >= ERASE_FROM) {
        this.#style(0);
        this.#out += `\x1b[${blanks}X`;
        x += blanks;
        continue;
      }
      this.#put(row, x);
      x++;
    }
  }

  /** Rows with glyphs of doubtful width are cleared and written whole, each doubtful glyph followed by a move. */
  #rewrite(y: number, before: Row, row: Row): void {
    if (sameCells(before, row)) return;
    this.#move(0, y);
    this.#style(0);
    if (before.end > 0) this.#out += '\x1b[K';
    let x = 0;
    while (x < row.end) {
      const blanks = blanksFrom(row, x);
      if (blanks >= 5) {
        x += blanks;
        continue;
      }
      const glyph = row.glyphs[x] ?? SPACE;
      this.#move(x, y);
      this.#put(row, x);
      let next = x + 1;
      while (next < row.end && row.glyphs[next] === CONTINUED) next++;
      this.#x = disputed(glyph) ? -1 : next;
      x = next;
    }
  }

  /** Moves to column `x`, by writing the cells between again where that is shorter. */
  #reach(x: number, y: number, row: Row): void {
    const gap = x - this.#x;
    if (y === this.#y && this.#x >= 0 && gap > 0 && gap <= 3) {
      let cheap = true;
      for (let i = this.#x; i < x; i++) cheap &&= row.styles[i] === this.#pen && (row.glyphs[i] ?? 0) < 0x7f;
      if (cheap) {
        while (this.#x < x) this.#put(row, this.#x);
        return;
      }
    }
    this.#move(x, y);
  }

  #move(x: number, y: number): void {
    if (x === this.#x && y === this.#y) return;
    if (y === this.#y) {
      const right = x - this.#x;
      const step = right > 0 ? csi(right, 'C') : csi(-right, 'D');
      const column = csi(x + 1, 'G');
      this.#out += x === 0 ? '\r' : this.#x >= 0 && step.length < column.length ? step : column;
    } else this.#out += x === 0 ? csi(y + 1, 'H') : `\x1b[${y === 0 ? '' : y + 1};${x + 1}H`;
    this.#x = x;
    this.#y = y;
  }

  #put(row: Row, x: number): void {
    this.#style(row.styles[x] ?? 0);
    this.#out += this.#tables.glyphs.text(row.glyphs[x] ?? SPACE);
    // After the last column terminals differ about where the cursor is.
    this.#x = x + 1 < this.#columns ? x + 1 : -1;
  }

  #style(style: number): void {
    this.#out += this.#tables.styles.move(this.#pen, style);
    this.#pen = style;
  }

  #showCursor(cursor: Frame['cursor'], columns: number, rows: number): void {
    if (cursor === undefined || cursor.y < 0 || cursor.y >= rows) {
      if (this.#cursor !== undefined) this.#out += '\x1b[?25l';
      this.#cursor = undefined;
      return;
    }
    const x = Math.min(cursor.x, columns - 1);
    const place = `${x};${cursor.y}`;
    if (this.#out === '' && this.#cursor === place) return;
    this.#move(x, cursor.y);
    if (this.#cursor === undefined) this.#out += '\x1b[?25h';
    this.#cursor = place;
  }
}

function csi(count: number, final: string): string {
  return count === 1 ? `\x1b[${final}` : `\x1b[${count}${final}`;
}

function blanksFrom(row: Row, x: number): number {
  let to = x;
  while (to < row.glyphs.length && row.glyphs[to] === SPACE && row.styles[to] === 0) to++;
  return to - x;
}

function sameCells(a: Row, b: Row): boolean {
  return a.glyphs.every((glyph, x) => glyph === b.glyphs[x] && a.styles[x] === b.styles[x]);
}
