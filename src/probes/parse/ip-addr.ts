import { isIP } from 'node:net';
import type { Address } from '../../cluster/readings.ts';
import { plain } from '../plain.ts';
import { type Parsed, parsed, unparsed } from './parsed.ts';

const LINE =
  /^\d+:\s+([^\s@]{1,15})\S*\s+inet6?\s+([\da-fA-F.:]+)(?:\s+peer\s+[\da-fA-F.:]+)?(?:\/(\d{1,3}))?\s(?:.*\s)?scope\s+(\w+)/;

/**
 * One line of `ip -o addr show` (iproute2 3 to 6, busybox), or undefined. An address without `/` is a host address.
 * The scope stands after the address, so a line cut within an address is no line.
 */
export const parseAddressLine = (line: string): Address | undefined => {
  const match = LINE.exec(line);
  if (!match) return undefined;
  const [, ifname = '', address = '', length, scope = ''] = match;
  const family = isIP(address);
  if (family !== 4 && family !== 6) return undefined;
  const widest = family === 4 ? 32 : 128;
  const prefix = length === undefined ? widest : Number(length);
  return prefix > widest ? undefined : { ifname, address: address.toLowerCase(), prefix, family, scope };
};

/**
 * `ip -o addr show`. A line that is not understood spoils the whole answer: it might have been the VIP, and a VIP that is not
 * listed counts as not held. Every host has at least its loopback address, so nothing at all is no answer either.
 */
export const parseIpAddr = (text: string): Parsed<Address[]> => {
  const addresses: Address[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const address = parseAddressLine(line);
    if (!address) return unparsed(`ip addr: ${plain(line, 80)}`, 'haconsole reads iproute2 and busybox ip');
    addresses.push(address);
  }
  return addresses.length > 0 ? parsed(addresses) : unparsed('ip addr listed no address at all');
};
