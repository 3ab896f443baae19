import { closeSync, createReadStream, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { EXTENSION, RecordingError } from './format.ts';

/** The bytes of a session file, uncompressed, to be read at any place. */
export type Source = {
  name: string;
  /** Bytes there are now; a file that is still written grows. */
  size(): number;
  read(from: number, to: number): Buffer;
  /** What the compressed file was short of or wrong in; what could be read is there. */
  damage?: 'cut' | 'wrong';
  close(): void;
};

/** A file that is no larger is inflated into memory, bytes: six days of the tutorial's cluster. */
const LARGEST = 2 ** 30;

const plainSource = (file: string): Source => {
  const handle = openSync(file, 'r');
  return {
    name: file,
    size: () => fstatSync(handle).size,
    read: (from, to) => {
      const bytes = Buffer.allocUnsafe(Math.max(0, to - from));
      let done = 0;
      while (done < bytes.length) {
        const count = readSync(handle, bytes, done, bytes.length - done, from + done);
        if (count === 0) break;
        done += count;
      }
      return bytes.subarray(0, done);
    },
    close: () => closeSync(handle),
  };
};

/** Bytes that are in memory; `bytes` may return more later. */
export const memorySource = (name: string, bytes: () => Buffer): Source => ({
  name,
  size: () => bytes().length,
  read: (from, to) => bytes().subarray(from, to),
  close: () => {},
});

/** Opening a pipe or a device could wait for ever, or never end. */
const regular = (file: string): string => {
  const about = statSync(file);
  if (about.isDirectory()) throw new RecordingError('unreadable', `${file} cannot be read: it is a directory`);
  if (!about.isFile()) throw new RecordingError('unreadable', `${file} cannot be read: it is no regular file`);
  return file;
};

const isCompressed = (file: string): boolean => {
  const handle = openSync(file, 'r');
  try {
    const head = Buffer.alloc(2);
    return readSync(handle, head, 0, 2, 0) === 2 && head[0] === 0x1f && head[1] === 0x8b;
  } finally {
    closeSync(handle);
  }
};

/** Inflates as far as it goes. gzip tells a cut from a wrong byte, and joins members. */
const inflate = async (file: string, progress?: (part: number) => void): Promise<Source> => {
  const { size } = await stat(file);
  const chunks: Buffer[] = [];
  let length = 0;
  let read = 0;
  let damage: Source['damage'];
  const input = createReadStream(file, { highWaterMark: 1 << 18 });
  input.on('data', (chunk) => {
    read += chunk.length;
    progress?.(size === 0 ? 1 : read / size);
  });
  const gunzip = createGunzip({ chunkSize: 1 << 18 });
  try {
    for await (const chunk of input.pipe(gunzip)) {
      // What is no session at all need not be inflated to be told so.
      if (
        length === 0 &&
        !(chunk as Buffer).subarray(0, 5).equals(Buffer.from('{"k":').subarray(0, (chunk as Buffer).length))
      )
        throw new RecordingError('not-a-session', `${file} is not a haconsole session`);
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length > LARGEST)
        throw new RecordingError(
          'unreadable',
          `${file} is larger than 1 GB when inflated: gunzip it, and give the file that comes of it`,
        );
    }
  } catch (error) {
    if (error instanceof RecordingError) throw error;
    damage = /unexpected end/i.test(String((error as Error).message)) ? 'cut' : 'wrong';
  } finally {
    input.destroy();
  }
  const bytes = Buffer.concat(chunks);
  return { ...memorySource(file, () => bytes), ...(damage ? { damage } : {}) };
};

/** Opens a session file, compressed or not. Throws one sentence when it cannot. `progress`: 0 to 1. */
export const openSource = async (file: string, progress?: (part: number) => void): Promise<Source> => {
  try {
    return isCompressed(regular(file)) ? await inflate(file, progress) : plainSource(file);
  } catch (error) {
    if (error instanceof RecordingError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    // The name that was told while the session was not compressed yet.
    if (code === 'ENOENT' && file.endsWith(EXTENSION) && existsSync(`${file}.gz`))
      return openSource(`${file}.gz`, progress);
    const why = code === 'ENOENT' ? 'there is no such file' : (error as Error).message;
    throw new RecordingError('unreadable', `${file} cannot be read: ${why}`);
  }
};
