import { createHash } from 'node:crypto';
import type { DemoFile } from '../files.ts';
import { writeObstacle } from './files.ts';
import { failed, printed, type Tool, type ToolContext, type ToolResult } from './tool.ts';

const OK: ToolResult = printed('');

/** The options before `--` (or the first word that is none), and the paths. */
const split = (args: readonly string[]): { options: string; paths: readonly string[] } => {
  const end = args.indexOf('--');
  const options = (end < 0 ? args : args.slice(0, end)).filter((arg) => arg.startsWith('-'));
  const paths = end < 0 ? args.filter((arg) => !arg.startsWith('-')) : args.slice(end + 1);
  return { options: options.map((one) => one.replace(/^-+/, '')).join(''), paths };
};

/** Puts a file somewhere as it is: content, mode, owner and time. */
const place = ({ machine }: ToolContext, path: string, file: DemoFile): void => {
  machine.files.write(path, file.content, { mode: file.mode, owner: file.owner, at: file.mtime });
};

const isReadable = ({ root }: ToolContext, file: DemoFile): boolean => root || (Number(file.mode.at(-1)) & 4) !== 0;

const missing = (tool: string, path: string): ToolResult =>
  failed(`${tool}: cannot stat '${path}': No such file or directory`);

/** `mv -n|-f -- FROM TO`, coreutils 9.1: what -n does not do is no error. */
const mv: Tool = (context, args) => {
  const { options, paths } = split(args);
  const [from = '', to = ''] = paths;
  const { files } = context.machine;
  const file = files.get(from);
  if (!file) return missing('mv', from);
  if (options.includes('n') && files.get(to)) return OK;
  const obstacle = writeObstacle(context, from) ?? writeObstacle(context, to);
  if (obstacle !== undefined) return failed(`mv: cannot move '${from}' to '${to}': ${obstacle}`);
  files.remove(from);
  place(context, to, file);
  return OK;
};

/** `cp -p -- FROM TO`. Without -p the copy is new and belongs to who made it. */
const cp: Tool = (context, args) => {
  const { options, paths } = split(args);
  const [from = '', to = ''] = paths;
  const { files, clock } = context.machine;
  const file = files.get(from);
  if (!file) return missing('cp', from);
  if (!isReadable(context, file)) return failed(`cp: cannot open '${from}' for reading: Permission denied`);
  const obstacle = writeObstacle(context, to);
  if (obstacle !== undefined) return failed(`cp: cannot create regular file '${to}': ${obstacle}`);
  const own = { owner: context.root ? 'root' : context.user, mtime: clock.wall() };
  place(context, to, options.includes('p') ? file : { ...file, ...own });
  return OK;
};

/** `ln -- FILE NAME`: a second name of the file itself. */
const ln: Tool = (context, args) => {
  const [from = '', to = ''] = split(args).paths;
  const { files } = context.machine;
  const file = files.get(from);
  if (!file) return failed(`ln: failed to access '${from}': No such file or directory`);
  if (files.get(to)) return failed(`ln: failed to create hard link '${to}': File exists`);
  const link = `ln: failed to create hard link '${to}' => '${from}'`;
  // The kernel lets nobody link a file that is not his (fs.protected_hardlinks).
  if (!context.root && file.owner !== context.user) return failed(`${link}: Operation not permitted`);
  const obstacle = writeObstacle(context, to);
  if (obstacle !== undefined) return failed(`${link}: ${obstacle}`);
  place(context, to, file);
  return OK;
};

/** `rm -f -- FILE…`: what is not there is no error. */
const rm: Tool = (context, args) => {
  const { options, paths } = split(args);
  const result: ToolResult = { ...OK };
  for (const path of paths) {
    const { files } = context.machine;
    const there = files.get(path) !== undefined;
    const error = there
      ? writeObstacle(context, path)
      : options.includes('f')
        ? undefined
        : 'No such file or directory';
    if (error !== undefined) {
      result.stderr += `rm: cannot remove '${path}': ${error}\n`;
      result.code = 1;
    } else if (there) files.remove(path);
  }
  return result;
};

/** `sha256sum -- FILE…`. */
const sha256sum: Tool = (context, args) => {
  const result: ToolResult = { ...OK };
  for (const path of split(args).paths) {
    const file = context.machine.files.get(path);
    if (file && isReadable(context, file))
      result.stdout += `${createHash('sha256').update(file.content).digest('hex')}  ${path}\n`;
    else {
      result.stderr += `sha256sum: ${path}: ${file ? 'Permission denied' : 'No such file or directory'}\n`;
      result.code = 1;
    }
  }
  return result;
};

/** Tools that move, copy and compare files. */
export const moveTools: Record<string, Tool> = { mv, cp, ln, rm, sha256sum };
