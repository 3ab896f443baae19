/** One address of one interface. */
export type InterfaceAddress = {
  index: number;
  ifname: string;
  family: 4 | 6;
  address: string;
  prefix: number;
  scope: 'host' | 'global' | 'link';
};

/** The address table of one machine; listeners hear each change as `ip monitor` would. */
export type AddressTable = {
  list(): readonly InterfaceAddress[];
  has(address: string): boolean;
  /** False when it is there already. */
  add(address: string, prefix: number): boolean;
  /** False when it was not there. */
  remove(address: string): boolean;
  /** Back to the machine's own addresses, silently (a reboot). */
  reset(): void;
  follow(listener: (op: 'add' | 'delete', entry: InterfaceAddress) => void): () => void;
};

/** `lo` and one Ethernet interface with its own IPv4 and the link-local IPv6 made from its MAC (EUI-64). */
export const createAddresses = (ifname: string, own: string, mac: string): AddressTable => {
  const listeners = new Set<(op: 'add' | 'delete', entry: InterfaceAddress) => void>();
  const initial: InterfaceAddress[] = [
    { index: 1, ifname: 'lo', family: 4, address: '127.0.0.1', prefix: 8, scope: 'host' },
    { index: 1, ifname: 'lo', family: 6, address: '::1', prefix: 128, scope: 'host' },
    { index: 2, ifname, family: 4, address: own, prefix: 24, scope: 'global' },
    { index: 2, ifname, family: 6, address: linkLocal(mac), prefix: 64, scope: 'link' },
  ];
  let entries = [...initial];
  const news: [op: 'add' | 'delete', entry: InterfaceAddress][] = [];
  let telling = false;
  /** A listener may change the table: what comes of that is told after what it heard, to everybody in the same order. */
  const tell = (op: 'add' | 'delete', entry: InterfaceAddress): void => {
    news.push([op, entry]);
    if (telling) return;
    telling = true;
    for (let one = news.shift(); one; one = news.shift()) {
      for (const listener of [...listeners]) listener(...one);
    }
    telling = false;
  };
  return {
    list: () => entries,
    has: (address) => entries.some((entry) => entry.address === address),
    add: (address, prefix) => {
      if (entries.some((entry) => entry.address === address)) return false;
      const entry: InterfaceAddress = { index: 2, ifname, family: 4, address, prefix, scope: 'global' };
      // The kernel lists an interface's IPv4 addresses before its IPv6 ones.
      const before = entries.findIndex((other) => other.index === 2 && other.family === 6);
      entries = [...entries.slice(0, before), entry, ...entries.slice(before)];
      tell('add', entry);
      return true;
    },
    remove: (address) => {
      const entry = entries.find((other) => other.address === address);
      if (!entry) return false;
      entries = entries.filter((other) => other !== entry);
      tell('delete', entry);
      return true;
    },
    reset: () => {
      entries = [...initial];
    },
    follow: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};

/** `ca:36:e0:74:9f:30` → `fe80::c836:e0ff:fe74:9f30`. */
const linkLocal = (mac: string): string => {
  const bytes = mac.split(':').map((part) => Number.parseInt(part, 16));
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = bytes;
  const group = (high: number, low: number): string => ((high << 8) | low).toString(16);
  return `fe80::${group(a ^ 2, b)}:${group(c, 0xff)}:${group(0xfe, d)}:${group(e, f)}`;
};
