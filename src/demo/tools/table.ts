import { keepalivedDump } from './dump.ts';
import { fileTools, tailFollow } from './files.ts';
import { ip, ipMonitor } from './ip.ts';
import { journalctl, journalFollow } from './journalctl.ts';
import { ps } from './ps.ts';
import { systemTools } from './system.ts';
import { systemctl } from './systemctl.ts';
import { type Follower, failed, type Tool, type ToolContext, type ToolResult } from './tool.ts';

/** Every command a demo machine knows. A new one (`systemd-run`, say) is one more entry. */
const TOOLS: Record<string, Tool> = {
  ...systemTools,
  ...fileTools,
  ip,
  ps,
  systemctl,
  journalctl,
  keepalived_dump: keepalivedDump,
};

const base = (name: string): string => name.replace(/^(\/usr)?\/(local\/)?s?bin\//, '');

/** Wrappers that change who or how, and then run the rest of the words. */
const unwrap = (
  context: ToolContext,
  words: readonly string[],
): { context: ToolContext; words: readonly string[] } | ToolResult => {
  const [first = '', ...rest] = words;
  switch (base(first)) {
    case 'sudo': {
      const command = rest.slice(rest.findIndex((word) => !word.startsWith('-')));
      if (rest.includes('-l')) {
        return context.machine.rights.sudo
          ? {
              stdout: 'User demo may run the following commands on this host:\n    (root) NOPASSWD: ALL\n',
              stderr: '',
              code: 0,
            }
          : failed('sudo: a password is required');
      }
      const journal = base(command[0] ?? '') === 'journalctl';
      // The right to the journal is the group's; without it a narrow sudoers file does not give it back.
      const allowed = context.machine.rights.sudo && (!journal || context.machine.rights.journal);
      if (!allowed) return failed('sudo: a password is required');
      return { context: { ...context, root: true }, words: command };
    }
    case 'env':
      return { context, words: rest.slice(rest.findIndex((word) => !word.includes('='))) };
    case 'timeout':
      return { context, words: rest.slice(1) };
    case 'exec':
    case 'command':
    case 'nice':
      return { context, words: rest };
    default:
      return /^[A-Z_]+=/.test(first) ? { context, words: rest } : failed('');
  }
};

const WRAPPERS = new Set(['sudo', 'env', 'timeout', 'exec', 'command', 'nice']);
const wrapped = (word: string): boolean => WRAPPERS.has(base(word)) || /^[A-Z_]+=/.test(word);

/** Runs one command given as words. Nothing of the user's own machine is started or touched. */
export const runTool = async (context: ToolContext, words: readonly string[]): Promise<ToolResult> => {
  const [first] = words;
  if (first === undefined) return { stdout: '', stderr: '', code: 0 };
  if (wrapped(first)) {
    const inner = unwrap(context, words);
    return 'code' in inner ? inner : runTool(inner.context, inner.words);
  }
  const tool = TOOLS[base(first)];
  if (!tool) return failed(`sh: 1: ${first}: not found`, 127);
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
