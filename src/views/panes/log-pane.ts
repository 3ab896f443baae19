import { visibleText } from '../../cluster/visible-text.ts';
import { cut } from '../parts/cells.ts';
import { fieldRow } from '../parts/field.ts';
import type { PaneContent, PaneInput } from '../parts/pane-content.ts';
import { type Row, span } from '../parts/rows.ts';
import type { LogKind, Ui } from '../ui.ts';
import { checkEntries, checkRows, checkText } from './check-log.ts';
import { commandEntries, commandRows, commandText } from './command-log.ts';
import { type LogWindow, logWindow, noticeRows, noticeWords } from './log.ts';

/** What of the keyboard's doing the panes show. */
export type LogView = Pick<Ui, 'anchor' | 'filter' | 'filtering' | 'zoom' | 'log' | 'stepping'>;

/** The lines of a log that the filter keeps, whatever they are. `total` counts those without the filter too. */
export type LogList = {
  total: number;
  count: number;
  ids(): number[];
  window(anchor: number | null, height: number): LogWindow;
  rows(window: LogWindow): Row[];
};

const listOf = <T extends { id: number }>(
  all: T[],
  filter: string,
  words: (one: T) => string,
  rowsOf: (one: T) => Row[],
): LogList => {
  const wanted = filter.trim().toLowerCase();
  const kept = wanted === '' ? all : all.filter((one) => words(one).toLowerCase().includes(wanted));
  return {
    total: all.length,
    count: kept.length,
    ids: () => kept.map((one) => one.id),
    window: (anchor, height) => logWindow(kept, anchor, height, (one) => rowsOf(one).length),
    rows: ({ first, last }) => kept.slice(first, last + 1).flatMap(rowsOf),
  };
};

const names: Record<LogKind, { title: string; empty: string }> = {
  events: { title: 'Events', empty: 'nothing has happened yet' },
  commands: { title: 'Commands', empty: 'no command was run yet' },
  checks: { title: 'Check log', empty: 'no line of a check log was read yet' },
};

/** The lines of the log that is chosen, for a pane of this size. */
export const logList = (view: LogView, { state, look, width }: PaneInput): LogList => {
  const { text: filter } = view.filter;
  switch (view.log) {
    case 'events':
      return listOf(state.notices, filter, noticeWords, (one) => noticeRows(state, one, look, width, view.zoom));
    case 'commands':
      return listOf(commandEntries(state), filter, commandText, (one) =>
        commandRows(state, one, look, width, view.zoom),
      );
    case 'checks':
      return listOf(checkEntries(state), filter, checkText, (one) => checkRows(state, one, look, width, view.zoom));
  }
};

/** The log: what has happened, which commands were run, or what the check scripts wrote. */
export const logPane = (input: PaneInput, view: LogView): PaneContent => {
  const { look, height } = input;
  const list = logList(view, input);
  const window = list.window(view.anchor, height);
  const rows = list.rows(window);
  const filter = view.filtering
    ? [span(' /', 'accent'), ...fieldRow(view.filter, 30, look)]
    : view.filter.text === ''
      ? []
      : [span(' /', 'accent'), span(cut(visibleText(view.filter.text), 30, look.glyphs.ellipsis))];
  const count = view.filter.text === '' ? '' : `${list.count} of ${list.total}`;
  const newer = window.below === 0 ? '' : `${look.glyphs.down} ${window.below} newer, G follows`;
  const { title, empty } = names[view.log];
  const nothing = list.total === 0 ? empty : 'the filter matches nothing';
  return {
    title: [span(title), ...filter],
    badge: [span([count, newer].filter((part) => part !== '').join(', '), window.below === 0 ? 'dim' : 'warn')],
    rows: rows.length > 0 ? rows.slice(0, height) : [[span(nothing, 'dim')]],
  };
};
