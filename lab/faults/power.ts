import { setFrozen } from '../cgroup.ts';
import { SERVICES } from '../configure.ts';
import { lower } from '../net.ts';
import { booted, inside, isRunning, powerOff, powerOn, shutdownSignal } from '../node.ts';
import { LabError, nodeOf } from '../plan.ts';
import { until } from '../run.ts';
import { banner, pings, unitState } from '../truth.ts';

/** Someone who can try a node: the client on the LAN, the jump host for the operator's seat. */
const watcherOf = (name: string): string => (name === 'op' ? 'jump' : 'client');
const nearAddress = (name: string): string => nodeOf(name).wires[0]!.address;

/** Pulls a node's power: cards dead and addresses gone at once, every process killed. */
export async function cutPower(name: string): Promise<string> {
  await powerOff(name);
  if (isRunning(name)) throw new LabError(`${name} still runs`);
  if (await pings(watcherOf(name), nearAddress(name))) throw new LabError(`${name} is off but answers a ping`);
  return `${name}: off, no ping`;
}

/** Shuts a node down in order, then takes its power. */
export async function shutDown(name: string): Promise<string> {
  if (isRunning(name)) {
    shutdownSignal(name);
    await until(`${name} does not shut down`, () => !isRunning(name), { within: 60_000 });
  }
  await lower(nodeOf(name));
  return cutPower(name);
}

/** Boots a node that is off, and waits for its services. In the tutorial's flavour none of them starts by itself. */
export async function restorePower(name: string): Promise<string> {
  await powerOn(name);
  await booted(name);
  const units = SERVICES[nodeOf(name).role];
  const states = await Promise.all(
    units.map(async (unit) => `${unit} ${(await unitState(name, unit))?.active ?? 'unknown'}`),
  );
  return `${name}: up${states.length > 0 ? `, ${states.join(', ')}` : ''}`;
}

/** The near side of the jump host, where its SSH server is tried from the operator's seat; other nodes from the LAN. */
const door = (name: string): [seat: string, address: string] =>
  name === 'jump' ? ['op', nodeOf('jump').wires[1]!.address] : [watcherOf(name), nearAddress(name)];

/** Freezes every process of a node: its kernel still answers ping and accepts connections, nothing else happens. */
export async function freezeNode(name: string): Promise<string> {
  if (!isRunning(name)) throw new LabError(`${name} is off`);
  await setFrozen(name, true);
  const [seat, address] = door(name);
  if (await banner(seat, address)) throw new LabError(`${name} is frozen but its SSH server greets`);
  return `${name}: frozen; ping ${(await pings(seat, address)) ? 'answered' : 'not answered'}, SSH server silent`;
}

/** Lets a frozen node run again. */
export async function thawNode(name: string): Promise<string> {
  await setFrozen(name, false);
  if (!isRunning(name)) return `${name}: thawed, but off`;
  await until(`${name} does not come to itself`, async () => (await inside(name, ['true'])).code === 0);
  const [seat, address] = door(name);
  return `${name}: thawed${(await banner(seat, address)) ? ', SSH server greets' : ''}`;
}
