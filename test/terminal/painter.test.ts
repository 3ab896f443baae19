import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Painter } from '../../src/terminal/painter.ts';
import { agreeOnWidths, cellsOf, feed, makeScreen } from '../support/screen.ts';
import { frames, SIZES } from './frames.ts';

/** What a terminal shows that gets the whole frame and nothing else. */
async function whole(lines: readonly string[], cols: number, rows: number, agree = false): Promise<string[]> {
  const term = makeScreen(cols, rows);
  if (agree) agreeOnWidths(term);
  // Of a frame that is too tall a terminal shows the end.
  await feed(term, `\x1b[?7l${lines.slice(-rows).join('\r\n')}`);
  const cells = cellsOf(term);
  term.dispose();
  return cells;
}

describe('the painter', () => {
  for (const [cols, rows] of SIZES) {
    it(`shows at ${cols}x${rows}, after any frames, what the newest whole frame would show`, async () => {
      const other = fc.constantFrom(...SIZES);
      const event = fc.record({
        resize: fc.option(other, { freq: 5, nil: undefined }),
        forget: fc.boolean(),
        skip: fc.nat(3),
      });
      await fc.assert(
        fc.asyncProperty(
          frames(false, rows),
          fc.array(event, { minLength: 10, maxLength: 10 }),
          async (scene, events) => {
            const term = makeScreen(cols, rows);
            await feed(term, '\x1b[?7l');
            const painter = new Painter();
            let size: readonly [number, number] = [cols, rows];
            let resized = false;
            for (const [i, draw] of scene.entries()) {
              const { resize, forget, skip } = events[i] ?? { forget: false, skip: 1 };
              if (resize !== undefined) {
                // Two sizes between two frames can be there and back, which a painter cannot see: the pump says it at each.
                if (resized) painter.forget();
                resized = true;
                size = resize;
                term.resize(...size);
              }
              if (forget && skip === 1) painter.forget();
              if (skip === 0 && i < scene.length - 1) continue;
              const lines = draw(size[0]);
              await feed(term, painter.paint({ lines }, ...size));
              resized = false;
              expect(cellsOf(term)).toEqual(await whole(lines, ...size));
            }
            term.dispose();
          },
        ),
        { numRuns: 30 },
      );
    });
  }

  it('leaves on a terminal that measures emoji otherwise what a full repaint would leave', async () => {
    await fc.assert(
      fc.asyncProperty(frames(true, 20), async (scene) => {
        const [term, fresh] = [makeScreen(60, 20), makeScreen(60, 20)];
        const painter = new Painter();
        for (const draw of scene) {
          const lines = draw(60);
          await feed(term, `\x1b[?7l${painter.paint({ lines }, 60, 20)}`);
          await feed(fresh, `\x1b[?7l${new Painter().paint({ lines }, 60, 20)}`);
          expect(cellsOf(term)).toEqual(cellsOf(fresh));
        }
        term.dispose();
        fresh.dispose();
      }),
      { numRuns: 30 },
    );
  });

  it('shows emoji, flags and variation selectors as whole frames do on a terminal that measures as Ink', async () => {
    await fc.assert(
      fc.asyncProperty(frames(true, 20), async (scene) => {
        const term = makeScreen(60, 20);
        agreeOnWidths(term);
        const painter = new Painter();
        for (const draw of scene) {
          const lines = draw(60);
          await feed(term, `\x1b[?7l${painter.paint({ lines }, 60, 20)}`);
          expect(cellsOf(term), JSON.stringify(lines)).toEqual(await whole(lines, 60, 20, true));
        }
        term.dispose();
      }),
      { numRuns: 30 },
    );
  });

  it('sends nothing for a frame that changes nothing', () => {
    const painter = new Painter();
    painter.paint({ lines: ['a', '\x1b[31mb\x1b[39m'] }, 80, 24);
    expect(painter.paint({ lines: ['a', '\x1b[31mb\x1b[39m'] }, 80, 24)).toBe('');
  });

  it('sends one number and no more when one number changes', () => {
    const painter = new Painter();
    painter.paint({ lines: ['conns 41 up', 'x'] }, 80, 24);
    expect(painter.paint({ lines: ['conns 42 up', 'x'] }, 80, 24)).toBe('\x1b[;8H2');
  });

  it('keeps a mark that follows the letter in the last column', async () => {
    const [term, painter] = [makeScreen(20, 1), new Painter()];
    for (const last of ['e', 'e\u0301', 'o\u0308\u0323']) {
      const lines = [`${'─'.repeat(19)}${last}`];
      await feed(term, `\x1b[?7l${painter.paint({ lines }, 20, 1)}`);
      expect(cellsOf(term)).toEqual(await whole(lines, 20, 1));
    }
  });

  it('drops control characters and hyperlinks from what it shows', () => {
    const painter = new Painter();
    const out = painter.paint({ lines: ['a\x07\x08\x9bb\x1b]8;;http://x\x1b\\link\x1b]8;;\x07\x1b[2J.'] }, 80, 24);
    expect(out).toBe('\x1b[m\x1b[?25l\x1b[H\x1b[2Jablink.');
  });

  it('places and hides the text cursor where the frame says', async () => {
    const term = makeScreen(80, 24);
    const painter = new Painter();
    await feed(term, painter.paint({ lines: ['name: lb1'], cursor: { x: 9, y: 0 } }, 80, 24));
    expect([term.buffer.active.cursorX, term.buffer.active.cursorY]).toEqual([9, 0]);
    expect(painter.paint({ lines: ['name: lb1'], cursor: { x: 9, y: 0 } }, 80, 24)).toBe('');
    await feed(term, painter.paint({ lines: ['name: lb', 'more'], cursor: { x: 8, y: 0 } }, 80, 24));
    expect([term.buffer.active.cursorX, term.buffer.active.cursorY]).toEqual([8, 0]);
    expect(painter.paint({ lines: ['name: lb', 'more'] }, 80, 24)).toBe('\x1b[?25l');
  });

  it('starts its tables again when a session has shown too many styles, and the picture stays right', async () => {
    const term = makeScreen(80, 24);
    const painter = new Painter();
    const lines = (n: number): string[] =>
      Array.from({ length: 24 }, (_, y) => Array.from({ length: 80 }, (_, x) => `\x1b[38;2;${n};${y};${x}m#`).join(''));
    for (let n = 0; n < 5; n++) {
      await feed(term, `\x1b[?7l${painter.paint({ lines: lines(n) }, 80, 24)}`);
      expect(cellsOf(term)).toEqual(await whole(lines(n), 80, 24));
    }
    term.dispose();
  });
});
