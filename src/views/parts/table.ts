import type { Look } from '../theme.ts';
import { fitRow, type Row, rowCells, span } from './rows.ts';

/** A column: at least `floor` cells so that it does not wander with its values; given up when `rank` is low and room is short. */
export type Column = {
  floor: number;
  rank: number;
  align?: 'left' | 'right' /** Least useful width. */;
  least?: number;
};

const GAP = 2;

/** Widths of the columns in a line of `width` cells; 0: no room for it. */
export const columnWidths = (lines: Row[][], columns: Column[], width: number): number[] => {
  const widths = columns.map((column, index) =>
    Math.max(column.floor, ...lines.map((line) => rowCells(line[index] ?? []))),
  );
  const total = (): number => {
    const used = widths.filter((own) => own > 0);
    return used.reduce((sum, own) => sum + own, 0) + GAP * Math.max(0, used.length - 1);
  };
  const order = columns.map((_, index) => index).sort((a, b) => (columns[a]?.rank ?? 0) - (columns[b]?.rank ?? 0));
  for (const index of order) {
    const excess = total() - width;
    if (excess <= 0) break;
    const own = widths[index] ?? 0;
    const least = columns[index]?.least ?? columns[index]?.floor ?? 0;
    widths[index] = Math.max(least, own - excess);
  }
  for (const index of order) {
    if (total() <= width) break;
    widths[index] = 0;
  }
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
