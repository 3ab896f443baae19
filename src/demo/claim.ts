import type { Lan } from './lan.ts';
import type { Machine } from './machine.ts';
import type { Wire } from './wire.ts';

/**
 * What a connection to an address hangs on: the machine that had it when the connection was made. While the machine does not have the
 * address nothing passes; as soon as another one announces it, that one knows of no such connection and resets it (measured: curl 56).
 */
export const claimOf = (lan: Lan, machine: Machine, address: string): Omit<Wire, 'set' | 'reset'> => ({
  get open() {
    return machine.addresses.has(address);
  },
  carrier: true,
  delay: 0,
  onChange: (listener) => {
    const forget = [
      lan.onAnnounce((from, announced) => {
        if (announced === address && from !== machine) listener('reset');
      }),
      machine.addresses.follow((_, entry) => {
        if (entry.address === address) listener('state');
      }),
    ];
    return () => {
      for (const one of forget) one();
    };
  },
});
