import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stripWindow } from '../../src/views/panes/rotation.ts';
import { cells, cut, graphemes } from '../../src/views/parts/cells.ts';
import { edit, emptyField, FIELD_LIMIT, fieldRow, insert } from '../../src/views/parts/field.ts';
import { ends, fitRow, paintRow, rowCells, span, whole } from '../../src/views/parts/rows.ts';
import { table } from '../../src/views/parts/table.ts';
import { asOf, clockTime, howLong, latency } from '../../src/views/parts/times.ts';
import { wrapped } from '../../src/views/parts/wrapped.ts';
import { lookFor } from '../../src/views/theme.ts';

const look = lookFor({ color: false });
const plain = (row: ReturnType<typeof fitRow>): string => row.map((piece) => piece.text).join('');

describe('cells', () => {
  test('count wide signs twice and marks not at all', () => {
    expect(cells('lb1')).toBe(3);
    expect(cells('漢字')).toBe(4);
    expect(cells('e\u0301')).toBe(1);
    expect(cells('─●→')).toBe(3);
  });

  test('are never half a wide sign when text is cut', () => {
    expect(cut('漢字漢字', 5)).toBe('漢字…');
    expect(cut('漢字漢字', 4)).toBe('漢…');
    expect(cut('abc', 3)).toBe('abc');
    expect(cut('abc', 0)).toBe('');
  });
});

describe('a row', () => {
  test('fits exactly, whatever it is made of', () => {
    const piece = fc.record({
      text: fc.oneof(fc.stringMatching(/^[a-z ]{0,12}$/), fc.stringMatching(/^[漢字ab]{0,6}$/)),
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.nat(30), (row, width) => {
        expect(rowCells(fitRow(row, width, look))).toBe(width);
      }),
    );
  });

  test('shows that something was cut, also at the border of two pieces', () => {
    expect(plain(fitRow([span('abc'), span('def')], 3, look))).toBe('ab…');
    expect(plain(fitRow([span('abc'), span('def')], 5, look))).toBe('abcd…');
  });

  test('keeps its right end when there is no room for both', () => {
    expect(plain(ends([span('a long beginning')], [span('end')], 10, look))).toBe('a long…end');
    expect(plain(ends([span('a')], [span('end')], 6, look))).toBe('a  end');
  });

  test('takes more pieces only whole', () => {
    expect(plain(whole([span('a')], [[span(' bb')], [span(' cccc')]], 6))).toBe('a bb');
  });

  test('has no colour when there is none, and nothing but ASCII when the locale wants that', () => {
    expect(paintRow([span('x', 'good')], look)).toBe('x');
    expect(paintRow([span('x', 'good')], lookFor({ color: true }))).toBe('\u001b[32mx\u001b[0m');
    expect(paintRow([span('é漢 ok')], lookFor({ color: false, ascii: true }))).toBe('??? ok');
  });
});

describe('a table', () => {
  const columns = [
    { floor: 3, rank: 2 },
    { floor: 4, rank: 1 },
  ];
  test('aligns its columns', () => {
    expect(
      table(
        [
          [[span('a')], [span('b')]],
          [[span('long')], [span('c')]],
        ],
        columns,
        20,
        look,
      ).map(plain),
    ).toEqual(['a     b   ', 'long  c   ']);
  });

  test('gives up the least important column when there is no room', () => {
    expect(table([[[span('name')], [span('rest')]]], columns, 5, look).map(plain)).toEqual(['name']);
  });
});

describe('a line being typed', () => {
  const typed = (text: string) => insert(emptyField, text);

  test('takes text where the cursor is', () => {
    const field = edit(edit(typed('abd'), 'left'), 'left');
    expect(insert(field, '漢')).toEqual({ text: 'a漢bd', cursor: 2 });
  });

  test('deletes whole signs, not halves of them', () => {
    expect(edit(typed('ae\u0301'), 'backspace').text).toBe('a');
    expect(edit(typed('👩‍🚀'), 'backspace').text).toBe('');
  });

  test('makes one line of a pasted page', () => {
    expect(typed('first\r\nsecond\tthird\u001b[31m').text).toBe('first second third[31m');
  });

  test('is bounded', () => {
    expect(typed('x'.repeat(10_000)).text).toHaveLength(FIELD_LIMIT);
    expect(insert(typed('x'.repeat(FIELD_LIMIT)), 'y').text).toHaveLength(FIELD_LIMIT);
  });

  test.each([
    ['home', 'one two', 0],
    ['end', 'one two', 7],
    ['delete-before', '', 0],
    ['delete-word', 'one ', 4],
  ])('obeys %s', (name, text, cursor) => {
    expect(edit(typed('one two'), name)).toEqual({ text, cursor });
  });

  test('shows the part around the cursor, which is always in view', () => {
    const field = typed('0123456789漢字');
    for (let cursor = 0; cursor <= graphemes(field.text).length; cursor++) {
      const row = fitRow(fieldRow({ ...field, cursor }, 6, look), 6, look);
      expect(row.some((piece) => piece.lit || piece.text === look.glyphs.cursor)).toBe(true);
    }
  });
});

describe('times', () => {
  test('are said as people say them', () => {
    expect([0, 9_999, 59_999, 60_000, 3_600_000 + 5 * 60_000, 90_000_000].map(howLong)).toEqual([
      '0s',
      '9s',
      '50s',
      '1m',
      '1h 05m',
      '1d 01h',
    ]);
    expect([0.42, 3.2, 12.4, 12.6, 98, 183, 997, 1250, 12_000].map((ms) => latency(ms))).toEqual([
      '<10 ms',
      '<10 ms',
      '10 ms',
      '15 ms',
      '100 ms',
      '200 ms',
      '1 s',
      '1 s',
      '10 s',
    ]);
    expect(asOf(7200)).toBe('as of 7 s ago');
    expect(clockTime(Date.UTC(2026, 10, 23, 9, 3, 7))).toBe('09:03:07');
  });
});

describe('wrapped text', () => {
  test('breaks at blanks, and hard where there are none', () => {
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapped('abcdefgh', 3)).toEqual(['abc', 'def', 'gh']);
    expect(wrapped('', 5)).toEqual(['']);
  });

  test('never exceeds its width nor its number of lines', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.integer({ min: 2, max: 30 }), (text, width) => {
        const lines = wrapped(text, width, 5);
        expect(lines.length).toBeLessThanOrEqual(5);
        for (const line of lines) expect(cells(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('the strip of answers', () => {
  test('grows to the right and jumps when it is full, so that one answer changes one cell', () => {
    expect(stripWindow(5, 20, 2)).toEqual({ from: 0, to: 5 });
    expect(stripWindow(20, 20, 2)).toEqual({ from: 0, to: 20 });
    expect(stripWindow(21, 20, 2)).toEqual({ from: 10, to: 21 });
    expect(stripWindow(30, 20, 2)).toEqual({ from: 10, to: 30 });
    expect(stripWindow(31, 20, 2)).toEqual({ from: 20, to: 31 });
  });

  test('jumps by whole turns, so that a regular rotation looks the same after it', () => {
    for (const webs of [2, 3, 4]) expect(stripWindow(1001, 40, webs).from % webs).toBe(0);
  });

  test('always ends with the newest and never exceeds its room', () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.integer({ min: 1, max: 200 }), fc.nat(20), (total, room, webs) => {
        const { from, to } = stripWindow(total, room, webs);
        expect(to).toBe(total);
        expect(to - from).toBeLessThanOrEqual(room);
        if (total > 0) expect(to - from).toBeGreaterThan(0);
      }),
    );
  });
});
