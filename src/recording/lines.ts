import { isUtf8 } from 'node:buffer';
import { type HeaderLine, MAJOR, RecordingError } from './format.ts';
import type { Source } from './source.ts';
import { asHeader } from './well-formed.ts';

/** One raw line: its bytes without the line break, where it begins, its number from 1. `whole`: it has its line break. */
export type RawLine = { bytes: Buffer; offset: number; number: number; whole: boolean };

const CHUNK = 1 << 20;
/** No line is longer: a state of several thousand lines of log. */
export const LONGEST = 32 * 1024 * 1024;

/** The raw lines between two places, in order. The bytes are valid until the next line is asked for. */
export function* rawLines(source: Source, from = 0, to = source.size(), first = 1): Generator<RawLine> {
  let number = first;
  let rest = Buffer.alloc(0);
  let offset = from;
  for (let at = from; at < to; ) {
    const chunk = source.read(at, Math.min(to, at + CHUNK));
    if (chunk.length === 0) break;
    at += chunk.length;
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let start = 0;
    for (let end = bytes.indexOf(10, rest.length); end >= 0; end = bytes.indexOf(10, start)) {
      yield { bytes: bytes.subarray(start, end), offset: offset + start, number: number++, whole: true };
      start = end + 1;
    }
    rest = Buffer.from(bytes.subarray(start));
    offset += start;
    if (rest.length > LONGEST) throw new RecordingError('not-a-session', `line ${number} has no end`);
  }
  if (rest.length > 0) yield { bytes: rest, offset, number, whole: false };
}

/** The kind of a line, from its first bytes; undefined where it does not begin as a line must. */
export const kindOf = (bytes: Buffer): string | undefined => {
  // {"k":" byte by byte: this is asked a million times for a day.
  if (bytes[0] !== 0x7b || bytes[1] !== 0x22 || bytes[2] !== 0x6b || bytes[3] !== 0x22) return undefined;
  if (bytes[4] !== 0x3a || bytes[5] !== 0x22) return undefined;
  const end = bytes.indexOf(0x22, 6);
  return end < 0 || end > 40 ? undefined : bytes.toString('latin1', 6, end);
};

/** A line as an object, or undefined where it is none. Bytes that are no UTF-8 are no line. */
export const parsedLine = (bytes: Buffer): Record<string, unknown> | undefined => {
  if (!isUtf8(bytes)) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};

/** Reads the first line. Throws one sentence for what is no session, or one of a later major version. */
export const headerOf = (line: RawLine | undefined, name: string): HeaderLine => {
  const value = line?.whole ? parsedLine(line.bytes) : undefined;
  const schema = typeof value?.schema === 'string' ? value.schema : '';
  const major = /^haconsole\.session\/(\d{1,9})$/.exec(schema)?.[1];
  if (value?.k !== 'hdr' || major === undefined)
    throw new RecordingError('not-a-session', `${name} is not a haconsole session`);
  if (Number(major) > MAJOR)
    throw new RecordingError(
      'newer',
      `${name} was made by a newer haconsole (format ${major}, this one reads ${MAJOR}): use that one`,
    );
  const header = asHeader(value);
  if (!header)
    throw new RecordingError('not-a-session', `${name} is not a session that haconsole wrote: see its first line`);
  return header;
};
