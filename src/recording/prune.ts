import { lstat, open, readdir, readlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { SCHEMA } from './format.ts';

/** Recordings older than this are removed, ms. */
const OLDEST = 90 * 86_400_000;
/** Together they take no more than this, bytes; the oldest go first. */
const MOST = 2 * 1024 ** 3;
/** A younger one is never removed, ms. */
const YOUNG = 86_400_000;

/** The names that newSession gives. */
const OURS = /^\d{8}T\d{6}Z-[A-Za-z0-9_][A-Za-z0-9_.-]*-([0-9a-f]{8})\.hacs\.jsonl(\.gz)?$/;

type Recording = { file: string; id: string; packed: boolean; size: number; at: number };

const found = async (directory: string): Promise<Recording[]> => {
  const recordings: Recording[] = [];
  for (const name of await readdir(directory)) {
    const match = OURS.exec(name);
    const file = join(directory, name);
    const about = match && (await lstat(file).catch(() => undefined));
    if (!match || !about?.isFile() || about.uid !== process.geteuid?.()) continue;
    recordings.push({
      file,
      id: match[1] as string,
      packed: match[2] !== undefined,
      size: about.size,
      at: about.mtimeMs,
    });
  }
  return recordings.sort((a, b) => a.at - b.at);
};

/** Whether the file says of itself that it is the session it is called after, and is closed as far as one can tell. */
const isOursAndClosed = async ({ file, id, packed }: Recording): Promise<boolean> => {
  const handle = await open(file, 'r');
  try {
    const head = Buffer.alloc(4096);
    const { bytesRead } = await handle.read(head, 0, head.length, 0);
    const bytes = head.subarray(0, bytesRead);
    // A part of a compressed file can be inflated as far as it goes.
    const text = (packed ? gunzipSync(bytes, { finishFlush: 2 }) : bytes).toString('utf8');
    const family = SCHEMA.split('/')[0];
    if (!text.startsWith(`{"k":"hdr","schema":"${family}/`) || !text.includes(`"id":"${id}`)) return false;
    if (packed) return true;
    const { size } = await handle.stat();
    const tail = Buffer.alloc(Math.min(size, 1024));
    await handle.read(tail, 0, tail.length, size - tail.length);
    if (/\n\{"k":"end"[^\n]*\}\n$/.test(tail.toString('utf8'))) return true;
    return !(await isOpen(file));
  } finally {
    await handle.close();
  }
};

/** Whether some process of ours has the file open; where that cannot be told, it has. */
const isOpen = async (file: string): Promise<boolean> => {
  const processes = await readdir('/proc').catch(() => []);
  if (processes.length === 0) return true;
  for (const pid of processes.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    const folder = join('/proc', pid, 'fd');
    for (const handle of await readdir(folder).catch(() => []))
      if ((await readlink(join(folder, handle)).catch(() => '')) === file) return true;
  }
  return false;
};

/**
 * Removes what is too old or too much in the directory of recordings: only files with names and first lines of our own making that
 * nobody writes any more, none of the last day. Never rejects; the names of what was removed.
 */
export const prune = async (
  directory: string,
  now: number,
  limits: { oldest?: number; most?: number } = {},
): Promise<string[]> => {
  const { oldest = OLDEST, most = MOST } = limits;
  const removed: string[] = [];
  try {
    const all = await found(directory);
    let total = all.reduce((sum, one) => sum + one.size, 0);
    for (const one of all) {
      const age = now - one.at;
      if (age < YOUNG || (age <= oldest && total <= most)) continue;
      if (!(await isOursAndClosed(one).catch(() => false))) continue;
      await unlink(one.file);
      total -= one.size;
      removed.push(one.file);
    }
  } catch {
    // No directory yet, or none that can be read: nothing to remove.
  }
  return removed;
};
