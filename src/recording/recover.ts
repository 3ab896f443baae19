import { type FileHandle, open, unlink } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { type EndLine, isoOf, RecordingError } from './format.ts';
import { kindOf, rawLines } from './lines.ts';
import { createChain, sealedLine, sealIn } from './seal.ts';
import { syncDirectory } from './sink.ts';
import type { Source } from './source.ts';
import type { Verification } from './verify.ts';

/** What was saved: bytes and lines kept, bytes left behind, the head hash of the copy. */
export type Recovered = { file: string; lines: number; kept: number; dropped: number; seal: string };

const CHUNK = 1 << 20;

const copy = async (source: Source, to: number, handle: FileHandle) => {
  for (let at = 0; at < to; ) {
    const chunk = source.read(at, Math.min(to, at + CHUNK));
    if (chunk.length === 0) throw new RecordingError('unreadable', `${source.name} became shorter while it was read`);
    await handle.writeFile(chunk);
    at += chunk.length;
  }
};

/**
 * Writes what is good of a damaged file into a new, sealed one: every whole line of a torn or unsealed file; of an altered one
 * only what its seals vouch for. The original is only read. Throws one sentence where nothing can be saved or written.
 */
export const recover = async (source: Source, found: Verification, file: string): Promise<Recovered> => {
  const kept = found.outcome === 'altered' ? found.sealedTo : found.goodTo;
  if (!found.header || !found.last || kept === 0)
    throw new RecordingError('unreadable', `${source.name} holds nothing that could be saved: ${found.reason}`);
  const chain = createChain();
  let lines = 0;
  /** The seal of an end that is already there: something follows it that is left behind. */
  let ended: string | undefined;
  for (const line of rawLines(source, 0, kept)) {
    const kind = kindOf(line.bytes);
    const seal = kind === 'key' || kind === 'seal' || kind === 'end' ? sealIn(line.bytes) : undefined;
    chain.add(line.bytes.subarray(0, seal?.covered ?? line.bytes.length));
    if (seal) {
      chain.seal();
      chain.add(line.bytes.subarray(seal.covered + 64));
    }
    chain.add('\n');
    lines = line.number;
    if (kind === 'end') ended = seal?.value;
  }
  const { m, w } = found.last;
  const dropped = source.size() - kept;
  const end: Omit<EndLine, 'h'> = {
    k: 'end',
    m,
    w,
    t: isoOf({ mono: m, wall: w }),
    lines,
    d: {
      why: `recovered: ${found.reason}`,
      lost: found.lost,
      recovered: { from: basename(source.name), bytes: source.size(), dropped },
    },
  };
  const last = sealedLine(chain, JSON.stringify(end));
  const handle = await open(file, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'EEXIST' ? 'it exists already' : error.message;
    throw new RecordingError(error.code === 'EEXIST' ? 'exists' : 'unreadable', `${file} cannot be written: ${why}`);
  });
  try {
    await copy(source, kept, handle);
    if (ended === undefined) await handle.writeFile(`${last}\n`);
    await handle.sync();
  } catch (error) {
    await unlink(file).catch(() => {});
    throw error;
  } finally {
    await handle.close();
  }
  await syncDirectory(dirname(file));
  return { file, lines: ended ? lines : lines + 1, kept, dropped, seal: ended ?? last.slice(-66, -2) };
};
