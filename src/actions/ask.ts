import type { Failure, Reading } from '../cluster/failure.ts';
import { visibleText } from '../cluster/visible-text.ts';
import { quote } from '../ssh/quote.ts';
import { type Remote, RemoteError } from '../ssh/remote.ts';

/** What a reading command printed, and its exit status (null: a signal ended it). */
export type Asked = { code: number | null; stdout: string; stderr: string };

/** The beginnings of all commands that only read. Anything else is refused by `ask`: what writes goes through `execute.ts`. */
const READS: readonly (readonly string[])[] = [
  ['id', '-u'],
  ['id', '-un'],
  ['command', '-v'],
  ['sudo', '-n', '-l'],
  ['env', 'LC_ALL=C', 'sudo', '-n', '-ll'],
  ['systemctl', 'show'],
  ['systemd-run', '--version'],
  ['systemctl', 'is-enabled'],
  ['systemctl', 'is-active'],
  ['systemd-detect-virt', '--container'],
  ['/usr/sbin/keepalived', '--version'],
  ['/usr/sbin/nginx', '-v'],
  ...[
    ['keepalived', '-t'],
    ['test', '-e'],
    ['cat', '--'],
    ['sha256sum', '--'],
    ['stat', '-L', '-c'],
    ['find', '-L'],
    ['grep', '-rlsF', '--'],
    ['head', '-c'],
    ['nginx', '-t'],
  ].flatMap((words) => [words, ['sudo', '-n', ...words]]),
];

/** What makes a find that does more than find. */
const ACTS = /^-(exec|execdir|ok|okdir|delete|fls|fprint0?|fprintf)$/;

/** The locale in which tools are asked may stand before. */
const bare = (words: readonly string[]): readonly string[] =>
  words[0] === 'env' && words[1] === 'LC_ALL=C' ? words.slice(2) : words;

const isRead = (words: readonly string[]): boolean =>
  READS.some((read) => read.every((word, index) => words[index] === word)) &&
  !(words.includes('find') && words.some((word) => ACTS.test(word)));

/** Output that is kept, bytes. */
export const MOST = 256 * 1024;

/** One command line, every word quoted. */
export const lineOf = (words: readonly string[]): string => words.map(quote).join(' ');

/** Asks a node something by a command that changes nothing there. Never rejects; `timeout` in ms. */
export const ask = async (
  remote: Remote,
  words: readonly string[],
  { signal, timeout }: { signal: AbortSignal; timeout: number },
): Promise<Reading<Asked>> => {
  if (!isRead(words) && !isRead(bare(words))) throw new Error(`not a command that only reads: ${lineOf(words)}`);
  try {
    const { code, stdout, stderr } = await remote.exec(lineOf(words), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
      maxBytes: MOST,
    });
    return { ok: true, value: { code, stdout, stderr } };
  } catch (error) {
    return { ok: false, failure: failureOf(error, remote.name) };
  }
};

/** The failure in any error of a Remote. */
export const failureOf = (error: unknown, hop: string): Failure =>
  error instanceof RemoteError
    ? error.failure
    : {
        step: 'lost',
        hop,
        found: visibleText(error instanceof Error ? error.message : String(error), 200),
        blame: 'path',
      };

/** systemctl's last words after a job that failed: where to look, not what happened. */
const HINT = /^See (?:"systemctl status |system logs and 'systemctl status )/;

/** The last line that says something, fit for one line of the screen. */
export const lastLine = (text: string, limit = 200): string => {
  const lines = text.trimEnd().split(/[\r\n]+/);
  const line = lines.findLast((one) => !HINT.test(one)) ?? lines.at(-1) ?? '';
  return visibleText(line.trim(), limit);
};
