import { after } from '../actions/effect-check.ts';
import type { Deed } from '../cluster/drill.ts';
import type { Process, Unit } from '../cluster/readings.ts';
import type { State } from '../cluster/state.ts';
import type { ServiceName } from '../cluster/topology.ts';

/** Whether a deed is seen to have taken effect. `met` null: not looked at since. */
export type Seen = { met: boolean | null; text: string };

const unseen = (node: string): Seen => ({ met: null, text: `${node} was not looked at since` });

const allFrozen = (processes: Process[] | undefined): boolean =>
  processes !== undefined && processes.length > 0 && processes.every((one) => one.stat.startsWith('T'));

const words = (unit: Unit, processes: Process[] | undefined): string => {
  const count = processes === undefined ? '' : `, ${processes.length} process${processes.length === 1 ? '' : 'es'}`;
  return `${unit.id.replace(/\.service$/, '')} is ${unit.active}${count}${allFrozen(processes) ? ', all stopped' : ''}`;
};

/** What a service is freshly seen as, from looks that came in after `since` (mono ms). */
const lookAt = (state: State, node: string, service: ServiceName, since: number) => {
  const view = state.nodes[node]?.services[service];
  return { unit: after(view?.unit, since), processes: after(view?.processes, since) };
};

const isDown = (state: State, node: string, service: ServiceName, since: number): Seen => {
  const { unit, processes } = lookAt(state, node, service, since);
  if (!unit) return unseen(node);
  const down = unit.active === 'inactive' || unit.active === 'failed';
  return { met: down && (processes === undefined || processes.length === 0), text: words(unit, processes) };
};

const isUp = (state: State, node: string, service: ServiceName, since: number): Seen => {
  const { unit, processes } = lookAt(state, node, service, since);
  if (!unit) return unseen(node);
  const up = unit.active === 'active' && (processes === undefined || processes.length > 0) && !allFrozen(processes);
  return { met: up, text: words(unit, processes) };
};

const both = (...all: Seen[]): Seen => ({
  met: all.some((one) => one.met === false) ? false : all.some((one) => one.met === null) ? null : true,
  text: all.map((one) => one.text).join('; '),
});

const serviceSeen = (
  before: State,
  state: State,
  node: string,
  deed: Extract<Deed, { kind: 'service' }>,
  since: number,
): Seen => {
  const { service } = deed;
  const was = before.nodes[node]?.services[service]?.unit.value;
  const { unit, processes } = lookAt(state, node, service, since);
  if (deed.verb === 'stop') return isDown(state, node, service, since);
  if (deed.verb === 'start' || deed.verb === 'reload') return isUp(state, node, service, since);
  if (!unit) return unseen(node);
  const text = words(unit, processes);
  if (deed.verb === 'freeze') return { met: processes === undefined ? null : allFrozen(processes), text };
  if (deed.verb === 'thaw') return { met: processes === undefined ? null : !allFrozen(processes), text };
  const another = was !== undefined && unit.mainPid > 0 && unit.mainPid !== was.mainPid;
  // Something may have started it again before the first look: then it has another main process.
  if (deed.verb === 'kill') return { met: another || unit.active !== 'active' || processes?.length === 0, text };
  return both(
    { met: another, text: another ? 'a new main process' : 'still the same main process' },
    isUp(state, node, service, since),
  );
};

/**
 * Judges from looks that came after the commands had returned whether a deed took effect; for files the caller looks itself
 * (`fileSeen`). `before`: the state before the deed. `since`: mono ms.
 */
export const deedSeen = (before: State, state: State, node: string, deed: Deed, since: number): Seen => {
  switch (deed.kind) {
    case 'service':
      return serviceSeen(before, state, node, deed, since);
    case 'out-of-service':
      return both(isDown(state, node, 'keepalived', since), isDown(state, node, 'nginx', since));
    case 'back-in-service':
      return both(isUp(state, node, 'nginx', since), isUp(state, node, 'keepalived', since));
    case 'lower-priority':
    case 'restore-priority':
      return isUp(state, node, 'keepalived', since);
    default:
      return { met: true, text: '' };
  }
};

/** Whether a deed can leave a load balancer without its VIPs, or without what answers on them. */
export const takesOut = (deed: Deed): boolean => {
  if (deed.kind === 'service') return ['stop', 'restart', 'kill', 'freeze'].includes(deed.verb);
  return ['out-of-service', 'set-aside', 'lower-priority'].includes(deed.kind);
};

/** Whether one service is seen running or not, from looks after `since`. */
export const serviceIs = (state: State, node: string, service: ServiceName, running: boolean, since: number): Seen =>
  (running ? isUp : isDown)(state, node, service, since);
