import type { Advert } from './advert.ts';
import type { DemoClock } from './clock.ts';
import type { Machine } from './machine.ts';

/** After this long without an answer the kernel gives a neighbour up and asks again who has the address, ms. */
const NEIGHBOUR_EXPIRY = 10_000;
/** One way through the switch, ms. */
const SWITCH_DELAY = 0.2;

/** The one segment all machines are on: who hears whom, and who answers for an address as the jump host sees it. */
export type Lan = {
  readonly machines: Machine[];
  attach(machine: Machine): void;
  /** Multicast from one machine to all that can hear it. */
  multicast(from: Machine, advert: Advert): void;
  /** True: no advert passes the switch any more. */
  dropAdverts(drop: boolean): void;
  /** Gratuitous ARP: from now on the address is taken to be at this machine. */
  announce(from: Machine, address: string): void;
  onAnnounce(listener: (from: Machine, address: string) => void): () => void;
  /** The machine that a packet from the jump host to `address` reaches now; undefined when nobody answers. */
  owner(address: string): Machine | undefined;
  /** The machine with this host name or own address. */
  find(nameOrAddress: string): Machine | undefined;
};

/** Wires a new, empty segment. */
export const createLan = (clock: DemoClock): Lan => {
  const machines: Machine[] = [];
  const neighbours = new Map<string, { machine: Machine; silentSince?: number }>();
  const listeners = new Set<(from: Machine, address: string) => void>();
  let adverts = true;
  const has = (machine: Machine, address: string): boolean => machine.reachable() && machine.addresses.has(address);
  return {
    machines,
    attach: (machine) => machines.push(machine),
    multicast: (from, advert) => {
      if (!adverts || !from.reachable()) return;
      for (const machine of machines) {
        if (machine === from) continue;
        clock.after(SWITCH_DELAY, () => {
          if (adverts && machine.reachable()) machine.hear(advert);
        });
      }
    },
    dropAdverts: (drop) => {
      adverts = !drop;
    },
    announce: (from, address) => {
      if (!from.reachable()) return;
      neighbours.set(address, { machine: from });
      for (const listener of [...listeners]) listener(from, address);
    },
    onAnnounce: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    owner: (address) => {
      const known = neighbours.get(address);
      if (known && has(known.machine, address)) {
        delete known.silentSince;
        return known.machine;
      }
      if (known) {
        known.silentSince ??= clock.now();
        if (clock.now() - known.silentSince < NEIGHBOUR_EXPIRY) return undefined;
        neighbours.delete(address);
      }
      // Measured: asked afresh, the host that took the address last tends to answer first.
      const machine = machines.findLast((candidate) => has(candidate, address));
      if (machine) neighbours.set(address, { machine });
      return machine;
    },
    find: (name) => machines.find((machine) => machine.name === name || machine.address === name),
  };
};
