import type { Failure } from '../cluster/failure.ts';
import { visibleText } from '../cluster/visible-text.ts';
import { quote } from '../ssh/quote.ts';
import type { Remote } from '../ssh/remote.ts';
import { failureOf, lastLine } from './ask.ts';
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
    'LC_ALL=C',
    'export LC_ALL',
    `f=${quote(checkLog)}`,
    'l="$(date): $(cat)"',
    // A pipe would keep the writer for ever, and a device is no log. A file that is not there yet is made.
    'if [ -e "$f" ] && [ ! -f "$f" ] && [ ! -d "$f" ]; then echo "not a regular file" >&2; exit 1; fi',
    `if [ -w "$f" ]; then printf "%s\\n" "$l" >> "$f"; else printf "%s\\n" "$l" | ${sudo ? 'sudo -n tee' : 'tee'} -a -- "$f" > /dev/null; fi`,
  ].join('; ');
  return `exec /bin/sh -c ${quote(script)}`;
};

/** What the words of `tee`, `sh`, `printf` and `sudo` mean, with what to try. The first that fits. */
const MEANINGS: readonly {
  said: RegExp;
  found: (log: string) => string;
  advice?: (log: string) => string;
  step?: 'permission';
}[] = [
  {
    said: /No space left|Disk quota exceeded/,
    found: (log) => `the disk under ${log} is full: nothing was written`,
    advice: () => 'make room; the check script’s own lines are lost too',
  },
  {
    // dash's printf does not tell why a line could not be written.
    said: /I\/O error/,
    found: (log) => `${log} does not take the line: the disk is full or broken`,
    advice: () => 'df and dmesg on the node tell which',
  },
  {
    said: /Read-only file system/,
    found: (log) => `${log} is on a read-only file system`,
    advice: () => 'look at the node’s disk: it may have been remounted after an error',
  },
  {
    said: /Operation not permitted/,
    found: (log) => `${log} may not be changed by anybody (chattr +i?)`,
    advice: (log) => `lsattr ${log}`,
  },
  {
    said: /No such file or directory|Directory nonexistent|nonexistent/,
    found: (log) => `the directory of ${log} does not exist`,
    advice: () => 'name the right file: checkLog in the cluster file',
  },
  {
    said: /Is a directory/,
    found: (log) => `${log} is a directory`,
    advice: () => 'name a file: checkLog in the cluster file',
  },
  {
    said: /^not a regular file$/m,
    found: (log) => `${log} is no file but a pipe or a device`,
    advice: () => 'name a file: checkLog in the cluster file',
  },
  {
    said: /sudo: (not found|command not found)|sudo: .*not found/,
    found: () => 'sudo is not installed',
    step: 'permission',
  },
  {
    said: /denied|password is required|not allowed|sudoers|must have a tty/,
    found: (log) => `no right to write to ${log}`,
    advice: (log) => `let the user write to it, or allow in sudoers: /usr/bin/tee -a -- ${log}`,
    step: 'permission',
  },
];

/** Why a note was not written, told apart by what the tools on the node said. */
export const explainNote = (hop: string, checkLog: string, code: number | null, stderr: string): Failure => {
  const meaning = MEANINGS.find(({ said }) => said.test(stderr));
  const log = visibleText(checkLog, 120);
  const found = meaning?.found(log) ?? (lastLine(stderr) || `exit status ${code ?? 'none: ended by a signal'}`);
  return {
    step: meaning?.step ?? 'command',
    hop,
    found,
    blame: 'target',
    ...(meaning?.advice ? { advice: meaning.advice(log) } : {}),
  };
};

/** Appends a note to the check log of one node. Resolves to undefined when it is written, else to why it is not. */
export const writeNote = async (
  remote: Remote,
  options: { line: string; checkLog: string; sudo: boolean; readOnly: boolean; signal: AbortSignal },
): Promise<Failure | undefined> => {
  const { checkLog, sudo, readOnly, signal } = options;
  try {
    const { code, stderr } = await write(remote, noteCommand(checkLog, sudo), {
      readOnly,
      signal,
      input: options.line,
    });
    return code === 0 ? undefined : explainNote(remote.name, checkLog, code, stderr);
  } catch (error) {
    if (error instanceof ReadOnlyError)
      return { step: 'permission', hop: remote.name, found: 'this console is read-only', blame: 'target' };
    const failure = failureOf(error, remote.name);
    return failure.step === 'timeout' || failure.step === 'lost'
      ? { ...failure, found: `${failure.found}; whether the note was written is unknown` }
      : failure;
  }
};
