/** One file of a machine: `mode` as stat prints it, `mtime` in wall ms. */
export type DemoFile = { content: string; mode: string; owner: string; mtime: number };

/** The few files of a machine that anybody reads. No real file is touched. */
export type FileTable = {
  get(path: string): DemoFile | undefined;
  /** The kernel's words when it cannot be written, undefined when it is. */
  write(path: string, content: string, options?: { mode?: string; owner?: string; at?: number }): string | undefined;
  append(path: string, text: string): string | undefined;
  remove(path: string): void;
  /** Why the kernel would not let even root write there: a missing folder, a full disk, a read-only one. */
  obstacle(path: string): string | undefined;
  /** From now on nobody can write this file, for this reason; undefined: it can be written again. */
  spoil(path: string, reason: string | undefined): void;
  isDirectory(path: string): boolean;
  /** Registers a file whose content is made when it is read (`/proc/uptime`). */
  computed(path: string, content: () => string): void;
  follow(path: string, listener: (appended: string) => void): () => void;
  paths(): string[];
};

/** Folders that are there even when nothing lies in them. */
const FOLDERS = new Set(['/', '/etc/', '/home/', '/root/', '/run/', '/tmp/', '/usr/', '/var/', '/var/log/']);

/** An empty table. `wall` gives ms since the epoch. */
export const createFiles = (wall: () => number): FileTable => {
  const files = new Map<string, DemoFile>();
  const made = new Map<string, () => string>();
  const listeners = new Map<string, Set<(appended: string) => void>>();
  const spoilt = new Map<string, string>();
  const isDirectory = (path: string): boolean => {
    const folder = path.endsWith('/') ? path : `${path}/`;
    return FOLDERS.has(folder) || [...files.keys(), ...made.keys()].some((other) => other.startsWith(folder));
  };
  const obstacle = (path: string): string | undefined => {
    if (isDirectory(path)) return 'Is a directory';
    const reason = spoilt.get(path);
    if (reason !== undefined) return reason;
    return isDirectory(path.slice(0, path.lastIndexOf('/') + 1) || '/') ? undefined : 'No such file or directory';
  };
  return {
    get: (path) => {
      const make = made.get(path);
      return make ? { content: make(), mode: '444', owner: 'root', mtime: wall() } : files.get(path);
    },
    obstacle,
    isDirectory,
    spoil: (path, reason) => {
      if (reason === undefined) spoilt.delete(path);
      else spoilt.set(path, reason);
    },
    write: (path, content, options = {}) => {
      const reason = spoilt.get(path);
      if (reason !== undefined) return reason;
      const before = files.get(path);
      files.set(path, {
        content,
        mode: options.mode ?? before?.mode ?? '644',
        owner: options.owner ?? before?.owner ?? 'root',
        mtime: options.at ?? wall(),
      });
      return undefined;
    },
    append: (path, text) => {
      const reason = spoilt.get(path);
      if (reason !== undefined) return reason;
      const before = files.get(path);
      files.set(path, {
        content: (before?.content ?? '') + text,
        mode: before?.mode ?? '644',
        owner: before?.owner ?? 'root',
        mtime: wall(),
      });
      for (const listener of [...(listeners.get(path) ?? [])]) listener(text);
      return undefined;
    },
    remove: (path) => files.delete(path),
    computed: (path, content) => made.set(path, content),
    follow: (path, listener) => {
      const heard = listeners.get(path) ?? new Set();
      listeners.set(path, heard.add(listener));
      return () => heard.delete(listener);
    },
    paths: () => [...files.keys(), ...made.keys()],
  };
};
