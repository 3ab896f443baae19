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
    const saw = (code: string, times = 1) =>
      until(
        `the console says ${code}`,
        () => Promise.resolve(said.split('\n').filter((line) => line === code).length >= times),
        { within: 30_000 },
      );
    await saw('healthy');
    await faults.stop('keepalived', 'lb1');
    await saw('no-backup');
    await heal.stop('keepalived', 'lb1');
    await saw('healthy', 2);
    await faults['drop-vrrp']();
    await saw('split-brain');
    await heal['drop-vrrp']();
    await saw('healthy', 3);
    await faults['freeze-node']('jump');
    await saw('blind');
    await heal['freeze-node']('jump');
    await saw('healthy', 4);
    child.stdin?.write('end\n');
    await until('the report', () => Promise.resolve(said.includes('"differences"')), { within: 30_000 });
    const report = JSON.parse(said.split('\n').find((line) => line.includes('"differences"')) ?? '') as LawReport;
    expect(report.differences).toEqual([]);
    expect(report.outcome).toBe('sealed');
    expect(report.seconds).toBeGreaterThan(20);
    expect(report.facts).toBeGreaterThan(500);
  }, 180_000);
});
