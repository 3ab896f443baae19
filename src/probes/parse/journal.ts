import { plain } from '../plain.ts';
import { type Parsed, parsed, unparsed } from './parsed.ts';

/** One journal entry. `message` is raw and at most 2000 characters; `nodeTime` is ms since the epoch by the node's clock. */
export type JournalEntry = { unit: string; identifier: string; message: string; nodeTime: number };

const LONGEST = 2000;

/**
 * One line of `journalctl -o json`. MESSAGE is text, an array of bytes where it is no UTF-8, an array of values where the
 * field came twice, or null where it is longer than 4096 bytes (journalctl(1), OUTPUT OPTIONS). What systemd says of a unit
 * carries the unit in UNIT, what the unit says itself in _SYSTEMD_UNIT.
 */
export const parseJournalLine = (line: string): Parsed<JournalEntry> => {
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    return unparsed(`journal: ${plain(line, 80)}`);
  }
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    return unparsed(`journal: ${plain(line, 80)}`);
  const field = (name: string): unknown => (Object.hasOwn(fields, name) ? Reflect.get(fields, name) : undefined);
  const micros = Number(field('__REALTIME_TIMESTAMP'));
  const message = textOf(field('MESSAGE'));
  if (!Number.isFinite(micros) || micros <= 0 || message === undefined)
    return unparsed('journal: an entry without time or message');
  const unit = textOf(field('UNIT')) || textOf(field('_SYSTEMD_UNIT')) || '';
  return parsed({
    unit: plain(unit, 120).replace(/\.service$/, ''),
    identifier: plain(textOf(field('SYSLOG_IDENTIFIER')) ?? textOf(field('_COMM')) ?? '', 60),
    message,
    nodeTime: micros / 1000,
  });
};

const textOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value.slice(0, LONGEST);
  if (value === null) return '(a message too long for journalctl to show)';
  if (!Array.isArray(value) || value.length === 0) return undefined;
  if (value.every((one) => Number.isInteger(one) && one >= 0 && one <= 255))
    return new TextDecoder().decode(Uint8Array.from(value.slice(0, LONGEST)));
  return textOf(value[0]);
};

/** What keepalived logs when it is asked for a dump: our own looks, no event. */
export const isDumpEcho = (message: string): boolean => /^Printing .{1,40} for process\(\d+\) on signal$/.test(message);
