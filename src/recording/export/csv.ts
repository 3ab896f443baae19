import { visibleText } from '../../cluster/visible-text.ts';
import type { Playback } from '../playback.ts';

/** A field as RFC 4180 has it; one that a spreadsheet would take for a formula gets an apostrophe before it. */
const field = (value: string | number | null | undefined): string => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const shown = visibleText(value, 300);
  const safe = /^[=+\-@\s\\]/.test(shown) ? `'${shown}` : shown;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

const COLUMNS = ['time', 'seconds', 'target', 'kind', 'good', 'status', 'served_by', 'ms', 'why'];

/** Every HTTP answer as one line of CSV: a table to make one's own charts from. Yields pieces of text. */
export function* csvOf(playback: Playback, from: number, to: number): Generator<string> {
  yield `${COLUMNS.join(',')}\r\n`;
  for (const { event, after } of playback.walk(from, to)) {
    if (event.kind !== 'http') continue;
    const { kind, id } = event.target;
    const answer = (kind === 'vip' ? after.vips[id] : after.nodes[id])?.probe.last;
    if (!answer) continue;
    const good = answer.ok === null ? 'unknown' : answer.ok ? 'yes' : 'no';
    const cells = [
      new Date(event.at.wall).toISOString(),
      Math.round(event.at.mono - playback.from.mono) / 1000,
      id,
      kind,
      good,
      answer.status,
      answer.servedBy,
      answer.ms === undefined ? undefined : Math.round(answer.ms * 100) / 100,
      answer.why,
    ];
    yield `${cells.map(field).join(',')}\r\n`;
  }
}
