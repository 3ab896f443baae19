import { failureText } from '../../cluster/failure.ts';
import type { State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import { fieldRow } from '../parts/field.ts';
import { type Row, span } from '../parts/rows.ts';
import { wrapped } from '../parts/wrapped.ts';
import type { Size } from '../screen.ts';
import type { Look } from '../theme.ts';
import type { NoteDialog } from '../ui.ts';
import { type Dialog, dialog, dialogWidth } from './dialog.ts';

/** One line of input, and what became of it on each node. */
export const noteDialog = (note: NoteDialog, state: State, size: Size, look: Look): Dialog => {
  const width = dialogWidth(size, 96);
  const names = state.topology.nodes.filter((node) => node.role === 'lb').map((node) => visibleText(node.name, 40));
  const result = note.outcomes.flatMap((outcome): Row[] =>
    outcome.ok
      ? [[span(`${look.glyphs.good} `, 'good'), span(`written on ${outcome.node}`)]]
      : wrapped(`${outcome.node}: ${visibleText(failureText(outcome.failure), 300)}`, width - 2, 4).map(
          (line, index): Row => [span(index === 0 ? `${look.glyphs.bad} ` : '  ', 'bad'), span(line, 'bad')],
        ),
  );
  const rows: Row[] = [
    [span(`to ${visibleText(state.topology.checkLog, 80)} on ${names.join(', ')}`, 'dim')],
    [span('> ', 'accent'), ...fieldRow(note.field, width - 2, look)],
    ...(note.sending ? [[span(`${look.glyphs.waiting} writing`, 'unknown')]] : result),
    [span(note.outcomes.length > 0 ? 'esc leaves' : 'enter writes, esc leaves', 'dim')],
  ];
  return dialog('Note', rows, width, size, look);
};
