import type { Prompt } from '../../ssh/remote.ts';
import type { PromptAnswers } from '../ui.ts';

/** `done`: these answers are given. `more`: the next one is asked, or this one again with a hint. */
export type Step = { kind: 'done'; answers: string[] } | { kind: 'more'; given: string[]; hint: string };

/** What enter does to a question: the last answer is given, or the next one is asked, or it takes more than enter alone. */
export const nextStep = (prompt: Prompt, { given, field }: PromptAnswers): Step => {
  const again = (hint: string): Step => ({ kind: 'more', given, hint });
  switch (prompt.kind) {
    case 'host-key':
      return field.text.trim() === 'yes'
        ? { kind: 'done', answers: ['yes'] }
        : again('type yes in full to accept this key; esc refuses it');
    case 'passphrase':
      return field.text === '' ? again('nothing typed yet; esc refuses') : { kind: 'done', answers: [field.text] };
    case 'questions': {
      const all = [...given, field.text].slice(0, prompt.questions.length);
      return all.length < prompt.questions.length
        ? { kind: 'more', given: all, hint: '' }
        : { kind: 'done', answers: all };
    }
  }
};
