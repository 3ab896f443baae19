import type { State } from '../cluster/state.ts';
import type { Frames } from '../recording/export/asciicast.ts';
import { paneContent } from '../views/panes/content.ts';
import { headerRows } from '../views/panes/header.ts';
import { framed, inside } from '../views/parts/framed.ts';
import { ends, paint, span } from '../views/parts/rows.ts';
import { layoutFor, shownPanes, stanceOf } from '../views/screen.ts';
import { lookFor } from '../views/theme.ts';
import { initialUi, type Ui } from '../views/ui.ts';

type Piece = { left: number; top: number; text: string };

const look = lookFor({ color: true });

/** How long the end of a drill stays in the picture, ms: nobody is there to put it away. */
const RESULT = 30_000;

/** The set-up of a screen without a keyboard. */
const uiFor = ({ drill, now }: State): Ui => {
  if (!drill?.plan) return initialUi;
  const isOld = drill.until !== undefined && now.mono - drill.until.mono > RESULT;
  return { ...initialUi, ...(isOld ? { closedDrill: drill.id } : { focus: 'drill' }) };
};

/** The panes of a state at their places, without a keyboard. */
const piecesOf = (state: State, size: { columns: number; rows: number }): Piece[] => {
  const ui = uiFor(state);
  const places = layoutFor({ state }, ui, size);
  if ('tooSmall' in places) return [{ left: 0, top: 0, text: places.tooSmall }];
  const { columns } = size;
  const header = headerRows({
    shown: state,
    live: state,
    frozen: false,
    recorded: true,
    readOnly: false,
    recording: { phase: 'off' },
    questionWaits: false,
    closedDrill: ui.closedDrill,
    look,
    width: columns,
    height: places.header.height,
  });
  const foot = ends(
    [
      span(
        `recorded with haconsole ${look.glyphs.dot} ${new Date(state.now.wall).toISOString().slice(0, 10)} UTC`,
        'dim',
      ),
    ],
    [],
    columns,
    look,
  );
  return [
    { ...places.header, text: paint(header, columns, places.header.height, look) },
    ...shownPanes(ui, places).map(({ id, rect }) => {
      const stance = { ...stanceOf(id, rect, ui, state, places, columns), focused: false };
      const content = paneContent(id, { state, look, ...inside(rect, places.frame, columns) }, ui);
      return { ...rect, text: framed(content, stance, look) };
    }),
    { ...places.footer, text: paint([foot], columns, 1, look) },
  ];
};

/** Draws states with the panes of the live console. */
export const castFrames: Frames = (state, size) => {
  const lines = Array.from({ length: size.rows }, () => '');
  const pieces = piecesOf(state, size).sort((a, b) => a.left - b.left);
  for (const { left, top, text } of pieces)
    for (const [index, row] of text.split('\n').entries()) {
      const at = top + index;
      // A piece goes to its column by itself: what a terminal makes of a wide sign moves nothing behind it.
      if (at < size.rows) lines[at] += left === 0 ? row : `\u001b[${left + 1}G${row}`;
    }
  return lines;
};
