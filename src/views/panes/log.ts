import type { Notice, State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import { cells, cut } from '../parts/cells.ts';
import { LIT_FOR } from '../parts/marks.ts';
import { type Row, span } from '../parts/rows.ts';
import { clockTime } from '../parts/times.ts';
import { sourceRole } from '../parts/words.ts';
import type { Look, Role } from '../theme.ts';

/** Notices that a filter keeps: its words, in any case, in source, kind or text. */
export const filtered = (notices: Notice[], filter: string): Notice[] => {
  const wanted = filter.trim().toLowerCase();
  if (wanted === '') return notices;
  return notices.filter((notice) => `${notice.source} ${notice.kind} ${notice.text}`.toLowerCase().includes(wanted));
};

const signs: Record<Notice['severity'], { glyph: 'good' | 'warn' | 'bad' | 'dot'; role: Role; text: Role }> = {
  info: { glyph: 'dot', role: 'dim', text: 'plain' },
  good: { glyph: 'good', role: 'good', text: 'plain' },
  warn: { glyph: 'warn', role: 'warn', text: 'plain' },
  bad: { glyph: 'bad', role: 'bad', text: 'bad' },
};

/** Width of the source column: the longest name there is, within reason. */
const sourceWidth = (state: State): number =>
  Math.min(16, Math.max(7, ...state.topology.nodes.map((node) => cells(node.name)), ...state.topology.vips.map(cells)));

/** One notice as one line: wall time, source, sign, text. */
export const noticeRow = (state: State, notice: Notice, look: Look, width: number): Row => {
  const room = sourceWidth(state);
  const name = cut(visibleText(notice.source, 60), room, look.glyphs.ellipsis);
  const sign = signs[notice.severity];
  const lit = state.now.mono - notice.at.mono < LIT_FOR && notice.severity !== 'info';
  const kind = width >= 120 ? [span(`${notice.kind.padEnd(10)}`, 'dim')] : [];
  return [
    span(`${clockTime(notice.at.wall)} `, 'dim'),
    span(`${name}${' '.repeat(room - cells(name))} `, sourceRole(state, notice.source)),
    ...kind,
    span(`${look.glyphs[sign.glyph]} `, sign.role, { lit }),
    span(visibleText(notice.text, 2 * width + 100), sign.text),
  ];
};

/** The slice of the log that is on screen: `anchor` is the id of its last line, null follows the newest. */
export const logWindow = (
  notices: Notice[],
  anchor: number | null,
  height: number,
): { shown: Notice[]; above: number; below: number } => {
  const found = anchor === null ? notices.length - 1 : notices.findLastIndex((notice) => notice.id <= anchor);
  const last = Math.min(notices.length - 1, Math.max(found, Math.min(height, notices.length) - 1));
  const first = Math.max(0, last - height + 1);
  return { shown: notices.slice(first, last + 1), above: first, below: notices.length - 1 - last };
};
