import { disabledNow, type Entry, entries } from '../actions/catalog.ts';
import type { Action } from '../cluster/action.ts';
import type { NodeView, State } from '../cluster/state.ts';
import { type PaneId, paneOrder } from './layout.ts';
import { countsOf } from './panes/content.ts';
import { drillUnderWay } from './parts/drill-now.ts';

/** One thing that a key offers on a node: the key of the chooser, what it is called there, and what it does. */
export type Choice = { key: string; label: string; action: Action };

/** The keys that make an action on the focused node, in the order of the footer. */
export const actionKeys = ['s', 'X', 'R', 'L', 'o', 'V', 'T'] as const;

const choicesOf = (entry: Entry, state: State, { name: node }: NodeView): Choice[] => {
  switch (entry.kind) {
    case 'service': {
      const { verb, service } = entry;
      if (!verb || !service) return [];
      return [{ key: entry.choice ?? '', label: service, action: { kind: 'service', verb, service, node } }];
    }
    case 'remove-vip':
      return state.topology.vips.map((vip) => ({ key: '', label: vip, action: { kind: 'remove-vip', vip, node } }));
    case 'out-of-service':
      return [{ key: 'o', label: 'out of service', action: { kind: 'out-of-service', node } }];
    case 'back-in-service':
      return [{ key: 'b', label: 'back in service', action: { kind: 'back-in-service', node } }];
    case 'cancel-restore':
      return [{ key: '', label: 'cancel the restore timer', action: { kind: 'cancel-restore', node } }];
  }
};

/** The node whose pane this is. */
export const nodeOf = (state: State, pane: PaneId): NodeView | undefined =>
  pane.startsWith('node:') ? state.nodes[pane.slice('node:'.length)] : undefined;

/** What a key does on this node now: nothing (why), one thing, or one of several that a chooser asks for. */
export type Offer =
  | { kind: 'none'; why: string }
  | { kind: 'one'; action: Action }
  | { kind: 'some'; choices: Choice[] };

/** What a key offers on a node. The services of a load balancer are always asked for, so that a key never means two things. */
export const offerOf = (state: State, node: NodeView, key: string): Offer => {
  const rows = entries.filter((entry) => entry.key === key);
  const here = rows.filter((entry) => entry.roles.includes(node.role));
  if (here.length === 0)
    return { kind: 'none', why: `${node.name} is a ${node.role === 'lb' ? 'load balancer' : 'web node'}` };
  const all = here.flatMap((entry) => choicesOf(entry, state, node));
  const whys = all.map(({ action }) => disabledNow(state, action));
  const open = all.filter((_, index) => whys[index] === null);
  if (open.length === 0) {
    // Of the VIPs each has the same reason, with its own address in it.
    const said = key === 'V' ? whys.slice(0, 1) : [...new Set(whys)];
    return { kind: 'none', why: said.filter((why) => why !== null).join('; ') || 'there is nothing to act on' };
  }
  if (here.some((entry) => entry.choice !== undefined)) return { kind: 'some', choices: all };
  const [only] = open;
  if (open.length === 1 && only) return { kind: 'one', action: only.action };
  return {
    kind: 'some',
    choices: open.map((one, index) => (one.key === '' ? { ...one, key: String(index + 1) } : one)),
  };
};

/** Numbers of the node panes, for people: `2-5`. */
const nodeNumbers = (state: State): string => {
  const order = paneOrder(countsOf(state));
  const numbers = order.flatMap((id, index) => (id.startsWith('node:') && index < 9 ? [index + 1] : []));
  const [first] = numbers;
  return first === undefined ? 'none is known yet' : `${first}-${numbers.at(-1)}`;
};

/** Why a key makes no action now; null when it does. */
export const whyNoAction = (state: State, focus: PaneId, readOnly: boolean, key: string): string | null => {
  if (readOnly || state.topology.readOnly) return 'read-only: nothing is written to the nodes';
  const drill = drillUnderWay(state);
  if (drill) return `the drill ${drill.name} is under way; esc ends it`;
  const node = nodeOf(state, focus);
  if (!node) return `focus a node first (${nodeNumbers(state)})`;
  const offer = offerOf(state, node, key);
  return offer.kind === 'none' ? offer.why : null;
};

/** Whether a restore timer can be armed with an action: where it takes something away that a node can start again. */
export const canRestore = (action: Action): boolean =>
  action.kind === 'out-of-service' || (action.kind === 'service' && action.verb !== 'start');

/** Restore times that the dialog offers, seconds; undefined: none. */
export const restoreChoices = [undefined, 60, 300, 900, 3600] as const;
