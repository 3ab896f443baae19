import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError } from '../config/errors.ts';
import { builtInNames } from '../drills/catalog/built-in.ts';
import type { Drill } from '../drills/drill.ts';
import { DRILL_FOLDER, parseDrills } from '../drills/load.ts';

/** Drill files that are read, and how long one may be, bytes: more is a folder of something else. */
const MOST = { files: 200, bytes: 256 * 1024 };

/**
 * The drills of one's own: every `*.yaml` in the folder `drills` beside the cluster file, in the order of their names. None where there
 * is no such folder or no cluster file. Rejects with a ConfigError for the first fault.
 */
export const loadOwnDrills = async (clusterFile: string | undefined): Promise<Drill[]> => {
  if (clusterFile === undefined) return [];
  const folder = join(dirname(clusterFile), DRILL_FOLDER);
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new ConfigError({ field: folder, found: `a folder that cannot be read (${code})`, expected: 'drill files' });
  }
  const yaml = names.filter((name) => /\.ya?ml$/.test(name)).sort();
  const files = await Promise.all(
    yaml.slice(0, MOST.files).map(async (name) => {
      const file = join(folder, name);
      const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        throw new ConfigError({
          field: file,
          found: `a file that cannot be read (${error.code})`,
          expected: 'a drill',
        });
      });
      if (text.length > MOST.bytes)
        throw new ConfigError({
          field: file,
          found: `${text.length} characters`,
          expected: 'a drill of at most 256 KiB',
        });
      return { file, text };
    }),
  );
  return parseDrills(files, builtInNames);
};
