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

/** Keeps the bytes in memory; for looking back where nothing is recorded, and for tests. */
export const memorySink = (): Sink & { bytes(): Buffer } => {
  let held = Buffer.alloc(1 << 16);
  let size = 0;
  return {
    name: 'memory',
    open: async () => {},
    write: async (bytes, position) => {
      if (position + bytes.length > held.length) {
        const larger = Buffer.alloc(Math.max(2 * held.length, position + bytes.length));
        held.copy(larger, 0, 0, size);
        held = larger;
      }
      bytes.copy(held, position);
      size = position + bytes.length;
    },
    sync: async () => {},
    close: async () => {},
    bytes: () => held.subarray(0, size),
  };
};
