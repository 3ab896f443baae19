import { type HolderSlice, type LaneSlice, SLICE } from '../../cluster/drill-view.ts';

/** The time axis of a chart: mono ms of its begin, ms of one cell, how many cells there are, and how many of them have begun. */
export type Scale = { from: number; cell: number; cells: number; begun: number };

/** What a cell may stand for, ms. */
const CELLS = [1, 2, 4, 8, 20, 40, 80, 240, 480, 1200].map((slices) => slices * SLICE);

/** The finest axis on which everything from `from` to `to` (mono ms) has its place in `cells` cells. */
export const scaleOf = (from: number, to: number, cells: number): Scale => {
  const length = Math.max(0, to - from);
  const cell = CELLS.find((one) => Math.floor(length / one) < cells) ?? Math.ceil((length + 1) / Math.max(1, cells));
  return { from, cell, cells, begun: Math.min(cells, Math.floor(length / cell) + 1) };
};

/** The cell in which a time lies; may be outside of the chart. */
export const cellOf = (scale: Scale, at: number): number => Math.floor((at - scale.from) / scale.cell);

/** What the answers within a cell came to. `some`: fewer than half of them were lost. */
export type AnswerCell = 'none' | 'good' | 'some' | 'lost' | 'unknown';

/** The answers of one VIP by cell. What was lost is never outweighed by what was good. */
export const answerCells = (lane: readonly LaneSlice[], scale: Scale): AnswerCell[] => {
  const sums = Array.from({ length: scale.begun }, () => ({ good: 0, lost: 0, unknown: 0 }));
  for (const slice of lane) {
    const sum = sums[Math.max(0, cellOf(scale, slice.at))];
    if (!sum) continue;
    sum.good += slice.good;
    sum.lost += slice.lost;
    sum.unknown += slice.unknown;
  }
  return sums.map(({ good, lost, unknown }) => {
    if (lost > 0) return lost >= good ? 'lost' : 'some';
    return good > 0 ? 'good' : unknown > 0 ? 'unknown' : 'none';
  });
};

/** Who held a VIP within a cell: the most remarkable of it. `one` carries the last sole holder. */
export type HolderCell = { held: 'before' | 'nobody' | 'both' } | { held: 'one'; node: string };

/** Two holders for less than this are a handover as the streams tell it, nobody for less a look between two of them, ms. */
const SHARED = 1000;
const VACANT = 50;

/** The lane without what is too short to mean anything. */
const settled = (lane: readonly HolderSlice[], now: number): HolderSlice[] =>
  lane.filter(({ at, holders }, index) => {
    const length = (lane[index + 1]?.at ?? now) - at;
    return holders.length === 1 || length >= (holders.length > 1 ? SHARED : VACANT);
  });

const rank = (holders: readonly string[]): number => (holders.length > 1 ? 2 : holders.length === 0 ? 1 : 0);

/** Who held one VIP by cell, up to `to` (mono ms). A second with nobody or with two is never hidden by the time around it. */
export const holderCells = (all: readonly HolderSlice[], scale: Scale, to: number): HolderCell[] => {
  const lane = settled(all, to);
  const cells: HolderCell[] = [];
  let next = 0;
  let now: readonly string[] | undefined;
  for (let index = 0; index < scale.begun; index += 1) {
    const end = scale.from + (index + 1) * scale.cell;
    let worst = now;
    // What began with this cell counts, what ended with it does not.
    while (next < lane.length && (lane[next] as HolderSlice).at < end) {
      const slice = lane[next] as HolderSlice;
      next += 1;
      const atStart = slice.at <= end - scale.cell;
      now = slice.holders;
      if (worst === undefined || atStart || rank(now) >= rank(worst)) worst = now;
    }
    if (worst === undefined) cells.push({ held: 'before' });
    else if (worst.length === 0) cells.push({ held: 'nobody' });
    else if (worst.length > 1) cells.push({ held: 'both' });
    else cells.push({ held: 'one', node: worst[0] as string });
  }
  return cells;
};

/** Distances between two figures of the axis, s. */
const TICKS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];

/** The figures of the axis: seconds since its begin, and the cell each stands at. `apart`: cells between two at the least. */
export const ticksOf = (scale: Scale, apart = 8): { cell: number; seconds: number }[] => {
  const seconds = TICKS.find((one) => (one * 1000) / scale.cell >= apart) ?? 7200;
  const step = (seconds * 1000) / scale.cell;
  const count = Math.floor((scale.cells - 1) / step);
  return Array.from({ length: count + 1 }, (_, index) => ({
    cell: Math.round(index * step),
    seconds: index * seconds,
  }));
};
