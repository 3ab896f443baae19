/**
 * What stands in a cell. A glyph is a number: a code point, or for a grapheme of several code points an index past the
 * end of Unicode. Terminals agree on how wide letters, lines and CJK are; they disagree on emoji, flags and
 * variation selectors. The difference decides how a row may be rewritten.
 */
import stringWidth from 'string-width';

/** The second column of a wide glyph. */
export const CONTINUED = 0;
/** A blank cell. */
export const SPACE = 0x20;

const CLUSTERS = 0x11_00_00;
/** Ranges that every terminal draws in one column. */
const NARROW: readonly (readonly [number, number])[] = [
  [0x20, 0x7e],
  [0xa1, 0xac],
  [0xae, 0x2ff],
  [0x370, 0x377],
  [0x384, 0x482],
  [0x48a, 0x52f],
  [0x2010, 0x2027],
  [0x2030, 0x203b],
  [0x20a0, 0x20bf],
  [0x2190, 0x2193],
  [0x2200, 0x22ff],
  [0x2500, 0x25fc],
  [0x25ff, 0x25ff],
  [0x2713, 0x2713],
  [0x2717, 0x2717],
  [0x2800, 0x28ff],
];
/** Ranges that every terminal draws in two: kana, ideographs, Hangul syllables, full-width forms. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x3041, 0x3096],
  [0x309b, 0x30ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xac00, 0xd7a3],
  [0xff01, 0xff60],
];

/** Columns of each UTF-16 unit that is by itself a glyph of agreed width, 0 for all others. */
const columns = new Uint8Array(0x1_00_00);
for (const [first, last] of NARROW) columns.fill(1, first, last + 1);
for (const [first, last] of WIDE) columns.fill(2, first, last + 1);

const segmenter = new Intl.Segmenter();
const widths = new Map<string, number>();

/** How many columns every terminal gives this UTF-16 unit when no mark follows it; 0 where they may disagree. */
export function agreedColumns(unit: number): number {
  return columns[unit] ?? 0;
}

/** True when terminals may disagree about how wide this glyph is. */
export function disputed(glyph: number): boolean {
  return agreedColumns(glyph) === 0;
}

/** The graphemes of more than one code point that one terminal has shown. */
export class GlyphTable {
  #clusters: string[] = [];
  #ids = new Map<string, number>();

  /** True when so many were seen that the owner should `reset` it and repaint. */
  get full(): boolean {
    return this.#clusters.length > 20_000;
  }

  /** Forgets them; glyphs made before are void. */
  reset(): void {
    this.#clusters = [];
    this.#ids.clear();
  }

  /** The glyph of a grapheme. */
  of(grapheme: string): number {
    const code = grapheme.codePointAt(0) ?? SPACE;
    if (grapheme.length === (code > 0xff_ff ? 2 : 1)) return code;
    const known = this.#ids.get(grapheme);
    if (known !== undefined) return known;
    const glyph = CLUSTERS + this.#clusters.length;
    this.#clusters.push(grapheme);
    this.#ids.set(grapheme, glyph);
    return glyph;
  }

  /** The text of a glyph; `''` for the second half of a wide one. */
  text(glyph: number): string {
    if (glyph === CONTINUED) return '';
    return glyph < CLUSTERS ? String.fromCodePoint(glyph) : (this.#clusters[glyph - CLUSTERS] ?? ' ');
  }
}

/** Splits text into graphemes with their width in columns (0, 1 or more), as Ink measures them. */
export function* graphemes(text: string): Generator<readonly [string, number]> {
  for (const { segment } of segmenter.segment(text)) {
    let width = widths.get(segment);
    if (width === undefined) {
      width = stringWidth(segment);
      if (widths.size > 20_000) widths.clear();
      widths.set(segment, width);
    }
    yield [segment, width];
  }
}
