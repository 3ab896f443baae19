import type { Line, Mark, Report, Section } from '../doctor/report.ts';
import { cells } from '../views/parts/cells.ts';
import { wrapped } from '../views/parts/wrapped.ts';

/** How the report is drawn. */
export type Look = { width: number; ascii: boolean; color: boolean };

const SIGNS: Record<Mark, { sign: string; ascii: string; color: number }> = {
  ok: { sign: '✓', ascii: 'ok', color: 32 },
  bad: { sign: '✗', ascii: 'XX', color: 31 },
  unknown: { sign: '?', ascii: '??', color: 33 },
};

const ROLES: Record<Section['role'], string> = {
  here: 'this side',
  jump: 'jump host',
  lb: 'load balancer',
  web: 'web node',
  vips: 'as clients see them',
};

const ANSI = (text: string, code: number, { color }: Look): string =>
  color ? `\u001b[${code}m${text}\u001b[0m` : text;

const time = (ms: number | undefined): string =>
  ms === undefined ? '' : ms < 1 ? '<1 ms' : ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

/** Signs that some terminals have not, in others' place. */
const plain = (text: string): string => text.replaceAll('…', '...').replaceAll(/[“”]/g, '"').replaceAll('’', "'");

const TIME = 7;
const MOST = 40;

const lineText = ({ check, mark, ms, found, advice }: Line, look: Look, column: number): string => {
  const { sign, ascii, color } = SIGNS[mark];
  const drawn = (text: string) => (look.ascii ? plain(text) : text);
  const head = `  ${ANSI(look.ascii ? ascii : sign, color, look)} `;
  const left = look.ascii ? 5 : 4;
  const narrow = look.width < 70;
  const gap = narrow ? 0 : column + TIME + 4;
  const title = drawn(check);
  const room = Math.max(20, look.width - left - gap);
  const body = wrapped(drawn(found), room, MOST);
  const todo = advice === undefined ? [] : wrapped(drawn(advice), Math.max(18, room - 3), MOST);
  const arrow = look.ascii ? '->' : '→';
  const indent = ' '.repeat(left + gap);
  const tail = [
    ...body.slice(narrow ? 0 : 1).map((row) => indent + row),
    ...todo.map((row, index) => `${indent}${index === 0 ? arrow : arrow.replace(/./g, ' ')} ${row}`),
  ];
  const spent = time(ms);
  const first = narrow
    ? `${head}${title}${spent === '' ? '' : ` (${spent})`}`
    : `${head}${title}${' '.repeat(Math.max(1, column - cells(title)))}${spent.padStart(TIME)}   ${body[0] ?? ''}`.trimEnd();
  return [first, ...tail].map((row) => `${row}\n`).join('');
};

/** One section: its name, and its lines wrapped to the width. */
export const sectionText = (section: Section, look: Look): string => {
  const where = section.address === undefined ? '' : ` ${section.address}`;
  const column = Math.max(...section.lines.map(({ check }) => cells(check))) + 1;
  return `${ANSI(section.name, 1, look)} (${ROLES[section.role]}${where})\n${section.lines.map((line) => lineText(line, look, column)).join('')}\n`;
};

/** The last line: how much of it works. */
export const summaryText = ({ counts, ms }: Report): string => {
  const total = counts.ok + counts.bad + counts.unknown;
  const parts = [`${counts.ok} of ${total} work`];
  if (counts.bad > 0) parts.push(`${counts.bad} ${counts.bad === 1 ? 'does' : 'do'} not`);
  if (counts.unknown > 0) parts.push(`${counts.unknown} not known`);
  return `${parts.join(', ')} (${(ms / 1000).toFixed(1)} s)\n`;
};
