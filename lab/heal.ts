import { isFrozen, setFrozen } from './cgroup.ts';
import { installFiles, SERVICES } from './configure.ts';
import { closeLan, mendAccess } from './faults/access.ts';
import { restoreCheckLog } from './faults/config.ts';
import { restorePower } from './faults/power.ts';
import { start } from './faults/service.ts';
import { announce, isOwnPage, mendWeb, unsquat } from './faults/web.ts';
import { mendAll } from './faults/wire.ts';
import { raise } from './net.ts';
import { inside, isRunning, mustInside } from './node.ts';
import { addressOf, CLIENT, IDENTITY, LB_NAMES, NODES, PRIORITY, VIPS, WEB_NAMES } from './plan.ts';
import { until } from './run.ts';
import {
  type Answer,
  addressesOf,
  banner,
  curlNode,
  curlVip,
  holders,
  inWords,
  pings,
  processStates,
  unitState,
} from './truth.ts';

/** The load balancer that holds every VIP when all is well. */
const FIRST = [...LB_NAMES].sort((one, two) => PRIORITY[two]! - PRIORITY[one]!)[0]!;

/** What differs from a healthy pair, each a sentence; empty when all is well. */
export async function complaints(): Promise<string[]> {
  const off = NODES.filter((node) => !isRunning(node.name)).map((node) => `${node.name} is off`);
  const frozen = NODES.filter((node) => isFrozen(node.name)).map((node) => `${node.name} is frozen`);
  if (off.length + frozen.length > 0) return [...off, ...frozen];
  const found = await Promise.all([
    ...NODES.map(({ name, role }) => servicesOf(name, SERVICES[role])),
    ...VIPS.map(vip),
  ]);
  const webs = WEB_NAMES.map(async (name) => {
    const answer = await curlNode(name);
    return isOwnPage(name)(answer) ? [] : [`${name} answers ${inWords(answer)}`];
  });
  const door = (await banner('op', '10.99.0.1')) ? [] : ['the jump host does not greet the operator'];
  const way = (await pings('jump', addressOf(FIRST))) ? [] : ['the jump host does not reach the LAN'];
  return [...found.flat(), ...(await Promise.all(webs)).flat(), ...door, ...way];
}

async function servicesOf(name: string, units: readonly string[]): Promise<string[]> {
  const states = units.map(async (unit) => {
    const state = await unitState(name, unit);
    if (state?.active !== 'active' || state.load !== 'loaded')
      return [`${unit} on ${name} is ${state?.active ?? 'silent'}`];
    const stopped = (await processStates(name, unit)).some((one) => one.startsWith('T'));
    return stopped ? [`${unit} on ${name} is stopped by a signal`] : [];
  });
  return (await Promise.all(states)).flat();
}

async function vip(address: string): Promise<string[]> {
  const held = await holders(address);
  if (held.length !== 1 || held[0] !== FIRST) return [`${address} is on ${held.join(' and ') || 'nobody'}`];
  const answer = await curlVip(address);
  return isGood(answer) ? [] : [`${address} answers ${inWords(answer)}`];
}

const isGood = (answer: Answer): boolean => WEB_NAMES.some((name) => answer.body.includes(IDENTITY[name]!));

/** Waits until nothing differs from a healthy pair. */
export async function healthy(within = 30_000): Promise<void> {
  let last: string[] = [];
  await until(
    async () => last.join('; '),
    async () => {
      last = await complaints();
      return last.length === 0;
    },
    { within, every: 150 },
  );
}

/**
 * Puts everything back as `up` made it, whatever was done to it, and waits until the pair is healthy. Returns what it
 * had to put right. Order: the ways first, then power, then webs, then nginx before keepalived.
 */
export async function healAll(): Promise<string[]> {
  const done: string[] = [];
  for (const { name } of NODES) {
    if (isFrozen(name)) {
      await setFrozen(name, false);
      done.push(`thawed ${name}`);
    }
  }
  done.push(...(await mendAll([...NODES, { name: 'client', wires: [CLIENT] }])));
  const off = NODES.filter((node) => !isRunning(node.name));
  done.push(...(await Promise.all(off.map((node) => restorePower(node.name)))));
  await Promise.all(NODES.map((node) => raise(node.name, node.wires)));
  await closeLan();
  const mended = await Promise.all(NODES.map(({ name, role }) => mendNode(name, role)));
  done.push(...mended.flat());
  await until(
    async () => (await complaints()).join('; '),
    async () => {
      const left = await complaints();
      if (left.length > 0 && left.every((line) => line.includes(' answers '))) done.push(...(await announceAll()));
      return left.length === 0;
    },
    { within: 30_000, every: 150 },
  );
  return done;
}

/**
 * After a split brain the neighbours may still send to the one that stepped back: it heard the better advert before it was
 * heard itself, so the rightful holder never knew that it had to announce itself again, and 2.2.7 only does so with
 * vrrp_garp_master_refresh. Waiting for the neighbours to forget takes minutes; this is the way back for a lab.
 */
async function announceAll(): Promise<string[]> {
  const all = VIPS.map(async (address) => {
    const [holder, ...more] = await holders(address);
    if (!holder || more.length > 0 || isGood(await curlVip(address))) return [];
    await announce(holder, address);
    return [`${holder} announced ${address} again`];
  });
  return (await Promise.all(all)).flat();
}

async function mendNode(name: string, role: 'lb' | 'web' | 'jump' | 'op'): Promise<string[]> {
  const done: string[] = [];
  await mendAccess(name);
  for (const unit of ['ssh', ...SERVICES[role]]) {
    const frozen = (await processStates(name, unit === 'ssh' ? 'sshd' : unit)).some((state) => state.startsWith('T'));
    if (frozen) await inside(name, ['systemctl', 'kill', '--signal=CONT', unit]);
  }
  if (role === 'lb') {
    await restoreCheckLog(name);
    await inside(name, ['rm', '-f', '/run/check_nginx.restarts', '/run/check_nginx.pause']);
  }
  const changed = await installFiles(name);
  for (const path of changed) done.push(`rewrote ${path} on ${name}`);
  if (role === 'web') done.push(...(await mendPage(name, changed.length > 0)));
  for (const unit of ['ssh', ...SERVICES[role]]) {
    const state = await unitState(name, unit);
    const fine = state?.active === 'active' && state.load === 'loaded';
    if (!fine) done.push(await start(unit, name));
    else if (changed.some((path) => path.startsWith(`/etc/${unit}/`))) await takeUp(unit, name);
  }
  return done;
}

/**
 * Makes a running service use its new files. keepalived is restarted: a reload from `script_user root` to a file without
 * it looks for the user keepalived_script and drops the check (2.2.7), which a fresh start does not.
 */
const takeUp = (unit: string, name: string) =>
  mustInside(name, ['systemctl', unit === 'keepalived' ? 'restart' : 'reload-or-restart', unit]);

async function mendPage(name: string, changed: boolean): Promise<string[]> {
  const squatted = (await addressesOf(name)).filter((address) => (VIPS as readonly string[]).includes(address));
  const done = await Promise.all(squatted.map((address) => unsquat(name, address)));
  if (!changed && isOwnPage(name)(await curlNode(name))) return done;
  return [...done, await mendWeb(name)];
}
