import { describe, expect, test } from 'vitest';
import { chaptersOf } from '../../src/recording/chapters.ts';
import type { Happening } from '../../src/recording/file-index.ts';
import { monoAt, wallAt } from '../../src/recording/wall.ts';

type Line = [seconds: number, kind: Happening['kind'], severity: Happening['severity'], text: string];

const told = (lines: Line[]): Happening[] =>
  lines.map(([seconds, kind, severity, text]) => ({
    at: { mono: seconds * 1000, wall: seconds * 1000 },
    kind,
    severity,
    source: 'console',
    text,
  }));
const namesOf = (lines: Line[]): string[] =>
  chaptersOf(told(lines)).map(
    ({ kind, name, from, until }) => `${kind} ${name} ${from / 1000}-${until === undefined ? '' : until / 1000}`,
  );

describe('chapters', () => {
  test('an incident begins where things get worse, and ends where they are better than that', () => {
    expect(
      namesOf([
        [0, 'verdict', 'good', 'healthy: 3 VIPs'],
        [100, 'verdict', 'warn', 'failing-over: held by nobody'],
        [104, 'verdict', 'bad', 'no-master: nobody'],
        [120, 'verdict', 'warn', 'no-backup: lb1 is not ready'],
        [200, 'verdict', 'warn', 'degraded: check_nginx restarted nginx'],
        [300, 'verdict', 'warn', 'backend-down: web2'],
        [330, 'verdict', 'warn', 'degraded: check_nginx restarted nginx'],
        [400, 'verdict', 'warn', 'blind: the jump host is gone'],
        [410, 'verdict', 'warn', 'degraded: check_nginx restarted nginx'],
        [500, 'verdict', 'good', 'healthy: 3 VIPs'],
      ]),
    ).toEqual(['incident failing-over 100-200', 'incident backend-down 300-330', 'incident blind 400-410']);
  });

  test('what is bad from the begin, and what never ends, are incidents too', () => {
    expect(namesOf([[1, 'verdict', 'bad', 'all-down: nobody']])).toEqual(['incident all-down 1-']);
  });

  test('a drill goes from its plan to its verdict, also when it was ended early; one that was refused is none', () => {
    expect(
      namesOf([
        [10, 'drill', 'warn', 'drill tour refused: not healthy'],
        [20, 'drill', 'info', 'drill lb1-down: the master goes down'],
        [25, 'drill', 'warn', 'lb1-down: stop nginx on lb1'],
        [30, 'drill', 'bad', 'drill lb1-down ended early: by the operator'],
        [40, 'drill', 'warn', 'drill lb1-down: unknown'],
        [50, 'drill', 'info', 'drill both-down: both go down'],
      ]),
    ).toEqual(['drill lb1-down 20-40', 'drill both-down 50-']);
  });
});

describe('the wall clock of a session', () => {
  const header = { m: 1000, w: 100_000 };
  const session = {
    header: header as Parameters<typeof monoAt>[0]['header'],
    last: { mono: 61_000, wall: 3_760_000 },
    // Set forward by an hour after 20 s, and back by 10 s after 40 s.
    jumps: [
      { at: { mono: 21_000, wall: 3_720_000 }, jump: 3_600_000 },
      { at: { mono: 41_000, wall: 3_730_000 }, jump: -10_000 },
    ],
  };

  test('is told with its steps', () => {
    const base = { mono: 1000, wall: 100_000 };
    expect(wallAt(session, base, 20_999)).toBe(119_999);
    expect(wallAt(session, base, 21_000)).toBe(3_720_000);
    expect(wallAt(session, base, 41_000)).toBe(3_730_000);
    expect(wallAt(session, { mono: 30_000, wall: 3_729_000 }, 31_000)).toBe(3_730_000);
  });

  test('leads to the moment at which it showed a time: the first of two, else the nearest', () => {
    expect(monoAt(session, 110_000)).toBe(11_000);
    expect(monoAt(session, 3_725_000)).toBe(26_000);
    expect(monoAt(session, 3_735_000)).toBe(36_000);
    expect(monoAt(session, 1_000_000)).toBe(21_000);
    expect(monoAt(session, 9_000_000)).toBe(61_000);
    expect(monoAt(session, 0)).toBe(1000);
  });
});
