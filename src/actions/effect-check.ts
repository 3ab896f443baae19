import type { Failure } from '../cluster/failure.ts';
import type { Aged, Answer, NodeView, ProbeView, State } from '../cluster/state.ts';

/** One thing that must be seen. `met` null: not looked at since. `awaited`: a few words of what is waited for. */
export type Check = { met: boolean | null; seen: string; awaited: string; failure?: Failure };

/** The value of a look that came in after `since` (mono ms); undefined when there was none. */
export const after = <T>(aged: Aged<T> | undefined, since: number): T | undefined =>
  aged?.at !== undefined && aged.at > since ? aged.value : undefined;

/** Why there was no look at a node since. */
export const whyUnseen = (node: NodeView | undefined, since: number, aged?: Aged<unknown>): Failure | undefined => {
  for (const one of [aged, node?.addresses])
    if (one?.failure && (one.failedAt ?? 0) > since && (one.at ?? 0) <= since) return one.failure;
  return node && node.link.phase !== 'up' ? node.link.failure : undefined;
};

/** The newest answer that was asked for after `since` (mono ms) and says something, else one that was lost on the way. */
export const askedAfter = (probe: ProbeView, since: number): Answer | undefined => {
  const asked = probe.history.filter((answer) => answer.at.mono - (answer.ms ?? 0) > since);
  return asked.findLast((answer) => answer.ok !== null) ?? asked.at(-1);
};

/** A check on which nothing is known yet. */
export const notSeen = (what: string, awaited: string, failure?: Failure): Check => ({
  met: null,
  seen: `${what} not seen since`,
  awaited,
  ...(failure ? { failure } : {}),
});

/** `state.now` is past `since` by at least `ms`, by a look at the node: what takes a while is not claimed too early. */
export const lookedAtAfter = (node: NodeView, since: number, ms: number): boolean =>
  (node.addresses.at ?? 0) > since + ms;

/** Whether every web node is proven to give no good answer: then no VIP can give one either. */
export const noneServes = (state: State): boolean => {
  const webs = Object.values(state.nodes).filter((node) => node.role === 'web');
  return webs.length > 0 && webs.every((node) => node.probe.badStreak >= 2);
};
