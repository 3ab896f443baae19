import { cells, cut } from './cells.ts';

/** Text broken at blanks into lines of at most `width` cells; a word that is longer is broken hard. At most `most` lines. */
export const wrapped = (text: string, width: number, most = 12): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    let rest = word;
    if (line !== '' && cells(line) + 1 + cells(rest) <= width) {
      line += ` ${rest}`;
      continue;
    }
    if (line !== '') lines.push(line);
    while (cells(rest) > width) {
      const head = cut(rest, width, '');
      if (head === '') break;
      lines.push(head);
      rest = rest.slice(head.length);
    }
    line = rest;
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  // A single sign can be wider than the line.
  const fitted = lines.map((one) => cut(one, width));
  return fitted.length > most ? [...fitted.slice(0, most - 1), '…'] : fitted;
};
