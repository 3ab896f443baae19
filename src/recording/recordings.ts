import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { EXTENSION, type HeaderLine } from './format.ts';
import { headerOf, parsedLine } from './lines.ts';

/** A recording of a directory, as far as it can be told without reading all of it. `length`: ms; absent where it cannot be told soon. */
export type Recorded = {
  file: string;
  name: string;
  bytes: number;
  /** Absent: the file is no session, or one of a newer version. */
  header?: HeaderLine;
  why?: string;
  length?: number;
  closed?: boolean;
};

/** A larger compressed file is not read to its end only to be listed, bytes. */
const READ_WHOLE = 3 * 1024 * 1024;
/** What inflates to more than this is not read to its end either, bytes. */
const MOST = 64 * 1024 * 1024;
/** Where the last lines of a file are. */
const TAIL = 1 << 16;
/** No first line is longer. */
const HEAD = 1 << 18;

type Parts = { head: Buffer; tail?: Buffer };

/** The first and, where they are near, the last bytes of a compressed file. What is cut or wrong in it ends it. */
const inflated = async (file: string, whole: boolean): Promise<Parts> => {
  let head = Buffer.alloc(0);
  let tail = Buffer.alloc(0);
  let read = 0;
  const input = createReadStream(file, { highWaterMark: 1 << 16 });
  try {
    for await (const chunk of input.pipe(createGunzip())) {
      if (head.length < HEAD) head = Buffer.concat([head, chunk as Buffer]);
      read += (chunk as Buffer).length;
      if ((!whole || read > MOST) && head.includes(10)) return { head };
      if (read > MOST) break;
      tail = Buffer.concat([tail, chunk as Buffer]).subarray(-TAIL);
    }
  } catch {
    // What could be read tells what there is.
  } finally {
    input.destroy();
  }
  return { head, tail };
};

const plain = async (file: string, size: number): Promise<Parts> => {
  const handle = await open(file, 'r');
  try {
    const read = async (from: number, length: number) => {
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - from)));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
      return bytes.subarray(0, bytesRead);
    };
    return { head: await read(0, HEAD), tail: await read(Math.max(0, size - TAIL), TAIL) };
  } finally {
    await handle.close();
  }
};

const lastTime = (tail: Buffer): { m: number; closed: boolean } | undefined => {
  for (let end = tail.lastIndexOf(10); end > 0; end = tail.lastIndexOf(10, end - 1)) {
    const value = parsedLine(tail.subarray(tail.lastIndexOf(10, end - 1) + 1, end));
    if (typeof value?.m === 'number') return { m: value.m, closed: value.k === 'end' };
  }
  return undefined;
};

const told = async (file: string, name: string): Promise<Recorded> => {
  const about = await stat(file);
  const { size } = about;
  const base = { file, name, bytes: size };
  // Opening a pipe would wait for ever.
  if (!about.isFile()) return { ...base, why: 'it is no regular file' };
  try {
    const { head, tail } = name.endsWith('.gz') ? await inflated(file, size <= READ_WHOLE) : await plain(file, size);
    const end = head.indexOf(10);
    const line = { bytes: head.subarray(0, Math.max(0, end)), offset: 0, number: 1, whole: end >= 0 };
    const header = headerOf(line, name);
    const last = tail && lastTime(tail);
    if (!last) return { ...base, header };
    return { ...base, header, length: last.m - header.m, closed: last.closed };
  } catch (error) {
    return { ...base, why: (error as Error).message };
  }
};

/** Names of the session files of a directory, the newest first; none where there is no such directory. */
export const recordingNames = async (directory: string): Promise<string[]> => {
  const names = await readdir(directory).catch(() => []);
  return names
    .filter((name) => name.endsWith(EXTENSION) || name.endsWith(`${EXTENSION}.gz`))
    .sort()
    .reverse();
};

/** The newest recordings of a directory, at most so many. Names that newSession gives sort by time. */
export const newestRecordings = async (directory: string, most: number): Promise<Recorded[]> => {
  const names = (await recordingNames(directory)).slice(0, most);
  return Promise.all(names.map((name) => told(join(directory, name), name)));
};
