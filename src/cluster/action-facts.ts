import type { Action, ActionPhase, ActionView } from './action.ts';
import type { Event } from './events.ts';
import { failureText } from './failure.ts';
import { notice } from './notice.ts';
import type { Notice, State } from './state.ts';

/** Actions and commands that stay in the state. */
const KEPT = { actions: 50, commands: 200 };

const serviceWord = (action: Extract<Action, { kind: 'service' }>): string =>
  action.service === 'web' ? 'the web server' : action.service;

/** An action in words: `stop nginx on lb1`. */
export const actionText = (action: Action): string => {
  switch (action.kind) {
    case 'service':
      return `${action.verb} ${serviceWord(action)} on ${action.node}`;
    case 'out-of-service':
      return `take ${action.node} out of service`;
    case 'back-in-service':
      return `put ${action.node} back in service`;
    case 'remove-vip':
      return `remove the stale ${action.vip} from ${action.node}`;
    case 'cancel-restore':
      return `cancel the restore timer of ${action.node}`;
  }
};

/** Whether an action has come to its end. */
export const isOver = (phase: ActionPhase): boolean => !['confirmed', 'executing', 'verifying'].includes(phase.step);

const said = (action: Action, author: string, phase: ActionPhase): [Notice['severity'], string] | undefined => {
  const what = actionText(action);
  switch (phase.step) {
    case 'confirmed':
      return ['warn', `${what}: confirmed by ${author}`];
    case 'done':
      return ['good', `${what}: done, ${phase.seen}`];
    case 'no-effect':
      return ['bad', `${what}: did not take effect, ${phase.seen}`];
    case 'unknown':
      return ['bad', `${what}: unknown whether it was done, ${phase.seen}`];
    case 'refused':
      return ['warn', `${what}: not done, ${phase.refusal.text}`];
    case 'failed':
      return ['bad', `${what}: not done, ${failureText(phase.failure)}`];
    default:
      return undefined;
  }
};

/** An action went on a step. */
export const takeAction = (state: State, event: Extract<Event, { kind: 'action' }>): State => {
  const old = state.actions.find((one) => one.id === event.id);
  const view: ActionView = {
    id: event.id,
    action: event.action,
    author: event.author,
    from: old?.from ?? state.now.mono,
    phase: event.phase,
    ...(isOver(event.phase) ? { until: state.now.mono } : {}),
  };
  const actions = old ? state.actions.map((one) => (one === old ? view : one)) : [...state.actions, view];
  const next = { ...state, actions: actions.slice(-KEPT.actions) };
  const words = said(event.action, event.author, event.phase);
  return words ? notice(next, { source: event.action.node, kind: 'action', severity: words[0], text: words[1] }) : next;
};

/** A command ran on a node: a line of the command log. */
export const takeCommand = (state: State, event: Extract<Event, { kind: 'command' }>): State => ({
  ...state,
  commands: [
    ...state.commands,
    {
      action: event.action,
      node: event.node,
      command: event.command,
      result: event.result,
      at: event.at.mono,
      wall: event.at.wall,
    },
  ].slice(-KEPT.commands),
});
