import { createInterface } from 'node:readline/promises';
import type { Io } from './io.ts';

/** Asks at the terminal for a word; resolves with whether it was given. ctrl-c and ctrl-d are no answer. */
export const askWord = async (io: Io, question: string, word: string): Promise<boolean> => {
  const lines = createInterface({ input: io.stdin, output: io.stderr });
  // Some versions of Node would wait for an answer for ever.
  lines.once('SIGINT', () => lines.close());
  const left = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  try {
    const given = await Promise.race([lines.question(question, { signal: io.signal }), left]);
    return given.trim() === word;
  } catch {
    return false;
  } finally {
    lines.close();
  }
};
