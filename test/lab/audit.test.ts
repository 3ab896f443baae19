import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditReport } from '../../src/audit/report-json.ts';
import { auditCases } from '../support/audit-cases.ts';
import {
  CLUSTER_FILE,
  clusterFileWith,
  currentFlavour,
  healAll,
  healthy,
  mustInside,
  runConsole,
  secret,
  setFlavour,
  withLab,
} from './support/lab.ts';

const run = async (config: string): Promise<{ report: AuditReport; code: number; stdout: string }> => {
  const ran = await runConsole(['audit', '--json'], { config });
  expect(ran.stdout, ran.stderr).toMatch(/^\{/);
  // The lab's VRRP password is in both files, and is no one's business.
  expect(ran.stdout).not.toContain((await readFile(secret.vrrp, 'utf8')).trim());
  return { report: JSON.parse(ran.stdout) as AuditReport, code: ran.code ?? -1, stdout: ran.stdout };
};

auditCases('an audit of the real pair', async () => {
  await withLab();
  const nosudo = await clusterFileWith('audit-nosudo', { user: 'nosudo' });
  return {
    audit: (as) => run(as === undefined ? CLUSTER_FILE : nosudo),
    read: (node, path) => mustInside(node, ['cat', '--', path]),
    write: async (node, path, text) => void (await mustInside(node, ['sh', '-c', `cat > '${path}'`], { input: text })),
    mode: async (node, path, mode) => void (await mustInside(node, ['chmod', mode, path])),
    modeOf: async (node, path) => (await mustInside(node, ['stat', '-c', '%a', path])).trim(),
    enable: async (node, unit, enabled) =>
      void (await mustInside(node, ['systemctl', enabled ? 'enable' : 'disable', unit])),
    stop: async () => {
      await healAll();
      await healthy();
    },
  };
});

describe('an audit of the real pair as the tutorial sets it up', () => {
  let before: Awaited<ReturnType<typeof currentFlavour>>;
  beforeAll(async () => {
    await withLab();
    before = await currentFlavour();
    await setFlavour('tutorial');
  });
  afterAll(() => setFlavour(before));

  test('lights up, also in what only the nodes can tell', async () => {
    const { report, code, stdout } = await run(CLUSTER_FILE);
    expect(code).toBe(2);
    expect(report.unknown).toEqual([]);
    const rules = new Set(report.findings.map((one) => one.rule));
    for (const rule of [
      'unit-not-enabled',
      'script-anyone-may-write',
      'weight-cannot-move-vip',
      'check-kills-keepalived',
    ])
      expect(rules).toContain(rule);
    expect(rules).toContain('web-page-in-noindex');
    expect(rules.size).toBeGreaterThan(25);
    expect(stdout).not.toContain('auth_pass 1111');
  });
});
