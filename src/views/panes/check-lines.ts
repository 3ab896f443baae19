import type { State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import { cells, cut } from '../parts/cells.ts';
import { type Row, rowCells, span } from '../parts/rows.ts';
import { sourceRole } from '../parts/words.ts';
import { wrapped } from '../parts/wrapped.ts';
import type { Look } from '../theme.ts';
import { sources } from './log.ts';

export type CheckEntry = { id: number; node: string; text: string; explained?: string };

export const checkEntries = (state: State): CheckEntry[] =>
  Object.values(state.nodes)
    .flatMap((node) => node.seenLines.map((seen) => ({ id: seen.at, node: node.name, text: seen.line })))
    .sort((a, b) => a.id - b.id);

export const checkWords = (one: CheckEntry): string => `${one.node} ${one.text} ${one.explained ?? ''}`;

export const checkRows = (state: State, one: CheckEntry, look: Look, width: number, wrap: boolean): Row[] => {
  const { room } = sources(state, width);
  const name = cut(visibleText(one.node, 60), room, look.glyphs.ellipsis);
  const head: Row = [span(`${name}${' '.repeat(room - cells(name))} `, sourceRole(state, one.node))];
  const arrow = one.explained ? [span(` ${look.glyphs.arrow} ${visibleText(one.explained, 300)}`, 'dim')] : [];
  if (!wrap) return [[...head, span(visibleText(one.text, 2 * width + 100)), ...arrow]];
  const indent = rowCells(head);
  return wrapped(visibleText(one.text), Math.max(20, width - indent), 6).map((line, index, all) => [
    ...(index === 0 ? head : [span(' '.repeat(indent))]),
    span(line),
    ...(index === all.length - 1 ? arrow : []),
  ]);
};
