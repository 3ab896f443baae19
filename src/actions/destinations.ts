import { holdersOf, unknownOn } from '../cluster/holding.ts';
import { isFrozen } from '../cluster/select.ts';
import type { NodeView, State } from '../cluster/state.ts';
import { isStopped } from './disabled.ts';
import { heldBy, otherHolders, peersOf, takesBack } from './outlook.ts';

/**
 * Where each VIP goes when keepalived of a node starts. `free`: nobody holds it. `come`: a lower priority holds it and gives it up.
 * `stay`: its holder keeps it. `stale`: only nodes without a keepalived hold it. `unknown`: who holds it is not known.
 */
export type Destinations = Record<'free' | 'come' | 'stay' | 'stale' | 'unknown', string[]>;

/** Sorts the VIPs by what the start of keepalived on a node does to them. */
export const destinations = (state: State, node: NodeView): Destinations => {
  const groups: Destinations = { free: [], come: [], stay: [], stale: [], unknown: [] };
  for (const vip of Object.values(state.vips)) {
    const others = otherHolders(state, node.name, vip.address);
    // A holder whose keepalived is gone or frozen sends no adverts: nothing keeps this node from taking the VIP.
    const living = others.filter(
      (other) => isStopped(state, other, 'keepalived') !== true && !isFrozen(state, other, 'keepalived'),
    );
    if (others.length > 0 && living.length === 0) groups.stale.push(vip.address);
    else if (living.length > 0)
      groups[living.every((other) => takesBack(state, node, other, vip.address)) ? 'come' : 'stay'].push(vip.address);
    else if (holdersOf(state, vip).length === 0 && unknownOn(state, vip).some((name) => name !== node.name))
      groups.unknown.push(vip.address);
    else groups.free.push(vip.address);
  }
  return groups;
};

/** Where a VIP must be seen after keepalived of a node has started: `here`, with another (`there`), or either of them. */
export type Place = 'here' | 'there' | 'either';

/** Where each VIP must be seen after keepalived of a node was started or restarted, as priorities and preemption demand. */
export const placesAfterStart = (before: State, node: NodeView): Record<string, Place> => {
  const heir = peersOf(before, node.name).find((peer) => peer.readiness.ready === true)?.node;
  const { free, come, stay, stale } = destinations(before, node);
  const mine = heldBy(before, node.name).yes;
  const place = (vip: string): Place => {
    if (come.includes(vip) || stale.includes(vip)) return 'here';
    if (stay.includes(vip)) return 'there';
    if (!free.includes(vip)) return 'either';
    if (!heir || takesBack(before, node, heir, vip)) return 'here';
    // A restart gives it to the heir, who keeps it; a start with nobody holding it may be won by either.
    return mine.includes(vip) ? 'there' : 'either';
  };
  return Object.fromEntries(before.topology.vips.map((vip) => [vip, place(vip)]));
};
