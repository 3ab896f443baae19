import { balancers } from './select.ts';
import type { NodeView, State } from './state.ts';

/** One thing in which a load balancer's configuration differs from that of its peers. */
export type Difference = { text: string; breaksTakeover: boolean };

/** Compares with the other load balancers what must be equal on both (VRID, advert interval, VIPs). From the files as last read. */
export const configurationDifferences = (state: State, node: NodeView): Difference[] => {
  const mine = node.configuration.value?.instances ?? [];
  const found: Difference[] = [];
  for (const other of balancers(state)) {
    if (other.name === node.name) continue;
    for (const theirs of other.configuration.value?.instances ?? []) {
      const own = mine.find((one) => one.name === theirs.name);
      if (mine.length === 0) continue;
      if (!own) {
        found.push({ text: `instance ${theirs.name} is on ${other.name} only`, breaksTakeover: true });
        continue;
      }
      const differ = (what: string, a: unknown, b: unknown) =>
        found.push({ text: `${what} ${a} here, ${b} on ${other.name}`, breaksTakeover: true });
      if (own.vrid !== theirs.vrid) differ('virtual_router_id', own.vrid, theirs.vrid);
      if (own.advertInterval !== theirs.advertInterval) differ('advert_int', own.advertInterval, theirs.advertInterval);
      const missing = theirs.vips.filter((vip) => !own.vips.includes(vip));
      if (missing.length > 0)
        found.push({ text: `${missing.join(' ')} configured on ${other.name} only`, breaksTakeover: true });
      if (own.priority === theirs.priority)
        found.push({ text: `same priority ${own.priority} as ${other.name}`, breaksTakeover: false });
    }
  }
  return found;
};
