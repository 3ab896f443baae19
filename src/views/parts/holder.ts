import { holdersOf, unknownOn } from '../../cluster/holding.ts';
import type { State } from '../../cluster/state.ts';

/** Who holds a VIP, as far as it is proven now. `unseen` names who could not be looked at. Times in mono ms. */
export type Holder =
  | { kind: 'one'; node: string; since?: number; unseen: string[] }
  | { kind: 'many'; nodes: string[] }
  | { kind: 'nobody'; since?: number }
  | { kind: 'unknown'; unseen: string[]; last?: string; lastProof?: number };

/** Who holds a VIP now; "nobody" only when every load balancer was freshly seen without it. */
export const holderOf = (state: State, address: string): Holder => {
  const vip = state.vips[address];
  if (!vip) return { kind: 'unknown', unseen: [] };
  const holding = holdersOf(state, vip);
  const unseen = unknownOn(state, vip);
  if (holding.length > 1) return { kind: 'many', nodes: holding };
  const [only] = holding;
  if (only !== undefined) {
    const since = vip.holder?.node === only ? vip.holder.since.mono : vip.holdings[only]?.from;
    return { kind: 'one', node: only, unseen, ...(since === undefined ? {} : { since }) };
  }
  if (unseen.length === 0 && state.topology.nodes.some((node) => node.role === 'lb'))
    return { kind: 'nobody', ...(vip.unheldSince ? { since: vip.unheldSince.mono } : {}) };
  const last = vip.holder?.node;
  if (last === undefined) return { kind: 'unknown', unseen };
  const lastProof = vip.holdings[last]?.to;
  return { kind: 'unknown', unseen, last, ...(lastProof === undefined ? {} : { lastProof }) };
};

/** VIPs a load balancer holds now, and those of which nobody can say. */
export const vipsOn = (state: State, node: string): { held: string[]; unseen: string[] } => {
  const vips = state.topology.vips.flatMap((address) => state.vips[address] ?? []);
  return {
    held: vips.filter((vip) => holdersOf(state, vip).includes(node)).map((vip) => vip.address),
    unseen: vips.filter((vip) => unknownOn(state, vip).includes(node)).map((vip) => vip.address),
  };
};

/** What all VIPs begin with, up to a `.` or `:`; empty when that is nothing or there is only one. */
export const commonPrefix = (vips: string[]): string => {
  const [first = ''] = vips;
  let length = 0;
  for (let index = 0; vips.length > 1 && index < first.length; index++) {
    if (!vips.every((vip) => vip.startsWith(first.slice(0, index + 1)))) break;
    if (first[index] === '.' || first[index] === ':') length = index;
  }
  return first.slice(0, length);
};

/** VIPs without what they have in common, for narrow places: `.80`, `.90`, `.100`. */
export const shortNames = (vips: string[]): Map<string, string> => {
  const { length } = commonPrefix(vips);
  return new Map(vips.map((vip) => [vip, vip.slice(length)]));
};
