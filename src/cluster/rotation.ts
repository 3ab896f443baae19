import type { Answer, State } from './state.ts';

/** Answers over which the share is counted. */
export const SHARE_WINDOW = 100;

/** Good answers of one VIP (or all, in time order) with who served them, oldest first. */
export const served = (state: State, vip?: string): Answer[] => {
  const views = vip === undefined ? Object.values(state.vips) : [state.vips[vip]].filter((view) => view !== undefined);
  const answers = views.flatMap((view) => view.probe.history.filter((answer) => answer.ok));
  return views.length > 1 ? answers.sort((a, b) => a.at.mono - b.at.mono) : answers;
};

export type Rotation = {
  /** Names of the web nodes in the order they served, oldest first. */
  sequence: string[];
  /** Part of the last answers each web node served, 0 to 1; empty when nothing was served. */
  share: Record<string, number>;
  /** How often the newest server answered in a row. */
  streak: number;
  /** Web nodes that served none of the last `considered` answers. A broken alternation alone is no fault (workers count apart). */
  missing: string[];
  considered: number;
};

/** How the web nodes take turns, from the good answers through the VIPs. */
export const rotation = (state: State, vip?: string): Rotation => {
  const names = served(state, vip)
    .slice(-SHARE_WINDOW)
    .flatMap((answer) => (answer.servedBy === undefined ? [] : [answer.servedBy]));
  const webs = state.topology.nodes.filter((node) => node.role === 'web').map((node) => node.name);
  const last = names.at(-1);
  const streak = names.length - 1 - names.findLastIndex((name) => name !== last);
  return {
    sequence: names,
    share:
      names.length === 0
        ? {}
        : Object.fromEntries(webs.map((web) => [web, names.filter((name) => name === web).length / names.length])),
    streak: last === undefined ? 0 : streak,
    missing: names.length >= 2 * webs.length ? webs.filter((web) => !names.includes(web)) : [],
    considered: names.length,
  };
};
