import type { Stamp } from '../cluster/events.ts';
import type { Index } from './file-index.ts';

/** The wall time at a moment, from a stamp before it: the steps of the wall clock between them count. */
export const wallAt = ({ jumps }: Pick<Index, 'jumps'>, base: Stamp, mono: number): number =>
  jumps
    .filter(({ at }) => at.mono > base.mono && at.mono <= mono)
    .reduce((wall, { jump }) => wall + jump, base.wall + Math.round(mono - base.mono));

/** The moment within the session at which the wall clock showed `wall`: of two the first, where it never did so the nearest. */
export const monoAt = ({ header, jumps, last }: Pick<Index, 'header' | 'jumps' | 'last'>, wall: number): number => {
  const begins = [{ mono: header.m, wall: header.w }, ...jumps.map(({ at }) => at)];
  const pieces = begins.map((from, index) => ({ from, to: begins[index + 1]?.mono ?? last.mono }));
  const nearest = pieces.map(({ from, to }) => {
    const mono = Math.max(from.mono, Math.min(to, from.mono + wall - from.wall));
    return { mono, off: Math.abs(from.wall + mono - from.mono - wall) };
  });
  return nearest.reduce((a, b) => (b.off < a.off ? b : a)).mono;
};
