import type { State } from '../cluster/state.ts';
import type { Picture } from '../session/store.ts';
import { type Layout, layout, type PaneId, paneOrder, type Rect } from './layout.ts';
import { countsOf, paneContent } from './panes/content.ts';
import { logList } from './panes/log-pane.ts';
import { inside, type Stance, slice } from './parts/framed.ts';
import type { PaneContent } from './parts/pane-content.ts';
import type { Look } from './theme.ts';
import type { Ui } from './ui.ts';

/** Size of the terminal in cells. */
export type Size = { columns: number; rows: number };

/** Rows of the bar of a playback at this size. */
const barRows = (size: Size): number => (size.rows >= 24 ? 2 : 1);

/** The layout for this picture and size. */
export const layoutFor = (
  { state, playback }: Pick<Picture, 'state' | 'playback'>,
  ui: Ui,
  size: Size,
): ReturnType<typeof layout> => layout(size.columns, size.rows, countsOf(state, ui), playback ? barRows(size) : 0);

/** The panes that are drawn: all that have room, or the focused one alone when it is zoomed or has no room of its own. */
export const shownPanes = (ui: Ui, places: Layout): { id: PaneId; rect: Rect }[] =>
  ui.zoom || places.hidden.includes(ui.focus) ? [{ id: ui.focus, rect: places.body }] : places.panes;

/** How a pane stands on the screen. */
export const stanceOf = (id: PaneId, rect: Rect, ui: Ui, state: State, places: Layout, columns: number): Stance => {
  const number = paneOrder(countsOf(state, ui)).indexOf(id) + 1;
  return {
    rect,
    frame: places.frame,
    columns,
    ...(number >= 1 && number <= 9 ? { number } : {}),
    focused: ui.focus === id,
    scroll: ui.scroll[id] ?? 0,
  };
};

/** A pane ready to be framed. */
export const paneView = (state: State, ui: Ui, stance: Stance, id: PaneId, look: Look): PaneContent =>
  paneContent(id, { state, look, ...inside(stance.rect, stance.frame, stance.columns) }, ui);

/**
 * How far the focused pane is scrolled. Rows `from` to `to` (exclusive) of `total` are in view. For the log these are
 * its lines, and `ids` are theirs.
 */
export type ScrollView = { from: number; to: number; total: number; ids?: number[] };

/** What scrolling the focused pane has to know; null when there is no picture at this size. */
export const scrollView = (
  picture: Pick<Picture, 'state' | 'playback'>,
  ui: Ui,
  size: Size,
  look: Look,
): ScrollView | null => {
  const { state } = picture;
  const places = layoutFor(picture, ui, size);
  if ('tooSmall' in places) return null;
  const pane = shownPanes(ui, places).find(({ id }) => id === ui.focus);
  if (!pane) return null;
  const stance = stanceOf(pane.id, pane.rect, ui, state, places, size.columns);
  const { width, height } = inside(stance.rect, stance.frame, size.columns);
  if (pane.id !== 'log') return slice(paneView(state, ui, stance, pane.id, look), height, stance.scroll);
  const list = logList(ui, { state, look, width, height });
  const window = list.window(ui.anchor, height);
  return { from: window.first, to: window.last + 1, total: list.count, ids: list.ids() };
};
