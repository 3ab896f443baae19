import { deflate, inflateSync } from 'node:zlib';
import type { Sink } from './sink.ts';
import type { Source } from './source.ts';

/** Bytes of one piece; a full one is deflated. */
const PIECE = 1 << 20;
/** Bytes, before they are deflated, that are kept at most: ten hours of the tutorial's cluster, some 10 MB in memory. */
const LIMIT = 64 * PIECE;
/** Inflated pieces that are kept. */
const INFLATED = 4;

const KEY = Buffer.from('{"k":"key"');

/** Each knows the one after it: who holds one holds all that came since, and nobody has to say when he is done. */
type Piece = { raw?: Buffer; packed?: Buffer; next?: Piece };

/** The newest hours of a session in memory: a sink for a recorder, and what it holds as a session of its own. */
export type LookBack = {
  sink: Sink;
  /** What is kept now and what comes after: a session that begins with the oldest state that is kept. Undefined: nothing yet. */
  source(): Source | undefined;
  /** Bytes it takes. */
  bytes(): number;
};

/** Keeps the newest `limit` bytes of what is written to it, deflated. */
export const createLookBack = (limit = LIMIT): LookBack => {
  const pieces: (Piece | undefined)[] = [];
  /** Where states begin, in order. */
  let keys: number[] = [];
  let header: Buffer | undefined;
  let size = 0;
  let oldest = 0;

  const pack = (piece: Piece) => {
    const { raw } = piece;
    if (!raw) return;
    deflate(raw, (error, packed) => {
      if (error) return;
      piece.packed = packed;
      delete piece.raw;
    });
  };

  const append = (bytes: Buffer) => {
    for (let done = 0; done < bytes.length; ) {
      const at = size % PIECE;
      const index = Math.floor(size / PIECE);
      if (at === 0) {
        const fresh: Piece = { raw: Buffer.alloc(PIECE) };
        const before = pieces[index - 1];
        if (before) before.next = fresh;
        pieces[index] = fresh;
      }
      const piece = pieces[index] as Piece;
      const count = bytes.copy(piece.raw as Buffer, at, done);
      done += count;
      size += count;
      if (at + count === PIECE) pack(piece);
    }
  };

  /** Lets go what is too old: whole pieces, and the states in them. */
  const forget = () => {
    const last = keys.at(-1) ?? 0;
    while (size - oldest * PIECE > limit && (oldest + 1) * PIECE <= last) {
      delete pieces[oldest];
      oldest += 1;
    }
    if ((keys[0] ?? 0) < oldest * PIECE) keys = keys.filter((offset) => offset >= oldest * PIECE);
  };

  const write = (bytes: Buffer) => {
    const from = size;
    if (header === undefined) header = Buffer.from(bytes.subarray(0, bytes.indexOf(10) + 1));
    for (let at = bytes.indexOf(KEY); at >= 0; at = bytes.indexOf(KEY, at + 1))
      if (at === 0 || bytes[at - 1] === 10) keys.push(from + at);
    append(bytes);
    forget();
  };

  const source = (): Source | undefined => {
    const start = keys[0];
    if (start === undefined || !header) return undefined;
    // What is open goes on to hold what it began with, also when it is let go here.
    const begin = Math.floor(start / PIECE);
    const held = [pieces[begin] as Piece];
    const inflated = new Map<number, Buffer>();
    const pieceAt = (index: number): Buffer => {
      for (let last = held.at(-1); begin + held.length <= index && last?.next; last = last.next) held.push(last.next);
      const piece = held[index - begin] as Piece;
      if (piece.raw) return piece.raw;
      const known = inflated.get(index) ?? inflateSync(piece.packed as Buffer);
      inflated.delete(index);
      inflated.set(index, known);
      if (inflated.size > INFLATED) inflated.delete(inflated.keys().next().value as number);
      return known;
    };
    const bytesOf = (from: number, to: number): Buffer => {
      const parts: Buffer[] = [];
      for (let at = from; at < to; at = (Math.floor(at / PIECE) + 1) * PIECE)
        parts.push(pieceAt(Math.floor(at / PIECE)).subarray(at % PIECE, Math.min(PIECE, (at % PIECE) + to - at)));
      return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    };
    const first = headerAt(header, bytesOf(start, Math.min(size, start + 200)).toString('utf8'));
    const length = () => first.length + size - start;
    return {
      name: 'this session',
      size: length,
      read: (from, to) => {
        const end = Math.min(to, length());
        if (from >= end) return Buffer.alloc(0);
        const head = from < first.length ? first.subarray(from, Math.min(end, first.length)) : undefined;
        if (head && end <= first.length) return head;
        const rest = bytesOf(start + Math.max(0, from - first.length), start + end - first.length);
        return head ? Buffer.concat([head, rest]) : rest;
      },
      close: () => inflated.clear(),
    };
  };

  return {
    sink: {
      name: 'memory',
      open: async () => {},
      write: async (bytes) => write(bytes),
      sync: async () => {},
      close: async () => {},
    },
    source,
    bytes: () =>
      pieces.reduce(
        (sum, piece) => sum + (piece?.raw?.length ?? 0) + (piece?.packed?.length ?? 0),
        header?.length ?? 0,
      ),
  };
};

/** The first line as it would be if the session had begun with this state. */
const headerAt = (header: Buffer, key: string): Buffer => {
  const [, m, w, t] = /^\{"k":"key","m":([^,]+),"w":([^,]+),"t":"([^"]+)"/.exec(key) ?? [];
  const line = JSON.parse(header.toString('utf8')) as object;
  return Buffer.from(`${JSON.stringify({ ...line, t, m: Number(m), w: Number(w) })}\n`);
};
