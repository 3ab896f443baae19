import type { DemoFile } from '../files.ts';
import { type Follower, failed, printed, type Tool, type ToolContext, type ToolResult } from './tool.ts';

type Found = { file: DemoFile } | { error: string };

/** The file, or why it cannot be read by this account. */
const open = ({ machine, root }: ToolContext, path: string): Found => {
  const file = machine.files.get(path);
  if (!file) return { error: machine.files.isDirectory(path) ? 'Is a directory' : 'No such file or directory' };
  const others = Number(file.mode.at(-1));
  return root || (others & 4) !== 0 ? { file } : { error: 'Permission denied' };
};

/** Runs `show` over each file; what cannot be opened goes to stderr in coreutils' words. */
const each = (
  context: ToolContext,
  paths: readonly string[],
  complain: (path: string, error: string) => string,
  show: (file: DemoFile, path: string) => string,
): ToolResult => {
  const result: ToolResult = { stdout: '', stderr: '', code: 0 };
  for (const path of paths) {
    const found = open(context, path);
    if ('file' in found) result.stdout += show(found.file, path);
    else {
      result.stderr += `${complain(path, found.error)}\n`;
      result.code = 1;
    }
  }
  return result;
};

const cat: Tool = async (context, args) => {
  const paths = args.filter((arg) => !arg.startsWith('-') || arg === '-');
  if (paths.length === 0) return printed(await context.stdin());
  return each(
    context,
    paths,
    (path, error) => `cat: ${path}: ${error}`,
    (file) => file.content,
  );
};

/** Splits `-n 5`, `-n5`, `-c 100` from the paths. */
const counted = (
  args: readonly string[],
): { bytes?: number; lines: number; fromLine: boolean; paths: string[]; verbose: boolean } => {
  const parsed: ReturnType<typeof counted> = { lines: 10, fromLine: false, paths: [], verbose: false };
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index]!;
    const option = /^-(v?)([nc])(.*)$/.exec(arg);
    if (option) {
      const value = option[3] || args[++index] || '0';
      parsed.verbose ||= option[1] === 'v';
      if (option[2] === 'c') parsed.bytes = Number(value);
      else {
        parsed.lines = Math.abs(Number(value));
        parsed.fromLine = value.startsWith('+');
      }
    } else if (arg === '-s') index += 1;
    else if (!arg.startsWith('-')) parsed.paths.push(arg);
  }
  return parsed;
};

/** head and tail open a folder and only then find out that it is one. */
const unreadable = (tool: string, path: string, error: string): string =>
  error === 'Is a directory'
    ? `${tool}: error reading '${path}': ${error}`
    : `${tool}: cannot open '${path}' for reading: ${error}`;

const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const head: Tool = async (context, args) => {
  const { bytes, lines, paths, verbose } = counted(args);
  const cut = (text: string): string =>
    bytes === undefined ? linesOf(text).slice(0, lines).join('') : text.slice(0, bytes);
  if (paths.length === 0) return printed(cut(await context.stdin()));
  return each(
    context,
    paths,
    (path, error) => unreadable('head', path, error),
    (file, path) => `${verbose || paths.length > 1 ? `==> ${path} <==\n` : ''}${cut(file.content)}`,
  );
};

const tail: Tool = async (context, args) => {
  const { bytes, lines, fromLine, paths } = counted(args);
  const cut = (text: string): string => {
    if (bytes !== undefined) return bytes === 0 ? '' : text.slice(-bytes);
    const all = linesOf(text);
    return (fromLine ? all.slice(lines - 1) : lines === 0 ? [] : all.slice(-lines)).join('');
  };
  if (paths.length === 0) return printed(cut(await context.stdin()));
  return each(
    context,
    paths,
    (path, error) => unreadable('tail', path, error),
    (file) => cut(file.content),
  );
};

/** `tail -F`: what is appended, a poll (`-s`, 0.2 s) later at the latest. */
export const tailFollow: Follower = (context, args, emit, end) => {
  const { clock, files } = context.machine;
  const { paths } = counted(args);
  const path = paths[0] ?? '';
  const found = open(context, path);
  if ('error' in found && found.error === 'Permission denied') return clock.after(0, () => end(1));
  let rest = '';
  return files.follow(path, (appended) => {
    const lines = `${rest}${appended}`.split('\n');
    rest = lines.pop() ?? '';
    clock.after(1, () => {
      for (const line of lines) emit(line);
    });
  });
};

const stat: Tool = (context, args) => {
  const at = args.findIndex((arg) => arg === '-c' || arg === '--format');
  const format = args[at + 1] ?? '%n';
  const paths = args.filter((arg, index) => index !== at && index !== at + 1 && !arg.startsWith('-'));
  const complain = (path: string, error: string): string => `stat: cannot statx '${path}': ${error}`;
  const result: ToolResult = { stdout: '', stderr: '', code: 0 };
  for (const path of paths) {
    const { files } = context.machine;
    const folder = files.isDirectory(path);
    const file = folder ? { content: '', mode: '755', owner: 'root', mtime: context.machine.boot() } : files.get(path);
    if (!file) {
      result.stderr += `${complain(path, 'No such file or directory')}\n`;
      result.code = 1;
      continue;
    }
    const values: Record<string, string> = {
      n: path,
      s: folder ? '4096' : String(Buffer.byteLength(file.content)),
      Y: String(Math.floor(file.mtime / 1000)),
      a: file.mode,
      U: file.owner,
      G: file.owner,
      F: folder ? 'directory' : file.content === '' ? 'regular empty file' : 'regular file',
    };
    result.stdout += `${format.replace(/%(.)/g, (whole, letter: string) => values[letter] ?? whole)}\n`;
  }
  return result;
};

/** Why this account may not write there; undefined when it may. */
export const writeObstacle = ({ machine, root, user }: ToolContext, path: string): string | undefined => {
  const obstacle = machine.files.obstacle(path);
  const own = root || machine.files.get(path)?.owner === user || path.startsWith('/tmp/');
  // Rights are looked at before the disk is.
  if (own || obstacle === 'Is a directory' || obstacle === 'No such file or directory') return obstacle;
  return 'Permission denied';
};

/** Writes or appends for this account; the kernel's words when it cannot. */
export const put = (context: ToolContext, path: string, text: string, append: boolean): string | undefined => {
  const { files } = context.machine;
  const obstacle = writeObstacle(context, path);
  return obstacle ?? (append ? files.append(path, text) : files.write(path, text));
};

/** `tee [-a] FILE…`: writes only the demo's own file table. */
const tee: Tool = async (context, args) => {
  const end = args.indexOf('--');
  const options = (end < 0 ? args : args.slice(0, end)).filter((arg) => arg.startsWith('-'));
  const paths = end < 0 ? args.filter((arg) => !arg.startsWith('-')) : args.slice(end + 1);
  const text = await context.stdin();
  const result: ToolResult = { stdout: text, stderr: '', code: 0 };
  for (const path of paths) {
    const error = put(context, path, text, options.includes('-a'));
    if (error === undefined) continue;
    result.stderr += `tee: ${path}: ${error}\n`;
    result.code = 1;
  }
  return result;
};

/** What `test -w` says of a file: a full disk is found out by writing only. */
export const writable = (context: ToolContext, path: string): boolean =>
  context.machine.files.get(path) !== undefined &&
  [undefined, 'No space left on device'].includes(writeObstacle(context, path));

/** `test [!] -r|-w|-x|-e|-f|-d|-s FILE`. */
const test: Tool = (context, args) => {
  const not = args[0] === '!';
  const [option = '', path = ''] = not ? args.slice(1) : args;
  const { files } = context.machine;
  const file = files.get(path);
  const folder = files.isDirectory(path);
  const answers: Record<string, boolean> = {
    '-e': file !== undefined || folder,
    '-f': file !== undefined,
    '-d': folder,
    '-r': folder || 'file' in open(context, path),
    '-w': folder ? context.root : writable(context, path),
    '-x': folder || /[1357]/.test(file?.mode ?? ''),
    '-s': (file?.content.length ?? 0) > 0,
  };
  const yes = answers[option] ?? false;
  return { stdout: '', stderr: '', code: yes !== not ? 0 : 1 };
};

const wc: Tool = async (context, args) => {
  const path = args.find((arg) => !arg.startsWith('-'));
  const found = path === undefined ? undefined : open(context, path);
  if (found && 'error' in found) return failed(`wc: ${path}: ${found.error}`);
  const text = found ? found.file.content : await context.stdin();
  const count = args.includes('-c') ? Buffer.byteLength(text) : text.split('\n').length - 1;
  return printed(`${count}${path === undefined ? '' : ` ${path}`}\n`);
};

/** A name as `find -name` takes it. */
const named = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );

/** `find [-L] FOLDER -mindepth 1 -maxdepth 1 -type f -name PATTERN`; else nothing: no files lie deeper that anybody looks for. */
const find: Tool = ({ machine }, args) => {
  const folder = args.find((arg) => arg.startsWith('/')) ?? '/';
  const at = args.indexOf('-name');
  if (at < 0 || args.includes('-exec')) return printed('');
  if (!machine.files.isDirectory(folder)) return failed(`find: '${folder}': No such file or directory`);
  const base = folder.endsWith('/') ? folder : `${folder}/`;
  const fits = named(args[at + 1] ?? '*');
  const found = machine.files
    .paths()
    .filter(
      (path) => path.startsWith(base) && !path.slice(base.length).includes('/') && fits.test(path.slice(base.length)),
    );
  return printed(found.map((path) => `${path}\n`).join(''));
};

/** `grep -rlsF -- TEXT PATH…`: the files below the paths that hold the text. */
const grep: Tool = ({ machine }, args) => {
  const [text = '', ...paths] = args.slice(args.indexOf('--') + 1);
  const found = machine.files
    .paths()
    .filter((file) => paths.some((path) => file === path || file.startsWith(`${path}/`)))
    .filter((file) => machine.files.get(file)?.content.includes(text));
  const missing = paths.some((path) => !machine.files.isDirectory(path) && machine.files.get(path) === undefined);
  return {
    stdout: found.map((file) => `${file}\n`).join(''),
    stderr: '',
    code: missing ? 2 : found.length > 0 ? 0 : 1,
  };
};

/** The agent's own `file_tail PATH LINES`: size and mtime, then the last lines; 2 missing, 13 no right. */
const fileTail: Tool = (context, [path = '', count = '5']) => {
  const found = open(context, path);
  if ('error' in found) {
    const text = `${path}: ${found.error}\n`;
    return { stdout: text, stderr: '', code: found.error === 'Permission denied' ? 13 : 2 };
  }
  const { content, mtime } = found.file;
  const limit = Number(count) * 400;
  const size = Buffer.byteLength(content);
  const end = content.slice(-limit);
  const whole = size > limit ? end.slice(end.indexOf('\n') + 1) : end;
  return printed(`${size} ${Math.floor(mtime / 1000)}\n${whole.replace(/\n+$/, '')}\n`);
};

/** Tools that read and write files. */
export const fileTools: Record<string, Tool> = {
  cat,
  head,
  tail,
  stat,
  tee,
  test,
  wc,
  find,
  grep,
  file_tail: fileTail,
};
