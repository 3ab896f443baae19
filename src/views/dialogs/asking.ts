import type { Confirmation } from '../../cluster/action.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import type { Confirming } from '../confirm.ts';
import { type Row, span } from '../parts/rows.ts';
import { textRows } from '../parts/text-rows.ts';
import type { Look } from '../theme.ts';

/** What a person has to do to confirm, and how far he has come with it. `what`: `do`, `run`. */
export const askRows = (
  { confirmation, confirming }: { confirmation: Confirmation; confirming: Confirming },
  what: string,
  width: number,
  look: Look,
): Row[] => {
  const note = confirming.note === '' ? [] : textRows(`${look.glyphs.warn} ${confirming.note}`, width, 'warn', '', 3);
  if (confirmation.kind === 'press')
    return [
      ...note,
      [
        span('press '),
        span(confirmation.key, 'accent'),
        span(` alone to ${what} it`),
        span('; enter confirms nothing, esc leaves', 'dim'),
      ],
    ];
  const { word } = confirmation;
  const right = word.startsWith(confirming.typed);
  return [
    ...note,
    [span('type '), span(visibleText(word, 80), 'accent'), span(` to ${what} it`), span('; esc leaves', 'dim')],
    [
      span('> ', 'accent'),
      span(visibleText(confirming.typed), right ? 'plain' : 'bad'),
      span(look.glyphs.cursor, 'accent'),
    ],
  ];
};
