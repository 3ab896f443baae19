import type { Stamp } from '../cluster/events.ts';
import type { Notice } from '../cluster/state.ts';
import { type HeaderLine, RecordingError } from './format.ts';
import { headerOf, kindOf, LONGEST, parsedLine, type RawLine, rawLines } from './lines.ts';
import type { Source } from './source.ts';
import { wallAt } from './wall.ts';
import { isGap, isMono, isNotice, isStamp } from './well-formed.ts';

/** A key line: where it is, when it was written. */
export type Key = { offset: number; line: number; at: Stamp; rev: number; gap: boolean };

/** Something worth a tick on the bar and a line in the report: what was said, or something about the recording itself. */
export type Happening = {
  at: Stamp;
  kind: Notice['kind'] | 'gap' | 'clock' | 'end';
  severity: Notice['severity'];
  source: string;
  text: string;
  /** Id of the line of the event log; absent for what is about the recording. */
  id?: number;
};

/** Nothing was recorded between two mono times. */
export type Gap = { from: number; to: number; lost: number; why: string };

/** What one pass over a file tells, without decoding its facts. `to`: bytes up to which whole lines were read. */
export type Index = {
  header: HeaderLine;
  keys: Key[];
  happenings: Happening[];
  gaps: Gap[];
  /** Steps of the wall clock: when (mono ms), how far (ms). */
  jumps: { at: Stamp; jump: number }[];
  last: Stamp;
  lines: number;
  to: number;
  /** How the file was closed; absent: it is still written, or its end is lost. */
  end?: { why: string; lost: number; seal: string; recovered: boolean };
};

type Values = Record<string, unknown> & { m: number; d?: Record<string, unknown> };

const KEY_HEAD = /^\{"k":"key","m":([-\d.e]+),"w":([-\d.e]+),"t":"[^"]*","lines":\d+,"rev":(\d+),("gap":true,)?/;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const takeSaid = (index: Index, value: Values): void => {
  const notice: unknown = value.d;
  if (!isNotice(notice)) return;
  const happening: Happening = {
    at: notice.at,
    kind: notice.kind,
    severity: notice.severity,
    source: notice.source,
    text: notice.text,
    id: notice.id,
  };
  const older = value.replaces === undefined ? -1 : index.happenings.findLastIndex((one) => one.id === value.replaces);
  if (older >= 0) index.happenings[older] = happening;
  else index.happenings.push(happening);
};

const takeMeta = (index: Index, kind: string, line: RawLine): void => {
  if (kind === 'key') {
    const match = KEY_HEAD.exec(line.bytes.toString('latin1', 0, 300));
    if (!match) return;
    const at = { mono: Number(match[1]), wall: Number(match[2]) };
    if (isStamp(at))
      index.keys.push({
        offset: line.offset,
        line: line.number,
        at,
        rev: Number(match[3]),
        gap: match[4] !== undefined,
      });
    return;
  }
  const value = parsedLine(line.bytes) as Values | undefined;
  const at = { mono: value?.m, wall: Date.parse(String(value?.t)) };
  if (!value || !isStamp(at)) return;
  const own = (severity: Happening['severity'], text: string) =>
    index.happenings.push({ at, kind: kind as Happening['kind'], severity, source: 'console', text });
  if (kind === 'said') takeSaid(index, value);
  else if (kind === 'gap') {
    const gap: unknown = value.d;
    if (!isGap(gap)) return;
    index.gaps.push(gap);
    own('bad', `not recorded for ${seconds(gap.to - gap.from)}: ${gap.why}; ${gap.lost} facts lost`);
  } else if (kind === 'clock') {
    const jump: unknown = value.d?.jump;
    if (!isMono(jump)) return;
    index.jumps.push({ at, jump });
    own('warn', `the wall clock was set ${jump > 0 ? 'forward' : 'back'} by ${seconds(Math.abs(jump))}`);
  } else if (kind === 'end')
    index.end = {
      why: String(value.d?.why),
      lost: Number(value.d?.lost),
      seal: String(value.h),
      recovered: value.d?.recovered !== undefined,
    };
};

const META = new Set(['key', 'said', 'gap', 'clock', 'end']);
/** Bytes read at once; between two of these others run. */
const CHUNK = 1 << 20;

/** Second letters of kinds that may be of interest: nine of ten lines are told from them by two bytes. */
const mayBeMeta = (bytes: Buffer, start: number): boolean => {
  const first = bytes[start + 6];
  // k(ey) · sa(id) · g(ap) · cl(ock) · e(nd)
  if (first === 0x6b || first === 0x67 || first === 0x65) return true;
  const second = bytes[start + 7];
  return (first === 0x73 && second === 0x61) || (first === 0x63 && second === 0x6c);
};

/** The last line that bears a time. */
const lastStamped = (bytes: Buffer): Values | undefined => {
  for (let end = bytes.length; end > 0; ) {
    const start = bytes.lastIndexOf(10, end - 1) + 1;
    const value = parsedLine(bytes.subarray(start, end)) as Values | undefined;
    if (isMono(value?.m)) return value;
    end = start - 1;
  }
  return undefined;
};

/** Reads the lines that have come since; yields (0 to 1) now and then, for progress and for others to run. Bad lines are skipped. */
export function* extendIndex(index: Index, source: Source): Generator<number> {
  const size = source.size();
  const from = index.to;
  let last: Buffer | undefined;
  for (let at = from; at < size; ) {
    let chunk = source.read(at, Math.min(size, at + CHUNK));
    let end = chunk.lastIndexOf(10);
    // A line that is longer than a chunk (the state of a long session), or the last one, not yet whole.
    for (let wide = 2 * CHUNK; end < 0 && at + chunk.length < size; wide *= 2) {
      if (wide > 2 * LONGEST) throw new RecordingError('not-a-session', `line ${index.lines + 1} has no end`);
      const more = source.read(at, Math.min(size, at + wide));
      // It became shorter meanwhile.
      if (more.length <= chunk.length) break;
      chunk = more;
      end = chunk.lastIndexOf(10);
    }
    if (end < 0) break;
    for (let start = 0; start <= end; ) {
      const stop = chunk.indexOf(10, start);
      index.lines += 1;
      if (mayBeMeta(chunk, start)) {
        const bytes = chunk.subarray(start, stop);
        const kind = kindOf(bytes);
        if (kind !== undefined && META.has(kind))
          takeMeta(index, kind, { bytes, offset: at + start, number: index.lines, whole: true });
      }
      start = stop + 1;
    }
    last = chunk.subarray(0, end);
    at += end + 1;
    index.to = at;
    yield (at - from) / Math.max(1, size - from);
  }
  const value = last && lastStamped(last);
  const base = index.keys.at(-1)?.at ?? index.last;
  if (value) index.last = { mono: value.m, wall: wallAt(index, base, value.m) };
}

/** An index of the first line alone. Throws one sentence for what is no session. */
export const emptyIndex = (source: Source): Index => {
  const first = rawLines(source).next();
  const header = headerOf(first.done ? undefined : first.value, source.name);
  const at = { mono: header.m, wall: header.w };
  return {
    header,
    keys: [],
    happenings: [],
    gaps: [],
    jumps: [],
    last: at,
    lines: 1,
    to: first.done ? 0 : first.value.bytes.length + 1,
  };
};
