import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Layout, layout, paneOrder, type Rect } from '../../src/views/layout.ts';

const tutorial = { vips: 3, loadBalancers: ['lb1', 'lb2'], webNodes: ['web1', 'web2'] };

const placesFor = (columns: number, rows: number, counts = tutorial): Layout => {
  const places = layout(columns, rows, counts);
  if ('tooSmall' in places) throw new Error(places.tooSmall);
  return places;
};

const shape = ({ panes }: Layout): string[] =>
  panes.map(({ id, rect }) => `${id} ${rect.width}x${rect.height} at ${rect.left},${rect.top}`);

const overlap = (a: Rect, b: Rect): boolean =>
  a.left < b.left + b.width && b.left < a.left + a.width && a.top < b.top + b.height && b.top < a.top + a.height;

describe('the layout', () => {
  test('at 60x20 has every pane', () => {
    expect(shape(placesFor(60, 20))).toMatchInlineSnapshot(`
      [
        "vips 60x4 at 0,2",
        "node:lb1 30x5 at 0,6",
        "node:lb2 30x5 at 30,6",
        "node:web1 20x4 at 0,11",
        "node:web2 20x4 at 20,11",
        "rotation 20x4 at 40,11",
        "log 60x4 at 0,15",
      ]
    `);
  });

  test('at 80x24 has every pane and five lines of log', () => {
    expect(shape(placesFor(80, 24))).toMatchInlineSnapshot(`
      [
        "vips 80x4 at 0,3",
        "node:lb1 40x6 at 0,7",
        "node:lb2 40x6 at 40,7",
        "node:web1 26x4 at 0,13",
        "node:web2 26x4 at 26,13",
        "rotation 28x4 at 52,13",
        "log 80x6 at 0,17",
      ]
    `);
  });

  test('at 160x45 puts the rotation beside the VIPs', () => {
    expect(shape(placesFor(160, 45))).toMatchInlineSnapshot(`
      [
        "vips 103x6 at 0,3",
        "rotation 57x6 at 103,3",
        "node:lb1 80x11 at 0,9",
        "node:lb2 80x11 at 80,9",
        "node:web1 80x6 at 0,20",
        "node:web2 80x6 at 80,20",
        "log 160x18 at 0,26",
      ]
    `);
  });

  test('at 200x60 gives what is left to the log', () => {
    expect(shape(placesFor(200, 60))).toMatchInlineSnapshot(`
      [
        "vips 128x6 at 0,3",
        "rotation 72x6 at 128,3",
        "node:lb1 100x14 at 0,9",
        "node:lb2 100x14 at 100,9",
        "node:web1 100x8 at 0,23",
        "node:web2 100x8 at 100,23",
        "log 200x28 at 0,31",
      ]
    `);
  });

  test('below 60x20 says what is needed', () => {
    expect(layout(59, 20, tutorial)).toEqual({ tooSmall: 'haconsole needs 60x20, this is 59x20' });
    expect(layout(200, 19, tutorial)).toEqual({ tooSmall: 'haconsole needs 60x20, this is 200x19' });
  });

  test('covers the screen without overlaps and is never taller than it, whatever there is to show', () => {
    const names = (kind: string, count: number): string[] => Array.from({ length: count }, (_, at) => `${kind}${at}`);
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 300 }),
        fc.integer({ min: 20, max: 120 }),
        fc.nat(40),
        fc.nat(8),
        fc.nat(20),
        (columns, rows, vips, balancers, webs) => {
          const counts = { vips, loadBalancers: names('lb', balancers), webNodes: names('web', webs) };
          const places = placesFor(columns, rows, counts);
          const rects = [places.header, places.footer, ...places.panes.map((pane) => pane.rect)];
          for (const rect of rects) {
            expect(rect.left + rect.width).toBeLessThanOrEqual(columns);
            expect(rect.top + rect.height).toBeLessThanOrEqual(rows);
            expect(Math.min(rect.width, rect.height)).toBeGreaterThan(0);
          }
          for (const [at, a] of rects.entries()) for (const b of rects.slice(at + 1)) expect(overlap(a, b)).toBe(false);
          const area = rects.reduce((sum, rect) => sum + rect.width * rect.height, 0);
          expect(area).toBe(columns * rows);
          expect([...places.panes.map((pane) => pane.id), ...places.hidden].toSorted()).toEqual(
            paneOrder(counts).toSorted(),
          );
          expect(places.panes.at(-1)?.id).toBe('log');
        },
      ),
    );
  });
});
