import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkProm, writeProm } from '../../src/commands/check-prom.ts';
import type { CheckReport } from '../../src/commands/check-report.ts';
import { runConsole } from '../support/console-process.ts';
import { type DemoCluster, startDemo } from '../support/demo-console.ts';

const http = { ok: true, status: 200, servedBy: 'web1', ms: 12.5, error: null };
const report: CheckReport = {
  schema: 'haconsole.check/1',
  cluster: 'a "b" \\ c\nd',
  status: 'WARNING',
  verdict: 'partly-blind',
  reasons: [],
  vips: [{ address: '172.16.249.80', holders: ['lb1'], http }],
  nodes: [
    {
      name: 'lb1',
      role: 'lb',
      reachable: true,
      error: null,
      vips: ['172.16.249.80'],
      vrrpState: 'MASTER',
      priority: 150,
      services: { nginx: { active: 'failed', processes: 0, since: null } },
      http,
    },
    {
      name: 'lb2',
      role: 'lb',
      reachable: null,
      error: 'TCP on lb2: no answer',
      vips: [],
      vrrpState: 'unknown',
      priority: null,
      services: { nginx: { active: 'unknown', processes: null, since: null } },
      http: { ok: null, status: null, servedBy: null, ms: null, error: null },
    },
  ],
  roundRobin: { sequence: [], share: {} },
};

const SAMPLE = /^[a-z_]+\{[a-z]+="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-z]+="(?:[^"\\\n]|\\[\\"n])*")*\} -?\d+(?:\.\d+)?$/;

let directory: string;
let demo: DemoCluster;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'prom-'));
  demo = await startDemo();
});
afterAll(async () => {
  await demo.stop();
  rmSync(directory, { recursive: true });
});

describe('metrics of a check', () => {
  const text = checkProm(report, 1_795_000_000_500);

  test('say what is known, with names escaped as the text format wants it', () => {
    expect(text).toContain('haconsole_level{cluster="a \\"b\\" \\\\ c\\nd"} 1\n');
    expect(text).toMatch(/haconsole_verdict\{[^}]*verdict="partly-blind"\} 1\n/);
    expect(text).toMatch(/haconsole_verdict\{[^}]*verdict="healthy"\} 0\n/);
    expect(text).toMatch(/haconsole_check_time_seconds\{[^}]*\} 1795000000\.5\n/);
    expect(text).toMatch(/haconsole_vip_answer_seconds\{[^}]*\} 0\.0125\n/);
    expect(text).toMatch(/haconsole_service_active\{[^}]*node="lb1",service="nginx"\} 0\n/);
    for (const line of text.trimEnd().split('\n')) if (!line.startsWith('#')) expect(line).toMatch(SAMPLE);
  });

  test('leave out what is not known, so that nothing unknown is a 0', () => {
    expect(text).toMatch(/haconsole_vip_held\{[^}]*node="lb1"\} 1\n/);
    expect(text).not.toMatch(/haconsole_\w+\{[^}]*node="lb2"/);
  });

  test('replace the file of the last check in one step, readable for the collector', async () => {
    const file = join(directory, 'haconsole.prom');
    await writeProm(file, 'a 1\n');
    await writeProm(file, 'a 2\n');
    expect(readFileSync(file, 'utf8')).toBe('a 2\n');
    expect(readdirSync(directory).filter((name) => name.includes('.prom'))).toEqual(['haconsole.prom']);
    expect(statSync(file).mode & 0o777 & ~process.umask()).toBe(0o644 & ~process.umask());
  });

  test('are written by the command beside what it prints, or it says why not', async () => {
    const { code } = await runConsole(['check', '-c', demo.clusterFile, '--prom', 'now.prom'], { cwd: directory });
    expect(code).toBe(0);
    const written = readFileSync(join(directory, 'now.prom'), 'utf8');
    expect(written).toMatch(/haconsole_level\{[^}]*\} 0\n/);
    expect(written.match(/haconsole_vip_held\{[^}]*\} 1\n/g)).toHaveLength(3);
    const failed = await runConsole(['check', '-c', demo.clusterFile, '--prom', 'nowhere/now.prom'], {
      cwd: directory,
    });
    expect(failed.code).toBe(3);
    expect(failed.stderr).toMatch(/the metrics could not be written: ENOENT/);
    expect(failed.stdout).toMatch(/^HA OK/);
  });
});
