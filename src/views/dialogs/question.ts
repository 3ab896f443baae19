import { visibleText } from '../../cluster/visible-text.ts';
import type { OpenPrompt } from '../../session/store.ts';
import { fieldRow } from '../parts/field.ts';
import { type Row, span } from '../parts/rows.ts';
import { wrapped } from '../parts/wrapped.ts';
import type { Size } from '../screen.ts';
import type { Look } from '../theme.ts';
import type { PromptAnswers } from '../ui.ts';
import { type Dialog, dialog, dialogWidth } from './dialog.ts';

/** Text of the far side: several lines, each made visible, at most six. */
const theirs = (text: string, width: number): Row[] =>
  text
    .slice(0, 2000)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .slice(0, 6)
    .flatMap((line) => wrapped(visibleText(line, 400), width, 4))
    .map((line): Row => [span(line)]);

const ours = (text: string, width: number): Row[] => wrapped(text, width).map((line): Row => [span(line, 'dim')]);

/** A secret is not shown, not even how long it is. */
const input = (answers: PromptAnswers, echo: boolean, width: number, look: Look): Row => {
  if (echo) return [span('> ', 'accent'), ...fieldRow(answers.field, width - 2, look)];
  const text = answers.field.text === '' ? '' : '(typed, not shown)';
  return [span('> ', 'accent'), span(text, 'dim'), span(look.glyphs.cursor, 'accent')];
};

type Question = { title: string; above: Row[]; echo: boolean; below: string };

const question = ({ prompt }: OpenPrompt, answers: PromptAnswers, width: number): Question => {
  const hop = visibleText(prompt.hop, 60);
  switch (prompt.kind) {
    case 'host-key':
      return {
        title: `Is this ${hop}?`,
        above: [
          ...theirs(`${hop} (${prompt.address}) shows a host key that is in no known_hosts file:`, width),
          [],
          [span(visibleText(prompt.keyType, 40), 'strong')],
          [span(visibleText(prompt.fingerprint, 120), 'accent')],
          [],
          ...ours(
            'Compare the fingerprint with what the keeper of the host gave you. Only if it is the same, type yes and press enter.',
            width,
          ),
        ],
        echo: true,
        below: `Then it is written to ${visibleText(prompt.knownHosts, 200)}. esc refuses; enter alone does nothing.`,
      };
    case 'passphrase':
      return {
        title: `Passphrase for ${hop}`,
        above: [
          ...(prompt.again ? [[span('That passphrase did not open the key.', 'bad' as const)]] : []),
          ...theirs(`Key ${prompt.file}`, width),
        ],
        echo: false,
        below: 'What is typed is not shown. enter answers, esc refuses.',
      };
    case 'questions': {
      const at = Math.min(answers.given.length, Math.max(0, prompt.questions.length - 1));
      const asked = prompt.questions[at];
      const count = prompt.questions.length > 1 ? ` (${at + 1} of ${prompt.questions.length})` : '';
      return {
        title: `${hop} asks${count}`,
        above: [
          ...theirs(prompt.title, width),
          ...theirs(prompt.instruction, width),
          ...theirs(asked?.text ?? '', width),
        ],
        echo: asked?.echo ?? false,
        below: `${asked?.echo ? '' : 'What is typed is not shown. '}enter answers, esc refuses.`,
      };
    }
  }
};

/** A question of the transport: a host key, a passphrase, or whatever the server asks. */
export const questionDialog = (open: OpenPrompt, answers: PromptAnswers, size: Size, look: Look): Dialog => {
  const width = dialogWidth(size);
  const { title, above, echo, below } = question(open, answers, width);
  const rows: Row[] = [
    ...above,
    input(answers, echo, width, look),
    ...(answers.hint === '' ? [] : [[span(answers.hint, 'warn' as const)]]),
    ...ours(below, width),
  ];
  return dialog(title, rows, width, size, look);
};
