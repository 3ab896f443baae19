import { rename, rm, writeFile } from 'node:fs/promises';
import { verdictOrder } from '../cluster/finding.ts';
import type { CheckReport } from './check-report.ts';

const level = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 } as const;

/** A label value (Prometheus text format 0.0.4: backslash, quote and line feed escaped). */
const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;

type Sample = readonly [labels: Record<string, string>, value: number];

const family = (cluster: string, name: string, help: string, samples: readonly Sample[]): string => {
  if (samples.length === 0) return '';
  const lines = samples.map(([labels, value]) => {
    const pairs = Object.entries({ cluster, ...labels }).map(([label, text]) => `${label}=${quoted(text)}`);
    return `${name}{${pairs.join(',')}} ${value}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`;
};

const bit = (value: boolean): number => (value ? 1 : 0);

/**
 * A check as Prometheus text for the node exporter's textfile collector. What is not known has no sample: an alert on absence
 * tells it, where a 0 would be a lie. `wall`: when the look was taken, ms.
 */
export const checkProm = (report: CheckReport, wall: number): string => {
  const { cluster, vips, nodes } = report;
  const balancers = nodes.filter((node) => node.role === 'lb' && node.reachable === true);
  const all: [name: string, help: string, samples: Sample[]][] = [
    ['haconsole_level', 'Verdict: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.', [[{}, level[report.status]]]],
    [
      'haconsole_verdict',
      'The verdict: 1 for the one that holds.',
      verdictOrder.map(({ code }): Sample => [{ verdict: code }, bit(code === report.verdict)]),
    ],
    ['haconsole_check_time_seconds', 'When the cluster was looked at, Unix time.', [[{}, wall / 1000]]],
    [
      'haconsole_vip_held',
      'Whether this node is proven to hold this VIP.',
      vips.flatMap(({ address }) =>
        balancers.map((node): Sample => [{ vip: address, node: node.name }, bit(node.vips.includes(address))]),
      ),
    ],
    [
      'haconsole_vip_answer_good',
      'Whether the VIP gave a good answer.',
      vips.flatMap(({ address, http }): Sample[] => (http.ok === null ? [] : [[{ vip: address }, bit(http.ok)]])),
    ],
    [
      'haconsole_vip_answer_seconds',
      'How long the answer of the VIP took.',
      vips.flatMap(({ address, http }): Sample[] => (http.ms === null ? [] : [[{ vip: address }, http.ms / 1000]])),
    ],
    [
      'haconsole_node_reachable',
      'Whether the node could be looked at.',
      nodes.flatMap(({ name, role, reachable }): Sample[] =>
        reachable === null ? [] : [[{ node: name, role }, bit(reachable)]],
      ),
    ],
    [
      'haconsole_service_active',
      'Whether the unit of this service is active.',
      nodes.flatMap(({ name, services }) =>
        Object.entries(services).flatMap(([service, { active }]): Sample[] =>
          active === 'unknown' ? [] : [[{ node: name, service }, bit(active === 'active')]],
        ),
      ),
    ],
    [
      'haconsole_vrrp_priority',
      'Effective priority of the VRRP instance.',
      nodes.flatMap(({ name, priority }): Sample[] => (priority === null ? [] : [[{ node: name }, priority]])),
    ],
  ];
  return all.map(([name, help, samples]) => family(cluster, name, help, samples)).join('');
};

/**
 * Writes the metrics so that the collector never reads half a file: beside it under a name it does not read, then renamed.
 * Throws what the file system says.
 */
export const writeProm = async (file: string, text: string): Promise<void> => {
  const draft = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(draft, text, { mode: 0o644, flag: 'wx' });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
};
