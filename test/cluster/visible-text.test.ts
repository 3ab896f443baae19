import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { visibleText } from '../../src/cluster/visible-text.ts';

describe('text from outside', () => {
  test.each([
    ['plain', 'plain'],
    ['größe 漢字 ✓ é', 'größe 漢字 ✓ é'],
    ['a\u001b[31mb', 'a\\x1b[31mb'],
    ['a\r\nb\tc', 'a\\x0d\\x0ab c'],
    ['\u009b1m', '\\x9b1m'],
    ['abc\u202edef', 'abc\\u{202e}def'],
    ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
    ['soft\u00adhyphen', 'soft\\xadhyphen'],
    ['lone\ud800', 'lone\\u{d800}'],
    ['👩\u200d🚀', '👩\\u{200d}🚀'],
    ['z\u0301\u0302\u0303\u0304\u0305', 'z\u0301\u0302'],
  ])('%j is shown as %j', (raw, shown) => {
    expect(visibleText(raw)).toBe(shown);
  });

  test('is bounded, whatever comes, and its end is marked', () => {
    expect(visibleText('x'.repeat(10_000_000), 100)).toBe(`${'x'.repeat(100)}…`);
    expect(visibleText(`${'x'.repeat(99)}👩`, 100)).toBe(`${'x'.repeat(99)}\ufffd…`);
  });

  test('never holds a sign that a terminal would obey', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        expect(visibleText(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  test('is the same when it is made visible twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        expect(visibleText(visibleText(text))).toBe(visibleText(text));
      }),
    );
  });
});
