import type { Confirmation } from '../../cluster/action.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import type { Confirming } from '../confirm.ts';
import { cells } from '../parts/cells.ts';
import { type Row, span } from '../parts/rows.ts';
import { wrapped } from '../parts/wrapped.ts';
import type { Look, Role } from '../theme.ts';

/** Text in as many rows as it takes; `first` stands before it, and blanks of its width before the rows that follow. */
export const lines = (text: string, width: number, role: Role, first = '', most = 12): Row[] =>
  wrapped(text, width - cells(first), most).map((line, index) => [
    span(index === 0 ? first : ' '.repeat(cells(first)), role),
    span(line, role),
  ]);

/** What a person has to do to confirm, and how far he has come with it. `what`: `do`, `run`. */
export const askRows = (
  { confirmation, confirming }: { confirmation: Confirmation; confirming: Confirming },
  what: string,
  width: number,
  look: Look,
): Row[] => {
  const note = confirming.note === '' ? [] : lines(`${look.glyphs.warn} ${confirming.note}`, width, 'warn', '', 3);
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
