import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeDelta, emptyTable, encodeDelta, same } from '../../src/recording/delta.ts';

/** Without quotes and backslashes: JSON.parse of V8 13.6 takes the key `"` for a key `\` that it has seen before. */
const key = fc.oneof(
  fc.constantFrom('a', 'b', 'c', '-', '~', '~d', '~x'),
  fc.string({ maxLength: 4 }).filter((text) => !/["\\]/.test(text)),
);
const long = fc.string({ minLength: 40, maxLength: 120 });
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true }),
    fc.string({ maxLength: 8 }),
    long,
    fc.constantFrom('x'.repeat(60), `${'x'.repeat(60)}y`, `${'x'.repeat(30)}z${'x'.repeat(30)}`),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(key, tie('any'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).any;

describe('changes to earlier values', () => {
  test('what was encoded one after the other is decoded to the same, whatever it is', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 8 }), (values) => {
        const [out, back] = [emptyTable(), emptyTable()];
        let old: unknown;
        let read: unknown;
        for (const next of values) {
          const change = encodeDelta(out, 'series', old, next);
          const text = change === undefined ? undefined : (JSON.parse(JSON.stringify(change)) as unknown);
          read = decodeDelta(back, 'series', read, text);
          expect(read).toEqual(next);
          old = next;
        }
      }),
      { numRuns: 500 },
    );
  });

  test('what has not changed takes no room, and a long text is written once', () => {
    const table = emptyTable();
    const page = `<html>${'some text '.repeat(50)}</html>`;
    const first = { asked: 1, body: page };
    encodeDelta(table, 'x', undefined, first);
    expect(encodeDelta(table, 'x', first, { asked: 2, body: page })).toEqual({ asked: 2 });
    expect(encodeDelta(table, 'x', first, first)).toBeUndefined();
    const dated = page.replace('some', 'SOME');
    expect(JSON.stringify(encodeDelta(table, 'x', first, { asked: 1, body: dated })).length).toBeLessThan(50);
    expect(encodeDelta(table, 'x', { asked: 1, body: dated }, first)).toEqual({ body: { '~': 0 } });
  });

  test('values that are the same are the same, and others are not', () => {
    fc.assert(
      fc.property(value, (one) => {
        expect(same(one, structuredClone(one))).toBe(true);
      }),
    );
    expect(same({ a: 1 }, { a: 1, b: undefined })).toBe(true);
    expect(same({ a: 1 }, { b: 1 })).toBe(false);
    expect(same([1], { 0: 1 })).toBe(false);
  });
});
