import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import pkg from '../../package.json' with { type: 'json' };
import { openPty } from '../support/pty.ts';

const root = join(import.meta.dirname, '..', '..');
const directory = mkdtempSync(join(tmpdir(), 'shipped-'));
afterAll(() => rmSync(directory, { recursive: true }));

const run = promisify(execFile);
/** Neither a Node.js nor anything else is on this path but what the shipped program brings along. */
const bare = (path: string) => ({ PATH: path, HOME: directory, TZ: 'UTC' });

const npmPackage = async (): Promise<string> => {
  const options = { cwd: root, env: { ...process.env, npm_config_cache: join(directory, 'cache') } };
  await run('npm', ['pack', '--pack-destination', directory], options);
  const tarball = join(directory, `haconsole-${pkg.version}.tgz`);
  // No registry is asked: it needs no other package.
  await run('npm', ['install', '--global', '--offline', '--prefix', join(directory, 'prefix'), tarball], options);
  return join(directory, 'prefix', 'bin', 'haconsole');
};

const executable = async (): Promise<string> => {
  await run(process.execPath, ['tools/build/executable.mjs', join(directory, 'exe')], { cwd: root });
  return join(directory, 'exe', 'haconsole');
};

describe.each([
  ['the package, packed and installed where nothing else is', npmPackage, join(process.execPath, '..')],
  ['the executable, without any Node.js', executable, '/nowhere'],
])('%s', (_, make, path) => {
  let program: string;
  const env = bare(path);
  beforeAll(async () => {
    program = await make();
  }, 120_000);

  test('tells its version and the licences of what is in it', async () => {
    expect((await run(program, ['--version'], { env })).stdout).toBe(`${pkg.version}\n`);
    const { stdout } = await run(program, ['--licences'], { env, maxBuffer: 4 << 20 });
    for (const part of ['ink 8', 'ssh2 1', 'yoga-layout 3', 'Permission is hereby granted'])
      expect(stdout).toContain(part);
  });

  test('checks a cluster that it also serves', async () => {
    const served = spawn(program, ['demo', '--serve'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    try {
      const file = await new Promise<string>((resolve) =>
        createInterface({ input: served.stdout }).once('line', (line) => resolve(line)),
      );
      const { stdout } = await run(program, ['check', '--json', '-c', file], { env });
      expect(JSON.parse(stdout)).toMatchObject({ status: 'OK', verdict: 'healthy' });
    } finally {
      served.stdin.end('quit\n');
      await new Promise((resolve) => served.once('close', resolve));
    }
  });

  test('shows the console in a terminal and leaves it', async () => {
    const pty = openPty({ cmd: program, args: ['demo', '--calm'], cols: 100, rows: 30, cwd: directory, env });
    try {
      await pty.until(/172\.16\.249\.80.*lb1/);
      expect(pty.bufferType()).toBe('alternate');
      pty.send('q');
      expect(await pty.exit).toEqual({ code: 0, signal: 0 });
    } finally {
      await pty.dispose();
    }
  });
});

describe('what is shipped', () => {
  test('holds nothing but what is needed to run and to read', async () => {
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json'], { cwd: root });
    const listed = JSON.parse(stdout) as unknown;
    const [packed] = (Array.isArray(listed) ? listed : Object.values(listed as object)) as [
      { size: number; files: { path: string }[] },
    ];
    const paths = packed.files.map((file) => file.path);
    expect(
      paths.filter((path) => !/^(?:bin|dist|man|schema)\/|^(?:LICENSE|README\.md|package\.json)$/.test(path)),
    ).toEqual([]);
    for (const path of [
      'bin/haconsole.mjs',
      'dist/cli.js',
      'dist/licences.txt',
      'dist/sbom.cdx.json',
      'man/haconsole.1',
    ])
      expect(paths).toContain(path);
    expect(packed.size).toBeLessThan(1_500_000);
    expect('dependencies' in pkg).toBe(false);
  });

  test('is listed in a bill of materials, with licences, hashes and no time of its own', async () => {
    const dist = join(root, 'dist');
    const bill = JSON.parse(readFileSync(join(dist, 'sbom.cdx.json'), 'utf8')) as {
      components: { name: string; purl: string; licenses: unknown[]; hashes?: unknown[]; 'bom-ref': string }[];
      dependencies: { ref: string; dependsOn: string[] }[];
      metadata: { timestamp?: string };
    };
    const names = bill.components.map((one) => one.name);
    for (const name of ['ink', 'react', 'ssh2', 'undici', 'meow', 'yaml', 'zod']) expect(names).toContain(name);
    for (const name of ['vitest', 'typescript', 'esbuild']) expect(names).not.toContain(name);
    expect(bill.components.filter((one) => one.licenses.length === 0 || !one.hashes)).toEqual([]);
    const refs = new Set(bill.components.map((one) => one['bom-ref']));
    expect(refs.size).toBe(bill.components.length);
    expect(bill.dependencies.flatMap((one) => one.dependsOn).filter((ref) => !refs.has(ref))).toEqual([]);
    expect(bill.metadata.timestamp).toBeUndefined();
    const licences = readFileSync(join(dist, 'licences.txt'), 'utf8');
    for (const name of names) expect(licences).toContain(`\n${name} `);
    expect(readdirSync(dist).every((name) => statSync(join(dist, name)).isFile())).toBe(true);
  });
});
