import { isIP } from 'node:net';
import type { InterfaceAddress } from '../addresses.ts';
import type { Machine } from '../machine.ts';
import { isoText } from './date.ts';
import { type Follower, failed, printed, type Tool, type ToolResult } from './tool.ts';

const LIFETIME = '       valid_lft forever preferred_lft forever';

/** `brd 172.16.249.255 ` for the address of a network, nothing for a VIP's /32 or an IPv6 address. */
const broadcast = ({ family, scope, address, prefix }: InterfaceAddress): string =>
  family === 4 && scope === 'global' && prefix === 24 ? `brd ${address.replace(/\d+$/, '255')} ` : '';

/** One line of `ip -o addr`. */
const oneline = (entry: InterfaceAddress): string => {
  const family = entry.family === 4 ? 'inet' : 'inet6';
  // iproute2 labels IPv4 addresses only; an IPv6 line has the blank without the label.
  const label = entry.family === 4 ? entry.ifname : '';
  return `${entry.index}: ${entry.ifname}    ${family} ${entry.address}/${entry.prefix} ${broadcast(entry)}scope ${entry.scope} ${label}\\${LIFETIME}`;
};

const interfaces = (machine: Machine): { index: number; ifname: string; shown: string; up: boolean }[] => [
  { index: 1, ifname: 'lo', shown: 'lo', up: true },
  { index: 2, ifname: machine.ifname, shown: `${machine.ifname}@if3`, up: machine.wire.carrier },
];

const full = (machine: Machine, wanted: (entry: InterfaceAddress) => boolean): string =>
  interfaces(machine)
    .map(({ index, shown, up }) => {
      const head =
        index === 1
          ? '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n'
          : `${index}: ${shown}: <${up ? 'BROADCAST,MULTICAST,UP,LOWER_UP' : 'NO-CARRIER,BROADCAST,MULTICAST,UP'}> mtu 1500 qdisc noqueue state ${up ? 'UP' : 'DOWN'} group default qlen 1000\n    link/ether ${machine.mac} brd ff:ff:ff:ff:ff:ff link-netnsid 0\n`;
      const lines = machine.addresses
        .list()
        .filter((entry) => entry.index === index && wanted(entry))
        .map((entry) => {
          const family = entry.family === 4 ? 'inet' : 'inet6';
          const label = entry.family === 4 ? entry.ifname : '';
          return `    ${family} ${entry.address}/${entry.prefix} ${broadcast(entry)}scope ${entry.scope} ${label}\n${LIFETIME}\n`;
        });
      return head + lines.join('');
    })
    .join('');

const brief = (machine: Machine, wanted: (entry: InterfaceAddress) => boolean): string =>
  interfaces(machine)
    .map(({ index, shown, up }) => {
      const state = index === 1 ? 'UNKNOWN' : up ? 'UP' : 'DOWN';
      const list = machine.addresses.list().filter((entry) => entry.index === index && wanted(entry));
      return `${shown.padEnd(16)} ${state.padEnd(14)} ${list.map((entry) => `${entry.address}/${entry.prefix} `).join('')}\n`;
    })
    .join('');

const FOREVER = 4294967295;

const json = (machine: Machine, wanted: (entry: InterfaceAddress) => boolean): string => {
  const table = interfaces(machine).map(({ index, ifname, up }) => ({
    ifindex: index,
    ...(index === 2 ? { link_index: 3 } : {}),
    ifname,
    flags:
      index === 1
        ? ['LOOPBACK', 'UP', 'LOWER_UP']
        : up
          ? ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP']
          : ['NO-CARRIER', 'BROADCAST', 'MULTICAST', 'UP'],
    mtu: index === 1 ? 65536 : 1500,
    qdisc: 'noqueue',
    operstate: index === 1 ? 'UNKNOWN' : up ? 'UP' : 'DOWN',
    group: 'default',
    txqlen: 1000,
    link_type: index === 1 ? 'loopback' : 'ether',
    address: index === 1 ? '00:00:00:00:00:00' : machine.mac,
    broadcast: index === 1 ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff',
    ...(index === 2 ? { link_netnsid: 0 } : {}),
    addr_info: machine.addresses
      .list()
      .filter((entry) => entry.index === index && wanted(entry))
      .map((entry) => ({
        family: entry.family === 4 ? 'inet' : 'inet6',
        local: entry.address,
        prefixlen: entry.prefix,
        ...(broadcast(entry) ? { broadcast: broadcast(entry).slice(4, -1) } : {}),
        scope: entry.scope,
        ...(entry.family === 4 ? { label: entry.ifname } : {}),
        valid_life_time: FOREVER,
        preferred_life_time: FOREVER,
      })),
  }));
  return `${JSON.stringify(table)}\n`;
};

/** `ip addr add|del ADDRESS/PREFIX dev NAME`. */
const change = (machine: Machine, root: boolean, verb: 'add' | 'del', words: readonly string[]): ToolResult => {
  const at = words.indexOf('dev');
  const dev = at < 0 ? undefined : words[at + 1];
  const [text = ''] = words.filter((_, index) => at < 0 || (index !== at && index !== at + 1));
  const [address = '', prefix] = text.split('/');
  const most = isIP(address) === 6 ? 128 : 32;
  if (isIP(address) === 0 || (prefix !== undefined && !(Number(prefix) <= most))) {
    return failed(`Error: any valid prefix is expected rather than "${text}".`);
  }
  if (dev === undefined) return failed('Not enough information: "dev" argument is required.');
  const card = interfaces(machine).find(({ ifname }) => ifname === dev);
  if (!card) return failed(`Cannot find device "${dev}"`);
  if (!root) return failed('RTNETLINK answers: Operation not permitted', 2);
  const length = Number(prefix ?? most);
  if (verb === 'add') {
    const done = card.index === 2 && machine.addresses.add(address, length);
    return done ? printed('') : failed('RTNETLINK answers: File exists', 2);
  }
  const found = machine.addresses
    .list()
    .some((entry) => entry.index === card.index && entry.address === address && entry.prefix === length);
  if (!found) return failed('RTNETLINK answers: Cannot assign requested address', 2);
  machine.addresses.remove(address);
  return printed('');
};

/** ip(8) of iproute2 6.1: `addr show` in its four shapes, `addr add|del`, `route show`, `-V`. */
export const ip: Tool = ({ machine, root }, args) => {
  const options = args.filter((arg) => arg.startsWith('-'));
  const [object = 'addr', verb = 'show', ...words] = args.filter((arg) => !arg.startsWith('-'));
  if (options.includes('-V')) return printed('ip utility, iproute2-6.1.0, libbpf 1.1.2\n');
  // One network: nothing is routed, so there is no default route to show.
  if (object === 'route') return printed('');
  if (!'address'.startsWith(object) || object === '') return failed(`Object "${object}" is unknown, try "ip help".`);
  if (verb === 'add') return change(machine, root, 'add', words);
  if (verb === 'del' || verb === 'delete') return change(machine, root, 'del', words);
  if (verb !== 'show' && verb !== 'list' && verb !== 'ls') {
    return failed(`Command "${verb}" is unknown, try "ip address help".`, 255);
  }
  const dev = words[0] === 'dev' ? words[1] : undefined;
  if (dev !== undefined && !interfaces(machine).some(({ ifname }) => ifname === dev)) {
    return failed(`Device "${dev}" does not exist.`);
  }
  const wanted = (entry: InterfaceAddress): boolean =>
    !(options.includes('-4') && entry.family !== 4) &&
    !(options.includes('-6') && entry.family !== 6) &&
    (dev === undefined || entry.ifname === dev);
  if (options.includes('-j')) return printed(json(machine, wanted));
  if (options.includes('-br')) return printed(brief(machine, wanted));
  if (options.includes('-o')) {
    return printed(
      machine.addresses
        .list()
        .filter(wanted)
        .map((entry) => `${oneline(entry)}\n`)
        .join(''),
    );
  }
  return printed(full(machine, wanted));
};

/** `ip [-ts] -o monitor address`: one line for each change. */
export const ipMonitor: Follower = ({ machine }, args, emit) => {
  const stamped = args.includes('-ts');
  return machine.addresses.follow((op, entry) => {
    const stamp = stamped ? `[${isoText(machine.clock.wall())}] ` : '';
    emit(`${stamp}${op === 'delete' ? 'Deleted ' : ''}${oneline(entry)}`);
  });
};
