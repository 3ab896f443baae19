import { type CheckLine, checkLogLines } from '../../cluster/check-lines.ts';
import type { State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import { cells, cut } from '../parts/cells.ts';
import { type Row, rowCells, span } from '../parts/rows.ts';
import { clockTime } from '../parts/times.ts';
import { sourceRole } from '../parts/words.ts';
import { wrapped } from '../parts/wrapped.ts';
import type { Look } from '../theme.ts';
import { sources } from './log.ts';

/** A line of the merged check log; `id` is when it was written, as far as that is known, told apart within one moment. */
export type CheckEntry = CheckLine & { id: number };

/** The check logs of all load balancers, oldest line first. */
export const checkEntries = (state: State): CheckEntry[] => {
  const entries: CheckEntry[] = [];
  for (const one of checkLogLines(state)) {
    const before = entries.at(-1);
    // `date` knows only seconds: lines of one second must still be scrolled past one by one.
    entries.push({ ...one, id: before && before.id >= one.at ? before.id + 0.001 : one.at });
  }
  return entries;
};

/** What a filter is looked for in. */
export const checkText = (one: CheckEntry): string => `${one.node} ${one.text} ${one.explained ?? ''}`;

/** One line as one row, or as several when `wrap` is set: wall time (`~`: not sure), node, what was written, what it means. */
export const checkRows = (state: State, one: CheckEntry, look: Look, width: number, wrap: boolean): Row[] => {
  const { room } = sources(state, width);
  const name = cut(visibleText(one.node, 60), room, look.glyphs.ellipsis);
  const head: Row = [
    span(`${clockTime(one.at)}${one.unsure ? look.glyphs.stale : ' '}`, 'dim'),
    span(`${name}${' '.repeat(room - cells(name))} `, sourceRole(state, one.node)),
  ];
  const means = one.explained ? `${look.glyphs.arrow} ${visibleText(one.explained, 300)}` : '';
  const unsure = one.unsure ? `(time not sure: ${visibleText(one.unsure, 100)})` : '';
  const after = [means, unsure].filter((text) => text !== '').join(' ');
  if (!wrap) {
    const tail = after === '' ? [] : [span(` ${after}`, 'dim')];
    return [[...head, span(visibleText(one.text, 2 * width + 100)), ...tail]];
  }
  const indent = rowCells(head);
  const inner = Math.max(20, width - indent);
  const rows = [
    ...wrapped(visibleText(one.text), inner, 6).map((line) => span(line)),
    ...(after === '' ? [] : wrapped(after, inner, 4).map((line) => span(line, 'dim'))),
  ];
  return rows.map((line, index) => [...(index === 0 ? head : [span(' '.repeat(indent))]), line]);
};
