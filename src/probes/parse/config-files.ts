/** Configuration files of a node, by absolute path. */
export type ConfigFiles = Map<string, string>;

/**
 * What `head -v` prints of several files: `==> PATH <==` before each. A file whose text holds such a line is cut there, which
 * costs what follows and no more.
 */
export const splitHeads = (text: string): ConfigFiles => {
  const files: ConfigFiles = new Map();
  const [, ...parts] = `
${text}`.split(/^==> (\/.{1,4095}) <==$/m);
  for (let index = 0; index + 1 < parts.length; index += 2) files.set(parts[index]!, parts[index + 1]!.slice(1));
  return files;
};

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
