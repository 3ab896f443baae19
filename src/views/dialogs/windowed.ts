import { type Row, span } from '../parts/rows.ts';
import type { Size } from '../screen.ts';
import type { Look } from '../theme.ts';

/** Rows of a dialog's body that have room above `foot`, which always stays in view. */
export const roomFor = (foot: Row[], size: Size): number => Math.max(2, size.rows - 4 - foot.length);

/** How far a body can be scrolled down in so much room, rows. */
export const scrollEnd = (body: Row[], room: number): number =>
  body.length <= room ? 0 : body.length - Math.max(1, room - 1);

/** Rows of the body that are in view, and a line that counts the others. */
export const windowed = (body: Row[], room: number, scroll: number, look: Look): Row[] => {
  if (body.length <= room) return body;
  const shown = Math.max(1, room - 1);
  const from = Math.max(0, Math.min(scroll, body.length - shown));
  const above = from === 0 ? '' : `${look.glyphs.up} ${from} above `;
  const below = body.length - shown - from;
  const more = below === 0 ? '' : `${look.glyphs.down} ${below} more lines (down scrolls)`;
  return [...body.slice(from, from + shown), [span(`${above}${more}`, 'warn')]];
};
