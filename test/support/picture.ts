/** A picture (SVG) of a terminal screen: for the documents, and to see in review what a change does to the looks. */
import type { IBufferCell, Terminal as Xterm } from '@xterm/headless';

const background = '#14181f';
const foreground = '#cdd3de';
const palette = [
  '#2b303b',
  '#e06c75',
  '#8fc17a',
  '#e5c07b',
  '#61afef',
  '#c678dd',
  '#56b6c2',
  '#cdd3de',
  '#5c6370',
  '#ff7b86',
  '#a9dc92',
  '#f2d394',
  '#7fbfff',
  '#d894ee',
  '#6fd3df',
  '#ffffff',
];
const WIDE = 8.4;
const TALL = 18;
const MARGIN = 14;

type Style = { color: string; fill: string | null; bold: boolean; dim: boolean };
type Run = { at: number; cells: number; text: string; style: Style };

const styleOf = (cell: IBufferCell): Style => {
  const color = cell.isFgDefault() ? foreground : (palette[cell.getFgColor()] ?? foreground);
  const inverse = cell.isInverse() !== 0;
  return {
    color: inverse ? background : color,
    fill: inverse ? color : null,
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
  };
};

const same = (a: Style, b: Style): boolean => JSON.stringify(a) === JSON.stringify(b);

const runsOf = (term: Xterm, y: number): Run[] => {
  const line = term.buffer.active.getLine(term.buffer.active.viewportY + y);
  const runs: Run[] = [];
  for (let x = 0; line && x < term.cols; x++) {
    const cell = line.getCell(x);
    if (!cell || cell.getWidth() === 0) continue;
    const text = cell.getChars() || ' ';
    const style = styleOf(cell);
    const last = runs.at(-1);
    if (last && same(last.style, style)) {
      last.text += text;
      last.cells += cell.getWidth();
    } else runs.push({ at: x, cells: cell.getWidth(), text, style });
  }
  return runs.filter((run) => run.text.trim() !== '' || run.style.fill !== null);
};

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const number = (value: number): string => String(Number(value.toFixed(1)));

/** Only what can be seen is text, with blanks that no browser drops or stretches: not all of them keep to xml:space. */
const draw = (run: Run, y: number): string => {
  const { at, cells, text, style } = run;
  const x = MARGIN + at * WIDE;
  const top = MARGIN + y * TALL;
  const block = style.fill
    ? `<rect x="${number(x)}" y="${number(top)}" width="${number(cells * WIDE)}" height="${TALL}" fill="${style.fill}"/>`
    : '';
  const seen = text.trim();
  if (seen === '') return block;
  const before = text.length - text.trimStart().length;
  // What was trimmed were blanks, of one cell each.
  const width = number((cells - (text.length - seen.length)) * WIDE);
  const attributes = `${style.bold ? ' font-weight="bold"' : ''}${style.dim ? ' opacity="0.6"' : ''}`;
  const shown = escaped(seen).replaceAll(' ', '\u00a0');
  return `${block}<text x="${number(x + before * WIDE)}" y="${number(top + 13)}" textLength="${width}" fill="${style.color}"${attributes}>${shown}</text>`;
};

/** The screen as it is now. */
export const pictureOf = (term: Xterm, title: string): string => {
  const width = number(term.cols * WIDE + 2 * MARGIN);
  const height = number(term.rows * TALL + 2 * MARGIN);
  const rows = Array.from({ length: term.rows }, (_, y) =>
    runsOf(term, y)
      .map((run) => draw(run, y))
      .join(''),
  ).filter((row) => row !== '');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="100%" height="100%" rx="8" fill="${background}"/>`,
    '<g font-family="ui-monospace,Menlo,Consolas,DejaVu Sans Mono,monospace" font-size="14">',
    ...rows,
    '</g></svg>',
    '',
  ].join('\n');
};
