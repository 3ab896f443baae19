import { open, readdir, stat } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import type { AuditFile, AuditInput, AuditNode, Seen } from '../audit/input.ts';
import { KEEPALIVED_CONF } from '../conf-files/keepalived-tree.ts';
import { NGINX_CONF } from '../conf-files/nginx-tree.ts';
import { MOST_BYTES, readable } from '../session/gather-files.ts';

/** Files that are read of one directory. */
const MOST_FILES = 500;
/** Deepest folder that is gone into. */
const DEEPEST = 8;

/** One file of the directory, by its path relative to it. Nothing but plain files is opened. */
const read = async (path: string): Promise<Seen<Omit<AuditFile, 'path'>>> => {
  try {
    const handle = await open(path, 'r');
    try {
      const info = await handle.stat();
      if (!info.isFile()) return { is: 'unknown', why: 'it is no plain file' };
      const buffer = Buffer.alloc(Math.min(info.size, MOST_BYTES) + 1);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      const text = readable(buffer.subarray(0, bytesRead));
      return text.is === 'seen' ? { is: 'seen', value: { text: text.value, mode: info.mode & 0o7777 } } : text;
    } finally {
      await handle.close();
    }
  } catch (error) {
    return { is: 'unknown', why: (error as Error).message };
  }
};

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (info) => info.isFile(),
    () => false,
  );

/** Every file below a folder, relative to it; links to folders are not followed. Rejects when the folder cannot be read. */
const list = async (folder: string, at = '', depth = 0): Promise<string[]> => {
  const found: string[] = [];
  for (const entry of (await readdir(join(folder, at), { withFileTypes: true })).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = at === '' ? entry.name : `${at}/${entry.name}`;
    if (entry.isDirectory() && depth < DEEPEST && !entry.name.startsWith('.git'))
      found.push(...(await list(folder, path, depth + 1)));
    else if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(join(folder, path))))) found.push(path);
    if (found.length > MOST_FILES) throw new Error(`more than ${MOST_FILES} files lie in it`);
  }
  return found;
};

const CONFIGURATION = /^etc\/(keepalived|nginx)\//;
const isNodeFile = (path: string): boolean =>
  CONFIGURATION.test(path) ||
  /noindex\/index\.html$|^var\/www\/html\/index\.html$|\.sh$|^(usr\/local|opt|root)\//.test(path);

const skipped = { is: 'skipped', why: 'a directory of files does not tell' } as const;

const nodeOf = (name: string, files: AuditNode['files']): AuditNode => ({
  name,
  role: [...files.keys()].some((path) => CONFIGURATION.test(path.slice(1))) ? 'lb' : 'web',
  files,
  units: new Map([['services', skipped]]),
  versions: new Map(),
  keepalivedTest: skipped,
  nginxTest: skipped,
  timeSync: skipped,
  rotated: new Map(),
});

/** Where on a node a file of a flat directory belongs. */
const placeOf = (name: string): string | undefined =>
  name === 'keepalived.conf' ? KEEPALIVED_CONF : name === 'nginx.conf' ? NGINX_CONF : undefined;

/** Files that keepalived.conf and nginx.conf speak of, and that the directory does not have. */
const withGaps = (files: AuditNode['files']): AuditNode['files'] => {
  const has = (path: string) => files.has(path);
  const out = new Map(files);
  const lb = [...files.keys()].some((path) => CONFIGURATION.test(path.slice(1)));
  for (const path of lb ? [KEEPALIVED_CONF, NGINX_CONF] : [])
    if (!has(path)) out.set(path, { is: 'skipped', why: 'it is not in the directory' });
  return out;
};

/** The directory as input of an audit, and where each of its files lies for who reads the report. */
export type Directory = { input: AuditInput; locate: (node: string, file: string | undefined) => string };

/**
 * Reads a directory as `render -o DIR` writes it (DIR/<node>/etc/…), one node's own tree (DIR/etc/…), or a flat one with keepalived.conf,
 * nginx.conf and scripts. Rejects with an Error when there is nothing of the kind.
 */
export const readDirectory = async (directory: string, cwd: string): Promise<Directory> => {
  const root = resolve(cwd, directory);
  const info = await stat(root).catch(() => undefined);
  if (!info) throw new Error(`${directory} is not there`);
  const paths = await list(root);
  const places = new Map<string, string>();
  const nodes = new Map<string, AuditNode['files']>();
  const add = async (node: string, target: string, path: string) => {
    const seen = await read(join(root, path));
    const files = nodes.get(node) ?? new Map<string, Seen<AuditFile>>();
    files.set(target, seen.is === 'seen' ? { is: 'seen', value: { ...seen.value, path: target } } : seen);
    nodes.set(node, files);
    places.set(`${node}:${target}`, path);
  };
  const self = basename(root) || 'files';
  for (const path of paths) {
    const [head = '', ...rest] = path.split('/');
    const inner = rest.join('/');
    if (isNodeFile(path) && rest.length > 0 && /^(etc|usr|var)$/.test(head)) await add(self, `/${path}`, path);
    else if (isNodeFile(inner) && /^(etc|usr|var|opt|root)\//.test(inner)) await add(head, `/${inner}`, path);
    else if (rest.length === 0 && placeOf(head)) await add(self, placeOf(head)!, path);
  }
  // Scripts of a flat directory: under the name by which keepalived.conf calls them.
  const flat = nodes.get(self)?.get(KEEPALIVED_CONF);
  if (flat?.is === 'seen' && paths.includes('keepalived.conf'))
    for (const path of paths.filter((one) => !one.includes('/') && !placeOf(one))) {
      const call = flat.value.text.match(/\/[\w./-]{1,200}/g)?.find((word) => basename(word) === path);
      if (call) await add(self, call, path);
    }
  if (![...nodes.values()].some((files) => files.has(KEEPALIVED_CONF) || files.has(NGINX_CONF)))
    throw new Error(
      `${directory} has no keepalived.conf and no nginx.conf: neither its own, nor in <node>/etc/… as \`haconsole render -o\` writes`,
    );
  const all = [...nodes].map(([name, files]) => nodeOf(name, withGaps(files)));
  return {
    input: { title: directory, nodes: all, wholePair: false },
    locate: (node, file) =>
      relative(cwd, join(root, places.get(`${node}:${file}`) ?? (file === undefined ? node : `${node}${file}`))),
  };
};
