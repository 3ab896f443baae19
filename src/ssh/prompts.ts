import { messageOf } from './failures.ts';
import type { Prompt, Prompter } from './remote.ts';

/** Asks people one question at a time, whoever needs it. Null: refused, nobody there, or no longer needed. */
export type Prompts = { ask(prompt: Prompt, signal: AbortSignal): Promise<string[] | null> };

/** Puts a queue in front of a prompter: never two questions at once, abandoned ones are skipped. */
export const createPrompts = (prompter: Prompter, log: (line: string) => void): Prompts => {
  let tail: Promise<unknown> = Promise.resolve();
  return {
    ask(prompt, signal) {
      const turn = tail.then(() => (signal.aborted ? null : prompter(prompt, signal)));
      const answer = turn.catch((error: unknown) => {
        log(`prompt ${prompt.kind} for ${prompt.hop} failed: ${messageOf(error)}`);
        return null;
      });
      tail = answer;
      return answer;
    },
  };
};
