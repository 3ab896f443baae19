import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { renderFiles } from '../../src/render/files.ts';
import { pair } from './clusters.ts';

// The script itself runs, with a systemctl of our own before the system's, its state files in a directory of our own,
// and an HTTP server in the place of nginx.

let directory = '';
let server: Server | undefined;

const port = async (): Promise<number> => {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port: free } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return free;
};

const serve = async (at: number, answer: (host: string | undefined) => number | null): Promise<void> => {
  server = createServer((request, response) => {
    const status = answer(request.headers.host);
    if (status !== null) response.writeHead(status).end();
  }).listen(at, '127.0.0.1');
  await new Promise((resolve) => server?.once('listening', resolve));
};

const systemctl = async (state: string, options: { enabled?: string; restart?: number } = {}): Promise<void> => {
  const text = `#!/bin/sh
case "$1" in
  is-active) echo ${state}; [ ${state} = active ];;
  is-enabled) echo ${options.enabled ?? 'enabled'};;
  *) echo "$@" >> ${directory}/calls; exit ${options.restart ?? 1};;
esac
`;
  await writeFile(join(directory, 'systemctl'), text);
  await chmod(join(directory, 'systemctl'), 0o755);
};

const run = async (at: number): Promise<number | null> => {
  const config = pair(`checkLog: ${directory}/it's.log\nhttp: {port: ${at}}`);
  const script = renderFiles(config, { asInTutorial: false }).find((file) => file.path.endsWith('.sh'))?.content ?? '';
  const moved = script.replace('PATH=/usr/sbin', `PATH=${directory}:/usr/sbin`).replaceAll('=/run/', `=${directory}/`);
  const child = spawn('bash', ['-c', moved], { stdio: 'ignore' });
  return await new Promise((resolve) => child.once('close', resolve));
};

const read = (name: string): Promise<string> => readFile(join(directory, name), 'utf8').catch(() => '');
const lines = async (name: string): Promise<string[]> => (await read(name)).split('\n').filter((line) => line !== '');

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'haconsole-check-'));
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await rm(directory, { recursive: true });
});

describe.skipIf(process.platform !== 'linux')('check_nginx.sh', () => {
  it('passes when nginx gives the answer made for it, and touches nothing', async () => {
    const at = await port();
    await systemctl('active');
    await serve(at, (host) => (host === 'check-nginx.invalid' ? 204 : 200));
    expect(await run(at)).toBe(0);
    expect(await lines('calls')).toEqual([]);
    expect(await read("it's.log")).toBe('');
  });

  it.each([
    ['hangs', null],
    ['answers with an error', 502],
    ['is another server', 200],
  ])('fails when what listens %s, without restarting it', async (_, status) => {
    const at = await port();
    await systemctl('active');
    await serve(at, () => status);
    expect(await run(at)).toBe(1);
    expect(await lines('calls')).toEqual([]);
  });

  it('restarts an nginx that is gone, in the tutorial’s words, and gives up after four times', async () => {
    const at = await port();
    await systemctl('failed');
    for (let time = 0; time < 6; time++) expect(await run(at)).toBe(1);
    expect(await lines('calls')).toEqual(Array.from({ length: 4 }, () => 'restart nginx'));
    const log = await lines("it's.log");
    expect(log.map((line) => line.replace(/^.*? UTC \d{4}: /, ''))).toEqual([
      ...Array.from({ length: 4 }, () => 'systemctl restart nginx'),
      'nginx does not come up, no more restarts for 120 s',
    ]);
    expect(log[0]).toMatch(
      /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d UTC \d{4}: systemctl restart nginx$/,
    );
  });

  it('forgets restarts that are old, and what is not a time', async () => {
    const at = await port();
    await systemctl('inactive');
    await writeFile(join(directory, 'check_nginx.restarts'), 'x\n$(touch evil)\n99999999999\n-5\n');
    expect(await run(at)).toBe(1);
    expect(await lines('calls')).toEqual(['restart nginx']);
    expect(await lines('check_nginx.restarts')).toHaveLength(1);
  });

  it('passes in the same run when the restart helps', async () => {
    const at = await port();
    await systemctl('failed', { restart: 0 });
    const late = run(at);
    while ((await lines('calls')).length === 0) await new Promise((resolve) => setImmediate(resolve));
    await serve(at, () => 204);
    expect(await late).toBe(0);
  });

  it.each([
    ['is being started', 'activating', 'enabled', false],
    ['is masked', 'inactive', 'masked', false],
    ['is paused for planned work', 'inactive', 'enabled', true],
  ])('does not restart an nginx that %s', async (_, state, enabled, paused) => {
    const at = await port();
    await systemctl(state, { enabled });
    if (paused) await writeFile(join(directory, 'check_nginx.pause'), '');
    expect(await run(at)).toBe(1);
    expect(await lines('calls')).toEqual([]);
  });
});
