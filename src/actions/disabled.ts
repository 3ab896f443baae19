import type { Action, Refusal } from '../cluster/action.ts';
import { claim } from '../cluster/aged.ts';
import type { Unit } from '../cluster/readings.ts';
import { isFrozen, processesOf, unitOf } from '../cluster/select.ts';
import type { NodeView, State } from '../cluster/state.ts';
import type { ServiceName } from '../cluster/topology.ts';

type ServiceAction = Extract<Action, { kind: 'service' }>;

/** What a service is called in sentences: the web server by its unit, where that is known. */
export const labelOf = (node: NodeView, service: ServiceName): string =>
  service === 'web' ? (node.services.web?.unit.value?.id.replace(/\.service$/, '') ?? 'the web server') : service;

/** Freshly seen: the unit does not run and no process is left. Undefined when it is not known now. */
export const isStopped = (state: State, node: NodeView, service: ServiceName): boolean | undefined => {
  const [unit, processes] = [unitOf(state, node, service), processesOf(state, node, service)];
  if (!unit || !processes) return undefined;
  return (unit.active === 'inactive' || unit.active === 'failed') && processes.length === 0;
};

/** Freshly seen: the unit is active, processes are there and not frozen. Undefined when it is not known now. */
export const isRunning = (state: State, node: NodeView, service: ServiceName): boolean | undefined => {
  const [unit, processes] = [unitOf(state, node, service), processesOf(state, node, service)];
  if (!unit || !processes) return undefined;
  return unit.active === 'active' && processes.length > 0 && !isFrozen(state, node, service);
};

/** The state already is what was asked for. */
const already = (text: string): Refusal => ({ reason: 'nothing-to-do', text });
/** It cannot be done now, or would do harm. */
const not = (text: string): Refusal => ({ reason: 'disabled', text });

const cannotStart = (unit: Unit | undefined, label: string, node: string): Refusal | null => {
  if (unit?.load === 'not-found') return not(`${label} is not installed on ${node}`);
  if (unit?.load === 'masked' || unit?.file === 'masked' || unit?.file === 'masked-runtime')
    return not(`${label} is masked on ${node}: \`systemctl unmask\` it first`);
  return null;
};

/** Why a verb on one service makes no sense now. Only a fresh look may say "already so". */
export const serviceDisabled = (state: State, node: NodeView, { verb, service }: ServiceAction): Refusal | null => {
  const unit = unitOf(state, node, service);
  if (service === 'web' && node.services.web?.unit.value === undefined)
    return not(`which unit serves on ${node.name} is not known yet`);
  const label = labelOf(node, service);
  if (verb === 'stop') {
    if (isStopped(state, node, service)) return already(`${label} does not run on ${node.name} already`);
    return unit?.load === 'not-found' ? not(`${label} is not installed on ${node.name}`) : null;
  }
  const cannot = cannotStart(unit, label, node.name);
  if (cannot) return cannot;
  if (verb === 'start') {
    if (isRunning(state, node, service)) return already(`${label} runs on ${node.name} already`);
    if (unit?.active === 'active' && isFrozen(state, node, service))
      return not(`${label} on ${node.name} is frozen (STAT T): a start does nothing, restart it`);
  }
  if (verb === 'reload') {
    if (unit && unit.active !== 'active') return already(`${label} does not run on ${node.name}: nothing to reload`);
    if (isFrozen(state, node, service))
      return not(`${label} on ${node.name} is frozen (STAT T): it would not read the file`);
  }
  return null;
};

/** Why a load balancer cannot be taken out of service now. */
export const outDisabled = (state: State, node: NodeView): Refusal | null =>
  isStopped(state, node, 'keepalived') && isStopped(state, node, 'nginx')
    ? already(`${node.name} is out of service already: keepalived and nginx do not run`)
    : null;

/** Why a load balancer cannot be put back in service now. */
export const backDisabled = (state: State, node: NodeView): Refusal | null => {
  if (isRunning(state, node, 'keepalived') && isRunning(state, node, 'nginx'))
    return already(`${node.name} is in service already: nginx and keepalived run`);
  for (const service of ['nginx', 'keepalived'] as const) {
    const cannot = cannotStart(unitOf(state, node, service), service, node.name);
    if (cannot) return cannot;
  }
  return null;
};

/** VIPs that a node holds though its keepalived is freshly proven not to run, with the place `ip addr` showed them at. */
export const staleVips = (state: State, node: NodeView): { address: string; prefix: number; ifname: string }[] => {
  if (isStopped(state, node, 'keepalived') !== true) return [];
  const own = claim(node.addresses, state.now.mono, state.topology.interval) ?? [];
  return own
    .filter((one) => state.topology.vips.includes(one.address) && one.ifname !== 'lo')
    .map(({ address, prefix, ifname }) => ({ address, prefix, ifname }));
};

/** Why a VIP cannot be taken off a node now: only one whose keepalived is proven not to run is stale. */
export const removeDisabled = (state: State, node: NodeView, vip: string): Refusal | null => {
  const own = claim(node.addresses, state.now.mono, state.topology.interval);
  if (own && !own.some((one) => one.address === vip)) return already(`${vip} is not on ${node.name}`);
  const stopped = isStopped(state, node, 'keepalived');
  if (stopped === false)
    return isFrozen(state, node, 'keepalived')
      ? not(`keepalived on ${node.name} is frozen, not gone: stop it first`)
      : not(`keepalived runs on ${node.name}: ${vip} is its own, not stale`);
  if (stopped === undefined) return not(`whether keepalived runs on ${node.name} is not known now`);
  return own ? null : not(`the addresses of ${node.name} are not known now`);
};

/** Why there is no restore timer to cancel. */
export const cancelDisabled = (state: State, node: NodeView): Refusal | null => {
  const timer = claim(node.restore, state.now.mono, state.topology.interval);
  return timer === null ? already(`no restore timer is armed on ${node.name}`) : null;
};
