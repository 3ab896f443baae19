import type { Action, Risk, RiskLine } from '../cluster/action.ts';
import type { NodeView, State } from '../cluster/state.ts';
import { visibleText } from '../cluster/visible-text.ts';
import { basisOf } from './risk-basis.ts';
import { bad, type Draft, info, warn } from './risk-draft.ts';
import { reloadKeepalived, restartKeepalived, startKeepalived, stopKeepalived } from './risk-keepalived.ts';
import { reloadNginx, restartNginx, startNginx, stopNginx } from './risk-nginx.ts';
import { cancelRestore, comeBack, outWithStale, removeVip } from './risk-repair.ts';
import { webRisk } from './risk-web.ts';

/** Longest line, in characters: what nodes say of themselves stands in some of them. */
const LONGEST = 400;

const nginx = { start: startNginx, stop: stopNginx, restart: restartNginx, reload: reloadNginx };
const keepalived = {
  start: (state: State, node: NodeView) => startKeepalived(state, node),
  stop: stopKeepalived,
  restart: restartKeepalived,
  reload: reloadKeepalived,
};

const draftOf = (state: State, node: NodeView, action: Action): Draft => {
  switch (action.kind) {
    case 'out-of-service': {
      const draft = outWithStale(state, node) ?? stopKeepalived(state, node);
      return {
        ...draft,
        lines: [...draft.lines, info('nginx is stopped last, so check_nginx does not start it again.')],
      };
    }
    case 'back-in-service':
      return startKeepalived(state, node, true);
    case 'remove-vip':
      return removeVip(state, node, action.vip);
    case 'cancel-restore':
      return cancelRestore(state, node);
    case 'service':
      if (action.service === 'web') return webRisk(state, node, action.verb);
      return (action.service === 'nginx' ? nginx : keepalived)[action.verb](state, node);
  }
};

const unsureLine = (unsure: string[]): RiskLine[] =>
  unsure.length > 0
    ? [warn(`Not known now: ${[...new Set(unsure)].join('; ')}. It may cost more than said here.`)]
    : [];

/**
 * What an action will do, from what is known now. What is not known counts as the worst and raises the confirmation by a step, as
 * does a protected cluster. `restoreAfter`: seconds after which the node brings itself back.
 */
export const riskOf = (state: State, action: Action, options: { restoreAfter?: number } = {}): Risk => {
  const node = state.nodes[action.node];
  if (!node)
    return {
      lines: [bad(`No node is named ${action.node}.`)],
      step: 4,
      takesLast: false,
      basis: basisOf(state, action),
    };
  const draft = draftOf(state, node, action);
  const { protected: guarded } = state.topology;
  const step = Math.min(
    4,
    draft.step + (draft.unsure.length > 0 || draft.worse ? 1 : 0) + (guarded ? 1 : 0),
  ) as Risk['step'];
  return {
    lines: [
      ...draft.lines,
      ...comeBack(state, action, options.restoreAfter),
      ...unsureLine(draft.unsure),
      ...(guarded ? [info(`${state.topology.name} is protected: one step more to confirm.`)] : []),
    ].map(({ severity, text }) => ({ severity, text: visibleText(text, LONGEST) })),
    step,
    takesLast: draft.takesLast,
    basis: basisOf(state, action),
  };
};
