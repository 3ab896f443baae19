import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { syncDirectory } from './sink.ts';

/** Compressing may delay the end of the program this long, ms, unless it is told otherwise; then the file stays as it is. */
const DEADLINE = 3000;
/** A larger file (half a day) stays as it is where somebody waits. */
const LARGEST = 64 * 1024 * 1024;

const digest = async (file: string, signal: AbortSignal, unzip: boolean): Promise<string> => {
  const hash = createHash('sha256');
  if (unzip) await pipeline(createReadStream(file), createGunzip(), hash, { signal });
  else await pipeline(createReadStream(file), hash, { signal });
  return hash.digest('hex');
};

/**
 * Makes `file.gz` of a closed file and removes the file, once what was compressed has been read back and found the same. Where
 * anything stands in the way the file stays as it is. `patience`: nobody waits, it may take so many ms whatever its size. Never rejects; the name of the file there is now.
 */
export const compress = async (file: string, patience?: number): Promise<string> => {
  const signal = AbortSignal.timeout(patience ?? DEADLINE);
  const packed = `${file}.gz`;
  const draft = `${packed}.${process.pid}.part`;
  try {
    const large = patience === undefined && (await stat(file)).size > LARGEST;
    if (large || (await stat(packed).catch(() => undefined))) return file;
    await pipeline(
      createReadStream(file),
      createGzip({ level: 6 }),
      createWriteStream(draft, { flags: 'wx', mode: 0o600 }),
      {
        signal,
      },
    );
    const [before, after] = [await digest(file, signal, false), await digest(draft, signal, true)];
    if (before !== after) throw new Error('the compressed file is not what was compressed');
    const handle = await open(draft, 'r');
    await handle.sync().finally(() => handle.close());
    await rename(draft, packed);
    await syncDirectory(dirname(file));
    await unlink(file);
    return packed;
  } catch {
    await unlink(draft).catch(() => {});
    return file;
  }
};
