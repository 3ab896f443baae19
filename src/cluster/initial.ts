import type { Stamp } from './events.ts';
import type { NodeView, ProbeView, State, VipView } from './state.ts';
import type { NodeSpec, Topology } from './topology.ts';

/** A probe that has seen nothing yet. */
export const emptyProbe: ProbeView = { badStreak: 0, good: 0, bad: 0, unknown: 0, history: [] };

const node = (spec: NodeSpec, at: Stamp): NodeView => ({
  ...spec,
  link: { phase: 'connecting', since: at },
  addresses: {},
  services: {},
  checkLog: {},
  seenLines: [],
  clock: {},
  dump: {},
  configuration: {},
  restore: {},
  streams: {},
  probe: emptyProbe,
});

const vip = (address: string): VipView => ({ address, holdings: {}, moves: 0, probe: emptyProbe });

/** The state before anything was looked at: everything unknown. */
export const initialState = (topology: Topology, at: Stamp): State => ({
  topology,
  started: at,
  now: at,
  hops: topology.hops.map((name) => ({ name, link: { phase: 'connecting', since: at } })),
  nodes: Object.fromEntries(topology.nodes.map((spec) => [spec.name, node(spec, at)])),
  vips: Object.fromEntries(topology.vips.map((address) => [address, vip(address)])),
  verdict: { code: 'blind', level: 'UNKNOWN', reason: 'nothing looked at yet', also: [], since: at },
  moves: [],
  outages: [],
  marks: {},
  notices: [],
  evidence: [],
  restarts: [],
  actions: [],
  commands: [],
  nextNotice: 1,
});

/** Takes a topology that has grown (VIPs or nodes found on the nodes); what is known already stays. */
export const withTopology = (state: State, topology: Topology, at: Stamp): State => ({
  ...state,
  topology,
  hops: topology.hops.map(
    (name) => state.hops.find((hop) => hop.name === name) ?? { name, link: { phase: 'connecting', since: at } },
  ),
  nodes: Object.fromEntries(
    topology.nodes.map((spec) => [spec.name, { ...(state.nodes[spec.name] ?? node(spec, at)), ...spec }]),
  ),
  vips: Object.fromEntries(topology.vips.map((address) => [address, state.vips[address] ?? vip(address)])),
});
