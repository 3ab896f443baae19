import { SERVICES } from '../configure.ts';
import { ipIn } from '../net.ts';
import { inside, mustInside } from '../node.ts';
import { LabError, namespaceOf, nodeOf, VIPS } from '../plan.ts';
import { until } from '../run.ts';
import { addressesOf, processStates, unitState } from '../truth.ts';

/** Name under which `ps -C` finds a unit's processes. */
const programOf = (unit: string): string => (unit === 'ssh' ? 'sshd' : unit);

/** Refuses a service that this node does not have. */
export function serviceOf(unit: string, name: string): string {
  const there = [...SERVICES[nodeOf(name).role], 'ssh'];
  if (!there.includes(unit)) throw new LabError(`${name} has no service "${unit}"; it has ${there.join(', ')}`);
  return unit;
}

const told = async (name: string, unit: string): Promise<string> => {
  const state = await unitState(name, unit);
  return state
    ? `${unit} on ${name}: ${state.active}/${state.sub}, ${state.result}, ${state.load}`
    : `${name} does not answer`;
};

/** Stops a unit and sees it stopped. nginx comes back within 5 s where keepalived's check script runs. */
export async function stop(unit: string, name: string): Promise<string> {
  await mustInside(name, ['systemctl', 'stop', serviceOf(unit, name)]);
  const state = await unitState(name, unit);
  if (state?.active === 'active' && unit !== 'nginx') throw new LabError(`${unit} on ${name} still runs`);
  return told(name, unit);
}

/** Removes VIPs that a dead keepalived left behind. A running one is left alone: they are its own. */
export async function removeStaleVips(name: string): Promise<string[]> {
  const state = await unitState(name, 'keepalived');
  if (state && /^(active|activating|reloading|deactivating)$/.test(state.active)) return [];
  const stale = (await addressesOf(name)).filter((address) => (VIPS as readonly string[]).includes(address));
  for (const vip of stale) await ipIn(namespaceOf(name), 'addr', 'del', `${vip}/32`, 'dev', 'eth0');
  return stale;
}

/** Starts a unit whatever was done to it: unmasked, thawed, its failures forgotten, stale VIPs removed first. */
export async function start(unit: string, name: string): Promise<string> {
  serviceOf(unit, name);
  const before = await unitState(name, unit);
  if (before?.load === 'masked') await mustInside(name, ['systemctl', 'unmask', '--quiet', unit]);
  await thaw(unit, name);
  if (before?.active === 'failed') await inside(name, ['systemctl', 'reset-failed', unit]);
  if (unit === 'keepalived') await removeStaleVips(name);
  // The check script counts its restarts here; a drill must not use up the next one's.
  if (unit === 'nginx') await inside(name, ['rm', '-f', '/run/check_nginx.restarts']);
  await mustInside(name, ['systemctl', 'start', unit]);
  await until(
    () => told(name, unit),
    async () => (await unitState(name, unit))?.active === 'active',
  );
  return told(name, unit);
}

/** `systemctl mask --now`: it stops and nothing can start it, the check script neither. */
export async function mask(unit: string, name: string): Promise<string> {
  await mustInside(name, ['systemctl', 'mask', '--now', '--quiet', serviceOf(unit, name)]);
  await until(
    () => told(name, unit),
    async () => {
      const state = await unitState(name, unit);
      return state?.load === 'masked' && state.active !== 'active';
    },
  );
  return told(name, unit);
}

/** Unmasks and starts a unit; with nginx also the keepalived that the tutorial's check script has killed meanwhile. */
export async function unmask(unit: string, name: string): Promise<string> {
  const seen = [await start(unit, name)];
  if (unit === 'nginx') seen.push(await start('keepalived', name));
  return seen.join('; ');
}

/** Which of a unit's processes `kill9` takes. */
export type Victims = 'all' | 'main' | 'child';

/** kill -9 of a unit's processes; resolves when none of the victims is left. */
export async function kill9(unit: string, name: string, victims: string = 'all'): Promise<string> {
  serviceOf(unit, name);
  const state = await unitState(name, unit);
  if (!state?.mainPid) return `${unit} on ${name} has no process to kill`;
  const group = (await mustInside(name, ['systemctl', 'show', '--value', '-p', 'ControlGroup', unit])).trim();
  const tree = await mustInside(name, ['sh', '-c', 'cat "$0/cgroup.procs"', `${await groupRoot(name)}${group}`]);
  const pids = tree.split('\n').filter(Boolean).map(Number);
  const chosen = pids.filter((pid) => victims === 'all' || (pid === state.mainPid) === (victims === 'main'));
  // All are stopped first and the parent goes last: a child of keepalived that outlives it for a moment is told (SIGTERM, and
  // SIGCONT as one of an orphaned group), and takes the VIPs off.
  const last = [...chosen]
    .sort((one, two) => Number(one === state.mainPid) - Number(two === state.mainPid))
    .map(String);
  if (victims === 'all') await inside(name, ['kill', '-STOP', ...last]);
  await inside(name, ['kill', '-9', ...last]);
  const alive = async () => (await inside(name, ['kill', '-0', ...chosen.map(String)])).code === 0;
  await until(`the processes ${chosen.join(' ')} of ${unit} on ${name} live on`, async () => !(await alive()));
  return `killed ${chosen.join(' ')}; ${await told(name, unit)}`;
}

/** Where the node's own systemd keeps its groups: the hybrid layout has one folder more. */
async function groupRoot(name: string): Promise<string> {
  const hybrid = await inside(name, ['test', '-d', '/sys/fs/cgroup/systemd']);
  return hybrid.code === 0 ? '/sys/fs/cgroup/systemd' : '/sys/fs/cgroup';
}

/** SIGSTOP to every process of a unit: it holds its socket and answers nothing. */
export async function freeze(unit: string, name: string): Promise<string> {
  await mustInside(name, ['systemctl', 'kill', '--signal=STOP', serviceOf(unit, name)]);
  const states = () => processStates(name, programOf(unit));
  await until(`${unit} on ${name} is not stopped`, async () => {
    const all = await states();
    return all.length > 0 && all.every((state) => state.startsWith('T'));
  });
  return `${unit} on ${name}: processes ${(await states()).join(' ')}; ${await told(name, unit)}`;
}

/** SIGCONT to every process of a unit. Harmless where none is stopped. */
export async function thaw(unit: string, name: string): Promise<string> {
  await inside(name, ['systemctl', 'kill', '--signal=CONT', serviceOf(unit, name)]);
  const frozen = async () => (await processStates(name, programOf(unit))).some((state) => state.startsWith('T'));
  await until(`${unit} on ${name} stays stopped`, async () => !(await frozen()));
  return told(name, unit);
}

/** Ends the SSH server of a node and every session it carries: connections are reset, new ones refused. */
export async function killSshd(name: string): Promise<string> {
  await inside(name, ['systemctl', 'stop', 'ssh']);
  const sshd = async () => (await inside(name, ['pgrep', '-x', 'sshd'])).stdout.split('\n').filter(Boolean);
  await until(`sshd lives on ${name}`, async () => {
    const pids = await sshd();
    if (pids.length > 0) await inside(name, ['kill', '-9', ...pids]);
    return pids.length === 0;
  });
  return told(name, 'ssh');
}
