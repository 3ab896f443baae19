import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { namespaceOf } from '../../lab/plan.ts';
import type { LawReport } from '../support/keeps-the-law.ts';
import { CLUSTER_FILE, faults, heal, healAll, healthy, until, withLab } from './support/lab.ts';

const program = join(import.meta.dirname, '..', 'support', 'law-program.ts');
let directory: string;
let child: ChildProcess | undefined;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lab-law-'));
  await withLab();
});
afterEach(async () => {
  child?.kill('SIGKILL');
  await healAll();
  await healthy();
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('a session on the real pair', () => {
  it('is to the last digit the fold of its file, through a failover, a jump host that is gone and a split brain', async () => {
    const file = join(directory, 'lab.hacs.jsonl');
    child = spawn('ip', ['netns', 'exec', namespaceOf('op'), process.execPath, program, CLUSTER_FILE, file], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    /** Waits for one of these verdicts among what is said from now on. */
    const sees = async (happens: () => Promise<unknown>, ...codes: string[]) => {
      const from = said.length;
      await happens();
      const came = () =>
        said
          .slice(from)
          .split('\n')
          .some((line) => codes.includes(line));
      await until(`the console says ${codes.join(' or ')}`, came, { within: 30_000 });
    };
    await sees(async () => {}, 'healthy');
    await sees(() => faults.stop('keepalived', 'lb1'), 'no-backup');
    await sees(() => heal.stop('keepalived', 'lb1'), 'healthy', 'degraded');
    await sees(() => faults['drop-vrrp'](), 'split-brain');
    await sees(() => heal['drop-vrrp'](), 'healthy', 'degraded');
    await sees(() => faults['freeze-node']('jump'), 'blind');
    await sees(() => heal['freeze-node']('jump'), 'healthy', 'degraded');
    child.stdin?.write('end\n');
    await until('the report', () => Promise.resolve(said.includes('"differences"')), { within: 30_000 });
    const report = JSON.parse(said.split('\n').find((line) => line.includes('"differences"')) ?? '') as LawReport;
    expect(report.differences).toEqual([]);
    expect(report.outcome).toBe('sealed');
    expect(report.seconds).toBeGreaterThan(10);
    expect(report.facts).toBeGreaterThan(300);
  }, 180_000);
});
