/** One file of a machine: `mode` as stat prints it, `mtime` in wall ms. */
export type DemoFile = { content: string; mode: string; owner: string; mtime: number };

/** The few files of a machine that anybody reads. No real file is touched. */
export type FileTable = {
  get(path: string): DemoFile | undefined;
  write(path: string, content: string, options?: { mode?: string; owner?: string; at?: number }): void;
  append(path: string, text: string): void;
  remove(path: string): void;
  /** Registers a file whose content is made when it is read (`/proc/uptime`). */
  computed(path: string, content: () => string): void;
  follow(path: string, listener: (appended: string) => void): () => void;
  paths(): string[];
};

/** An empty table. `wall` gives ms since the epoch. */
export const createFiles = (wall: () => number): FileTable => {
  const files = new Map<string, DemoFile>();
  const made = new Map<string, () => string>();
  const listeners = new Map<string, Set<(appended: string) => void>>();
  return {
    get: (path) => {
      const make = made.get(path);
      return make ? { content: make(), mode: '444', owner: 'root', mtime: wall() } : files.get(path);
    },
    write: (path, content, options = {}) => {
      const before = files.get(path);
      files.set(path, {
        content,
        mode: options.mode ?? before?.mode ?? '644',
        owner: options.owner ?? before?.owner ?? 'root',
        mtime: options.at ?? wall(),
      });
    },
    append: (path, text) => {
      const before = files.get(path);
      files.set(path, {
        content: (before?.content ?? '') + text,
        mode: before?.mode ?? '644',
        owner: before?.owner ?? 'root',
        mtime: wall(),
      });
      for (const listener of [...(listeners.get(path) ?? [])]) listener(text);
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
