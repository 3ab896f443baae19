/** Configuration files of a node, by absolute path. */
export type ConfigFiles = Map<string, string>;

/** The files that an include pattern names, in order: relative to `base`, with `*` and `?` as in glob(7). */
export const included = (files: ConfigFiles, pattern: string, base: string): string[] => {
  const full = pattern.startsWith('/') ? pattern : `${base}/${pattern}`;
  // Many stars make a matcher that never ends; nobody writes them.
  if (full.length > 300 || full.split('*').length > 5) return [];
  const glob = full
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  const matcher = new RegExp(`^${glob}$`);
  return [...files.keys()].filter((path) => matcher.test(path)).sort();
};

/** The folder of a file. */
export const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
