import type { Rule } from '../rule.ts';
import { checkRules } from './check.ts';
import { driftRules } from './drift.ts';
import { globalRules } from './globals.ts';
import { nginxRules } from './nginx.ts';
import { nodeRules } from './node.ts';
import { securityRules } from './security.ts';
import { vrrpRules } from './vrrp.ts';

/** Every rule, by what it looks at. */
export const ruleGroups: readonly { title: string; rules: readonly Rule[] }[] = [
  { title: 'keepalived.conf: VRRP', rules: vrrpRules },
  { title: 'keepalived.conf as a whole', rules: globalRules },
  { title: 'The check script', rules: checkRules },
  { title: 'Who may write, who may read', rules: securityRules },
  { title: 'nginx.conf', rules: nginxRules },
  { title: 'The load balancers compared', rules: driftRules },
  { title: 'The nodes', rules: nodeRules },
];

/** Every rule. */
export const rules: readonly Rule[] = ruleGroups.flatMap((group) => group.rules);
