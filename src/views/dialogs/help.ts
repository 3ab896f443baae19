import { type Binding, type KeyContext, keymap, keysShown } from '../keymap.ts';
import { cells } from '../parts/cells.ts';
import { type Row, span } from '../parts/rows.ts';
import type { Size } from '../screen.ts';
import type { Look } from '../theme.ts';
import { type Dialog, dialog, dialogWidth } from './dialog.ts';

type Section = { title: string; modes: Binding['mode'][] };

const past: Section[] = [
  { title: 'In the past', modes: ['replay'] },
  { title: 'While a time or a search is typed', modes: ['go', 'search'] },
  { title: 'Everywhere', modes: ['any'] },
];

const present: Section[] = [
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

/** What there is to tell: in the past other keys work than in the present. */
const sectionsFor = (inPast: boolean): Section[] =>
  inPast
    ? [...past, ...present.filter(({ modes }) => modes.some((mode) => ['filter', 'text', 'help'].includes(mode)))]
    : present;

/** The signs that need a word, in the form they have on this terminal. */
const signs = ({ glyphs }: Look, inPast: boolean): [string, string][] => [
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
  ...(inPast ? barSigns(glyphs) : []),
];

/** On the bar of a playback: the worst of what was said in the time of one cell. */
const barSigns = ({ bar, ...glyphs }: Look['glyphs']): [string, string][] => [
  [bar.here, 'bar: the moment that is shown'],
  [`${bar.played} ${bar.track}`, 'bar: played, and not yet'],
  [bar.idle, 'bar: idle, nothing was said for ten seconds or more'],
  [bar.drill, 'bar: a drill'],
  [glyphs.unknown, 'bar: nothing was recorded'],
  [glyphs.dot, 'bar: something was said'],
];

const keyRow = (binding: Binding, context: KeyContext, look: Look): Row => {
  const keys = keysShown(binding, look.ascii);
  const why = binding.mode === 'main' || binding.mode === 'replay' ? (binding.disabled?.(context) ?? null) : null;
  return [
    span(`  ${keys}${' '.repeat(Math.max(1, 12 - cells(keys)))}`, why === null ? 'key' : 'dim'),
    span(binding.title, why === null ? 'plain' : 'dim'),
    ...(why === null ? [] : [span(` (not now: ${why})`, 'dim')]),
  ];
};

/** Rows of the help. */
export const helpLength = (look: Look, inPast: boolean): number =>
  sectionsFor(inPast).reduce((sum, { modes }) => sum + 2 + keymap.filter((one) => modes.includes(one.mode)).length, 0) +
  1 +
  signs(look, inPast).length;

/** All keys, from the table, with why some do nothing now. */
export const helpDialog = (context: KeyContext, scroll: number, size: Size, look: Look): Dialog => {
  const rows: Row[] = sectionsFor(context.picture.playback !== undefined).flatMap(({ title, modes }): Row[] => [
    [span(title, 'strong')],
    ...keymap.filter((binding) => modes.includes(binding.mode)).map((binding) => keyRow(binding, context, look)),
    [],
  ]);
  const legend: Row[] = [
    [span('Signs', 'strong')],
    ...signs(look, context.picture.playback !== undefined).map(
      ([sign, text]): Row => [span(`  ${sign.padEnd(12)}`, 'key'), span(text)],
    ),
  ];
  return dialog('Keys', [...rows, ...legend], dialogWidth(size, 84), size, look, scroll);
};
