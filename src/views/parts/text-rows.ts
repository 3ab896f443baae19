import type { Role } from '../theme.ts';
import { cells } from './cells.ts';
import { type Row, span } from './rows.ts';
import { wrapped } from './wrapped.ts';

/** Text in as many rows as it takes, `most` at the most; `first` stands before it, and blanks of its width before the rows that follow. */
export const textRows = (text: string, width: number, role: Role, first = '', most = 12): Row[] =>
  wrapped(text, width - cells(first), most).map((line, index) => [
    span(index === 0 ? first : ' '.repeat(cells(first)), role),
    span(line, role),
  ]);
