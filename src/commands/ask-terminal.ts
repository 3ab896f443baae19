import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { visibleText } from '../cluster/visible-text.ts';
import type { Prompter } from '../ssh/remote.ts';
import type { Io } from './io.ts';

/**
 * Asks for one line at the terminal, on stderr. Null: nobody answered (ctrl-c, ctrl-d, no terminal). `secret`: what is typed is
 * not shown.
 */
export const askLine = async (
  question: string,
  io: Pick<Io, 'stdin' | 'stderr' | 'signal'>,
  options: { secret?: boolean; signal?: AbortSignal } = {},
): Promise<string | null> => {
  if (!io.stdin.isTTY) return null;
  const signal = options.signal ? AbortSignal.any([io.signal, options.signal]) : io.signal;
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  // The line editor draws its question itself; where nothing may be drawn, it stands there before.
  if (options.secret) io.stderr.write(question);
  const lines = createInterface({ input: io.stdin, output: options.secret ? silent : io.stderr, terminal: true });
  // ctrl-c and ctrl-d are no answer, and some versions of Node would wait for one for ever.
  lines.once('SIGINT', () => lines.close());
  const left = new Promise<null>((resolve) => lines.once('close', () => resolve(null)));
  try {
    return await Promise.race([lines.question(options.secret ? '' : question, { signal }), left]);
  } catch {
    return null;
  } finally {
    lines.close();
    if (options.secret) io.stderr.write('\n');
  }
};

/** Asks what logins need to know: host keys as ssh asks about them, passphrases and passwords unseen. Headless: nobody is asked. */
export const terminalPrompter =
  (io: Pick<Io, 'stdin' | 'stderr' | 'signal'>): Prompter =>
  async (prompt, signal) => {
    if (!io.stdin.isTTY) return null;
    const hop = visibleText(prompt.hop, 100);
    if (prompt.kind === 'host-key') {
      io.stderr.write(
        `The host key of ${hop} (${visibleText(prompt.address, 120)}) is not known:\n  ${visibleText(prompt.keyType, 200)} ${prompt.fingerprint}\nCompare it with the host's own (ssh-keygen -lf on it). It would be written to ${visibleText(prompt.knownHosts, 200)}.\n`,
      );
      const answer = await askLine('Accept it? (yes, the fingerprint, or no) ', io, { signal });
      return answer === null ? null : [answer];
    }
    if (prompt.kind === 'passphrase') {
      const again = prompt.again ? 'That was not it. ' : '';
      const answer = await askLine(`${again}Passphrase of ${visibleText(prompt.file, 200)}: `, io, {
        secret: true,
        signal,
      });
      return answer === null ? null : [answer];
    }
    const answers: string[] = [];
    io.stderr.write(
      [hop, prompt.title, prompt.instruction]
        .filter((text) => text !== '')
        .map((text) => `${visibleText(text, 500)}\n`)
        .join(''),
    );
    for (const { text, echo } of prompt.questions) {
      const answer = await askLine(`${visibleText(text, 200).trimEnd()} `, io, { secret: !echo, signal });
      if (answer === null) return null;
      answers.push(answer);
    }
    return answers;
  };
