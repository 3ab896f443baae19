import { dateText } from './tools/date.ts';
import { put, writable } from './tools/files.ts';
import { runTool } from './tools/table.ts';
import { failed, printed, type ToolContext, type ToolResult } from './tools/tool.ts';

/** The console's way to append a note. Its script has variables, which the model's shell does not have: it is known as a whole. */
const NOTE =
  /^exec \/bin\/sh -c 'LC_ALL=C; export LC_ALL; f=([\w@%+=:,./-]+); l="\$\(date\): \$\(cat\)"; if \[ -e "\$f" \] && \[ ! -f "\$f" \] && \[ ! -d "\$f" \]; then echo "not a regular file" >&2; exit 1; fi; if \[ -w "\$f" \]; then printf "%s\\n" "\$l" >> "\$f"; else printf "%s\\n" "\$l" \| (sudo -n )?tee -a -- "\$f" > \/dev\/null; fi'$/;

/** Runs the command line if it is one that appends a note; undefined if it is anything else. */
export const runNote = (context: ToolContext, line: string): Promise<ToolResult> | undefined => {
  const [, path, sudo] = NOTE.exec(line) ?? [];
  return path === undefined ? undefined : append(context, path, sudo !== undefined);
};

const append = async (context: ToolContext, path: string, sudo: boolean): Promise<ToolResult> => {
  const { clock } = context.machine;
  const text = `${dateText(clock.wall())}: ${(await context.stdin()).replace(/\n+$/, '')}\n`;
  if (writable(context, path)) {
    // dash's printf knows only that it did not go; whatever the reason is, it does not say.
    const error = put(context, path, text, true);
    if (error === undefined) return printed('');
    return failed('/bin/sh: 1: printf: printf: I/O error');
  }
  const words = [...(sudo && !context.root ? ['sudo', '-n'] : []), 'tee', '-a', '--', path];
  return { ...(await runTool({ ...context, stdin: async () => text }, words)), stdout: '' };
};
