import type { Action, Refusal, Verb } from '../cluster/action.ts';
import { failoverBudget } from '../cluster/finding-holders.ts';
import type { NodeView, State } from '../cluster/state.ts';
import { type NodeSpec, type ServiceName, servicesOf, type Topology } from '../cluster/topology.ts';
import { canonicalAddress } from '../config/address.ts';
import { backDisabled, cancelDisabled, outDisabled, removeDisabled, serviceDisabled } from './disabled.ts';

/** The one transient unit (`.timer` and `.service`) that restores a node; that it exists is the lock. */
export const RESTORE_UNIT = 'haconsole-restore';

/** What the words of a command need beside the action. Unit names come checked; VIP places as the node's `ip addr` showed them. */
export type CommandContext = {
  units: { nginx: string; keepalived: string; web?: string };
  vipPlaces: { address: string; prefix: number; ifname: string }[];
};

/** One row of the table: what can be done, by which key, where, with which commands, and how long its effect may take. */
export type Entry = {
  /** `stop-nginx`, `out-of-service`, … */
  id: string;
  kind: Action['kind'];
  verb?: Verb;
  service?: ServiceName;
  title: string;
  /** The key of the main mode; several rows of one key are told apart by `choice`, the node's role or its state. */
  key: string;
  /** The key of the chooser that opens where one key has several services (a load balancer). */
  choice?: string;
  roles: NodeSpec['role'][];
  /** Takes something away from clients or redundancy when it works as meant. */
  destroys: boolean;
  /** The words after `haconsole act`. */
  usage: string;
  commands: (action: Action, context: CommandContext) => string[][];
  /** How long after the last command the effect may take to be seen, ms. */
  budget: (state: State, action: Action) => number;
  disabled: (state: State, node: NodeView, action: Action) => Refusal | null;
};

const keys: Record<Verb, { key: string; destroys: boolean }> = {
  start: { key: 's', destroys: false },
  stop: { key: 'X', destroys: true },
  restart: { key: 'R', destroys: true },
  reload: { key: 'L', destroys: false },
};

/** Time until a change on a node must have been seen: two looks and a slow answer, ms. */
const looks = (state: State): number => 2 * state.topology.interval + 2 * state.topology.timeout + 1000;

/** Beside the looks, the longest time VRRP may need until somebody holds the VIPs, ms. */
const vrrp = (state: State): number => failoverBudget(state) + looks(state);

const systemctl = (verb: Verb, unit: string | undefined): string[][] =>
  unit === undefined ? [] : [['systemctl', verb, unit]];

const serviceEntry = (verb: Verb, service: ServiceName): Entry => {
  const what = service === 'web' ? 'the web server' : service;
  return {
    id: `${verb}-${service}`,
    kind: 'service',
    verb,
    service,
    title: `${verb} ${what}`,
    ...keys[verb],
    ...(service === 'web' ? {} : { choice: service === 'nginx' ? 'n' : 'k' }),
    roles: [service === 'web' ? 'web' : 'lb'],
    usage: `${verb} ${service}@NODE`,
    commands: (_, { units }) => systemctl(verb, units[service]),
    budget: service === 'keepalived' && verb !== 'reload' ? vrrp : looks,
    disabled: (state, node, action) => (action.kind === 'service' ? serviceDisabled(state, node, action) : null),
  };
};

const verbs: Verb[] = ['start', 'stop', 'restart', 'reload'];

/** Everything that can be done to a node, in the order of the help. Footer, help, docs and `act` read it. */
export const entries: readonly Entry[] = [
  ...(['nginx', 'keepalived', 'web'] as const).flatMap((service) => verbs.map((verb) => serviceEntry(verb, service))),
  {
    id: 'out-of-service',
    kind: 'out-of-service',
    title: 'take the load balancer out of service: stop keepalived, then nginx',
    key: 'o',
    roles: ['lb'],
    destroys: true,
    usage: 'out-of-service NODE',
    commands: (_, { units }) => [...systemctl('stop', units.keepalived), ...systemctl('stop', units.nginx)],
    budget: vrrp,
    disabled: outDisabled,
  },
  {
    id: 'back-in-service',
    kind: 'back-in-service',
    title: 'put the load balancer back in service: start nginx, then keepalived',
    key: 'o',
    roles: ['lb'],
    destroys: false,
    usage: 'back-in-service NODE',
    commands: (_, { units }) => [...systemctl('start', units.nginx), ...systemctl('start', units.keepalived)],
    budget: vrrp,
    disabled: backDisabled,
  },
  {
    id: 'remove-vip',
    kind: 'remove-vip',
    title: 'remove a stale VIP from a load balancer whose keepalived does not run',
    key: 'V',
    roles: ['lb'],
    destroys: true,
    usage: 'remove-vip ADDRESS@NODE',
    commands: (action, { vipPlaces }) =>
      action.kind !== 'remove-vip'
        ? []
        : vipPlaces
            .filter((place) => place.address === action.vip)
            .map(({ address, prefix, ifname }) => ['ip', 'addr', 'del', `${address}/${prefix}`, 'dev', ifname]),
    budget: looks,
    disabled: (state, node, action) => (action.kind === 'remove-vip' ? removeDisabled(state, node, action.vip) : null),
  },
  {
    id: 'cancel-restore',
    kind: 'cancel-restore',
    title: 'cancel the restore timer',
    key: 'T',
    roles: ['lb', 'web'],
    destroys: false,
    usage: 'cancel-restore NODE',
    commands: () => [['systemctl', 'stop', `${RESTORE_UNIT}.timer`]],
    budget: looks,
    disabled: cancelDisabled,
  },
];

/** The row of an action. */
export const entryOf = (action: Action): Entry =>
  entries.find((one) =>
    action.kind === 'service' ? one.verb === action.verb && one.service === action.service : one.kind === action.kind,
  ) as Entry;

/** What the commands of an action need, from the configured unit names and what the node showed. `web: auto` becomes the unit found. */
export const contextOf = (
  state: State,
  action: Action,
  services: { nginx: string; keepalived: string; web: string },
): CommandContext => {
  const node = state.nodes[action.node];
  const found = node?.services.web?.unit.value?.id.replace(/\.service$/, '');
  const web = services.web !== 'auto' ? services.web : found;
  const plain = (text: string) => /^[A-Za-z0-9@_:][A-Za-z0-9@._:-]*$/.test(text);
  return {
    units: {
      nginx: services.nginx,
      keepalived: services.keepalived,
      // A name that a node told is checked like one from the cluster file.
      ...(web !== undefined && plain(web) ? { web } : {}),
    },
    vipPlaces: (node?.addresses.value ?? []).filter(
      (one) => state.topology.vips.includes(one.address) && one.ifname !== 'lo' && plain(one.ifname),
    ),
  };
};

/** The words of the commands, in order, without sudo. Empty when a needed name is not known: then nothing is run. */
export const commandsOf = (action: Action, context: CommandContext): string[][] =>
  entryOf(action).commands(action, context);

/** How long after the last command the effect may take to be seen, ms. */
export const budgetOf = (state: State, action: Action): number => entryOf(action).budget(state, action);

const roleWords: Record<NodeSpec['role'], string> = { lb: 'load balancer', web: 'web node' };

/** Why an action makes no sense now: in one sentence, and of which kind; null when it does. What is not known now never stands in the way. */
export const refusalNow = (state: State, action: Action): Refusal | null => {
  const no = (text: string): Refusal => ({ reason: 'disabled', text });
  if (state.topology.readOnly) return { reason: 'read-only', text: 'read-only: nothing is written to the nodes' };
  const node = state.nodes[action.node];
  if (!node) return no(`no node is named ${action.node}`);
  const entry = entryOf(action);
  if (!entry.roles.includes(node.role))
    return no(
      entry.service
        ? `${node.name} is a ${roleWords[node.role]}: it runs no ${entry.service === 'web' ? 'web server of its own' : entry.service}`
        : `${node.name} is a ${roleWords[node.role]}, not a load balancer`,
    );
  return entry.disabled(state, node, action);
};

/** The same in words alone. */
export const disabledNow = (state: State, action: Action): string | null => refusalNow(state, action)?.text ?? null;

const said = (list: readonly string[]): string => (list.length > 0 ? list.join(', ') : 'none');

const fail = (error: string): { error: string } => ({ error });

const splitAt = (word: string): [string, string] | undefined => {
  const at = word.lastIndexOf('@');
  return at > 0 && at < word.length - 1 ? [word.slice(0, at), word.slice(at + 1)] : undefined;
};

/** Turns the words after `haconsole act` into an action, or says in one sentence what is wrong and what exists. */
export const parseAction = (words: readonly string[], topology: Topology): Action | { error: string } => {
  const [what, aim, ...rest] = words;
  const kinds = entries.filter((one) => one.kind !== 'service').map((one) => one.kind);
  if (what === undefined) return fail(`what to do? one of ${said([...verbs, ...kinds])}`);
  const entry = entries.find((one) => (one.verb ?? one.kind) === what);
  if (!entry) return fail(`${what} is nothing that can be done; there is ${said([...verbs, ...kinds])}`);
  if (rest.length > 0) return fail(`too many words after ${aim}: act ${entry.usage}`);
  if (aim === undefined) return fail(`${what} what? act ${entry.verb ? `${what} SERVICE@NODE` : entry.usage}`);
  const known = topology.nodes.filter((node) => entry.verb !== undefined || entry.roles.includes(node.role));
  const find = (name: string): NodeSpec | { error: string } =>
    known.find((node) => node.name === name) ??
    fail(
      topology.nodes.some((node) => node.name === name)
        ? `${name} is no load balancer; there is ${said(known.map((node) => node.name))}`
        : `no node is named ${name}; there is ${said(known.map((node) => node.name))}`,
    );
  if (entry.kind === 'out-of-service' || entry.kind === 'back-in-service' || entry.kind === 'cancel-restore') {
    const node = find(aim);
    return 'error' in node ? node : { kind: entry.kind, node: node.name };
  }
  const parts = splitAt(aim);
  if (!parts) return fail(`${aim} names no node: act ${entry.verb ? `${what} SERVICE@NODE` : entry.usage}`);
  const node = find(parts[1]);
  if ('error' in node) return node;
  if (entry.kind === 'remove-vip') {
    const vip = topology.vips.find((one) => one === canonicalAddress(parts[0]));
    return vip
      ? { kind: 'remove-vip', vip, node: node.name }
      : fail(`${parts[0]} is no VIP of ${topology.name}; there is ${said(topology.vips)}`);
  }
  const service = servicesOf(node.role).find((one) => one === parts[0]);
  return service && entry.verb
    ? { kind: 'service', verb: entry.verb, service, node: node.name }
    : fail(`${node.name} has no service ${parts[0]}; there is ${said(servicesOf(node.role))}`);
};
