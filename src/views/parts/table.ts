import type { Look } from '../theme.ts';
import { fitRow, type Row, rowCells, span } from './rows.ts';

/**
 * A column: at least `floor` cells, so that it does not wander with its values. With `least` it gives way first when room
 * is short, the lowest `rank` before the others; the lowest rank is also the first that is left out.
 */
export type Column = { floor: number; rank: number; least?: number; align?: 'left' | 'right' };

const GAP = 2;

const sum = (numbers: number[]): number => numbers.reduce((total, one) => total + one, 0);

const spent = (widths: number[]): number => {
  const used = widths.filter((own) => own > 0);
  return sum(used) + GAP * Math.max(0, used.length - 1);
};

/** Widths of the columns in a line of `width` cells; 0: no room for it. */
export const columnWidths = (lines: Row[][], columns: Column[], width: number): number[] => {
  const order = columns.map((_, index) => index).sort((a, b) => (columns[a]?.rank ?? 0) - (columns[b]?.rank ?? 0));
  const least = columns.map((column) => column.least ?? column.floor);
  const widths = columns.map((column, index) =>
    Math.max(column.floor, ...lines.map((line) => rowCells(line[index] ?? []))),
  );
  for (const index of order) {
    if (spent(least) <= width) break;
    least[index] = 0;
    widths[index] = 0;
  }
  const shrink = (goals: (number | undefined)[]): void => {
    for (const index of order) {
      const own = widths[index] ?? 0;
      const excess = Math.max(0, spent(widths) - width);
      widths[index] = Math.max(Math.min(own, goals[index] ?? own), own - excess);
    }
  };
  shrink(columns.map((column) => (column.least === undefined ? undefined : column.floor)));
  shrink(columns.map((column) => column.least));
  shrink(least);
  return widths;
};

/** Lines of cells in aligned columns. */
export const table = (lines: Row[][], columns: Column[], width: number, look: Look): Row[] => {
  const widths = columnWidths(lines, columns, width);
  return lines.map((line) => {
    const row: Row = [];
    for (const [index, column] of columns.entries()) {
      const own = widths[index] ?? 0;
      if (own === 0) continue;
      if (row.length > 0) row.push(span(' '.repeat(GAP)));
      row.push(...fitRow(line[index] ?? [], own, look, column.align));
    }
    return row;
  });
};
