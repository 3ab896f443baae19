/** Configuration files of a node, by absolute path. */
export type ConfigFiles = Map<string, string>;

/**
 * What `head -v` prints of several files: `==> PATH <==` before each. A file whose text holds such a line is cut there, which
 * costs what follows and no more.
 */
export const splitHeads = (text: string): ConfigFiles => {
  const files: ConfigFiles = new Map();
  let lines: string[] | undefined;
  for (const line of text.split('\n')) {
    const head = /^==> (\/.{1,4095}) <==$/.exec(line);
    if (head) files.set(head[1]!, '');
    lines = head ? [] : lines;
    const path = [...files.keys()].at(-1);
    if (path !== undefined && lines && !head) {
      lines.push(line);
      files.set(path, lines.join('\n'));
    }
  }
  return files;
};

/** The files that an include pattern names, in order: relative to `base`, with `*` and `?` as in glob(7). */
export const included = (files: ConfigFiles, pattern: string, base: string): string[] => {
  const full = pattern.startsWith('/') ? pattern : `${base}/${pattern}`;
  const glob = full
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
  const matcher = new RegExp(`^${glob}$`);
  return [...files.keys()].filter((path) => matcher.test(path)).sort();
};
