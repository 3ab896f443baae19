import { chmod, lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RenderedFile } from './files.ts';
import { RenderRefusal } from './plan.ts';

/** What became of one file. */
export type Written = { path: string; mode: number; what: 'written' | 'replaced' | 'unchanged' };

type Target = { file: RenderedFile; path: string; before: 'none' | 'same' | 'other' };

const inspect = async (directory: string, file: RenderedFile): Promise<Target> => {
  const path = join(directory, file.node, file.path);
  try {
    if (!(await lstat(path)).isFile()) return { file, path, before: 'other' };
    const same = (await readFile(path)).equals(Buffer.from(file.content));
    return { file, path, before: same ? 'same' : 'other' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { file, path, before: 'none' };
    throw error;
  }
};

/** Whole or not at all, and never readable to others on the way: it may hold a password. */
const put = async ({ file, path }: Target): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.haconsole-new`;
  await rm(draft, { force: true });
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(file.content);
    await handle.chmod(file.mode);
  } finally {
    await handle.close();
  }
  await rename(draft, path);
};

/**
 * Writes the files as DIRECTORY/<node>/<path> with their modes. Looks at all of them first: when one is there with other
 * content and `force` is false, nothing is written and a RenderRefusal names them.
 */
export const writeFiles = async (
  directory: string,
  files: readonly RenderedFile[],
  { force }: { force: boolean },
): Promise<Written[]> => {
  const targets = await Promise.all(files.map((file) => inspect(directory, file)));
  const changed = targets.filter((target) => target.before === 'other').map((target) => target.path);
  if (changed.length > 0 && !force)
    throw new RenderRefusal(`nothing written: ${changed.join(', ')} would change (--force overwrites).`);
  const written: Written[] = [];
  for (const target of targets) {
    if (target.before === 'same') await chmod(target.path, target.file.mode);
    else await put(target);
    const what = ({ none: 'written', same: 'unchanged', other: 'replaced' } as const)[target.before];
    written.push({ path: target.path, mode: target.file.mode, what });
  }
  return written;
};
