/** Frames of every kind of text, as Ink would draw them, for the properties. */
import fc from 'fast-check';
import stringWidth from 'string-width';

export const SIZES = [
  [80, 24],
  [120, 40],
  [200, 60],
  [60, 20],
] as const;

/** Graphemes on whose width every terminal agrees. */
const AGREED = [
  ...'abcdefghijklmnopqrstuvwxyzABC0123456789 .,:;-_/()[]#+*<>=',
  ...'│─┌┐└┘├┤╭╮╰╯═║▁▂▃▄▅▆▇█●○▲▼◆→←↑↓…·°',
  ...'éüñßøçжщλΩ',
  ...'漢字中文かなカナ한국，。',
  'e\u0301',
  'o\u0308\u0323',
];
/** Those on which they do not. */
const DISPUTED = [...'🚀👍⚡☔😀🟢', '👍🏽', '👨‍👩‍👧', '🇩🇪', '✔️', '❤️', '1️⃣', '⚠️', '☀️'];

const STYLES = [
  '',
  '1',
  '2',
  '3',
  '4',
  '7',
  '9',
  '53',
  '31',
  '92',
  '44',
  '105',
  '38;5;200',
  '48;5;17',
  '38;2;10;20;30',
  '48;2;200;100;0',
  '1;31',
  '22',
  '39',
  '0',
  '1;2;3;4;7;9;38;5;99;48;2;1;2;3',
];

type Piece = { readonly style: string; readonly text: string };

/** Cuts a row of pieces to the width, in columns; Ink never writes more. */
function cutTo(pieces: readonly Piece[], columns: number, close: boolean): string {
  let left = columns;
  let row = '';
  for (const { style, text } of pieces) {
    if (style !== '') row += `\x1b[${style}m`;
    for (const { segment } of new Intl.Segmenter().segment(text)) {
      const width = stringWidth(segment);
      if (width > left) return close ? `${row}\x1b[0m` : row;
      left -= width;
      row += segment;
    }
  }
  return close ? `${row}\x1b[0m` : row;
}

function row(graphemes: readonly string[]): fc.Arbitrary<(columns: number) => string> {
  const text = fc.oneof(
    fc.array(fc.constantFrom(...graphemes), { maxLength: 30 }).map((parts) => parts.join('')),
    fc.nat(40).map((n) => ' '.repeat(n)),
    fc.constantFrom('header', 'vip 172.16.249.80 on lb1', '────────────────────', '│'),
  );
  const piece = fc.record({ style: fc.constantFrom(...STYLES), text });
  return fc
    .tuple(
      fc.array(piece, { maxLength: 8 }),
      fc.boolean().map((b) => b),
    )
    .map(
      ([pieces, close]) =>
        (columns) =>
          cutTo(pieces, columns, close),
    );
}

/**
 * A sequence of frames in which most rows stay from one to the next, as in life: each step replaces some rows.
 * `disputed` mixes in graphemes on whose width terminals disagree.
 */
export function frames(disputed: boolean, rows: number): fc.Arbitrary<((columns: number) => string[])[]> {
  const line = row(disputed ? [...AGREED.slice(0, 40), ...DISPUTED] : AGREED);
  const height = fc.integer({ min: 0, max: rows + 2 });
  const step = fc.tuple(height, fc.array(fc.tuple(fc.nat(rows + 1), line), { maxLength: 6 }), fc.boolean());
  return fc
    .tuple(fc.array(line, { maxLength: rows }), fc.array(step, { minLength: 1, maxLength: 8 }))
    .map(([first, steps]) => {
      const all = [first];
      for (const [height, changes, scroll] of steps) {
        const next = [...(all.at(-1) ?? [])];
        if (scroll) next.shift();
        for (const [y, changed] of changes) {
          while (next.length <= y) next.push(() => '');
          next[y] = changed;
        }
        all.push(height > rows - 3 ? next.slice(0, height) : next);
      }
      return all.map((picture) => (columns: number) => picture.map((draw) => draw(columns)));
    });
}
