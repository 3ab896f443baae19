import type { Picture } from '../session/store.ts';
import { actionScrollEnd } from './dialogs/action.ts';
import { drillScrollEnd } from './dialogs/drill.ts';
import { helpLength } from './dialogs/help.ts';
import { layoutFor, type Size, scrollView, shownPanes } from './screen.ts';
import type { Look } from './theme.ts';
import type { LogKind, Ui } from './ui.ts';

/** The keyboard's side of what does not fit: the focused pane, the help, a long dialog, and which log is in view. */
export type Scrolling = {
  /** So many rows down (negative: up); beyond the ends is the end. */
  rows(step: number): void;
  /** A page down (1) or up (-1). */
  pages(direction: 1 | -1): void;
  /** Another log in the log's place, or the events again; where the log is not in view it comes into view. */
  log(kind: LogKind): void;
};

/** Makes it. `shown` is the picture the panes show, `live` the newest one. */
export const createScrolling = (parts: {
  get: () => Ui;
  set: (change: Partial<Ui>) => void;
  shown: () => Picture;
  live: () => Picture;
  size: () => Size;
  look: Look;
}): Scrolling => {
  const { get, set, shown, live, size, look } = parts;
  const within = (last: number, row: number): number => Math.max(0, Math.min(Math.max(0, last), row));

  /** Scrolls the dialog that stands over the panes, if one does. */
  const overlay = (step: number): boolean => {
    const { overlay: over } = get();
    if (over?.kind === 'help') {
      set({
        overlay: {
          ...over,
          scroll: within(helpLength(look, live().playback !== undefined) - (size().rows - 4), over.scroll + step),
        },
      });
      return true;
    }
    if (over?.kind !== 'action' && over?.kind !== 'drill') return false;
    const last =
      over.kind === 'action' ? actionScrollEnd(over, live().state, size(), look) : drillScrollEnd(over, size(), look);
    set({ overlay: { ...over, scroll: within(last, over.scroll + step) } });
    return true;
  };

  /** `by` rows down for a pane that shows `page` rows. */
  const pane = (by: (page: number) => number): void => {
    const ui = get();
    const view = scrollView(shown(), ui, size(), look);
    if (!view) return;
    const page = view.to - view.from;
    const step = by(page);
    if (!view.ids) {
      set({ scroll: { ...ui.scroll, [ui.focus]: within(view.total - page, view.from + step) } });
      return;
    }
    const goal = Math.max(0, view.to - 1 + step);
    set({ anchor: goal >= view.total - 1 ? null : (view.ids[goal] ?? null) });
  };

  return {
    rows: (step) => {
      if (!overlay(step)) pane(() => step);
    },
    pages: (direction) => {
      if (!overlay(direction * Math.max(1, size().rows - 6))) pane((page) => direction * Math.max(1, page - 1));
    },
    log: (kind) => {
      const ui = get();
      const places = layoutFor(shown(), ui, size());
      const inView = 'tooSmall' in places || shownPanes(ui, places).some(({ id }) => id === 'log');
      set({ log: ui.log === kind ? 'events' : kind, anchor: null, ...(inView ? {} : { focus: 'log', picked: true }) });
    },
  };
};
