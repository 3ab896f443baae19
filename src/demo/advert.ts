/** One VRRPv2 advertisement as it goes over the wire (RFC 3768 5.1, the fields that decide something). */
export type Advert = { from: string; vrid: number; priority: number; vips: number };

/** Skew in ms, VRRPv2: (256 − priority) / 256 s (keepalived vrrp.h, RFC 3768 5.3.2). */
export const skew = (priority: number): number => ((256 - priority) / 256) * 1000;

/** Master-down interval in ms: 3 adverts and the skew. */
export const masterDown = (priority: number, interval: number): number => 3 * interval + skew(priority);

const numeric = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

/** Whether this advert wins over a master of that priority and address; equal priorities: the higher IPv4 address. */
export const outranks = (advert: Advert, priority: number, address: string): boolean =>
  advert.priority > priority || (advert.priority === priority && numeric(advert.from) > numeric(address));
