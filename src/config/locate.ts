import { open } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { ConfigError, shown } from './errors.ts';

/** Where to look; all paths absolute, `file` as the user gave it. */
export type Places = { file?: string; cwd: string; home: string; env: Record<string, string | undefined> };

/** The text of the cluster file, its absolute path, and the name to call it in messages. */
export type Found = { path: string; label: string; text: string };

/** A cluster file is a page of text; more is a mistake or an attack. */
export const MAX_BYTES = 1024 * 1024;

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code ?? 'unknown error');

const REASONS: Record<string, string> = {
  EACCES: 'a file that may not be read (permission denied)',
  EISDIR: 'a directory',
  ELOOP: 'a loop of symbolic links',
  ENOTDIR: 'a path through something that is no directory',
};

/** Reads at most MAX_BYTES; works on pipes too, whose size nobody knows. Undefined when there is no such file. */
const readBounded = async (path: string, label: string): Promise<Buffer | undefined> => {
  const refuse = (found: string, expected: string): never => {
    throw new ConfigError({ file: label, field: '', found, expected });
  };
  try {
    const handle = await open(path, 'r');
    try {
      const buffer = Buffer.alloc(MAX_BYTES + 1);
      let length = 0;
      while (length < buffer.length) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
        if (bytesRead === 0) return buffer.subarray(0, length);
        length += bytesRead;
      }
      return refuse('more than 1 MiB', 'a cluster file of at most 1 MiB');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = codeOf(error);
    if (code === 'ENOENT') return undefined;
    return refuse(REASONS[code] ?? `a file that cannot be read (${shown(code)})`, 'a readable cluster file');
  }
};

const decode = (bytes: Buffer, label: string): string => {
  const refuse = (found: string): never => {
    throw new ConfigError({ file: label, field: '', found, expected: 'text in UTF-8' });
  };
  if (bytes.includes(0)) return refuse('NUL bytes (UTF-16 or a binary file)');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse('bytes that are not UTF-8');
  }
};

/** `~/…` for people: the home directory is no news. */
const short = (path: string, home: string): string =>
  path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;

/**
 * Finds and reads the cluster file: the one named, else ./haconsole.yaml, else that of the user's configuration directory
 * (XDG Base Directory: a relative XDG_CONFIG_HOME is ignored). Throws a ConfigError that says where it looked.
 */
export const locate = async ({ file, cwd, home, env }: Places): Promise<Found> => {
  if (file !== undefined) {
    const path = file === '~' || file.startsWith('~/') ? join(home, file.slice(1)) : resolve(cwd, file);
    const bytes = await readBounded(path, file);
    if (bytes) return { path, label: file, text: decode(bytes, file) };
    throw new ConfigError({ file, field: '', found: 'no such file', expected: 'a cluster file' });
  }
  const xdg = env.XDG_CONFIG_HOME;
  const base = xdg && isAbsolute(xdg) ? xdg : join(home, '.config');
  const candidates = [
    { path: resolve(cwd, 'haconsole.yaml'), label: 'haconsole.yaml' },
    { path: join(base, 'haconsole', 'haconsole.yaml'), label: short(join(base, 'haconsole', 'haconsole.yaml'), home) },
  ];
  for (const { path, label } of candidates) {
    const bytes = await readBounded(path, label);
    if (bytes) return { path, label, text: decode(bytes, label) };
  }
  throw new ConfigError({
    field: '',
    expected: 'a cluster file',
    found: `neither ./haconsole.yaml nor ${shown(candidates[1]?.label ?? '', 300)}`,
    advice: 'name one with --config FILE, or write one with haconsole init',
  });
};
