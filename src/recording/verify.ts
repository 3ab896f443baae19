import { type HeaderLine, RecordingError } from './format.ts';
import { headerOf, kindOf, parsedLine, type RawLine, rawLines } from './lines.ts';
import { createChain, sealIn } from './seal.ts';
import type { Source } from './source.ts';
import { isGap, isMono, isWall } from './well-formed.ts';

/** Exit status of each outcome: part of the contract. */
export const verifyStatus = { sealed: 0, recoverable: 3, altered: 4, newer: 5 } as const;

/** Where something is, as exactly as the file tells: line from 1, byte from 0, wall ms of the last good line before it. */
export type Place = { line: number; byte: number; wall?: number };

/** What verify found. `sealedTo`: up to there (bytes) seals vouch for every byte; `goodTo`: up to there lines are whole. */
export type Verification = {
  outcome: keyof typeof verifyStatus;
  /** One sentence. */
  reason: string;
  where?: Place;
  header?: HeaderLine;
  lines: number;
  sealedTo: number;
  goodTo: number;
  /** The last seal that holds: of a sealed file its head hash. */
  seal?: string;
  /** Stamps of the first and last good line that has one. */
  last?: { m: number; w: number };
  /** Facts that were lost while it was recorded, as the file itself says. */
  lost: number;
  gaps: number;
};

const isSealed = (kind: string | undefined): boolean => kind === 'key' || kind === 'seal' || kind === 'end';

/** Only NULs: what a file system leaves at the end of a file that was being written when the power went. */
const isBlank = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0);

/** The line of a segment that is itself broken, if one is: JSON that is none, or time that runs backwards. */
const firstBad = (source: Source, from: number, to: number, number: number): RawLine | undefined => {
  let time = Number.NEGATIVE_INFINITY;
  for (const line of rawLines(source, from, to, number)) {
    const value = parsedLine(line.bytes);
    const m = value?.m;
    if (value === undefined || kindOf(line.bytes) === undefined || (typeof m === 'number' && m < time))
      return { ...line, bytes: Buffer.from(line.bytes) };
    if (typeof m === 'number') time = m;
  }
  return undefined;
};

/**
 * Holds a file against its seals. Sealed: every byte is as it was written. Recoverable: it ends too early, as after a crash.
 * Altered: something in it is not what was written. Newer: a later version made it. Throws only where it cannot be read.
 */
export const verify = (source: Source): Verification => {
  const work = verifying(source);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
};

/** The same in steps, for others to run meanwhile; yields how far it has come (0 to 1). */
export function* verifying(source: Source): Generator<number, Verification> {
  const size = source.size();
  const chain = createChain();
  const found: Omit<Verification, 'outcome' | 'reason'> = { lines: 0, sealedTo: 0, goodTo: 0, lost: 0, gaps: 0 };
  let segment = { from: 0, line: 1 };
  const place = (line: number, byte: number): Place => ({ line, byte, ...(found.last ? { wall: found.last.w } : {}) });
  const outcome = (kind: Verification['outcome'], reason: string, where?: Place): Verification => ({
    outcome: kind,
    reason,
    ...found,
    ...(where ? { where } : {}),
  });
  let ended = false;

  for (const line of rawLines(source)) {
    if (line.number % 500 === 0) yield line.offset / size;
    if (line.number === 1) {
      if (!line.whole)
        return outcome('recoverable', 'it ends before its first line does: nothing was recorded', place(1, size));
      try {
        found.header = headerOf(line, source.name);
      } catch (error) {
        if (!(error instanceof RecordingError)) throw error;
        return outcome(error.code === 'newer' ? 'newer' : 'altered', error.message, place(1, 0));
      }
      found.last = { m: found.header.m, w: found.header.w };
    }
    if (ended)
      return outcome('altered', `something follows the end of the session, from line ${line.number} on`, {
        ...place(line.number, line.offset),
      });
    if (!line.whole) break;
    const kind = kindOf(line.bytes);
    if (isSealed(kind)) {
      const seal = sealIn(line.bytes);
      chain.add(line.bytes.subarray(0, seal?.covered ?? line.bytes.length));
      if (!seal || chain.seal() !== seal.value) {
        const bad = firstBad(source, segment.from, line.offset + line.bytes.length, segment.line);
        return outcome(
          'altered',
          bad
            ? `line ${bad.number} is not as it was written`
            : `something between line ${segment.line} and line ${line.number} is not as it was written`,
          bad ? place(bad.number, bad.offset) : place(segment.line, segment.from),
        );
      }
      chain.add(line.bytes.subarray(seal.covered + 64));
      chain.add('\n');
      const value = parsedLine(line.bytes);
      if (!isMono(value?.m) || !isWall(value.w))
        return outcome(
          'altered',
          `line ${line.number} bears a seal and is none that haconsole wrote`,
          place(line.number, line.offset),
        );
      found.last = { m: value.m, w: value.w };
      found.seal = seal.value;
      segment = { from: line.offset + line.bytes.length + 1, line: line.number + 1 };
      found.sealedTo = segment.from;
      ended = kind === 'end';
    } else {
      chain.add(line.bytes);
      chain.add('\n');
      if (kind === 'gap') {
        const gap = parsedLine(line.bytes)?.d;
        found.gaps += 1;
        found.lost += isGap(gap) ? gap.lost : 0;
      }
    }
    found.lines = line.number;
    found.goodTo = line.offset + line.bytes.length + 1;
  }
  if (found.lines === 0) return outcome('recoverable', 'it is empty: nothing was recorded', place(1, 0));
  if (ended) {
    if (source.damage === 'wrong') return outcome('altered', 'the compressed file fails its own check', place(1, 0));
    if (source.damage === 'cut') return outcome('recoverable', 'the compressed file is cut short at its very end');
    return outcome('sealed', 'sealed and whole');
  }
  return tail(source, found, segment, outcome, place);
}

/** What stands behind the last seal of a file without an end. */
const tail = (
  source: Source,
  found: Omit<Verification, 'outcome' | 'reason'>,
  segment: { from: number; line: number },
  outcome: (kind: Verification['outcome'], reason: string, where?: Place) => Verification,
  place: (line: number, byte: number) => Place,
): Verification => {
  let bad: { line: number; byte: number } | undefined;
  found.goodTo = segment.from;
  found.lines = segment.line - 1;
  const base = found.last;
  for (const line of rawLines(source, segment.from, source.size(), segment.line)) {
    const value = line.whole && kindOf(line.bytes) !== undefined ? parsedLine(line.bytes) : undefined;
    if (!value) {
      if (!bad || (line.whole && !isBlank(line.bytes))) bad ??= { line: line.number, byte: line.offset };
      continue;
    }
    if (bad)
      return outcome('altered', `line ${bad.line} is broken, and good ones follow it`, place(bad.line, bad.byte));
    found.lines = line.number;
    found.goodTo = line.offset + line.bytes.length + 1;
    if (base && isMono(value.m)) found.last = { m: value.m, w: base.w + Math.round(value.m - base.m) };
  }
  if (source.damage === 'wrong')
    return outcome('altered', 'the compressed file fails its own check', place(found.lines + 1, found.goodTo));
  if (bad) return outcome('recoverable', `torn: line ${bad.line} is not whole`, place(bad.line, bad.byte));
  return outcome(
    'recoverable',
    'not sealed: its last line is whole, but it was not closed (it is still being written, or its end is lost)',
    place(found.lines + 1, found.goodTo),
  );
};
