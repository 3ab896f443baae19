import { visibleText } from '../../cluster/visible-text.ts';
import type { DrillDesk } from '../../session/store.ts';
import { drillLetters } from '../drilling.ts';
import { cells, cut } from '../parts/cells.ts';
import { fitRow, type Row, span } from '../parts/rows.ts';
import { textRows } from '../parts/text-rows.ts';
import type { Size } from '../screen.ts';
import type { Look } from '../theme.ts';
import type { DrillsDialog } from '../ui.ts';
import { type Dialog, dialog, dialogWidth } from './dialog.ts';

/** First row in view of a list of `count` in `room` rows: the selected one is always in view, with what comes next to it. */
const firstInView = (count: number, room: number, at: number): number =>
  Math.max(0, Math.min(at - Math.floor(room / 2), count - room));

/** The drills there are: may each begin now, and what the selected one shows. */
export const drillsDialog = (one: DrillsDialog, desk: DrillDesk, size: Size, look: Look): Dialog => {
  const width = dialogWidth(size, 110);
  const drills = desk.list();
  const whys = drills.map(({ name }) => desk.glance(name));
  const column = Math.min(24, Math.max(0, ...drills.map(({ name }) => cells(name)))) + 1;
  const chosen = drills[one.at];
  const why = whys[one.at] ?? null;
  const about: Row[] = chosen
    ? [
        [],
        ...textRows(visibleText(chosen.shows, 600), width, 'plain', '', size.rows < 24 ? 2 : 4),
        ...(why === null
          ? [[span(`${look.glyphs.good} `, 'good'), span('nothing known speaks against it now')]]
          : textRows(`not now: ${visibleText(why, 400)}`, width, 'warn', `${look.glyphs.warn} `, 3)),
      ]
    : [];
  const foot: Row[] = [
    ...about,
    [],
    [
      span('step by step ', 'dim'),
      span(one.step ? '[yes]' : 'yes', one.step ? 'accent' : 'dim'),
      span('  '),
      span(one.step ? 'no' : '[no]', one.step ? 'dim' : 'accent'),
      span(' (tab)   enter reads it, esc leaves', 'dim'),
    ],
  ];
  const room = Math.max(3, size.rows - 4 - foot.length);
  const first = firstInView(drills.length, room, one.at);
  const rows = drills.slice(first, first + room).map((drill, offset): Row => {
    const index = first + offset;
    const open = whys[index] === null;
    const name = cut(visibleText(drill.name, 60), column - 1, look.glyphs.ellipsis);
    const isChosen = index === one.at;
    const row: Row = [
      span(isChosen ? look.glyphs.focus : ' ', 'accent'),
      span(`${drillLetters[index] ?? ' '} `, 'key'),
      span(`${open ? look.glyphs.good : look.glyphs.warn} `, open ? 'good' : 'warn'),
      span(`${name}${' '.repeat(column - cells(name))} `, isChosen ? 'accent' : 'strong'),
      span(visibleText(drill.title, 200), isChosen ? 'plain' : 'dim'),
    ];
    return fitRow(row, width, look);
  });
  const count = rows.length < drills.length ? ` ${first + 1}-${first + rows.length} of ${drills.length}` : '';
  const none: Row[] = drills.length === 0 ? [[span('there is no drill', 'dim')]] : [];
  return dialog(`Drills${count}`, [...rows, ...none, ...foot], width, size, look);
};
