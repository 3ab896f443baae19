import { age } from './aged.ts';
import { takeCheckLines } from './check-log.ts';
import type { Event } from './events.ts';
import type { Reading } from './failure.ts';
import { prove } from './holding.ts';
import { mark, notice } from './notice.ts';
import type { Snapshot, VrrpInstance } from './readings.ts';
import { isFrozen, vrrpStateOf } from './select.ts';
import type { NodeView, ServiceView, State } from './state.ts';
import type { ServiceName } from './topology.ts';

/** Replaces one node; the node must exist. */
export const withNode = (state: State, node: NodeView): State => ({
  ...state,
  nodes: { ...state.nodes, [node.name]: node },
});

const word = (view: ServiceView | undefined): string | undefined => view?.unit.value?.active;

const serviceNotices = (before: State, after: State, name: string, service: ServiceName): State => {
  const [old, now] = [before.nodes[name] as NodeView, after.nodes[name] as NodeView];
  let state = after;
  const [was, is] = [word(old.services[service]), word(now.services[service])];
  const say = (severity: 'info' | 'good' | 'warn' | 'bad', text: string) => {
    state = notice(mark(state, `service:${name}:${service}`), { source: name, kind: 'service', severity, text });
  };
  const unit = now.services[service]?.unit.value;
  const label = service === 'web' ? (unit?.id.replace(/\.service$/, '') ?? 'web server') : service;
  if (was !== undefined && is !== undefined && was !== is) {
    const detail = unit && is === 'failed' ? ` (${unit.result})` : '';
    say(
      is === 'active' ? 'good' : is === 'failed' || is === 'inactive' ? 'bad' : 'warn',
      `${label} is ${is}${detail}, was ${was}`,
    );
  } else if (
    unit &&
    old.services[service]?.unit.value &&
    unit.mainPid > 0 &&
    unit.mainPid !== old.services[service]?.unit.value?.mainPid
  ) {
    say('warn', `${label} was restarted (new main process)`);
  }
  const [froze, frozen] = [isFrozen(before, old, service), isFrozen(after, now, service)];
  if (froze !== frozen)
    say(
      frozen ? 'bad' : 'good',
      frozen ? `${label} is frozen: all its processes are stopped (STAT T)` : `${label} runs on (no longer frozen)`,
    );
  return state;
};

const takeValues = (node: NodeView, snapshot: Snapshot, at: number): NodeView => {
  const services = { ...node.services };
  for (const [name, reading] of Object.entries(snapshot.services) as [
    ServiceName,
    NonNullable<Snapshot['services'][ServiceName]>,
  ][]) {
    const view = services[name] ?? { unit: {}, processes: {} };
    services[name] = { unit: age(view.unit, reading.unit, at), processes: age(view.processes, reading.processes, at) };
  }
  return {
    ...node,
    services,
    addresses: age(node.addresses, snapshot.addresses, at),
    checkLog: snapshot.checkLog ? age(node.checkLog, snapshot.checkLog, at) : node.checkLog,
    restore: snapshot.restore ? age(node.restore, snapshot.restore, at) : node.restore,
    clock: snapshot.clock ? age(node.clock, { ok: true, value: snapshot.clock }, at) : node.clock,
  };
};

/** Takes a snapshot of a node in: values age, addresses prove who holds what, changes are announced. */
export const takeSnapshot = (state: State, name: string, asked: number, reading: Reading<Snapshot>): State => {
  const node = state.nodes[name];
  if (!node) return state;
  if (!reading.ok) return withNode(state, { ...node, addresses: age(node.addresses, reading, state.now.mono) });
  const snapshot = reading.value;
  let next = withNode(state, takeValues(node, snapshot, state.now.mono));
  for (const service of Object.keys(snapshot.services) as ServiceName[])
    next = serviceNotices(state, next, name, service);
  if (snapshot.checkLog?.ok) next = takeCheckLines(next, name, snapshot.checkLog.value.lines);
  if (node.role !== 'lb' || !snapshot.addresses.ok) return next;
  const held = new Set(snapshot.addresses.value.map((one) => one.address));
  for (const vip of state.topology.vips) next = prove(next, name, vip, held.has(vip), asked);
  return next;
};

/** Takes keepalived's own dump in; a new VRRP state or priority is announced. */
export const takeDump = (state: State, name: string, reading: Reading<VrrpInstance[]>): State => {
  const node = state.nodes[name];
  if (!node) return state;
  const old = node.dump.value?.[0];
  const received = reading.ok ? reading.value[0]?.advertsReceived : undefined;
  // A keepalived that has just become BACKUP starts listening now: what it counted before says nothing.
  const listens = reading.ok && old?.state === 'BACKUP' && received === node.adverts?.received;
  const heard = received === undefined || listens ? undefined : { received, at: state.now.mono };
  let next = withNode(state, {
    ...node,
    dump: age(node.dump, reading, state.now.mono),
    ...(heard ? { adverts: heard } : {}),
  });
  const instance = reading.ok ? reading.value[0] : undefined;
  if (!instance || !old) return next;
  if (instance.state !== old.state)
    next = notice(mark(next, `vrrp:${name}`), {
      source: name,
      kind: 'vrrp',
      severity: instance.state === 'FAULT' ? 'bad' : 'info',
      text: `VRRP ${old.state} → ${vrrpStateOf(next, next.nodes[name] as NodeView)}`,
    });
  if (instance.effectivePriority !== old.effectivePriority)
    next = notice(mark(next, `vrrp:${name}`), {
      source: name,
      kind: 'vrrp',
      severity: 'warn',
      text: `priority ${old.effectivePriority} → ${instance.effectivePriority} (base ${instance.basePriority})`,
    });
  return next;
};

/** Takes the state of a link in (jump host or node); coming up and breaking are announced, a changing round trip is not. */
export const takeLink = (state: State, event: Extract<Event, { kind: 'link' }>): State => {
  const { node: name, link } = event;
  const old = state.hops.find((hop) => hop.name === name)?.link ?? state.nodes[name]?.link;
  if (!old) return state;
  const since = (old.phase === 'up') === (link.phase === 'up') ? old.since : state.now;
  const next: State = {
    ...state,
    hops: state.hops.map((hop) => (hop.name === name ? { name, link: { ...link, since } } : hop)),
    nodes: state.nodes[name]
      ? { ...state.nodes, [name]: { ...state.nodes[name], link: { ...link, since } } }
      : state.nodes,
  };
  const said = (a: typeof link) => `${a.phase === 'up'}|${a.failure?.step ?? ''}|${a.failure?.found ?? ''}`;
  if (link.phase === 'connecting' || said(old) === said(link)) return next;
  if (link.phase === 'up')
    return notice(mark(next, `link:${name}`), {
      source: name,
      kind: 'link',
      severity: old.failure || next.nodes[name]?.addresses.at !== undefined ? 'good' : 'info',
      text: old.failure ? 'connected again' : 'connected',
    });
  const failure = link.failure;
  if (!failure) return next;
  return notice(mark(next, `link:${name}`), {
    source: name,
    kind: 'link',
    severity: state.hops.some((hop) => hop.name === name) || failure.hop === name ? 'bad' : 'warn',
    text: `${failure.step === 'lost' ? 'connection lost' : `${failure.step} failed`} on ${failure.hop}: ${failure.found}${failure.advice ? ` (${failure.advice})` : ''}`,
  });
};
