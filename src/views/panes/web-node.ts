import { rotation } from '../../cluster/rotation.ts';
import type { NodeView, State } from '../../cluster/state.ts';
import type { PaneContent, PaneInput } from '../parts/pane-content.ts';
import { restoreRow } from '../parts/restore-words.ts';
import { type Row, span } from '../parts/rows.ts';
import { webRole } from '../parts/words.ts';
import type { Look } from '../theme.ts';
import { answerLine, clockRow, labelCells, labelled, linkBadge, linkLine, nodeTitle, nodeTone } from './node-parts.ts';
import { serviceLabel, serviceRow } from './service-row.ts';

/** In steps of a tenth, for the last digit of a moving window says nothing; a half goes to the even one, so that 45 and 55 % are 100 together. */
const inTenths = (share: number): number => {
  const below = Math.floor(share * 10);
  const over = share * 10 - below;
  const up = Math.abs(over - 0.5) < 1e-9 ? below % 2 : Math.round(over);
  return (below + up) / 10;
};

const shareRow = (state: State, node: NodeView, look: Look, width: number): Row => {
  const { share, considered, missing } = rotation(state);
  if (considered === 0) return [span(` ${look.glyphs.waiting} no answers yet`, 'dim')];
  const part = inTenths(share[node.name] ?? 0);
  const percent = `${Math.round(part * 100)} %`.padStart(5);
  const note = missing.includes(node.name) ? ` ${look.glyphs.warn} none of the last ${considered}` : '';
  const room = Math.min(20, width - labelCells(width) - 7 - note.length - (width >= 40 ? 12 : 0));
  const full = Math.round(part * Math.max(0, room));
  const bar: Row =
    room < 4
      ? []
      : [
          span(' '),
          span(look.glyphs.full.repeat(full), webRole(state, node.name)),
          span(look.glyphs.empty.repeat(room - full), 'dim'),
        ];
  return [
    ...bar,
    span(` ${percent}`),
    ...(width >= 40 ? [span(` of last ${considered}`, 'dim')] : []),
    span(note, 'warn'),
  ];
};

/** A web node: its service, its answer, its share of the rotation, how it is reached. */
export const webNodePane = ({ state, look, width }: PaneInput, node: NodeView): PaneContent => {
  const line = (label: string, row: Row): Row => labelled(label, row, width);
  const broken = linkLine(state, node, look);
  const restore = restoreRow(state, node, look);
  const rows: Row[] = [
    ...(broken ? [line('link', broken)] : []),
    line(serviceLabel(node, 'web'), serviceRow(state, node, 'web', look, width - labelCells(width))),
    ...(restore ? [restore] : []),
    line('answer', answerLine(state, node, look)),
    line('share', shareRow(state, node, look, width)),
    line('clock', clockRow(node)),
  ];
  return {
    title: nodeTitle('WEB', node, width),
    badge: linkBadge(state, node, look, width),
    rows,
    ...nodeTone(state, node),
  };
};
