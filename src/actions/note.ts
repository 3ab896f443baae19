import type { Failure } from '../cluster/failure.ts';
import { visibleText } from '../cluster/visible-text.ts';
import { quote } from '../ssh/quote.ts';
import { type Remote, RemoteError } from '../ssh/remote.ts';
import { ReadOnlyError, write } from './execute.ts';

/** Longest note, in characters. */
export const NOTE_LENGTH = 500;

/** Makes one line of a note, with control signs made visible. Undefined when it is empty or too long. */
export const noteLine = (text: string): string | undefined => {
  const line = visibleText(text.trim(), 4 * NOTE_LENGTH);
  return line.length === 0 || [...line].length > NOTE_LENGTH ? undefined : line;
};

/**
 * The command that appends stdin as one line, in the check script's own form (`$(date): text`). The text is data: it comes by
 * stdin and only ever stands in a quoted variable. One write, so lines of others are not cut. Root only where it is needed.
 */
export const noteCommand = (checkLog: string, sudo: boolean): string => {
  const script = [
    `f=${quote(checkLog)}`,
    'l="$(LC_ALL=C date): $(cat)"',
    `if [ -w "$f" ]; then printf "%s\\n" "$l" >> "$f"; else printf "%s\\n" "$l" | ${sudo ? 'sudo -n tee' : 'tee'} -a -- "$f" > /dev/null; fi`,
  ].join('; ');
  return `exec /bin/sh -c ${quote(script)}`;
};

const explain = (node: string, code: number | null, stderr: string): Failure => {
  const found = stderr.trim().split('\n').at(-1)?.slice(0, 200) || `exit status ${code}`;
  const denied = /denied|password is required|not allowed|sudoers/i.test(stderr);
  return {
    step: denied ? 'permission' : 'command',
    hop: node,
    found,
    blame: 'target',
    ...(denied ? { advice: 'allow the user to write the check log, or `sudo -n tee -a` on it' } : {}),
  };
};

/** Appends a note to the check log of one node. Resolves to undefined when it is written, else to why it is not. */
export const writeNote = async (
  remote: Remote,
  options: { line: string; checkLog: string; sudo: boolean; readOnly: boolean; signal: AbortSignal },
): Promise<Failure | undefined> => {
  try {
    const { code, stderr } = await write(remote, noteCommand(options.checkLog, options.sudo), {
      readOnly: options.readOnly,
      signal: options.signal,
      input: options.line,
    });
    return code === 0 ? undefined : explain(remote.name, code, stderr);
  } catch (error) {
    if (error instanceof ReadOnlyError)
      return { step: 'permission', hop: remote.name, found: 'this console is read-only', blame: 'target' };
    if (error instanceof RemoteError) return error.failure;
    return {
      step: 'timeout',
      hop: remote.name,
      found: 'no answer in time; whether the note was written is unknown',
      blame: 'path',
    };
  }
};
