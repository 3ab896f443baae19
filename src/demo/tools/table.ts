import { keepalivedDump } from './dump.ts';
import { fileTools, tailFollow } from './files.ts';
import { ip, ipMonitor } from './ip.ts';
import { journalctl, journalFollow } from './journalctl.ts';
import { lookup } from './lookup.ts';
import { moveTools } from './move.ts';
import { ps } from './ps.ts';
import { sh } from './sh.ts';
import { sudo } from './sudo.ts';
import { systemTools } from './system.ts';
import { systemctl } from './systemctl.ts';
import { systemdRun } from './systemd-run.ts';
import { type Follower, failed, type Tool, type ToolContext, type ToolResult } from './tool.ts';

/** Every command a demo machine knows. A new one (`systemd-run`, say) is one more entry. */
const TOOLS: Record<string, Tool> = {
  ...systemTools,
  ...fileTools,
  ...moveTools,
  sh,
  ip,
  ps,
  systemctl,
  'systemd-run': systemdRun,
  journalctl,
  keepalived_dump: keepalivedDump,
};

/** Functions of the agent's script, known by their name alone. */
const OWN = new Set(['keepalived_dump', 'file_tail']);

const base = (name: string): string => name.replace(/^(\/usr)?\/(local\/)?s?bin\//, '');

/** What the shell itself brings; `command -v` names them by their name alone. */
const BUILTINS = new Set([':', 'command', 'echo', 'exec', 'false', 'kill', 'printf', 'test', 'true']);

/** A PATH given for one command. */
const withPath = (context: ToolContext, assignments: readonly string[]): ToolContext =>
  assignments.some((word) => /^PATH=.*\/sbin/.test(word)) ? { ...context, sbin: true } : context;

/** An unknown command, in the words of the shell that was asked. */
const notFound = ({ shell }: ToolContext, name: string): ToolResult =>
  failed(
    shell === 'sh'
      ? `sh: 1: ${name}: not found`
      : `bash: line 1: ${name}: ${name.includes('/') ? 'No such file or directory' : 'command not found'}`,
    127,
  );

/** Wrappers that change who or how, and then run the rest of the words. */
const unwrap = (
  context: ToolContext,
  words: readonly string[],
): { context: ToolContext; words: readonly string[] } | ToolResult => {
  const [first = '', ...rest] = words;
  switch (base(first)) {
    case 'sudo':
      return sudo(context, rest);
    case 'env': {
      const at = rest.findIndex((word) => !word.includes('='));
      return { context: withPath(context, rest.slice(0, at)), words: rest.slice(at) };
    }
    case 'exec':
    case 'nice':
      return { context, words: rest };
    case 'command': {
      if (rest[0] !== '-v') return { context, words: rest };
      const found = rest.slice(1).flatMap((name) => (BUILTINS.has(name) ? name : (lookup(context, name) ?? [])));
      return { stdout: found.map((path) => `${path}\n`).join(''), stderr: '', code: found.length > 0 ? 0 : 1 };
    }
    default:
      return { context: withPath(context, [first]), words: rest };
  }
};

const WRAPPERS = new Set(['sudo', 'env', 'exec', 'command', 'nice']);
const wrapped = (word: string): boolean => WRAPPERS.has(base(word)) || /^[A-Z_]+=/.test(word);

/** timeout(1): 124 when the time is over. The model's command goes on, as one that systemd does goes on without systemctl. */
const withTimeout = (context: ToolContext, [seconds = '', ...words]: readonly string[]): Promise<ToolResult> =>
  new Promise((resolve) => {
    const cancel = context.machine.clock.after(Number.parseFloat(seconds) * 1000, () =>
      resolve({ stdout: '', stderr: '', code: 124 }),
    );
    void runTool(context, words).then((result) => {
      cancel();
      resolve(result);
    });
  });

/** Runs one command given as words. Nothing of the user's own machine is started or touched. */
export const runTool = async (context: ToolContext, words: readonly string[]): Promise<ToolResult> => {
  const [first] = words;
  if (first === undefined) return { stdout: '', stderr: '', code: 0 };
  if (wrapped(first)) {
    const inner = unwrap(context, words);
    return 'code' in inner ? inner : runTool(inner.context, inner.words);
  }
  if (base(first) === 'timeout') return withTimeout(context, words.slice(1));
  const tool = TOOLS[base(first)];
  const there = BUILTINS.has(first) || OWN.has(first) || lookup(context, first) !== undefined;
  if (!tool || !there) return notFound(context, first);
  try {
    return await tool(context, words.slice(1));
  } catch {
    // Arguments that the model does not understand must not end the program around it.
    return failed(`${base(first)}: invalid usage`, 2);
  }
};

/** The command that follows something, if these words are one: `ip monitor`, `journalctl -f`, `tail -F`. */
export const follow = (
  context: ToolContext,
  words: readonly string[],
  emit: (line: string) => void,
  end: (code: number) => void,
): (() => void) => {
  const [first = '', ...args] = words;
  const start = (follower: Follower): (() => void) => follower(context, args, emit, end);
  if (wrapped(first)) {
    const inner = unwrap(context, words);
    if (!('code' in inner)) return follow(inner.context, inner.words, emit, end);
    emit(inner.stderr.trimEnd());
    return context.machine.clock.after(0, () => end(inner.code));
  }
  switch (base(first)) {
    case 'ip':
      return start(ipMonitor);
    case 'journalctl':
      return start(journalFollow);
    case 'tail':
      return start(tailFollow);
    default:
      emit(`sh: 1: ${first}: not found`);
      return context.machine.clock.after(0, () => end(127));
  }
};
