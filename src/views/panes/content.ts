import type { Notice, State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import type { Counts, PaneId } from '../layout.ts';
import { cut } from '../parts/cells.ts';
import { fieldRow } from '../parts/field.ts';
import type { PaneContent, PaneInput } from '../parts/pane-content.ts';
import { type Row, span } from '../parts/rows.ts';
import type { Ui } from '../ui.ts';
import { loadBalancerPane } from './load-balancer.ts';
import { filtered, logWindow, noticeRows } from './log.ts';
import { rotationPane } from './rotation.ts';
import { vipsPane } from './vips.ts';
import { webNodePane } from './web-node.ts';

/** What of the keyboard's doing the panes show. */
export type LogView = Pick<Ui, 'anchor' | 'filter' | 'filtering' | 'zoom'>;

/** What there is to lay out. */
export const countsOf = (state: State): Counts => ({
  vips: state.topology.vips.length,
  loadBalancers: state.topology.nodes.filter((node) => node.role === 'lb').map((node) => node.name),
  webNodes: state.topology.nodes.filter((node) => node.role === 'web').map((node) => node.name),
});

const logPane = ({ state, look, width, height }: PaneInput, view: LogView): PaneContent => {
  const kept = filtered(state.notices, view.filter.text);
  const rowsOf = (notice: Notice): Row[] => noticeRows(state, notice, look, width, view.zoom);
  const { first, last, below } = logWindow(kept, view.anchor, height, (notice) => rowsOf(notice).length);
  const rows = kept.slice(first, last + 1).flatMap(rowsOf);
  const filter = view.filtering
    ? [span(' /', 'accent'), ...fieldRow(view.filter, 30, look)]
    : view.filter.text === ''
      ? []
      : [span(' /', 'accent'), span(cut(visibleText(view.filter.text), 30, look.glyphs.ellipsis))];
  const count = view.filter.text === '' ? '' : `${kept.length} of ${state.notices.length}`;
  const newer = below === 0 ? '' : `${look.glyphs.down} ${below} newer, G follows`;
  const nothing = state.notices.length === 0 ? 'nothing has happened yet' : 'the filter matches nothing';
  return {
    title: [span('Events'), ...filter],
    badge: [span([count, newer].filter((part) => part !== '').join(', '), below === 0 ? 'dim' : 'warn')],
    rows: rows.length > 0 ? rows.slice(0, height) : [[span(nothing, 'dim')]],
  };
};

const contentOf = (id: PaneId, input: PaneInput, view: LogView): PaneContent => {
  if (id === 'vips') return vipsPane(input);
  if (id === 'rotation') return rotationPane(input);
  if (id === 'log') return logPane(input, view);
  const node = input.state.nodes[id.slice('node:'.length)];
  if (!node) return { title: [span('gone')], badge: [], rows: [] };
  return node.role === 'lb' ? loadBalancerPane(input, node) : webNodePane(input, node);
};

/** What a pane shows. A pane that cannot be drawn says so, and the others go on: the console must not die of one odd value. */
export const paneContent = (id: PaneId, input: PaneInput, view: LogView): PaneContent => {
  try {
    return contentOf(id, input, view);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      title: [span(id)],
      badge: [],
      rows: [[span(`${input.look.glyphs.bad} this pane cannot be drawn: ${why}`, 'bad')]],
    };
  }
};
