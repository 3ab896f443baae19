import { isPortUp, setPort } from '../net.ts';
import { CLIENT, LabError, LB_NAMES, type NetName, namespaceOf, nodeOf, SWITCH, type Wire } from '../plan.ts';
import { must, onNet, run, sleep, until } from '../run.ts';
import { pings } from '../truth.ts';

/** The wire of a node that is meant: its only one, the one on `net`, and for the jump host the LAN's. */
export function wireOf(name: string, net?: string): Wire {
  if (name === 'client') return CLIENT;
  const wires = nodeOf(name).wires;
  const found = net ? wires.find((wire) => wire.net === net) : wires[0];
  if (!found) throw new LabError(`${name} has no wire on "${net}"; it has ${wires.map((wire) => wire.net).join(', ')}`);
  return found;
}

async function hasCarrier(name: string, wire: Wire): Promise<boolean> {
  const [link] = JSON.parse(await must('ip', ['-n', namespaceOf(name), '-j', 'link', 'show', 'dev', wire.device])) as {
    flags: string[];
  }[];
  return link?.flags.includes('LOWER_UP') ?? false;
}

/** Pulls the cable: the switch's port goes down and the node sees its carrier gone. */
export async function cut(name: string, net?: string): Promise<string> {
  const wire = wireOf(name, net);
  await setPort(wire.port, false);
  await until(`${name} still sees a carrier`, async () => !(await hasCarrier(name, wire)));
  return `${name} ${wire.device}: no carrier`;
}

/** Plugs the cable in again. On a node that is off nothing more can be seen than the port's light. */
export async function mend(name: string, net?: string): Promise<string> {
  const wire = wireOf(name, net);
  await setPort(wire.port, true);
  await until(`the port ${wire.port} stays down`, () => isPortUp(wire.port));
  return `${name} ${wire.device}: port up${(await hasCarrier(name, wire)) ? ', carrier' : ''}`;
}

/** Names of the tables that faults have put into the switch. */
async function tables(): Promise<string[]> {
  const listed = await onNet('switch', ['nft', 'list', 'tables', 'bridge']);
  return [...listed.stdout.matchAll(/^table bridge (fault_\S+)$/gm)].map((found) => found[1]!);
}

/** Puts a table with counted drop rules into the switch, in place of one of the same name. */
async function putTable(table: string, rules: string[]): Promise<void> {
  const body = rules.map((rule) => `    ${rule} counter drop`).join('\n');
  const text = `table bridge ${table} {}\ndelete table bridge ${table}
table bridge ${table} {\n  chain forward {\n    type filter hook forward priority 0; policy accept;\n${body}\n  }\n}\n`;
  const ran = await onNet('switch', ['nft', '-f', '-'], { input: text });
  if (ran.code !== 0)
    throw new LabError(`nft refuses the rule (has the kernel nf_tables for bridges?): ${ran.stderr.trim()}`);
}

const removeTable = (table: string) => onNet('switch', ['nft', 'delete', 'table', 'bridge', table]);

/** Frames that a fault's rules have dropped so far. */
async function dropped(table: string): Promise<number> {
  const listed = await onNet('switch', ['nft', 'list', 'table', 'bridge', table]);
  return [...listed.stdout.matchAll(/counter packets (\d+)/g)].reduce((sum, found) => sum + Number(found[1]), 0);
}

const silentTable = (wire: Wire) => `fault_silent_${wire.port.replaceAll('-', '_')}`;

/** Someone on the same net from whom to try a wire. */
const neighbourOn = (name: string, net: NetName): string => (net === 'lan' ? 'client' : name === 'op' ? 'jump' : 'op');

/** The switch swallows every frame of a node; its carrier stays, so it notices nothing. */
export async function silentCut(name: string, net?: string): Promise<string> {
  const wire = wireOf(name, net);
  const table = silentTable(wire);
  await putTable(table, [`iifname "${wire.port}"`, `oifname "${wire.port}"`]);
  if (await pings(neighbourOn(name, wire.net), wire.address)) throw new LabError(`${name} still answers a ping`);
  if (!(await hasCarrier(name, wire))) return `${name}: silent, but its carrier is gone as well (off or cut)`;
  const count = await dropped(table);
  if (count === 0) throw new LabError(`the rule against ${name} matches nothing`);
  return `${name} ${wire.device}: carrier up, no ping, ${count} frames dropped`;
}

export async function silentMend(name: string, net?: string): Promise<string> {
  const wire = wireOf(name, net);
  await removeTable(silentTable(wire));
  if ((await tables()).includes(silentTable(wire))) throw new LabError(`the rule against ${name} cannot be removed`);
  return `${name} ${wire.device}: frames pass`;
}

/** Drops VRRP, and only VRRP, between the load balancers: both ways, or only what `from` sends. */
export async function dropVrrp(from?: string): Promise<string> {
  const senders = from ? [wireOf(from)] : LB_NAMES.map((name) => wireOf(name));
  await putTable(
    'fault_vrrp',
    senders.map((wire) => `iifname "${wire.port}" ip protocol 112`),
  );
  let count = 0;
  // An advert comes each second from whoever is master; a pair with nobody advertising has nothing to drop.
  for (const end = performance.now() + 3500; count === 0 && performance.now() < end; ) {
    await sleep(100);
    count = await dropped('fault_vrrp');
  }
  const reachable = await Promise.all(senders.map((wire) => pings('client', wire.address)));
  const sent = count > 0 ? `${count} adverts dropped` : 'nobody advertises now';
  return `VRRP from ${from ?? 'both'}: ${sent}; ping ${reachable.every(Boolean) ? 'still answered' : 'not answered'}`;
}

export async function passVrrp(): Promise<string> {
  await removeTable('fault_vrrp');
  if ((await tables()).includes('fault_vrrp')) throw new LabError('the rule against VRRP cannot be removed');
  return 'VRRP passes';
}

/** What `slow` was asked for: a round trip (`80ms`) or a speed (`64kbit`). */
function slowness(text: string): { delay: number } | { rate: string } {
  const delay = /^(\d+)ms$/.exec(text);
  if (delay) return { delay: Number(delay[1]) };
  if (/^\d+(kbit|mbit)$/.test(text)) return { rate: text };
  throw new LabError(`"${text}" is neither a round trip such as 80ms nor a speed such as 64kbit`);
}

/** Makes a wire slow both ways. A delay needs sch_netem, a speed sch_tbf: not every kernel has both. */
export async function slow(name: string, how: string, net?: string): Promise<string> {
  const wanted = slowness(how);
  const wire = wireOf(name, net);
  const discipline =
    'delay' in wanted
      ? ['netem', 'delay', `${wanted.delay / 2}ms`]
      : ['tbf', 'rate', wanted.rate, 'burst', '2kb', 'latency', '2s'];
  for (const [namespace, device] of [
    [namespaceOf(name), wire.device],
    [SWITCH, wire.port],
  ] as const) {
    const ran = await run('tc', ['-n', namespace, 'qdisc', 'replace', 'dev', device, 'root', ...discipline]);
    if (ran.code === 0) continue;
    await unslow(name, net);
    const other = 'delay' in wanted ? 'a speed may work: slow NODE 64kbit' : 'a delay may work: slow NODE 80ms';
    throw new LabError(`this kernel has no sch_${discipline[0]}, so the wire cannot be made slow this way; ${other}`);
  }
  const worst = await worstPing(neighbourOn(name, wire.net), wire.address);
  if (!worst) return `${name} ${wire.device}: ${how}, but it answers no ping`;
  const least = 'delay' in wanted ? wanted.delay * 0.9 : 5;
  if (worst < least) throw new LabError(`${name} is not slow: the worst ping took ${worst} ms`);
  return `${name} ${wire.device}: ${how}, worst of 6 large pings ${worst} ms`;
}

/** ms of the slowest of six large pings in a row; undefined when none is answered. */
async function worstPing(seat: string, address: string): Promise<number | undefined> {
  const ran = await onNet(seat, ['ping', '-n', '-c', '6', '-i', '0.01', '-s', '1400', '-w', '6', address]);
  const found = /= [\d.]+\/[\d.]+\/([\d.]+)\//.exec(ran.stdout);
  return found ? Number(found[1]) : undefined;
}

export async function unslow(name: string, net?: string): Promise<string> {
  const wire = wireOf(name, net);
  for (const [namespace, device] of [
    [namespaceOf(name), wire.device],
    [SWITCH, wire.port],
  ] as const) {
    await run('tc', ['-n', namespace, 'qdisc', 'del', 'dev', device, 'root']);
    const left = await must('tc', ['-n', namespace, 'qdisc', 'show', 'dev', device]);
    if (/netem|tbf/.test(left)) throw new LabError(`${device} of ${name} stays slow: ${left.trim()}`);
  }
  return `${name} ${wire.device}: full speed`;
}

/** Every wire of the lab as it was made: plugged in, nothing dropped, full speed. Returns what had to be put right. */
export async function mendAll(nodes: readonly { name: string; wires: readonly Wire[] }[]): Promise<string[]> {
  const done: string[] = [];
  for (const table of await tables()) {
    await removeTable(table);
    done.push(`removed ${table}`);
  }
  for (const { name, wires } of nodes) {
    for (const wire of wires) {
      if (!(await isPortUp(wire.port))) done.push(await mend(name, wire.net));
      const near = await must('tc', ['-n', namespaceOf(name), 'qdisc', 'show', 'dev', wire.device]);
      const far = await must('tc', ['-n', SWITCH, 'qdisc', 'show', 'dev', wire.port]);
      if (/netem|tbf/.test(near + far)) done.push(await unslow(name, wire.net));
    }
  }
  return done;
}
