import type { State } from '../cluster/state.ts';
import { type Layout, layout, type PaneId, paneOrder, type Rect } from './layout.ts';
import { countsOf, paneContent } from './panes/content.ts';
import { filtered, logWindow } from './panes/log.ts';
import { inside, type Stance, slice } from './parts/framed.ts';
import type { PaneContent } from './parts/pane-content.ts';
import type { Look } from './theme.ts';
import type { Ui } from './ui.ts';

/** Size of the terminal in cells. */
export type Size = { columns: number; rows: number };

/** The layout for this state and size. */
export const layoutFor = (state: State, size: Size): ReturnType<typeof layout> =>
  layout(size.columns, size.rows, countsOf(state));

/** The panes that are drawn: all that have room, or the focused one alone when it is zoomed or has no room of its own. */
export const shownPanes = (ui: Ui, places: Layout): { id: PaneId; rect: Rect }[] =>
  ui.zoom || places.hidden.includes(ui.focus) ? [{ id: ui.focus, rect: places.body }] : places.panes;

/** How a pane stands on the screen. */
export const stanceOf = (id: PaneId, rect: Rect, ui: Ui, state: State, places: Layout, columns: number): Stance => {
  const number = paneOrder(countsOf(state)).indexOf(id) + 1;
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

/** What scrolling the focused pane has to know. For the log, `from` counts in the filtered notices. */
export type ScrollView = { from: number; total: number; room: number; ids?: number[] };

/** How far the focused pane is scrolled and how far it can be; null when there is no picture at this size. */
export const scrollView = (state: State, ui: Ui, size: Size, look: Look): ScrollView | null => {
  const places = layoutFor(state, size);
  if ('tooSmall' in places) return null;
  const pane = shownPanes(ui, places).find(({ id }) => id === ui.focus);
  if (!pane) return null;
  const stance = stanceOf(pane.id, pane.rect, ui, state, places, size.columns);
  const { height } = inside(stance.rect, stance.frame, size.columns);
  if (pane.id === 'log') {
    const kept = filtered(state.notices, ui.filter.text);
    const { above } = logWindow(kept, ui.anchor, height);
    return { from: above, total: kept.length, room: height, ids: kept.map((notice) => notice.id) };
  }
  const { from, to, total } = slice(paneView(state, ui, stance, pane.id, look), height, stance.scroll);
  return { from, total, room: Math.max(1, to - from) };
};
