import { basename } from 'node:path';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { shown } from '../config/errors.ts';
import { type RenderedFile, renderFiles } from '../render/files.ts';
import { RenderRefusal } from '../render/plan.ts';
import { writeFiles } from '../render/write.ts';

/** `render`: what was asked, and where the words go. */
export type RenderOptions = {
  config: ClusterConfig;
  /** Only the files of this node. */
  node?: string;
  /** Only the file with this path, or this last part of a path. */
  file?: string;
  /** Directory to write to; absent: everything goes to stdout. */
  out?: string;
  /** Overwrites files that are there with other content. */
  force: boolean;
  asInTutorial: boolean;
  stdout: (text: string) => void;
  stderr: (text: string) => void;
  /** HACONSOLE_AUTH_PASS is the VRRP password, where one is wanted. */
  env: Record<string, string | undefined>;
};

const choose = (files: RenderedFile[], { node, file }: Pick<RenderOptions, 'node' | 'file'>): RenderedFile[] => {
  const names = [...new Set(files.map((one) => one.node))];
  if (node !== undefined && !names.includes(node))
    throw new RenderRefusal(`no node is called "${shown(node)}": there are ${names.join(', ')}.`);
  const ofNode = files.filter((one) => node === undefined || one.node === node);
  if (file === undefined) return ofNode;
  const chosen = ofNode.filter((one) => one.path === file || basename(one.path) === file);
  const paths = [...new Set(ofNode.map((one) => one.path))];
  if (chosen.length === 0)
    throw new RenderRefusal(`no file is called "${shown(file)}": there are ${paths.join(', ')}.`);
  return chosen;
};

const print = (files: RenderedFile[], { node, file, stdout }: RenderOptions): void => {
  const [only, ...more] = files;
  // One file asked for by name is printed exactly, ready for a pipe.
  if (only && more.length === 0 && node !== undefined && file !== undefined) stdout(only.content);
  else stdout(files.map((one) => `# ==> ${one.node}:${one.path}\n${one.content}`).join('\n'));
};

/**
 * Writes the nodes' own configuration files from the cluster file alone. Exit status 0: done; 2: refused, with one
 * sentence on stderr, and nothing was written.
 */
export const renderCommand = async (options: RenderOptions): Promise<number> => {
  const { config, out, force, asInTutorial, stderr, env } = options;
  try {
    const authPass = env.HACONSOLE_AUTH_PASS;
    const files = choose(renderFiles(config, { asInTutorial, ...(authPass ? { authPass } : {}) }), options);
    if (out === undefined) {
      print(files, options);
      return 0;
    }
    for (const { what, path, mode } of await writeFiles(out, files, { force }))
      stderr(`${what.padEnd(9)} ${mode.toString(8).padStart(4, '0')} ${shown(path, 300)}\n`);
    return 0;
  } catch (error) {
    if (error instanceof RenderRefusal) stderr(`haconsole render: ${error.message}\n`);
    else if (error instanceof Error && 'code' in error) stderr(`haconsole render: ${shown(error.message, 300)}\n`);
    else throw error;
    return 2;
  }
};
