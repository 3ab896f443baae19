import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReplyFilter } from '../../src/terminal/replies.ts';

const REPORTS = [
  '\x1b[0n',
  '\x1b[3n',
  '\x1b[?1;2c',
  '\x1b[>41;354;0c',
  '\x1b[?2026;2$y',
  '\x1b[I',
  '\x1b[O',
  '\x1b[8;24;80t',
  '\x1b[<35;10;4M',
  '\x1b]11;rgb:1c1c/1c1c/1c1c\x07',
  '\x1b]10;rgb:ffff/ffff/ffff\x1b\\',
  '\x1bP>|xterm(354)\x1b\\',
  '\x1bP1+r524742=38\x1b\\',
];
const KEYS = [
  'q',
  'jj',
  'é',
  '漢',
  '\r',
  '\t',
  '\x7f',
  '\x1a',
  '\x03',
  '\x1b[A',
  '\x1b[1;5C',
  '\x1bOP',
  '\x1b[15~',
  '\x1b[Z',
  '\x1bx',
  '\x1b\r',
  '\x1b[97;5u',
  '\x1b[[A',
  '\x1b[?1u',
  '\x1b[200~pasted \x1b[0n \x1b[I text\x1b[201~',
];

/** Everything that comes out when input comes in these pieces, with the time between the last and what follows. */
function sort(pieces: readonly string[]): { keys: string; answers: number } {
  const filter = new ReplyFilter();
  let keys = '';
  let answers = 0;
  for (const piece of pieces) {
    const sorted = filter.push(piece, true);
    keys += sorted.keys;
    answers += sorted.answers;
  }
  return { keys: keys + filter.release(), answers };
}

describe('the reply filter', () => {
  it('takes every report and nothing else, however the input is cut', () => {
    const part = fc.oneof(
      fc.constantFrom(...REPORTS).map((text) => ({ text, key: false })),
      fc.constantFrom(...KEYS).map((text) => ({ text, key: true })),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), fc.array(fc.nat(30), { maxLength: 20 }), (parts, cuts) => {
        const input = parts.map((p) => p.text).join('');
        const pieces: string[] = [];
        let at = 0;
        for (const cut of cuts) {
          pieces.push(input.slice(at, at + cut));
          at += cut;
        }
        pieces.push(input.slice(at));
        const keys = parts.filter((p) => p.key);
        expect(sort(pieces)).toEqual({
          keys: keys.map((p) => p.text).join(''),
          answers: parts.filter((p) => /^\x1b\[[03]n$/.test(p.text)).length,
        });
      }),
      { numRuns: 2000 },
    );
  });

  it('passes a lone Esc on at once when no answer is expected', () => {
    const filter = new ReplyFilter();
    expect(filter.push('\x1b', false)).toEqual({ keys: '\x1b', answers: 0 });
    expect(filter.holding).toBe(false);
  });

  it('holds a lone Esc for a moment when an answer is expected, and gives it back when none follows', () => {
    const filter = new ReplyFilter();
    expect(filter.push('\x1b', true).keys).toBe('');
    expect(filter.holding).toBe(true);
    expect(filter.release()).toBe('\x1b');
    expect(filter.push('q', true).keys).toBe('q');
  });

  it('passes keys held with Alt that begin as a report does', () => {
    for (const key of ['\x1b]', '\x1bP', '\x1b[', '\x1b_']) {
      const filter = new ReplyFilter();
      expect(filter.push(key, false).keys + filter.release()).toBe(key);
    }
  });

  it('does not hold what grows beyond any report', () => {
    const filter = new ReplyFilter();
    const text = `\x1b]1${'x'.repeat(10_000)}`;
    expect(filter.push(text, true).keys).toBe(text);
    expect(filter.push(`\x1b[${'1'.repeat(500)}`, true).keys).toBe(`\x1b[${'1'.repeat(500)}`);
  });

  it('keeps a paste that comes in many pieces as it is', () => {
    const paste = `\x1b[200~${'line \x1b[0n\x1b\x1b[20 x\n'.repeat(50)}\x1b[201~`;
    const filter = new ReplyFilter();
    let keys = '';
    for (const piece of paste.match(/.{1,7}/gs) ?? []) keys += filter.push(piece, true).keys;
    expect(keys).toBe(paste);
    expect(filter.push('\x1b[0n', true)).toEqual({ keys: '', answers: 1 });
  });
});
