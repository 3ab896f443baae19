import type { Process, Unit } from '../cluster/readings.ts';
import type { NodeView, State } from '../cluster/state.ts';
import type { ServiceName } from '../cluster/topology.ts';
import { vipNames } from '../cluster/vip-names.ts';
import { labelOf } from './disabled.ts';
import { after, askedAfter, type Check, lookedAtAfter, noneServes, notSeen, whyUnseen } from './effect-check.ts';

/** What is to be judged: a service of a node, as it was before, and the time (mono ms) after which looks count. */
export type Subject = { before: State; name: string; service: ServiceName; since: number };

type Seen = { node: NodeView; label: string; unit: Unit; processes?: Process[] };

/** The service as seen since. Processes may be absent where `ps` cannot tell them: then the unit alone is judged. */
const look = (state: State, { name, service, since }: Subject): Seen | Check => {
  const node = state.nodes[name];
  const view = node?.services[service];
  const label = node ? labelOf(node, service) : service;
  const unit = after(view?.unit, since);
  if (!node || !unit) return notSeen(label, `a look at ${name}`, whyUnseen(node, since, view?.unit));
  const processes = after(view?.processes, since);
  if (!processes && (view?.processes.failedAt ?? 0) <= since)
    return notSeen(`processes of ${label}`, `a look at ${name}`);
  return { node, label, unit, ...(processes ? { processes } : {}) };
};

/** nginx listens by the time its unit is active; an answer from before that may still be under way, ms. */
const LISTENS = 2000;

const isCheck = (seen: Seen | Check): seen is Check => 'met' in seen;

const unitWords = ({ label, unit }: Seen): string =>
  `${label} is ${unit.active}${unit.active === 'failed' && unit.result !== '' ? ` (${unit.result})` : ''}`;

const mainPidBefore = ({ before, name, service }: Subject): number | undefined =>
  before.nodes[name]?.services[service]?.unit.value?.mainPid;

/** The unit does not run and no process is left. */
export const isDown = (state: State, subject: Subject): Check => {
  const seen = look(state, subject);
  if (isCheck(seen)) return seen;
  const { label, unit, processes } = seen;
  const awaited = `${label} to stop`;
  const left = processes?.length ?? 0;
  if ((unit.active === 'inactive' || unit.active === 'failed') && left === 0)
    return { met: true, seen: `${label} is stopped`, awaited };
  const was = mainPidBefore(subject);
  if (unit.active === 'active' && was !== undefined && unit.mainPid > 0 && unit.mainPid !== was)
    return { met: false, seen: `${label} was started again with a new main process (check_nginx does that)`, awaited };
  return {
    met: false,
    seen: `${unitWords(seen)}${left > 0 ? ` with ${left} process${left === 1 ? '' : 'es'}` : ''}`,
    awaited,
  };
};

/** The unit is active and its processes live. */
export const isUp = (state: State, subject: Subject): Check => {
  const seen = look(state, subject);
  if (isCheck(seen)) return seen;
  const { label, unit, processes } = seen;
  const awaited = `${label} to run`;
  if (unit.active !== 'active') return { met: false, seen: unitWords(seen), awaited };
  if (processes?.length === 0) return { met: false, seen: `${label} is active without a process`, awaited };
  if (processes?.every((one) => one.stat.startsWith('T')))
    return { met: false, seen: `${label} is frozen (STAT T)`, awaited };
  return { met: true, seen: `${label} runs`, awaited };
};

/** The unit has another main process than before. */
export const isNew = (state: State, subject: Subject): Check => {
  const seen = look(state, subject);
  if (isCheck(seen)) return seen;
  const was = mainPidBefore(subject);
  const awaited = `a new main process of ${seen.label}`;
  if (was === undefined) return notSeen(`the main process of ${seen.label} before`, awaited);
  if (seen.unit.mainPid === 0) return { met: false, seen: `${seen.label} has no main process`, awaited };
  return seen.unit.mainPid !== was
    ? { met: true, seen: `${seen.label} has a new main process`, awaited }
    : { met: false, seen: `${seen.label} still has the main process it had`, awaited };
};

const workers = (unit: Unit | undefined, processes: Process[] | undefined): number[] =>
  unit && processes ? processes.filter((one) => one.ppid === unit.mainPid).map((one) => one.pid) : [];

/** The main process is the same and has new workers: it has read its file. A server without workers shows nothing of it. */
export const isReloaded = (state: State, subject: Subject): Check => {
  const seen = look(state, subject);
  if (isCheck(seen)) return seen;
  const { label, unit, processes } = seen;
  const awaited = `new workers of ${label}`;
  const old = subject.before.nodes[subject.name]?.services[subject.service];
  const was = workers(old?.unit.value, old?.processes.value);
  const now = workers(unit, processes);
  if (unit.mainPid !== mainPidBefore(subject))
    return { met: false, seen: `${label} has another main process: it was restarted`, awaited };
  if (was.length === 0 && now.length === 0)
    return { met: true, seen: `${label} has no workers that would show it`, awaited };
  return now.some((pid) => !was.includes(pid))
    ? { met: true, seen: `${label} has new workers`, awaited }
    : { met: false, seen: `${label} still has its old workers: the new configuration was not taken`, awaited };
};

/**
 * The node answers over HTTP: a load balancer with anything (an error page is nginx's own voice), a web node with a good answer.
 * No check where the node never gave a good answer while its service ran: then its own address says nothing.
 */
export const answers = (state: State, subject: Subject): Check[] => {
  const { before, name, service, since } = subject;
  const [node, old] = [state.nodes[name], before.nodes[name]];
  if (!node || !old) return [];
  const ran = old.services[service]?.unit.value?.active === 'active';
  if (old.probe.good === 0 && (ran || old.probe.bad === 0)) return [];
  const awaited = `an answer of ${name}`;
  const answer = askedAfter(node.probe, since);
  if (!answer || answer.ok === null) return [notSeen(`an answer of ${name}`, awaited, answer?.failure)];
  const speaks = answer.ok || (node.role === 'lb' && answer.status !== undefined);
  // nginx that listens on the VIPs alone refuses on the node's own address, for as long as the node holds none.
  const refuses = /refused/.test(answer.failure?.found ?? answer.why ?? '');
  if (!speaks && node.role === 'lb' && old.probe.good === 0 && refuses && lookedAtAfter(node, since, LISTENS)) {
    const seen = `nothing listens on ${name}'s own address (it never answered there; it may listen on the VIPs alone)`;
    return [{ met: true, seen, awaited }];
  }
  if (!speaks) return [{ met: false, seen: `${name} gives no good answer (${answer.why ?? 'bad'})`, awaited }];
  return [{ met: true, seen: answer.ok ? `${name} answers` : `${name} answers with HTTP ${answer.status}`, awaited }];
};

/** After a stop nothing on the node may still give good answers. */
export const isSilent = (state: State, { name, since }: Subject): Check[] => {
  const probe = state.nodes[name]?.probe;
  if (!probe || !askedAfter(probe, since)?.ok) return [];
  return [{ met: false, seen: `${name} still answers: something serves there`, awaited: `${name} to fall silent` }];
};

/** The VIPs give good answers, where they can: not when no web node does. */
export const vipsAnswer = (state: State, vips: string[], since: number): Check[] => {
  if (noneServes(state)) return [];
  const asked = vips.map((vip) => {
    const probe = state.vips[vip]?.probe;
    return { vip, answer: probe ? askedAfter(probe, since) : undefined };
  });
  const bad = asked.filter(({ answer }) => answer?.ok === false);
  const unseen = asked.filter(({ answer }) => (answer?.ok ?? null) === null);
  const names = (list: typeof asked) => vipNames(list.map(({ vip }) => vip));
  const checks: Check[] = [];
  if (bad.length > 0) {
    const why = bad[0]?.answer?.why ?? 'bad';
    const seen = `${names(bad)} ${bad.length === 1 ? 'gives' : 'give'} no good answer (${why})`;
    checks.push({ met: false, seen, awaited: `a good answer of ${names(bad)}` });
  }
  if (unseen.length > 0) {
    const failure = unseen.find(({ answer }) => answer?.failure)?.answer?.failure;
    checks.push(notSeen(`an answer of ${names(unseen)}`, `a good answer of ${names(unseen)}`, failure));
  }
  return checks;
};
