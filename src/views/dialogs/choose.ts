import { disabledNow } from '../../actions/catalog.ts';
import type { State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import { cells } from '../parts/cells.ts';
import { type Row, span } from '../parts/rows.ts';
import { wrapped } from '../parts/wrapped.ts';
import type { Size } from '../screen.ts';
import type { Look } from '../theme.ts';
import type { ChooseDialog } from '../ui.ts';
import { type Dialog, dialog, dialogWidth } from './dialog.ts';

/** What the key can mean here, with why some of it makes no sense now. */
export const chooseDialog = ({ title, choices }: ChooseDialog, state: State, size: Size, look: Look): Dialog => {
  const width = dialogWidth(size, 72);
  const column = Math.max(0, ...choices.map(({ key, label }) => cells(`${key}  ${label}`))) + 2;
  const rows = choices.flatMap(({ key, label, action }): Row[] => {
    const why = disabledNow(state, action);
    const head = `${key}  ${visibleText(label, 60)}`.padEnd(column);
    if (why === null) return [[span(head, 'key')]];
    return wrapped(`not now: ${visibleText(why)}`, width - column, 4).map((line, index) => [
      span(index === 0 ? head : ' '.repeat(column), 'dim'),
      span(line, 'dim'),
    ]);
  });
  return dialog(visibleText(title, 80), [...rows, [], [span('esc leaves', 'dim')]], width, size, look);
};
