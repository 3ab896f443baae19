import stringWidth from 'string-width';

/** ASCII and our own signs and frames: one cell and one UTF-16 unit each. Spares the segmenter, which is slow. */
const narrow =
  /^[\x20-\x7e\u00b7\u2013-\u2026\u2016\u2190-\u2193\u2500-\u25a0\u25b2\u25b8\u25c2\u25cb\u25cf\u25d4\u2717\u27f3]*$/;
const segmenter = new Intl.Segmenter();

/** Terminal cells that `text` takes; `text` is already fit to be shown. */
export const cells = (text: string): number => (narrow.test(text) ? text.length : stringWidth(text));

/** The signs (grapheme clusters) of a text, as a person counts them. */
export const graphemes = (text: string): string[] =>
  narrow.test(text) ? [...text] : Array.from(segmenter.segment(text), ({ segment }) => segment);

/** At most `width` cells of `text`; what was cut shows as `ellipsis`. Never half a wide sign. */
export const cut = (text: string, width: number, ellipsis = '…'): string => {
  if (width <= 0) return '';
  if (cells(text) <= width) return text;
  const room = width - cells(ellipsis);
  if (room < 0) return '';
  let taken = '';
  let used = 0;
  for (const sign of graphemes(text)) {
    const next = used + cells(sign);
    if (next > room) break;
    taken += sign;
    used = next;
  }
  return taken + ellipsis;
};
