import { probeState } from './select.ts';
import type { Finding, Level, NodeView, State, VerdictCode, VipView } from './state.ts';

/** Verdict codes in order of precedence with their levels: the first that holds is the headline. */
export const verdictOrder: readonly { code: VerdictCode; level: Level; sentence: string }[] = [
  { code: 'blind', level: 'UNKNOWN', sentence: 'too little could be looked at' },
  { code: 'all-down', level: 'CRITICAL', sentence: 'nothing answers: no VIP, no load balancer, no web node' },
  { code: 'split-brain', level: 'CRITICAL', sentence: 'a VIP is on two load balancers at once' },
  { code: 'failing-over', level: 'WARNING', sentence: 'a VIP is on its way to another load balancer' },
  { code: 'no-master', level: 'CRITICAL', sentence: 'nobody holds a VIP' },
  { code: 'vip-unserved', level: 'CRITICAL', sentence: 'a VIP gives no good answer' },
  { code: 'all-backends-down', level: 'CRITICAL', sentence: 'no web node answers' },
  { code: 'backend-down', level: 'WARNING', sentence: 'a web node does not answer' },
  { code: 'no-backup', level: 'WARNING', sentence: 'works, but the next fault is an outage' },
  { code: 'partly-blind', level: 'WARNING', sentence: 'works as far as can be seen, but not all can be seen' },
  { code: 'degraded', level: 'WARNING', sentence: 'works, but not as it should' },
  { code: 'healthy', level: 'OK', sentence: 'all VIPs held, served and backed up' },
];

/** A finding with the level its code has. */
export const finding = (code: VerdictCode, reason: string): Finding => ({
  code,
  level: verdictOrder.find((row) => row.code === code)?.level ?? 'UNKNOWN',
  reason,
});

/** The VIPs in file order. */
export const vipsOf = (state: State): VipView[] => state.topology.vips.map((address) => state.vips[address] as VipView);
/** Node names in a row. */
export const names = (nodes: NodeView[]): string => nodes.map((node) => node.name).join(', ');

/** Whether there are such nodes and each gave two bad answers in a row. */
export const allBad = (state: State, nodes: NodeView[]): boolean =>
  nodes.length > 0 && nodes.every((node) => probeState(state, node.probe) === 'bad');
