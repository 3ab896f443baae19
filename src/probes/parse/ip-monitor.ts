import type { Address } from '../../cluster/readings.ts';
import { parseAddressLine } from './ip-addr.ts';

/** An address that came or went. */
export type AddressChange = { op: 'add' | 'delete'; address: Address };

/**
 * One line of `ip -o -ts monitor address`, or undefined for anything else. The stamp has no zone and is not used: arrival
 * counts. An address that only changed its flags comes as one more `add`.
 */
export const parseMonitorLine = (line: string): AddressChange | undefined => {
  const match = /^(?:\[[^\]\s]{1,40}\]\s*)?(?:\[ADDR\])?\s*(Deleted\s+)?(\d+:.*)$/s.exec(line);
  const address = match && parseAddressLine(match[2]!);
  return address ? { op: match[1] ? 'delete' : 'add', address } : undefined;
};
