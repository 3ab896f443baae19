import { holdersOf, overlapMs, SPLIT_AFTER } from '../../cluster/holding.ts';
import type { State } from '../../cluster/state.ts';

/** Who held a VIP for a time: node names, none, or null: it was not known. Mono ms. */
export type Hold = { holders: string[] | null; from: number; to: number };

const holdersNow = (state: State, address: string, before: string[] | null): string[] | null => {
  const vip = state.vips[address];
  if (!vip) return null;
  const holders = holdersOf(state, vip);
  // Two at a handover are one: only a proven overlap counts.
  if (holders.length > 1 && !vip.sharedSince && overlapMs(state, vip) <= SPLIT_AFTER) return before;
  if (holders.length > 0) return [...holders].sort();
  return vip.unheldSince ? [] : null;
};

/** Follows who holds one VIP. */
export const trackHolds = (address: string, from: number) => {
  const holds: Hold[] = [];
  let current: Hold = { holders: null, from, to: from };
  const key = (holders: string[] | null) => (holders === null ? '?' : holders.join('+'));
  return {
    take: (state: State) => {
      const holders = holdersNow(state, address, current.holders);
      if (key(holders) === key(current.holders)) return;
      current.to = state.now.mono;
      if (current.to > current.from) holds.push(current);
      current = { holders, from: state.now.mono, to: state.now.mono };
    },
    report: (to: number): Hold[] => {
      current.to = to;
      return to > current.from ? [...holds, current] : holds;
    },
  };
};
