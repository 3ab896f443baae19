import type { ConfigFiles } from '../../conf-files/include.ts';

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
