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

/** A push tells that a node has lost a VIP before a look at the others tells who else has none: such moments go to what follows. */
const settled = (holds: Hold[], brief: number): Hold[] => {
  const result: Hold[] = [];
  for (const [index, hold] of holds.entries()) {
    const next = holds[index + 1];
    if (hold.holders === null && index > 0 && next && hold.to - hold.from <= brief) next.from = hold.from;
    else result.push(hold);
  }
  return result;
};

/** Follows who holds one VIP. What is not known for no longer than `brief` ms is left out. */
export const trackHolds = (address: string, from: number, brief: number) => {
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
      return settled(to > current.from ? [...holds, current] : holds, brief);
    },
  };
};
