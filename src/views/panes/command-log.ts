import type { CommandView } from '../../cluster/action.ts';
import type { State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import { cells, cut } from '../parts/cells.ts';
import { commandTime, saidOf } from '../parts/command-words.ts';
import { LIT_FOR } from '../parts/marks.ts';
import { type Row, rowCells, span } from '../parts/rows.ts';
import { clockTime } from '../parts/times.ts';
import { sourceRole } from '../parts/words.ts';
import { wrapped } from '../parts/wrapped.ts';
import type { Look } from '../theme.ts';
import { sources } from './log.ts';

/** A line of the command log; `id` is when its result came (mono ms). */
export type CommandEntry = CommandView & { id: number };

/** The commands that were run on the nodes, oldest first. */
export const commandEntries = (state: State): CommandEntry[] => state.commands.map((one) => ({ ...one, id: one.at }));

/** What a filter is looked for in. */
export const commandText = (one: CommandView): string => {
  const { word, text } = saidOf(one.result);
  return `${one.node} ${word} ${one.command} ${text}`;
};

/** Cells of the widest word for a result, and of its time. */
const WORD = 15;
const TIME = 8;

/** One command as one row, or as several when `wrap` is set: wall time, node, result, how long it took, command, last line of stderr. */
export const commandRows = (state: State, one: CommandEntry, look: Look, width: number, wrap: boolean): Row[] => {
  const { room } = sources(state, width);
  const name = cut(visibleText(one.node, 60), room, look.glyphs.ellipsis);
  const { sign, word, role, text } = saidOf(one.result);
  const good = role === 'good';
  const lit = !good && state.now.mono - one.at < LIT_FOR;
  const head: Row = [
    span(`${clockTime(one.wall)} `, 'dim'),
    span(`${name}${' '.repeat(room - cells(name))} `, sourceRole(state, one.node)),
    span(`${look.glyphs[sign]} `, role, { lit }),
    span(`${cut(word, WORD - 2, look.glyphs.ellipsis).padEnd(WORD - 2)} `, good ? 'plain' : role),
    span(`${commandTime(one.result.ms).padStart(TIME)}  `, 'dim'),
  ];
  const command = visibleText(one.command, 2000);
  if (!wrap)
    return [[...head, span(command), span(text === '' ? '' : `  ${look.glyphs.dot} ${text}`, good ? 'dim' : role)]];
  const indent = rowCells(head);
  const inner = Math.max(20, width - indent);
  const rows = [
    ...wrapped(command, inner, 6).map((line) => span(line)),
    ...(text === '' ? [] : wrapped(text, inner, 4).map((line) => span(line, good ? 'dim' : role))),
  ];
  return rows.map((line, index) => [...(index === 0 ? head : [span(' '.repeat(indent))]), line]);
};
