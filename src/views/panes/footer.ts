import { type Binding, type Command, type KeyContext, keymap, keysShown } from '../keymap.ts';
import { fitRow, type Row, rowCells, span, whole } from '../parts/rows.ts';
import type { Look } from '../theme.ts';
import { modeOf } from '../ui.ts';

/** These are always there: how to find the other keys, and how to get out. */
const last: Command[] = ['help', 'quit'];

/** The keys that work now, as many as fit; why the last key did nothing comes first. */
export const footerRow = (context: KeyContext, width: number, look: Look): Row => {
  const { ui, picture } = context;
  const mode = modeOf(ui, picture.prompt);
  const piece = (binding: Binding): Row => {
    const keys = binding.command === 'focus' ? `1-${Math.min(9, context.panes)}` : keysShown(binding);
    const label = binding.command === 'freeze' && ui.frozen ? 'go live' : (binding.footer ?? '');
    return [span(` ${keys}`, 'key'), span(` ${label} `, 'dim')];
  };
  const works = keymap.filter(
    (binding) => binding.mode === mode && binding.footer !== undefined && !binding.disabled?.(context),
  );
  const end = works.filter((binding) => last.includes(binding.command)).flatMap(piece);
  const room = width - rowCells(end);
  const hint: Row = ui.hint === '' ? [] : [span(` ${ui.hint} `, 'warn')];
  const start = whole(
    fitOver(hint, room, look),
    works.filter((binding) => !last.includes(binding.command)).map(piece),
    room,
  );
  return [...start, ...end];
};

const fitOver = (row: Row, room: number, look: Look): Row => (rowCells(row) > room ? fitRow(row, room, look) : row);
