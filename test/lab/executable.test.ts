import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REPOSITORY, rootOf } from '../../lab/plan.ts';
import { run } from '../../lab/run.ts';
import { CLUSTER_FILE, inside, mustInside, STATE, withLab } from './support/lab.ts';

/** Where it lies in the container. */
const PROGRAM = '/usr/local/bin/haconsole';

describe('the executable in a container of the lab', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'executable-'));
    await withLab();
    const built = await run(process.execPath, ['tools/build/executable.mjs', folder], {
      cwd: REPOSITORY,
      timeout: 120_000,
    });
    expect(built.code, built.stderr).toBe(0);
    await cp(join(folder, 'haconsole'), join(rootOf('op'), PROGRAM));
    // The operator's cluster file and keys, at the same place as on this machine.
    for (const path of [CLUSTER_FILE, join(STATE, 'secrets')]) {
      await mkdir(join(rootOf('op'), dirname(path)), { recursive: true });
      await cp(path, join(rootOf('op'), path), { recursive: true });
    }
  });

  afterAll(async () => {
    await rm(join(rootOf('op'), PROGRAM), { force: true });
    await rm(join(rootOf('op'), STATE), { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  });

  test('is where no Node.js is', async () => {
    expect((await inside('op', ['sh', '-c', 'command -v node nodejs npm'])).stdout).toBe('');
  });

  test('tells its version, and looks at the real pair through the jump host', async () => {
    expect(await mustInside('op', [PROGRAM, '--version'])).toMatch(/^\d+\.\d+\.\d+\n$/);
    const { stdout, stderr, code } = await inside('op', [PROGRAM, 'check', '--json', '-c', CLUSTER_FILE]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({ status: 'OK', verdict: 'healthy' });
    expect(code).toBe(0);
  });

  test('plays the demo', async () => {
    const story = await mustInside('op', [PROGRAM, 'demo'], { timeout: 60_000 });
    expect(story).toMatch(/healthy .*lb1/);
    expect(story).toMatch(/no-backup .*lb2/);
  });
});
