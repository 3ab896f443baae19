import type { HolderSlice } from '../cluster/drill-view.ts';
import type { Event } from '../cluster/events.ts';
import type { Span } from './measure.ts';

/** Who held each VIP, from when on, by VIP: what the address streams and the looks at the load balancers tell. */
export type Timeline = Record<string, HolderSlice[]>;

/**
 * Folds pushed address changes and looks into who held what. A look that was asked for before a push came tells nothing newer than
 * that push. What a load balancer that cannot be looked at holds is what it was last seen to hold.
 */
export const timelineOf = (
  events: readonly Event[],
  vips: readonly string[],
  balancers: readonly string[],
): Timeline => {
  const timeline: Timeline = Object.fromEntries(vips.map((vip) => [vip, []]));
  const known = new Map<string, { holds: boolean; at: number }>();
  const note = (node: string, vip: string, holds: boolean, asked: number, at: number): void => {
    const key = `${node} ${vip}`;
    const old = known.get(key);
    if (old && asked < old.at && old.holds !== holds) return;
    known.set(key, { holds, at: old?.holds === holds ? old.at : at });
    const lane = timeline[vip] as HolderSlice[];
    const holders = balancers.filter((name) => known.get(`${name} ${vip}`)?.holds);
    if (lane.at(-1)?.holders.join() !== holders.join() || lane.length === 0) lane.push({ at, holders });
  };
  for (const event of events) {
    if (event.kind === 'address' && balancers.includes(event.node) && vips.includes(event.address))
      note(event.node, event.address, event.op === 'add', event.at.mono, event.at.mono);
    if (event.kind !== 'snapshot' || !balancers.includes(event.node)) continue;
    if (!event.reading.ok || !event.reading.value.addresses.ok) continue;
    const held = new Set(event.reading.value.addresses.value.map((one) => one.address));
    for (const vip of vips) note(event.node, vip, held.has(vip), event.asked, event.at.mono);
  }
  return timeline;
};

/** Who held a VIP at a time. Undefined before anything was known. */
export const holdersAt = (lane: readonly HolderSlice[], at: number): string[] | undefined =>
  lane.findLast((slice) => slice.at <= at)?.holders;

const isSole = (holders: readonly string[] | undefined, node: string | null): boolean =>
  holders !== undefined && (node === null ? holders.length === 0 : holders.length === 1 && holders[0] === node);

/** The first time within a span at which every VIP was held by `node` alone (null: by nobody). Undefined: there was none. */
export const firstHeldBy = (timeline: Timeline, node: string | null, { from, to }: Span): number | undefined => {
  const lanes = Object.values(timeline);
  const times = [from, ...lanes.flatMap((lane) => lane.map((slice) => slice.at))].filter(
    (at) => at >= from && at <= to,
  );
  return times.sort((a, b) => a - b).find((at) => lanes.every((lane) => isSole(holdersAt(lane, at), node)));
};

/** A change of the sole holder of a VIP: from one load balancer to another, however long nobody or both had it between. */
export type HolderMove = { vip: string; from: string; to: string; left: number; arrived: number };

/** The moves that ended within a span. */
export const movesIn = (timeline: Timeline, { from, to }: Span): HolderMove[] =>
  Object.entries(timeline).flatMap(([vip, lane]) => {
    const moves: HolderMove[] = [];
    let sole: { node: string; until: number } | undefined;
    for (const [index, slice] of lane.entries()) {
      const [node] = slice.holders;
      if (slice.holders.length !== 1 || node === undefined) continue;
      if (sole && sole.node !== node)
        moves.push({ vip, from: sole.node, to: node, left: sole.until, arrived: slice.at });
      sole = { node, until: lane[index + 1]?.at ?? Number.POSITIVE_INFINITY };
    }
    return moves.filter((move) => move.arrived >= from && move.arrived <= to);
  });

/** The longest time within a span for which two load balancers held the same VIP, ms. */
export const longestShared = (timeline: Timeline, { from, to }: Span): number =>
  Math.max(
    0,
    ...Object.values(timeline).flatMap((lane) =>
      lane.flatMap((slice, index) =>
        slice.holders.length > 1 ? [Math.min(to, lane[index + 1]?.at ?? to) - Math.max(from, slice.at)] : [],
      ),
    ),
  );
