import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { visibleText } from '../cluster/visible-text.ts';
import { momentOf } from '../recording/moment.ts';
import { createPlayback, type Playback } from '../recording/playback.ts';
import { recordingNames } from '../recording/recordings.ts';
import { openSource } from '../recording/source.ts';
import { type Verification, verify } from '../recording/verify.ts';
import type { Io } from './io.ts';
import { recordingsDirectory } from './record.ts';

/** A fault in what was asked, said in one sentence; exit status 2. */
export class AskedWrong extends Error {}

/** Times of a recording are told in UTC everywhere: in the panes, on the bar, in casts and reports. */
export const inUtc = (io: Io): void => {
  io.env.TZ = 'UTC';
};

/** The stretch that was asked for, as it was written. */
export type Stretch = { from?: string; until?: string; around?: string };

/** Half the stretch that --around takes, ms. */
const AROUND = 120_000;

/** Says how far reading has come, where a person watches and it takes a while. */
export const progressOn = (io: Io, what: string) => {
  const began = performance.now();
  let said = 0;
  return {
    at: (part: number) => {
      const now = performance.now();
      if (!io.stderr.isTTY || now - began < 500 || now - said < 100) return;
      said = now;
      io.stderr.write(`\r${what} ${Math.floor(part * 100)} %\u001b[K`);
    },
    done: () => {
      if (said > 0) io.stderr.write('\r\u001b[K');
    },
  };
};

const fileOf = (words: string[], command: string): string => {
  const [file, ...more] = words;
  if (file === undefined) throw new AskedWrong(`${command} needs a session file`);
  if (more.length > 0) throw new AskedWrong(`${command} takes one session file, not also ${JSON.stringify(more[0])}`);
  return file;
};

/** The one file that is meant: as it is named, or by a part of its name among the recordings of this machine. */
export const meantFile = async (words: string[], command: string, io: Io): Promise<string> => {
  const word = fileOf(words, command);
  if (existsSync(resolve(io.cwd, word)) || word.includes('/') || word === '') return word;
  const directory = recordingsDirectory(io);
  const found = (await recordingNames(directory)).filter((name) => name.includes(word));
  const [one] = found;
  if (one === undefined) return word;
  if (found.length > 1)
    throw new AskedWrong(`${visibleText(word, 60)} is a part of ${found.length} names in ${visibleText(directory)}`);
  return join(directory, one);
};

/** Opens a session and holds it against its seals. Throws one sentence. */
export const openSession = async (
  file: string,
  io: Io,
): Promise<{ playback: Playback; verification: Verification; close(): void }> => {
  const progress = progressOn(io, 'reading');
  try {
    const source = await openSource(file, (part) => progress.at(part * 0.3));
    const verification = verify(source);
    const playback = await createPlayback(source, {
      progress: (part) => progress.at(0.3 + part * 0.7),
      signal: io.signal,
    });
    return { playback, verification, close: () => playback.close() };
  } finally {
    progress.done();
  }
};

/** Bounds of the stretch in mono ms. Throws one sentence for a time that cannot be read. */
export const boundsOf = (playback: Playback, { from, until, around }: Stretch): { from: number; to: number } => {
  const frame = { from: playback.from, to: playback.to(), zone: 'utc' as const, monoAt: playback.monoAt };
  const moment = (flag: string, text: string): number => {
    const mono = momentOf(text, frame);
    if (mono === undefined)
      throw new AskedWrong(
        `--${flag} takes a time (12:03:10 in UTC, an ISO time, +90s, -5m, 50%), not ${JSON.stringify(visibleText(text, 60))}`,
      );
    return mono;
  };
  if (around !== undefined && (from !== undefined || until !== undefined))
    throw new AskedWrong('--around stands alone, without --from and --until');
  if (around !== undefined) {
    const middle = moment('around', around);
    return {
      from: Math.max(frame.from.mono, middle - AROUND),
      to: Math.min(frame.to.mono, middle + AROUND),
    };
  }
  const bounds = {
    from: from === undefined ? frame.from.mono : moment('from', from),
    to: until === undefined ? frame.to.mono : moment('until', until),
  };
  if (bounds.to < bounds.from) throw new AskedWrong('--until is before --from');
  return bounds;
};

/** Runs a command on a session file: what is wrong with the file or the question is one sentence on stderr and a status. */
export const onRecording = async (
  io: Io,
  command: string,
  work: () => Promise<number>,
  refused: (error: Error) => number | undefined,
): Promise<number> => {
  try {
    return await work();
  } catch (error) {
    const status = error instanceof Error ? refused(error) : undefined;
    if (status === undefined) throw error;
    io.stderr.write(`haconsole ${command}: ${visibleText((error as Error).message)}\n`);
    return status;
  }
};
