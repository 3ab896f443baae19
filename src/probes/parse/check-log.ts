import type { CheckLog } from '../../cluster/readings.ts';
import { type Parsed, parsed, unparsed } from './parsed.ts';

/** restart: the check script restarted nginx · killall: it gave up and stopped keepalived · note: a person or haconsole wrote it. */
export type CheckLogKind = 'restart' | 'killall' | 'note';

/** What a line of the check log tells. Its date is in the script's own locale and zone, so it is not read. */
export const classifyCheckLine = (line: string): CheckLogKind => {
  const text = line.slice(0, 1000);
  if (/:\s*(?:\S*\/)?systemctl\s+restart\s+(?:nginx|\S*nginx\S*)\s*$/.test(text)) return 'restart';
  if (/:\s*(?:\S*\/)?(?:killall|pkill|systemctl\s+stop)\s+.*keepalived(?:\.service)?\s*$/.test(text)) return 'killall';
  return 'note';
};

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
