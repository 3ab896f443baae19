import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Where a recorder puts its bytes. Each method may reject; none is called while another one is under way. */
export type Sink = {
  /** What it is called in messages. */
  name: string;
  open(): Promise<void>;
  /** Writes all of it at this place, or rejects having left nothing of it behind that could be taken for whole. */
  write(bytes: Buffer, position: number): Promise<void>;
  /** Makes what was written outlast a power cut. */
  sync(): Promise<void>;
  close(): Promise<void>;
};

/** Makes the name of a new file outlast a power cut; not every file system can. */
export const syncDirectory = async (directory: string): Promise<void> => {
  const handle = await open(directory, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close().catch(() => {});
};

/** A new file of one's own (0600, its directory 0700 where it has to be made). Never opens one that is there. */
export const fileSink = (file: string): Sink => {
  let handle: FileHandle | undefined;
  return {
    name: file,
    open: async () => {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      handle = await open(file, 'wx', 0o600);
      await syncDirectory(dirname(file));
    },
    write: async (bytes, position) => {
      if (!handle) throw new Error('not open');
      try {
        // A full disk shows as a short write first and as an error only at the next.
        for (let done = 0; done < bytes.length; ) {
          const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
          if (bytesWritten === 0) throw new Error('nothing could be written');
          done += bytesWritten;
        }
      } catch (error) {
        await handle.truncate(position).catch(() => {});
        throw error;
      }
    },
    sync: async () => {
      const { nlink } = await (handle as FileHandle).stat();
      if (nlink === 0) throw new Error('the file was removed');
      await handle?.datasync();
    },
    close: async () => {
      const open = handle;
      handle = undefined;
      await open?.close();
    },
  };
};

const PIECE = 1 << 20;

/**
 * Keeps the bytes in memory, for looking back where nothing is recorded, and for tests. Refuses what is beyond `limit` bytes; an hour
 * is about 7 MB. `read` and `size` make it a source as well.
 */
export const memorySink = (limit = 256 * PIECE): Sink & { size(): number; read(from: number, to: number): Buffer } => {
  const pieces: Buffer[] = [];
  let size = 0;
  return {
    name: 'memory',
    open: async () => {},
    write: async (bytes, position) => {
      if (position + bytes.length > limit) throw new Error('the memory for looking back is used up');
      for (let done = 0; done < bytes.length; ) {
        const at = position + done;
        const index = Math.floor(at / PIECE);
        pieces[index] ??= Buffer.alloc(PIECE);
        done += bytes.copy(pieces[index], at % PIECE, done);
      }
      size = position + bytes.length;
    },
    sync: async () => {},
    close: async () => {},
    size: () => size,
    read: (from, to) => {
      const end = Math.min(to, size);
      const parts: Buffer[] = [];
      for (let at = from; at < end; at = (Math.floor(at / PIECE) + 1) * PIECE) {
        const piece = pieces[Math.floor(at / PIECE)] as Buffer;
        parts.push(piece.subarray(at % PIECE, Math.min(PIECE, (at % PIECE) + end - at)));
      }
      return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    },
  };
};
