import type { Reading } from '../../cluster/failure.ts';

/** What a parser returns: the value, or what it could not make sense of. Parsers never throw. */
export type Parsed<T> =
  | { ok: true; value: T }
  | { ok: false; failure: { step: 'parse'; found: string; advice?: string } };

export const parsed = <T>(value: T): Parsed<T> => ({ ok: true, value });

/** `found` must be free of control characters: quote foreign text with `plain`. */
export const unparsed = (found: string, advice?: string): Parsed<never> => ({
  ok: false,
  failure: { step: 'parse', found, ...(advice === undefined ? {} : { advice }) },
});

/** The answer came from this node, so what is wrong with it is the node's. */
export const asReading = <T>(result: Parsed<T>, hop: string): Reading<T> =>
  result.ok ? result : { ok: false, failure: { ...result.failure, hop, blame: 'target' } };
