import type { State } from '../../cluster/state.ts';
import type { Counts, PaneId } from '../layout.ts';
import { drillShown } from '../parts/drill-now.ts';
import type { PaneContent, PaneInput } from '../parts/pane-content.ts';
import { span } from '../parts/rows.ts';
import type { Ui } from '../ui.ts';
import { drillPane } from './drill.ts';
import { loadBalancerPane } from './load-balancer.ts';
import { type LogView, logPane } from './log-pane.ts';
import { rotationPane } from './rotation.ts';
import { vipsPane } from './vips.ts';
import { webNodePane } from './web-node.ts';

/** What there is to lay out. */
export const countsOf = (state: State, ui?: Pick<Ui, 'closedDrill' | 'focus'>): Counts => ({
  vips: state.topology.vips.length,
  loadBalancers: state.topology.nodes.filter((node) => node.role === 'lb').map((node) => node.name),
  webNodes: state.topology.nodes.filter((node) => node.role === 'web').map((node) => node.name),
  ...(ui && drillShown(state, ui) ? { drill: ui.focus === 'log' ? ('beside' as const) : ('instead' as const) } : {}),
});

const contentOf = (id: PaneId, input: PaneInput, view: LogView): PaneContent => {
  if (id === 'vips') return vipsPane(input);
  if (id === 'rotation') return rotationPane(input);
  if (id === 'log') return logPane(input, view);
  if (id === 'drill') return drillPane(input, view);
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
