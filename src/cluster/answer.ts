import type { HttpResult, Stamp, Target } from './events.ts';
import { learn, markersOf, namedIn } from './identity.ts';
import type { Answer, State } from './state.ts';

const good = (status: number): boolean => status >= 200 && status < 300;

const judgeBody = (
  state: State,
  target: Target,
  status: number,
  body: string,
): Pick<Answer, 'ok' | 'servedBy' | 'why'> => {
  const named = namedIn(state, body);
  const webs = Object.values(state.nodes).filter((node) => node.role === 'web');
  if (target.kind === 'web') {
    const node = state.nodes[target.id];
    if (named?.name === target.id) return { ok: true, servedBy: target.id };
    if (named) return { ok: false, servedBy: named.name, why: `answers as ${named.name}` };
    if (node?.identity) return { ok: false, why: `HTTP ${status} without its marker` };
    return good(status) ? { ok: true } : { ok: false, why: `HTTP ${status}` };
  }
  if (named) {
    if (good(status) || named.learnt?.statuses.includes(status)) return { ok: true, servedBy: named.name };
    // The web node itself has not been asked yet: it may well give this page with this status.
    const asked = named.probe.good + named.probe.bad > 0;
    return { ok: asked ? false : null, servedBy: named.name, why: `HTTP ${status} from ${named.name}` };
  }
  const allNamed = webs.length > 0 && webs.every((node) => markersOf(state, node).length > 0);
  if (allNamed) return { ok: false, why: `HTTP ${status} without the marker of a web node` };
  return good(status) ? { ok: true } : { ok: false, why: `HTTP ${status}` };
};

/** Judges an HTTP result. Good: the body names a known web node and the status is an expected one. Unknown is not bad. */
export const judgeAnswer = (state: State, target: Target, asked: number, result: HttpResult, at: Stamp): Answer => {
  if (result.kind === 'none') {
    const ok = result.failure.blame === 'path' ? null : false;
    return { at, ok, ms: at.mono - asked, why: result.failure.found, failure: result.failure };
  }
  return {
    at,
    status: result.status,
    ms: result.phases.body,
    ...(result.server === undefined ? {} : { server: result.server }),
    ...judgeBody(state, target, result.status, result.body),
  };
};

/** Lets a web node's direct answer teach its identity. Runs before the judgement, so that the first answer counts. */
export const learnFrom = (state: State, target: Target, result: HttpResult): State => {
  const node = target.kind === 'web' && result.kind === 'answer' ? state.nodes[target.id] : undefined;
  if (!node || result.kind !== 'answer') return state;
  if (node.identity && namedIn(state, result.body)?.name !== node.name) return state;
  const learnt = learn(node, result.status, result.body);
  return learnt === node ? state : { ...state, nodes: { ...state.nodes, [node.name]: learnt } };
};
