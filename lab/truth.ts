import { inside, isRunning } from './node.ts';
import { addressOf, LB_NAMES, namespaceOf, VIPS, WEB_NAMES } from './plan.ts';
import { must, onNet } from './run.ts';

// What is really so, seen without the console: from inside the nodes and from the client's seat on the LAN.

/** IPv4 addresses of a node's cards, as its kernel has them (also when its systems are frozen). */
export async function addressesOf(name: string): Promise<string[]> {
  const links = JSON.parse(await must('ip', ['-n', namespaceOf(name), '-j', '-4', 'addr', 'show', 'up'])) as {
    ifname?: string;
    addr_info?: { local?: string }[];
  }[];
  return links
    .filter((link) => link.ifname && link.ifname !== 'lo')
    .flatMap((link) => link.addr_info ?? [])
    .flatMap((address) => address.local ?? []);
}

/** Names of all nodes that have this VIP on a card: one in health, two in a split brain, a web node if it squats there. */
export async function holders(vip: string = VIPS[0]): Promise<string[]> {
  const names = [...LB_NAMES, ...WEB_NAMES];
  const all = await Promise.all(names.map(addressesOf));
  return names.filter((_, index) => all[index]!.includes(vip));
}

/** One HTTP answer, or why there is none. `exit` is curl's status: 7 refused or unreachable, 28 too late, 52 empty. */
export type Answer = { exit: number; status: number; body: string; server: string; ms: number };

/** Asks once from a seat (`client` by default), a fresh connection, redirects not followed. `timeout` in ms. */
export async function curl(url: string, { seat = 'client', timeout = 1000 } = {}): Promise<Answer> {
  const marks = '\n%{http_code} %{time_total} %header{server}';
  const limits = ['--max-time', String(timeout / 1000), '--noproxy', '*'];
  const ran = await onNet(seat, ['curl', '-s', '-S', ...limits, '-w', marks, url]);
  const end = ran.stdout.lastIndexOf('\n');
  const [status = '0', seconds = '0', ...server] = ran.stdout.slice(end + 1).split(' ');
  return {
    exit: ran.code ?? -1,
    status: Number(status),
    body: ran.stdout.slice(0, Math.max(end, 0)),
    server: server.join(' '),
    ms: Math.round(Number(seconds) * 1000),
  };
}

/** What a customer gets from a VIP. */
export const curlVip = (vip: string = VIPS[0], timeout = 1000): Promise<Answer> => curl(`http://${vip}/`, { timeout });

/** What a node's own address answers. */
export const curlNode = (name: string, timeout = 1000): Promise<Answer> =>
  curl(`http://${addressOf(name)}/`, { timeout });

/** An answer in few words, for tables: `200 HTTP WEB NODE 01`, `no answer (curl 28)`. */
export const inWords = (answer: Answer): string =>
  answer.exit === 0 || answer.status > 0
    ? `${answer.status} ${answer.body
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim()
        .slice(0, 32)}`.trim()
    : `no answer (curl ${answer.exit})`;

/** MAC addresses that answer an ARP request for an address, from the client's seat. Two of them: two holders. */
export async function arpOwners(vip: string = VIPS[0]): Promise<string[]> {
  const ran = await onNet('client', ['arping', '-b', '-c', '2', '-w', '2', '-I', 'eth0', vip]);
  return [...new Set([...ran.stdout.matchAll(/\[([0-9A-F:]{17})\]/gi)].map((found) => found[1]!.toLowerCase()))];
}

/** Whether an address answers a ping from a seat within a second. */
export const pings = async (seat: string, address: string): Promise<boolean> =>
  (await onNet(seat, ['ping', '-n', '-c', '1', '-W', '1', address])).code === 0;

/** First line of an SSH server, seen from a seat; undefined when nothing came within 1 s. */
export async function banner(seat: string, address: string): Promise<string | undefined> {
  const script = 'read -r -t 1 line < "/dev/tcp/$0/22" && printf %s "$line"';
  const ran = await onNet(seat, ['timeout', '1.2', 'bash', '-c', script, address]);
  return ran.stdout.trim() || undefined;
}

export type UnitState = { load: string; active: string; sub: string; result: string; mainPid: number; enabled: string };

/** A unit's state by the node's own systemd; undefined when the node is off or its systemd does not answer. */
export async function unitState(name: string, unit: string): Promise<UnitState | undefined> {
  if (!isRunning(name)) return undefined;
  const properties = 'LoadState,ActiveState,SubState,Result,MainPID,UnitFileState';
  const ran = await inside(name, ['systemctl', 'show', unit, '-p', properties], { timeout: 3000 });
  if (ran.code !== 0) return undefined;
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(ran.stdout)?.[1] ?? '';
  return {
    load: value('LoadState'),
    active: value('ActiveState'),
    sub: value('SubState'),
    result: value('Result'),
    mainPid: Number(value('MainPID')),
    enabled: value('UnitFileState'),
  };
}

/** Process states (`S`, `T` = stopped, …) of a program on a node. */
export async function processStates(name: string, program: string): Promise<string[]> {
  const ran = await inside(name, ['ps', '-C', program, '-o', 'stat='], { timeout: 3000 });
  return ran.stdout
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}
