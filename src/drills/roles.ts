import { priorityFor } from '../actions/outlook.ts';
import { holdersOf } from '../cluster/holding.ts';
import { readiness } from '../cluster/readiness.ts';
import { balancers, webNodes } from '../cluster/select.ts';
import type { NodeView, State } from '../cluster/state.ts';

/** The one load balancer that is freshly proven to hold every VIP; undefined when there is none, or more than one. */
export const soleHolder = (state: State): string | undefined => {
  const holders = Object.values(state.vips).map((vip) => holdersOf(state, vip));
  const [first] = holders;
  if (first?.length !== 1) return undefined;
  return holders.every((one) => one.length === 1 && one[0] === first[0]) ? first[0] : undefined;
};

/** The load balancers beside the master, those proven ready first, then by priority. */
const heirs = (state: State, master: string): NodeView[] => {
  const rank = (node: NodeView) =>
    ({ true: 0, null: 1, false: 2 })[String(readiness(state, node).ready) as 'true'] ?? 1;
  return balancers(state)
    .filter((node) => node.name !== master)
    .sort((a, b) => rank(a) - rank(b) || priorityFor(state, b).value - priorityFor(state, a).value);
};

/** Who plays which role now, by role. `master` is there only when one node holds all VIPs. */
export const castNow = (state: State): Record<string, string> => {
  const master = soleHolder(state);
  const backup = master === undefined ? undefined : heirs(state, master)[0]?.name;
  const webs = webNodes(state).map((node) => node.name);
  const entries: [string, string | undefined][] = [
    ['master', master],
    ['backup', backup],
    ['web.first', webs[0]],
    ['web.second', webs[1]],
    ['web.last', webs.at(-1)],
  ];
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
};

/** The node that a role reference means: a role, else a node of that name. */
export const nodeOf = (state: State, roles: Record<string, string>, reference: string): string | undefined =>
  roles[reference] ?? (state.nodes[reference] ? reference : undefined);
