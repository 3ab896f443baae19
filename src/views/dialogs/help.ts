import { type Binding, type KeyContext, keymap, keysShown } from '../keymap.ts';
import { cells } from '../parts/cells.ts';
import { type Row, span } from '../parts/rows.ts';
import type { Size } from '../screen.ts';
import type { Look } from '../theme.ts';
import { type Dialog, dialog, dialogWidth } from './dialog.ts';

const sections: { title: string; modes: Binding['mode'][] }[] = [
  { title: 'Anywhere', modes: ['main', 'any'] },
  { title: 'While the log filter is typed', modes: ['filter'] },
  { title: 'While a note is written', modes: ['note'] },
  { title: 'When a question is asked', modes: ['prompt'] },
  { title: 'When a key could mean several things', modes: ['choose'] },
  { title: 'In the dialog of an action', modes: ['action'] },
  { title: 'In the list of drills', modes: ['drills'] },
  { title: 'In the dialog of a drill', modes: ['drill'] },
  { title: 'When a drill is to be ended', modes: ['end'] },
  { title: 'In any line of text', modes: ['text'] },
  { title: 'In this help', modes: ['help'] },
];

/** The signs that need a word, in the form they have on this terminal. */
const signs = ({ glyphs }: Look): [string, string][] => [
  [glyphs.good, 'good, by a fresh look'],
  [glyphs.warn, 'worth a look'],
  [glyphs.bad, 'bad, proven'],
  [glyphs.unknown, 'unknown: could not be looked at; never means down'],
  [glyphs.moved, 'a VIP has moved since the start or since c'],
  [glyphs.changed, 'something has changed since the start or since c'],
  [glyphs.running, 'an action is under way'],
  [glyphs.empty, 'drill: nobody held the VIP'],
  [glyphs.frozen, 'drill: two held it at once'],
  [glyphs.timer, 'the node itself will start its services again then'],
];

const keyRow = (binding: Binding, context: KeyContext): Row => {
  const keys = keysShown(binding);
  const why = binding.mode === 'main' ? (binding.disabled?.(context) ?? null) : null;
  return [
    span(`  ${keys}${' '.repeat(Math.max(1, 12 - cells(keys)))}`, why === null ? 'key' : 'dim'),
    span(binding.title, why === null ? 'plain' : 'dim'),
    ...(why === null ? [] : [span(` (not now: ${why})`, 'dim')]),
  ];
};

/** Rows of the help. */
export const helpLength = (look: Look): number =>
  sections.reduce((sum, { modes }) => sum + 2 + keymap.filter((one) => modes.includes(one.mode)).length, 0) +
  1 +
  signs(look).length;

/** All keys, from the table, with why some do nothing now. */
export const helpDialog = (context: KeyContext, scroll: number, size: Size, look: Look): Dialog => {
  const rows: Row[] = sections.flatMap(({ title, modes }): Row[] => [
    [span(title, 'strong')],
    ...keymap.filter((binding) => modes.includes(binding.mode)).map((binding) => keyRow(binding, context)),
    [],
  ]);
  const legend: Row[] = [
    [span('Signs', 'strong')],
    ...signs(look).map(([sign, text]): Row => [span(`  ${sign.padEnd(12)}`, 'key'), span(text)]),
  ];
  return dialog('Keys', [...rows, ...legend], dialogWidth(size, 84), size, look, scroll);
};
