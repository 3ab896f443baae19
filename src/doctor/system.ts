import { isIP } from 'node:net';
import type { ClockReading } from '../cluster/readings.ts';
import { visibleText } from '../cluster/visible-text.ts';
import { parseIpAddr } from '../probes/parse/ip-addr.ts';
import { parseSystemctlShow } from '../probes/parse/systemctl-show.ts';
import type { Answers } from './answers.ts';
import { bad, type Line, ok, unknown } from './report.ts';
import { FIREWALL_UNITS, TIME_UNITS } from './script.ts';

/** What the preparation of one node is judged against. */
export type Around = {
  role: 'lb' | 'web';
  /** Of this node, as the cluster file says it. */
  address: string;
  /** Of all nodes and VIPs. */
  addresses: readonly string[];
};

/** A clock is wrong from here on, ms: log lines of two nodes could no longer be put in order. The console's own limit. */
const CLOCK_LIMIT = 1000;

const seconds = (ms: number): string => `${(Math.abs(ms) / 1000).toFixed(Math.abs(ms) < 10_000 ? 2 : 0)} s`;

/** The node's clock against the one here. */
export const clockLine = (clock: ClockReading | undefined): Line => {
  if (!clock) return unknown('clock', 'the node did not tell the time');
  const { offset, error } = clock;
  const way = offset > 0 ? 'ahead of' : 'behind';
  const sync =
    'set it and keep it right: timedatectl set-ntp true, or chronyd; journals of two nodes cannot be put in order';
  if (Math.abs(offset) - error > CLOCK_LIMIT) return bad('clock', `${seconds(offset)} ${way} the one here`, sync);
  if (error > CLOCK_LIMIT)
    return unknown('clock', `within ${seconds(error)} of the one here: the way is too slow to tell more`);
  return ok('clock', `within ${Math.ceil(Math.abs(offset) + error)} ms of the one here`);
};

/** Those of these units that run. */
const active = (answers: Answers, names: readonly string[]): string[] | undefined => {
  const shown = parseSystemctlShow(answers('UNITS')?.text ?? '');
  if (!shown.ok) return undefined;
  return shown.value
    .filter(({ unit, names: own }) => unit.active === 'active' && names.some((name) => own.includes(`${name}.service`)))
    .map(({ unit }) => unit.id.replace(/\.service$/, ''));
};

const timeLine = (answers: Answers): Line => {
  const running = active(answers, TIME_UNITS);
  if (!running) return unknown('time sync', 'systemctl did not tell');
  if (running.length > 0) return ok('time sync', `${running.join(', ')} runs`);
  return unknown(
    'time sync',
    `none of ${TIME_UNITS.join(', ')} runs`,
    'right in a container, where the host keeps the clock; else install chrony',
  );
};

const firewallLine = (answers: Answers, role: Around['role']): Line => {
  const running = active(answers, FIREWALL_UNITS);
  if (!running) return unknown('firewall', 'systemctl did not tell');
  if (running.length === 0) return ok('firewall', 'no firewall service runs');
  const passes =
    role === 'lb'
      ? 'VRRP (IP protocol 112) from the other load balancers and the HTTP port'
      : 'the HTTP port from the load balancers';
  return unknown(
    'firewall',
    `${running.join(', ')} runs; what it lets through is not visible without root`,
    `it must let ${passes} through: firewall-cmd --list-all, nft list ruleset, iptables -S`,
  );
};

const selinuxLine = (answers: Answers, role: Around['role']): Line => {
  const answer = answers('SELINUX');
  if (!answer) return unknown('SELinux', 'it did not answer in time');
  if (answer.rc !== 0) return ok('SELinux', 'not on this system');
  if (answer.text.trim() !== '1') return ok('SELinux', 'permissive');
  if (role === 'web') return ok('SELinux', 'enforcing');
  return unknown(
    'SELinux',
    'enforcing: nginx may be kept from its upstream servers, and the check script from restarting it',
    'setsebool -P httpd_can_network_connect on; ausearch -m avc -ts today tells what was refused',
  );
};

const flagged = /^\d+:\s+(\S+)\s+inet6?\s+(\S+?)\/(\d+)\s.*?\bdynamic\b/;

const addressLine = (answers: Answers, { address }: Around): Line => {
  const answer = answers('ADDR');
  if (!answer) return unknown('address', 'it did not answer in time');
  if (answer.rc !== 0) return unknown('address', 'ip addr did not tell', 'see the line about ip');
  if (isIP(address) === 0)
    return unknown(
      'address',
      `${visibleText(address, 80)} is a name: which address it stands for may change`,
      'write the address into the cluster file',
    );
  const read = parseIpAddr(answer.text);
  const own = read.ok ? read.value.find((one) => one.address === address) : undefined;
  if (!own)
    return unknown(
      'address',
      `${address} is on none of its cards`,
      'right behind NAT or port forwarding; else the cluster file means another machine',
    );
  const dynamic = answer.text.split('\n').some((row) => flagged.exec(row)?.[2] === address);
  const where = `${address}/${own.prefix} on ${own.ifname}`;
  return dynamic
    ? unknown(
        'address',
        `${where}, lent by DHCP`,
        'the other nodes and the configuration name it: fix it on the node, or reserve it',
      )
    : ok('address', `${where}, fixed`);
};

/** Whether all these addresses lie in a network that the node is in: then it needs no gateway to reach them. */
const isOneNetwork = (answers: Answers, addresses: readonly string[]): boolean => {
  const read = parseIpAddr(answers('ADDR')?.text ?? '');
  if (!read.ok) return false;
  const bits = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const nets = read.value.filter(({ family, scope, prefix }) => family === 4 && scope === 'global' && prefix < 32);
  return addresses.every(
    (address) =>
      isIP(address) === 4 &&
      nets.some(
        (net) =>
          Math.floor(bits(address) / 2 ** (32 - net.prefix)) === Math.floor(bits(net.address) / 2 ** (32 - net.prefix)),
      ),
  );
};

const routeLine = (answers: Answers, { addresses }: Around): Line => {
  const answer = answers('ROUTE');
  if (answer?.rc !== 0) return unknown('gateway', answer ? 'ip route did not tell' : 'it did not answer in time');
  const via = /default via (\S+)(?: dev (\S+))?/.exec(answer.text);
  if (via) return ok('gateway', visibleText(`${via[1]}${via[2] ? ` by ${via[2]}` : ''}`, 80));
  if (/^default dev/.test(answer.text)) return ok('gateway', visibleText(answer.text.split('\n')[0] ?? '', 80));
  return isOneNetwork(answers, addresses)
    ? ok('gateway', 'none, and none is needed: all nodes and VIPs are in its own network')
    : unknown('gateway', 'no default route', 'clients in other networks get no answer: ip route show');
};

const dnsLine = (answers: Answers, { addresses }: Around): Line => {
  const answer = answers('DNS');
  if (!answer) return unknown('DNS', 'it did not answer in time');
  const servers = answer.rc === 0 ? [...answer.text.matchAll(/^nameserver\s+(\S+)/gm)].map((match) => match[1]!) : [];
  if (servers.length > 0) return ok('DNS', visibleText(servers.slice(0, 3).join(', '), 120));
  return addresses.every((address) => isIP(address) !== 0)
    ? ok('DNS', 'no name server, and none is needed: the cluster file names addresses')
    : unknown(
        'DNS',
        'no name server in /etc/resolv.conf',
        'names in the cluster file and in nginx.conf are not found without one',
      );
};

/** The preparation that a pair needs on each node, one line each: address, gateway, DNS, time, firewall, SELinux. */
export const systemLines = (answers: Answers, around: Around): Line[] => [
  addressLine(answers, around),
  routeLine(answers, around),
  dnsLine(answers, around),
  timeLine(answers),
  firewallLine(answers, around.role),
  selinuxLine(answers, around.role),
];
