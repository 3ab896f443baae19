import { judgeAnswer, learnFrom } from './answer.ts';
import type { HttpResult, Target } from './events.ts';
import { mark, notice } from './notice.ts';
import type { Answer, Outage, ProbeView, State } from './state.ts';

/** Answers kept per target. */
export const HISTORY_KEPT = 300;

const extend = (view: ProbeView, answer: Answer): ProbeView => {
  const turned = answer.ok !== null && answer.ok !== (view.badStreak === 0);
  const first = view.good + view.bad === 0;
  return {
    last: answer,
    ...(answer.ok ? { lastGood: answer } : view.lastGood ? { lastGood: view.lastGood } : {}),
    ...(answer.ok !== null && (turned || first) ? { since: answer.at } : view.since ? { since: view.since } : {}),
    badStreak: answer.ok === null ? view.badStreak : answer.ok ? 0 : view.badStreak + 1,
    good: view.good + (answer.ok ? 1 : 0),
    bad: view.bad + (answer.ok === false ? 1 : 0),
    unknown: view.unknown + (answer.ok === null ? 1 : 0),
    history: [...view.history.slice(1 - HISTORY_KEPT), answer],
  };
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const trackOutage = (state: State, vip: string, answer: Answer): State => {
  const open = state.outages.findIndex((outage) => outage.vip === vip && outage.until === undefined);
  const outage = state.outages[open];
  if (answer.ok === false) {
    const next: Outage = outage ? { ...outage, lost: outage.lost + 1 } : { vip, from: answer.at, lost: 1 };
    return { ...state, outages: outage ? state.outages.with(open, next) : [...state.outages.slice(-999), next] };
  }
  if (answer.ok === null || !outage) return state;
  const closed = { ...state, outages: state.outages.with(open, { ...outage, until: answer.at }) };
  return notice(closed, {
    source: vip,
    kind: 'probe',
    severity: 'good',
    text: `${vip} answers again after ${seconds(answer.at.mono - outage.from.mono)}, ${outage.lost} lost`,
  });
};

const announce = (state: State, target: Target, before: ProbeView, answer: Answer): State => {
  const wasGood = before.badStreak === 0;
  if (answer.ok === null || (before.good + before.bad === 0 && answer.ok) || answer.ok === wasGood) return state;
  const next = mark(state, `probe:${target.id}`);
  if (target.kind === 'vip' && answer.ok) return next; // the end of the outage says it
  const line = answer.ok
    ? { severity: 'good' as const, text: `${target.id} answers again` }
    : { severity: 'bad' as const, text: `${target.id} gives no good answer: ${answer.why ?? 'no reason known'}` };
  return notice(next, { source: target.id, kind: 'probe', ...line });
};

/** Takes in what an HTTP probe brought: judges it, counts it, keeps it, and says when the answers turn. */
export const takeHttp = (before: State, target: Target, asked: number, result: HttpResult): State => {
  const state = learnFrom(before, target, result);
  const answer = judgeAnswer(state, target, asked, result, state.now);
  if (target.kind === 'vip') {
    const vip = state.vips[target.id];
    if (!vip) return state;
    const next = { ...state, vips: { ...state.vips, [target.id]: { ...vip, probe: extend(vip.probe, answer) } } };
    return trackOutage(announce(next, target, vip.probe, answer), target.id, answer);
  }
  const node = state.nodes[target.id];
  if (!node) return state;
  const next = { ...state, nodes: { ...state.nodes, [target.id]: { ...node, probe: extend(node.probe, answer) } } };
  return announce(next, target, node.probe, answer);
};
