import type { Action } from '../cluster/action.ts';
import type { State } from '../cluster/state.ts';
import { isRunning, isStopped } from './disabled.ts';

/** Interim: whether an action had its effect. */
export const effectOf = (
  before: State,
  now: State,
  action: Action,
  since: number,
): { effect: 'done' | 'no-effect' | 'unknown'; seen: string; awaited: string } => {
  const node = now.nodes[action.node];
  const awaited = 'the effect';
  if (!node || (node.addresses.at ?? 0) < since + 50)
    return { effect: 'unknown', seen: 'not looked at since', awaited };
  const done = (() => {
    switch (action.kind) {
      case 'service': {
        if (action.verb === 'stop') return isStopped(now, node, action.service);
        if (action.verb !== 'restart') return isRunning(now, node, action.service);
        const [old, unit] = [
          before.nodes[node.name]?.services[action.service]?.unit.value,
          node.services[action.service]?.unit.value,
        ];
        return isRunning(now, node, action.service) && old?.mainPid !== unit?.mainPid;
      }
      case 'out-of-service':
        return isStopped(now, node, 'nginx') && isStopped(now, node, 'keepalived');
      case 'back-in-service':
        return isRunning(now, node, 'nginx') && isRunning(now, node, 'keepalived');
      case 'remove-vip':
        return !node.addresses.value?.some((one) => one.address === action.vip);
      case 'cancel-restore':
        return node.restore.value === null;
    }
  })();
  return { effect: done ? 'done' : 'no-effect', seen: done ? 'as asked' : 'not as asked', awaited };
};
