import { isIP, isIPv4, isIPv6 } from 'node:net';

/** `::ffff:ac10:f950` → `172.16.249.80`; anything else is undefined. */
const mappedIPv4 = (canonical: string): string | undefined => {
  const groups = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (!groups) return undefined;
  const [high, low] = [Number.parseInt(groups[1]!, 16), Number.parseInt(groups[2]!, 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
};

/**
 * One spelling for one address, so that addresses can be compared as text: IPv6 as RFC 5952 writes it (a zone stays),
 * IPv4-mapped IPv6 as IPv4, host names in lower case without a final dot.
 */
export const canonicalAddress = (text: string): string => {
  if (isIPv4(text)) return text;
  if (!isIPv6(text)) return text.toLowerCase().replace(/\.$/, '');
  const [address = '', zone] = text.split('%');
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  return (mappedIPv4(canonical) ?? canonical) + (zone ? `%${zone}` : '');
};

/** 4, 6, or 0 for a host name. */
export const addressFamily = (text: string): 0 | 4 | 6 => isIP(text) as 0 | 4 | 6;

/** True for addresses that no host can have: unspecified, multicast, broadcast. */
export const isUnusable = (canonical: string): boolean =>
  canonical === '::' ||
  canonical.startsWith('ff') ||
  canonical.startsWith('0.') ||
  (isIPv4(canonical) && Number(canonical.split('.')[0]) >= 224);
