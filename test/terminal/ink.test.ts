import { PassThrough, Writable } from 'node:stream';
import fc from 'fast-check';
import { Box, render, Text, useCursor } from 'ink';
import { createElement as h } from 'react';
import { describe, expect, it } from 'vitest';
import { type Line, Pump } from '../../src/terminal/pump.ts';
import { cellsOf, feed, makeScreen } from '../support/screen.ts';

type Picture = { readonly lines: readonly string[]; readonly cursor?: { x: number; y: number } | undefined };

function View({ lines, cursor }: Picture): ReturnType<typeof h> {
  const { setCursorPosition } = useCursor();
  setCursorPosition(cursor);
  return h(
    Box,
    { flexDirection: 'column' },
    lines.map((line, i) => h(Text, { key: i, wrap: 'truncate', color: line.length % 2 === 0 ? 'red' : 'blue' }, line)),
  );
}

describe('what Ink writes', () => {
  it('shows on the terminal what it would show without the layer, the text cursor too', async () => {
    const line = fc.constantFrom('', 'a', 'header lb1', '│ vip │', '漢字 kanji', 'x'.repeat(40), 'y'.repeat(39));
    const picture: fc.Arbitrary<Picture> = fc.record({
      lines: fc.array(line, { maxLength: 10 }),
      cursor: fc.option(fc.record({ x: fc.nat(39), y: fc.nat(9) }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(picture, { minLength: 1, maxLength: 6 }), async (pictures) => {
        const [plain, ours] = [makeScreen(40, 10), makeScreen(40, 10)];
        const shown = new Map([
          [plain, true],
          [ours, true],
        ]);
        for (const term of [plain, ours]) {
          for (const final of ['h', 'l']) {
            term.parser.registerCsiHandler({ prefix: '?', final }, (params) => {
              if (params.includes(25)) shown.set(term, final === 'h');
              return false;
            });
          }
        }
        let out = '';
        const wire: Line = {
          busy: false,
          bytes: 0,
          writes: 0,
          send: (text) => {
            out += text;
          },
          push: () => {},
          abandon: () => false,
        };
        const pump = new Pump(
          wire,
          () => ({ columns: 40, rows: 10 }),
          () => 0,
          () => {},
        );
        let raw = '';
        const stdout = new Writable({
          decodeStrings: false,
          write(chunk, _encoding, done) {
            raw += chunk;
            pump.draw(String(chunk));
            done();
          },
        });
        Object.assign(stdout, { isTTY: true, columns: 40, rows: 10 });
        pump.start();
        const options = {
          stdout: stdout as unknown as NodeJS.WriteStream,
          stdin: new PassThrough() as unknown as NodeJS.ReadStream,
          interactive: true,
          patchConsole: false,
          exitOnCtrlC: false,
          alternateScreen: true,
        };
        const app = render(h(View, pictures[0] ?? { lines: [] }), options);
        for (const picture of pictures) {
          app.rerender(h(View, picture));
          await app.waitUntilRenderFlush();
          pump.answered(pump.gate.outstanding);
          await feed(plain, raw.replaceAll('\n', '\r\n'));
          await feed(ours, out);
          raw = out = '';
          expect(cellsOf(ours)).toEqual(cellsOf(plain));
          expect(shown.get(ours)).toBe(shown.get(plain));
          if (shown.get(ours)) {
            const at = [ours, plain].map(({ buffer: { active } }) => [active.cursorX, active.cursorY]);
            expect(at[0]).toEqual(at[1]);
          }
        }
        app.unmount();
        plain.dispose();
        ours.dispose();
      }),
      { numRuns: 40 },
    );
  });
});
