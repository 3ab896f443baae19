import type { RiskLine, Verb } from '../cluster/action.ts';
import { webNodes } from '../cluster/select.ts';
import type { NodeView, State } from '../cluster/state.ts';
import { isStopped, labelOf } from './disabled.ts';
import { answerState } from './outlook.ts';
import { bad, type Draft, info, unsureOfNode, warn } from './risk-draft.ts';

const unsure = (state: State, node: NodeView): string[] => {
  const unseen = webNodes(state).filter((one) => answerState(state, one) === 'unknown');
  return [
    ...unsureOfNode(state, node),
    ...(unseen.length > 0 ? [`whether ${unseen.map((one) => one.name).join(', ')} answers`] : []),
  ];
};

/** Stopping or restarting a web server: nginx tries the next one, if there is a next one. */
const takeAway = (state: State, node: NodeView, verb: 'stop' | 'restart'): Draft => {
  const others = webNodes(state).filter((one) => one.name !== node.name);
  const good = others.filter((one) => answerState(state, one) === 'ok');
  const label = labelOf(node, 'web');
  const lines: RiskLine[] = [];
  if (answerState(state, node) === 'bad' && (verb === 'restart' || good.length > 0))
    lines.push(info(`${node.name} gives no good answer now anyway.`));
  if (good.length > 0) {
    const names = good.map((one) => one.name).join(', ');
    lines.push(info(`nginx sends the requests to ${names}: new ones lose nothing, those under way are cut.`));
    if (verb === 'stop' && good.length === 1) lines.push(warn(`${names} is then the last web node.`));
  } else {
    lines.push(
      bad(
        verb === 'stop'
          ? `${node.name} is the last web node that may answer: every VIP gives errors until it runs again.`
          : `${node.name} is the last web node that may answer: every VIP gives errors for up to about 11 s.`,
      ),
    );
    for (const other of others)
      lines.push(
        bad(`${other.name} ${answerState(state, other) === 'bad' ? 'gives no good answer' : 'may not answer'}.`),
      );
  }
  if (verb === 'restart') lines.push(warn(`A broken configuration keeps ${label} down.`));
  else if (good.length > 0)
    lines.push(info('After it is started again nginx needs up to about 11 s to send requests there.'));
  const dead = answerState(state, node) === 'bad';
  const step = good.length > 0 ? (dead ? 1 : 2) : dead ? 1 : 3;
  return { lines, step, takesLast: false, unsure: unsure(state, node) };
};

/** What a verb on a web server costs. */
export const webRisk = (state: State, node: NodeView, verb: Verb): Draft => {
  if (verb === 'stop') return takeAway(state, node, 'stop');
  if (verb === 'restart' && !isStopped(state, node, 'web')) return takeAway(state, node, 'restart');
  const label = labelOf(node, 'web');
  const lines =
    verb === 'reload'
      ? [
          info('Nothing is lost: open requests are finished first.'),
          info(`A broken configuration is not taken by ${label}.`),
        ]
      : [info('Nothing is lost.'), info('nginx needs up to about 11 s to send requests there.')];
  return { lines, step: 1, takesLast: false, unsure: unsureOfNode(state, node) };
};
