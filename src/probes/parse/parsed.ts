import type { Reading } from '../../cluster/failure.ts';
import { plain } from '../plain.ts';

/** What a parser returns: the value, or what it could not make sense of. Parsers never throw. */
export type Parsed<T> =
  | { ok: true; value: T }
  | { ok: false; failure: { step: 'parse'; found: string; advice?: string } };

/** The parser made sense of everything that matters. */
export const parsed = <T>(value: T): Parsed<T> => ({ ok: true, value });

/** `found` may quote foreign text: it is made fit for the screen here. */
export const unparsed = (found: string, advice?: string): Parsed<never> => ({
  ok: false,
  failure: { step: 'parse', found: plain(found), ...(advice === undefined ? {} : { advice }) },
});

/** The answer came from this node, so what is wrong with it is the node's. */
export const asReading = <T>(result: Parsed<T>, hop: string): Reading<T> =>
  result.ok ? result : { ok: false, failure: { ...result.failure, hop, blame: 'target' } };
