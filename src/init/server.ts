import { canonicalAddress } from '../config/address.ts';

/** `address:port` or `[v6]:port` of an upstream server, taken apart; undefined for what is neither. */
export const serverOf = (server: string): { address: string; port: number } | undefined => {
  const match = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(server);
  const address = match?.[1] ?? match?.[2];
  return address === undefined ? undefined : { address: canonicalAddress(address), port: Number(match?.[3] ?? 80) };
};
