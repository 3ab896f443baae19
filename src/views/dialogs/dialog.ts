import type { Rect } from '../layout.ts';
import { framed } from '../parts/framed.ts';
import type { Row } from '../parts/rows.ts';
import { span } from '../parts/rows.ts';
import type { Size } from '../screen.ts';
import type { Look } from '../theme.ts';

/** A box in the middle of the screen, drawn over the panes. */
export type Dialog = { rect: Rect; text: string };

/** Cells inside the widest dialog that this screen has room for. */
export const dialogWidth = (size: Size, most = 76): number => Math.min(size.columns - 8, most);

/** Frames rows as a dialog of `width` cells inside; what is too tall for the screen scrolls. */
export const dialog = (title: string, rows: Row[], width: number, size: Size, look: Look, scroll = 0): Dialog => {
  const height = Math.min(rows.length + 2, size.rows - 2);
  const rect: Rect = {
    left: Math.floor((size.columns - width - 4) / 2),
    top: Math.max(0, Math.floor((size.rows - height) / 2)),
    width: width + 4,
    height,
  };
  const content = { title: [span(title, 'strong')], badge: [], rows };
  return { rect, text: framed(content, { rect, frame: 'box', columns: size.columns, focused: true, scroll }, look) };
};
