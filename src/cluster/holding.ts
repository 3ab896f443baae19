import { freshness } from './aged.ts';
import { causeOf } from './cause.ts';
import { groupedNotice, mark } from './notice.ts';
import type { Holding, State, VipView } from './state.ts';
import { vipNames } from './vip-names.ts';

/** Proof of overlap after which two holders are a split brain; real handovers overlap by 20 ms at most (measured). */
export const SPLIT_AFTER = 1000;

/** Whether a proof is young enough to be claimed. */
const isFresh = (holding: Holding, state: State): boolean =>
  freshness({ at: holding.to }, state.now.mono, state.topology.interval) === 'fresh';

/** A proof is overtaken when another node was seen to take the VIP more than two intervals after it. */
const isOvertaken = (holding: Holding, all: Holding[], state: State): boolean =>
  all.some((other) => other.from - holding.to > 2 * state.topology.interval);

/** Load balancers that are freshly proven to hold the VIP. */
export const holdersOf = (state: State, vip: VipView): string[] => {
  const held = Object.entries(vip.holdings).filter(([, holding]) => holding.holds && isFresh(holding, state));
  const all = held.map(([, holding]) => holding);
  return held.filter(([, holding]) => !isOvertaken(holding, all, state)).map(([node]) => node);
};

/** Load balancers of which it is not known now whether they hold the VIP. */
export const unknownOn = (state: State, vip: VipView): string[] =>
  state.topology.nodes
    .filter((node) => node.role === 'lb')
    .map((node) => node.name)
    .filter((name) => {
      const holding = vip.holdings[name];
      return !holding || !isFresh(holding, state);
    });

/** Milliseconds for which two load balancers were proven to hold the VIP at the same time; 0 when they were not. */
export const overlapMs = (state: State, vip: VipView): number => {
  const holdings = holdersOf(state, vip).map((node) => vip.holdings[node] as Holding);
  if (holdings.length < 2) return 0;
  // Two holders are enough: the two longest proofs.
  const froms = holdings.map((holding) => holding.from).sort((a, b) => a - b);
  const tos = holdings.map((holding) => holding.to).sort((a, b) => b - a);
  return Math.max(0, (tos[1] as number) - (froms[1] as number));
};

/** Since when (mono ms) every load balancer is proven not to hold the VIP; undefined when that is not proven. */
const provenUnheld = (state: State, vip: VipView): number | undefined => {
  const balancers = state.topology.nodes.filter((node) => node.role === 'lb');
  const holdings = balancers.map((node) => vip.holdings[node.name]);
  if (balancers.length === 0 || holdings.some((holding) => !holding || holding.holds || !isFresh(holding, state)))
    return undefined;
  const from = Math.max(...holdings.map((holding) => (holding as Holding).from));
  const to = Math.min(...holdings.map((holding) => (holding as Holding).to));
  return from <= to ? from : undefined;
};

/**
 * Takes in what one look at one node proved: the VIP was (not) there at some time between `asked` and now.
 * A push proves it for now: `asked` is then the present.
 */
export const prove = (state: State, node: string, address: string, holds: boolean, asked: number): State => {
  const vip = state.vips[address];
  if (!vip) return state;
  const before = vip.holdings[node];
  if (before && asked < before.from) return state; // an answer older than what was pushed since
  const holding: Holding =
    before && before.holds === holds
      ? { ...before, to: Math.max(before.to, asked) }
      : { holds, from: state.now.mono, to: state.now.mono };
  return settle(
    {
      ...state,
      vips: { ...state.vips, [address]: { ...vip, holdings: { ...vip.holdings, [node]: holding } } },
    },
    address,
  );
};

/** Draws the conclusions again for all VIPs: proofs grow old with time alone. */
export const settleAll = (state: State): State => state.topology.vips.reduce(settle, state);

/** Draws the conclusions for one VIP: who holds it now, whether it has moved, whether nobody holds it. */
const settle = (state: State, address: string): State => {
  const vip = state.vips[address] as VipView;
  const holders = holdersOf(state, vip);
  if (holders.length === 1) return settleHolder(state, vip, holders[0] as string);
  if (holders.length > 1) return settleTwo(state, vip, holders);
  const since = provenUnheld(state, vip);
  if (since === undefined || vip.unheldSince) return state;
  const next = put(state, { ...vip, unheldSince: state.now });
  if (!vip.holder) return next;
  return groupedNotice(mark(next, `vip:${address}`), `unheld:${vip.holder.node}`, address, (items) => ({
    source: vip.holder?.node ?? 'console',
    kind: 'move',
    severity: 'bad',
    text: `${vipNames(items)} left ${vip.holder?.node}: nobody holds ${items.length > 1 ? 'them' : 'it'}`,
  }));
};

const put = (state: State, vip: VipView): State => ({ ...state, vips: { ...state.vips, [vip.address]: vip } });

const settleHolder = (state: State, vip: VipView, node: string): State => {
  const { unheldSince, sharedSince, ...held } = vip;
  if (vip.holder?.node === node) {
    if (!unheldSince) return sharedSince ? put(state, held) : state;
    const next = put(state, held);
    return groupedNotice(mark(next, `vip:${vip.address}`), `back:${node}`, vip.address, (items) => ({
      source: node,
      kind: 'move',
      severity: 'warn',
      text: `${vipNames(items)} back on ${node}`,
    }));
  }
  const from = vip.holder?.node ?? null;
  if (from === null && !unheldSince) return put(state, { ...held, holder: { node, since: state.now } });
  const cause = causeOf(state, from, node);
  const move = { vip: vip.address, from, to: node, at: state.now, ...(cause ? { cause } : {}) };
  const moved: VipView = { ...held, holder: { node, since: state.now }, lastMove: move, moves: vip.moves + 1 };
  const next = mark({ ...put(state, moved), moves: [...state.moves.slice(-999), move] }, `vip:${vip.address}`);
  return groupedNotice(next, `move:${from}:${node}`, vip.address, (items) => ({
    source: node,
    kind: 'move',
    severity: 'warn',
    text: `${vipNames(items)} moved ${from ?? 'nobody'} → ${node}${cause ? `: ${cause}` : ''}`,
  }));
};

const settleTwo = (state: State, vip: VipView, holders: string[]): State => {
  const { unheldSince: _, ...rest } = vip;
  const held = vip.unheldSince ? rest : vip;
  // Two at the same moment is a handover; only a proven overlap is a split brain, and it is told once.
  if (overlapMs(state, vip) <= SPLIT_AFTER || vip.sharedSince) return held === vip ? state : put(state, held);
  const next = mark(put(state, { ...held, sharedSince: state.now }), `vip:${vip.address}`);
  return groupedNotice(next, `two:${holders.join('+')}`, vip.address, (items) => ({
    source: holders.at(-1) ?? 'console',
    kind: 'move',
    severity: 'bad',
    text: `${vipNames(items)} on ${holders.join(' and ')} at once`,
  }));
};
