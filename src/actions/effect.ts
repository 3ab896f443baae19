import type { Action, Verb } from '../cluster/action.ts';
import type { Failure } from '../cluster/failure.ts';
import type { State } from '../cluster/state.ts';
import { after, type Check, lookedAtAfter, notSeen, whyUnseen } from './effect-check.ts';
import { answers, isDown, isNew, isReloaded, isSilent, isUp, type Subject } from './effect-service.ts';
import { afterReload, afterStart, afterStop, areGone } from './effect-vips.ts';
import { checkEvery, isGuarded, otherHolders, seconds } from './outlook.ts';

/**
 * How far an effect has come. `done`: everything was seen. `awaited`: something was seen that is not yet as it should be.
 * `blind`: nothing seen is wrong, but not all could be looked at since; whether it was done is not known.
 */
export type Effect =
  | { is: 'done'; seen: string }
  | { is: 'awaited'; awaited: string; seen: string }
  | { is: 'blind'; seen: string; failure?: Failure };

/** keepalived takes a reload in the background: what is seen sooner than this after the command proves nothing, ms. */
const RELOAD_SETTLES = 1000;

const keepalivedChecks = (subject: Subject, verb: Verb, state: State): Check[] => {
  const { before, name, since } = subject;
  if (verb === 'stop') return [isDown(state, subject), ...afterStop(before, state, name, since)];
  if (verb !== 'reload')
    return [
      ...(verb === 'restart' ? [isNew(state, subject)] : []),
      isUp(state, subject),
      ...afterStart(before, state, name, since),
    ];
  const node = state.nodes[name];
  const was = before.nodes[name]?.services.keepalived?.unit.value?.mainPid;
  const now = after(node?.services.keepalived?.unit, since)?.mainPid;
  const awaited = 'keepalived to settle';
  const early = node && now !== undefined && !lookedAtAfter(node, since, RELOAD_SETTLES);
  return [
    isUp(state, subject),
    ...(early ? [{ met: false, seen: 'keepalived was told to reload', awaited }] : []),
    ...(now && was && now !== was
      ? [
          {
            met: false,
            seen: 'keepalived has another main process: it was restarted',
            awaited: 'the same main process',
          },
        ]
      : []),
    ...afterReload(before, state, name, since),
  ];
};

/** Where the check script runs, a stopped nginx does not stay stopped: that is part of what is told. */
const again = (state: State, { name, service }: Subject): string => {
  const node = state.nodes[name];
  if (!node || service !== 'nginx' || !isGuarded(state, node)) return '';
  return `; check_nginx will start it again within ${seconds(checkEvery(node).value)}`;
};

const serviceChecks = (subject: Subject, verb: Verb, state: State): Check[] => {
  if (subject.service === 'keepalived') return keepalivedChecks(subject, verb, state);
  if (verb === 'stop') {
    const down = isDown(state, subject);
    return [down.met ? { ...down, seen: `${down.seen}${again(state, subject)}` } : down, ...isSilent(state, subject)];
  }
  return [
    ...(verb === 'restart' ? [isNew(state, subject)] : []),
    ...(verb === 'reload' ? [isReloaded(state, subject)] : []),
    isUp(state, subject),
    ...answers(state, subject),
  ];
};

const checksOf = (before: State, action: Action, since: number, state: State): Check[] => {
  const name = action.node;
  const on = (service: Subject['service']): Subject => ({ before, name, service, since });
  switch (action.kind) {
    case 'service':
      return serviceChecks(on(action.service), action.verb, state);
    case 'out-of-service':
      return [...serviceChecks(on('keepalived'), 'stop', state), ...serviceChecks(on('nginx'), 'stop', state)];
    case 'back-in-service':
      return [...serviceChecks(on('nginx'), 'start', state), ...serviceChecks(on('keepalived'), 'start', state)];
    case 'remove-vip': {
      const others = otherHolders(state, name, action.vip).map((node) => node.name);
      const gone = areGone(state, name, [action.vip], since);
      const held =
        others.length > 0 ? `${action.vip} on ${others.join(' and ')} alone` : `nobody holds ${action.vip} now`;
      return [gone.met ? { ...gone, seen: `${action.vip} is gone from ${name}; ${held}` } : gone];
    }
    case 'cancel-restore': {
      const node = state.nodes[name];
      const timer = after(node?.restore, since);
      const awaited = 'the timer to go';
      if (timer === undefined)
        return [notSeen(`the restore timer of ${name}`, awaited, whyUnseen(node, since, node?.restore))];
      return [
        timer === null
          ? { met: true, seen: `no restore timer on ${name}`, awaited }
          : { met: false, seen: `the restore timer of ${name} is still armed`, awaited },
      ];
    }
  }
};

/** All checks in one: what is wrong comes before what is not known, and that before what is done. */
const conclude = (checks: Check[]): Effect => {
  const wrong = checks.filter((check) => check.met === false);
  const unseen = checks.filter((check) => check.met === null);
  const seen = (list: Check[]) => [...new Set(list.map((check) => check.seen))].join('; ');
  if (wrong.length > 0)
    return {
      is: 'awaited',
      awaited: [...new Set(wrong.map((check) => check.awaited))].join(', '),
      seen: seen(checks.filter((check) => check.met !== null)),
    };
  if (unseen.length === 0) return { is: 'done', seen: seen(checks) };
  const failure = unseen.find((check) => check.failure)?.failure;
  return { is: 'blind', seen: seen(checks), ...(failure ? { failure } : {}) };
};

/**
 * Judges from the state whether an action took effect: from units, processes, addresses and answers, never from an exit status.
 * `before`: the state the plan was made on. `since`: mono ms when the last command returned; only what was seen after it counts.
 */
export const effectOf =
  (before: State, action: Action, since: number): ((state: State) => Effect) =>
  (state) =>
    conclude(checksOf(before, action, since, state));
