import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packed, unpacked } from '../../src/recording/columns.ts';

const through = (value: unknown): unknown => unpacked(JSON.parse(JSON.stringify(packed(value))));

/** See delta.test.ts. */
const key = fc.oneof(
  fc.constantFrom('a', 'b', 'at', '~c', '~i', '~m', '~j', 'v', 'k', 's'),
  fc.string({ maxLength: 3 }).filter((text) => !/["\\]/.test(text)),
);
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((one) => !Object.is(one, -0)),
  fc.integer({ min: 0, max: 1e9 }).map((one) => one / 100),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    number,
    fc.string({ maxLength: 4 }),
    fc.array(number, { minLength: 6, maxLength: 12 }),
    fc.array(tie('any'), { maxLength: 12 }),
    fc.array(fc.dictionary(key, tie('any'), { maxKeys: 4, noNullPrototype: true }), { minLength: 6, maxLength: 12 }),
  ),
})).any;

describe('lists as columns', () => {
  test('what was packed is unpacked to the same, whatever it is', () => {
    fc.assert(
      fc.property(value, (one) => {
        expect(through(one)).toEqual(one);
      }),
      { numRuns: 500 },
    );
  });

  test('times to the hundredth come back to the last digit', () => {
    const times = Array.from({ length: 500 }, (_, index) => Math.round((12_345.67 + index * 1000.01) * 100) / 100);
    expect(through(times)).toEqual(times);
    expect(JSON.stringify(packed(times)).length).toBeLessThan(JSON.stringify(times).length);
  });

  test('fields that only some have stay with those', () => {
    const list = Array.from({ length: 20 }, (_, index) => (index % 3 ? { a: index } : { a: null, b: 'x' }));
    expect(through(list)).toEqual(list);
  });
});
