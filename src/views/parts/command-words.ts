import type { CommandResult } from '../../cluster/action.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import type { Look, Role } from '../theme.ts';
import { type Row, span } from './rows.ts';
import { failureWords } from './words.ts';

type Said = { sign: 'good' | 'bad' | 'unknown'; word: string; role: Role; text: string };

/** What became of a command: in a word that tells a failed one, and what stderr or the failure said last. */
export const saidOf = (result: CommandResult): Said => {
  if (!result.ok) return { sign: 'unknown', word: 'NO RESULT', role: 'unknown', text: failureWords(result.failure) };
  const text = visibleText(result.stderr, 300);
  if (result.code === 0) return { sign: 'good', word: 'exit 0', role: 'good', text };
  const word = result.code === null ? 'FAILED signal' : `FAILED exit ${result.code}`;
  return { sign: 'bad', word, role: 'bad', text };
};

/** How long a command took, exactly: this is a record, not a gauge. */
export const commandTime = (ms: number): string =>
  ms < 9999.5 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

/** `● exit 0  120 ms`, `✗ FAILED exit 5  80 ms  Unit not found`. */
export const commandWords = (result: CommandResult, look: Look): Row => {
  const { sign, word, role, text } = saidOf(result);
  return [
    span(look.glyphs[sign], role),
    span(` ${word}`, result.ok && result.code === 0 ? 'plain' : role),
    span(`  ${commandTime(result.ms)}`, 'dim'),
    span(text === '' ? '' : `  ${text}`, result.ok && result.code === 0 ? 'dim' : role),
  ];
};
