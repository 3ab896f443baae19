import type { CheckLog } from '../../cluster/readings.ts';
import { type Parsed, parsed, unparsed } from './parsed.ts';

/** The longest line kept, in characters. */
const LONGEST = 1000;

/** What `file_tail` prints: `size mtime`, then the last lines, raw. */
export const parseFileTail = (text: string, lines: number): Parsed<CheckLog> => {
  const [head = '', ...tail] = text.split('\n');
  const match = /^(\d{1,15}) (\d{1,12})$/.exec(head.trim());
  if (!match) return unparsed('the check log: no size and time in the answer');
  return parsed({
    size: Number(match[1]),
    mtime: Number(match[2]),
    lines: tail
      .filter((line) => line.trim() !== '')
      .slice(-lines)
      .map((line) => line.slice(0, LONGEST)),
  });
};
