import type { Prompter } from '../ssh/remote.ts';
import type { OpenPrompt } from './store.ts';

/** Turns the transport's questions into what the console shows, one at a time; answers go straight back and are not kept. */
export const createPromptDesk = (show: (prompt: OpenPrompt | null) => void) => {
  let nextId = 1;
  let open: { id: number; settle: (answers: string[] | null) => void } | undefined;

  const prompter: Prompter = (prompt, signal) =>
    new Promise((resolve) => {
      const id = nextId++;
      const settle = (answers: string[] | null) => {
        signal.removeEventListener('abort', refuse);
        if (open?.id === id) {
          open = undefined;
          show(null);
        }
        resolve(answers);
      };
      const refuse = () => settle(null);
      if (signal.aborted) return refuse();
      signal.addEventListener('abort', refuse, { once: true });
      open?.settle(null);
      open = { id, settle };
      show({ id, prompt });
    });

  return {
    prompter,
    answer: (id: number, answers: string[] | null) => {
      if (open?.id === id) open.settle(answers);
    },
  };
};

/** Without a terminal nobody is asked. */
export const headlessPrompter: Prompter = async () => null;
