import { Box, Text, useInput, usePaste, useWindowSize } from 'ink';
import { useLayoutEffect, useState, useSyncExternalStore } from 'react';
import type { DrillDesk, Picture, SessionStore } from '../session/store.ts';
import type { ConsoleClock } from './clock.ts';
import { createControls, type TerminalRequests } from './controls.ts';
import { actionDialog } from './dialogs/action.ts';
import { chooseDialog } from './dialogs/choose.ts';
import type { Dialog } from './dialogs/dialog.ts';
import { drillDialog } from './dialogs/drill.ts';
import { drillsDialog } from './dialogs/drills.ts';
import { endDialog } from './dialogs/end-drill.ts';
import { helpDialog } from './dialogs/help.ts';
import { noteDialog } from './dialogs/note.ts';
import { questionDialog } from './dialogs/question.ts';
import type { KeyContext, Mode } from './keymap.ts';
import { footerRow } from './panes/footer.ts';
import { headerRows } from './panes/header.ts';
import { Pane } from './panes/pane.tsx';
import { playbackRows } from './panes/playback-bar.ts';
import { Block } from './parts/block.tsx';
import { drillUnderWay } from './parts/drill-now.ts';
import { paint } from './parts/rows.ts';
import { shownPicture } from './replaying.ts';
import { layoutFor, type Size, shownPanes, stanceOf } from './screen.ts';
import { type Look, lookFor } from './theme.ts';
import { answersTo, modeOf, type Ui } from './ui.ts';

/** How the screen looks and what the session may do. `ascii`: the locale is not UTF-8. `color`: false with NO_COLOR. */
export type AppOptions = { ascii?: boolean; color: boolean; readOnly: boolean };

/** The console. `columns`, `rows` and `clock` are for tests; otherwise they are the terminal's and the machine's. */
export type AppProps = {
  store: SessionStore;
  terminal: TerminalRequests;
  onQuit: () => void;
  options: AppOptions;
  columns?: number;
  rows?: number;
  clock?: ConsoleClock;
};

/** The dialog that stands over the panes, if any. */
const overlayOf = (parts: {
  ui: Ui;
  picture: Picture;
  mode: Mode;
  context: KeyContext;
  size: Size;
  look: Look;
  drills: DrillDesk | undefined;
}): Dialog | null => {
  const { ui, picture, mode, context, size, look, drills } = parts;
  if (mode === 'prompt' && picture.prompt)
    return questionDialog(picture.prompt, answersTo(ui, picture.prompt), size, look);
  switch (ui.overlay?.kind) {
    case 'help':
      return helpDialog(context, ui.overlay.scroll, size, look);
    case 'note':
      return noteDialog(ui.overlay, picture.state, size, look);
    case 'choose':
      return chooseDialog(ui.overlay, picture.state, size, look);
    case 'action':
      return actionDialog(ui.overlay, picture.state, size, look);
    case 'drills':
      return drills ? drillsDialog(ui.overlay, drills, size, look) : null;
    case 'drill':
      return drillDialog(ui.overlay, size, look);
    case 'end':
      return endDialog(picture.state, size, look);
    default:
      return null;
  }
};

/** The whole screen: reads the picture and the keyboard's set-up, places the panes, draws a dialog over them. */
export const App = ({ store, terminal, onQuit, options, columns: wide, rows: tall, clock }: AppProps) => {
  const [look] = useState(() => lookFor(options));
  const [controls] = useState(() =>
    createControls({ store, terminal, onQuit, look, readOnly: options.readOnly, ...(clock ? { clock } : {}) }),
  );
  const picture = useSyncExternalStore(store.subscribe, store.get);
  const ui = useSyncExternalStore(controls.subscribe, controls.get);
  const window = useWindowSize();
  const columns = wide ?? window.columns;
  const rows = tall ?? window.rows;
  useLayoutEffect(() => controls.resize({ columns, rows }), [controls, columns, rows]);
  useInput(controls.press);
  usePaste(controls.paste);

  const size = { columns, rows };
  const shown = shownPicture(ui, picture);
  const { state, playback } = shown;
  const places = layoutFor(shown, ui, size);
  if ('tooSmall' in places) {
    const question = picture.prompt ? '; a question waits' : '';
    const drill = drillUnderWay(picture.state) ? '; a drill is under way' : '';
    return <Text wrap="truncate">{`${places.tooSmall}${question}${drill}`}</Text>;
  }

  const mode = modeOf(ui, picture);
  const context = controls.context(size);
  const header = headerRows({
    shown: state,
    live: playback?.now?.state ?? picture.state,
    frozen: ui.frozen !== null && !playback,
    ...(playback ? { playback } : {}),
    readOnly: options.readOnly,
    recording: picture.recording,
    questionWaits: playback?.now?.question || (picture.prompt !== null && mode !== 'prompt'),
    closedDrill: ui.closedDrill,
    look,
    width: columns,
    height: places.header.height,
  });
  const over = overlayOf({ ui, picture, mode, context, size, look, drills: store.drills });
  return (
    <Box width={columns} height={rows} flexShrink={0}>
      <Block {...places.header} text={paint(header, columns, places.header.height, look)} />
      {shownPanes(ui, places).map(({ id, rect }) => (
        <Pane
          key={id}
          id={id}
          state={state}
          stance={stanceOf(id, rect, ui, state, places, columns)}
          log={ui}
          look={look}
        />
      ))}
      {playback && (
        <Block
          {...places.bar}
          text={paint(
            playbackRows(playback, ui.line, columns, places.bar.height, look),
            columns,
            places.bar.height,
            look,
          )}
        />
      )}
      <Block {...places.footer} text={paint([footerRow(context, columns, look)], columns, 1, look)} />
      {over && <Block {...over.rect} text={over.text} />}
    </Box>
  );
};
