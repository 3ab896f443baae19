import { vipsOf } from '../cluster/finding.ts';
import { holdersOf } from '../cluster/holding.ts';
import { rotation } from '../cluster/rotation.ts';
import { claimService, priorityOf, reachable, vrrpStateOf } from '../cluster/select.ts';
import type { Level, NodeView, ProbeView, State, VerdictCode } from '../cluster/state.ts';
import { judge } from '../cluster/verdict.ts';
import { visibleText as visible } from '../cluster/visible-text.ts';

type HttpReport = {
  ok: boolean | null;
  status: number | null;
  servedBy: string | null;
  ms: number | null;
  error: string | null;
};
type ServiceReport = {
  active: 'active' | 'inactive' | 'failed' | 'unknown';
  processes: number | null;
  since: string | null;
};
type NodeReport = {
  name: string;
  role: 'lb' | 'web' | 'jump';
  reachable: boolean | null;
  error: string | null;
  vips: string[];
  vrrpState: string;
  priority: number | null;
  services: Record<string, ServiceReport>;
  http: HttpReport | null;
};

/** What `check --json` prints: a contract with scripts, version 1. Absent knowledge is null or `unknown`, never "no". */
export type CheckReport = {
  schema: 'haconsole.check/1';
  cluster: string;
  status: Level;
  verdict: VerdictCode;
  reasons: string[];
  vips: { address: string; holders: string[]; http: HttpReport }[];
  nodes: NodeReport[];
  roundRobin: { sequence: string[]; share: Record<string, number> };
};

const text = (value: string | undefined): string | null => (value === undefined ? null : visible(value));

const httpOf = (probe: ProbeView): HttpReport => ({
  ok: probe.last?.ok ?? null,
  status: probe.last?.status ?? null,
  servedBy: probe.last?.servedBy ?? null,
  // How soon a refusal came is no response time.
  ms: probe.last?.ms === undefined || probe.last.status === undefined ? null : Math.round(probe.last.ms * 10) / 10,
  error: probe.last?.ok ? null : text(probe.last?.why),
});

const activeWord = (active: string | undefined): ServiceReport['active'] => {
  if (active === undefined) return 'unknown';
  if (active === 'failed') return 'failed';
  return active === 'active' || active === 'reloading' ? 'active' : 'inactive';
};

const servicesOf = (state: State, node: NodeView): Record<string, ServiceReport> =>
  Object.fromEntries(
    Object.keys(node.services).map((name) => {
      const { unit, processes, since } = claimService(state, node, name as 'nginx' | 'keepalived' | 'web');
      return [
        name,
        {
          active: activeWord(unit?.active),
          processes: processes?.length ?? null,
          since: since === undefined ? null : new Date(since).toISOString(),
        },
      ];
    }),
  );

const nodeOf = (state: State, node: NodeView): NodeReport => {
  const seen = reachable(state, node);
  const priority = priorityOf(state, node);
  const failure = node.addresses.failure ?? (node.link.phase === 'up' ? undefined : node.link.failure);
  return {
    name: node.name,
    role: node.role,
    reachable: seen,
    error: seen === true ? null : text(failure && `${failure.step} on ${failure.hop}: ${failure.found}`),
    vips: vipsOf(state)
      .filter((vip) => holdersOf(state, vip).includes(node.name))
      .map((vip) => vip.address),
    vrrpState: node.role === 'lb' ? vrrpStateOf(state, node) : 'unknown',
    priority: priority.effective ?? priority.base ?? null,
    services: servicesOf(state, node),
    http: httpOf(node.probe),
  };
};

const hopOf = ({ name, link }: State['hops'][number]): NodeReport => ({
  name,
  role: 'jump',
  reachable: link.phase === 'up' ? true : link.failure?.blame === 'target' ? false : null,
  error:
    link.phase === 'up'
      ? null
      : text(link.failure && `${link.failure.step} on ${link.failure.hop}: ${link.failure.found}`),
  vips: [],
  vrrpState: 'unknown',
  priority: null,
  services: {},
  http: null,
});

/** Turns the state into the report; the verdict is judged without memory, as one look gives it. */
export const checkReport = (state: State): CheckReport => {
  const verdict = judge(state);
  const { sequence, share } = rotation(state);
  return {
    schema: 'haconsole.check/1',
    cluster: state.topology.name,
    status: verdict.level,
    verdict: verdict.code,
    reasons: [verdict, ...verdict.also].map((one) => visible(`${one.code}: ${one.reason}`)),
    vips: vipsOf(state).map((vip) => ({
      address: vip.address,
      holders: holdersOf(state, vip),
      http: httpOf(vip.probe),
    })),
    nodes: [
      ...state.hops.map(hopOf),
      ...state.topology.nodes.map((node) => nodeOf(state, state.nodes[node.name] as NodeView)),
    ],
    roundRobin: { sequence, share },
  };
};
