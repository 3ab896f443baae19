import { type KeyContext, keymap, keysShown } from '../keymap.ts';
import { fitRow, type Row, rowCells, span } from '../parts/rows.ts';
import type { Look } from '../theme.ts';
import { modeOf } from '../ui.ts';

/** The keys that work now, as many as fit; why the last key did nothing comes first. */
export const footerRow = (context: KeyContext, width: number, look: Look): Row => {
  const { ui, picture } = context;
  const mode = modeOf(ui, picture.prompt);
  const row: Row = ui.hint === '' ? [] : [span(` ${ui.hint} `, 'warn')];
  let used = rowCells(row);
  for (const binding of keymap) {
    if (binding.mode !== mode || binding.footer === undefined || binding.disabled?.(context)) continue;
    const keys = binding.command === 'focus' ? `1-${Math.min(9, context.panes)}` : keysShown(binding);
    const label = binding.command === 'freeze' && ui.frozen ? 'go live' : binding.footer;
    const piece: Row = [span(` ${keys}`, 'key'), span(` ${label} `, 'dim')];
    if (used + rowCells(piece) > width) break;
    row.push(...piece);
    used += rowCells(piece);
  }
  return fitRow(row, width, look);
};
