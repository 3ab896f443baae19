import type { Keepalived } from '../keepalived.ts';
import type { Machine } from '../machine.ts';

/** What a command left behind. */
export type ToolResult = { stdout: string; stderr: string; code: number };

/** Who runs a tool, and where. */
export type ToolContext = {
  machine: Machine;
  keepalived: Keepalived | undefined;
  /** Root through sudo, or the operator's own account. */
  root: boolean;
  /** The account that logged in. */
  user: string;
  /** Programs of /usr/sbin are found: root, and whoever says so. */
  sbin: boolean;
  /** Whose words an unknown command is answered in. */
  shell: 'bash' | 'sh';
  /** What comes on stdin, up to its end. */
  stdin(): Promise<string>;
};

/** A command of the demo's machines: no process is started, the model answers in the real tool's words. */
export type Tool = (context: ToolContext, args: readonly string[]) => ToolResult | Promise<ToolResult>;

/** A command that goes on: lines come as they happen; the returned function ends it. `end` tells its own exit status. */
export type Follower = (
  context: ToolContext,
  args: readonly string[],
  emit: (line: string) => void,
  end: (code: number) => void,
) => () => void;

/** Success with this output. */
export const printed = (stdout: string): ToolResult => ({ stdout, stderr: '', code: 0 });

/** Failure with this line on stderr. */
export const failed = (line: string, code = 1): ToolResult => ({ stdout: '', stderr: `${line}\n`, code });
