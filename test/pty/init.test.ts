import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { BIN, closeConsoles, type DemoCluster, inTerminal, startDemo, testDirectory } from '../support/demo-console.ts';
import { runFor } from '../support/doctor-run.ts';
import { knownLines } from '../support/gatekeeper.ts';

let cluster: DemoCluster;
beforeAll(async () => {
  cluster = await startDemo({ seed: 7 });
});
afterAll(() => cluster?.stop());
afterEach(closeConsoles);

/** A user who has nothing but an ssh_config that knows his key; `known`: the host keys that he has accepted before. */
const newcomer = (known: readonly string[]) => {
  const home = testDirectory();
  const folder = join(home, '.ssh');
  mkdirSync(folder, { mode: 0o700 });
  const text = readFileSync(cluster.clusterFile, 'utf8');
  const identity = /identity: "([^"]+)"/.exec(text)?.[1] ?? '';
  writeFileSync(join(folder, 'known_hosts'), known.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  const options = [
    'Host *',
    '  User demo',
    `  IdentityFile ${identity}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${folder}/known_hosts`,
    '  GlobalKnownHostsFile none',
  ];
  writeFileSync(join(folder, 'config'), `${options.join('\n')}\n`, { mode: 0o600 });
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    XDG_CONFIG_HOME: join(home, 'config'),
    LC_ALL: 'C.UTF-8',
    TZ: 'UTC',
  };
  const jump = `127.0.0.1:${/host: 127\.0\.0\.1, port: (\d+)/.exec(text)?.[1]}`;
  const file = join(home, 'haconsole.yaml');
  const run = (...args: string[]) => runFor([process.execPath, [BIN, ...args]], { env });
  return { home, folder, env, jump, file, run };
};

const LB = '172.16.249.101';

describe('init without a terminal', () => {
  test('finds the whole cluster from one load balancer, and the file passes check and doctor', async () => {
    const { jump, file, run } = newcomer(knownLines(cluster));
    const made = await run('init', '-J', jump, LB, '-o', file);
    expect(made.code, made.stderr).toBe(0);
    expect(made.stdout).toBe(readFileSync(file, 'utf8'));
    // The embedded cluster's machines have no find: the script is not read.
    expect(made.stdout.match(/^# - .*/gm)).toEqual(['# - the check script’s log: checkLog is the default']);
    const checked = await run('check', '--json', '-c', file);
    const report = JSON.parse(checked.stdout) as {
      verdict: string;
      vips: { address: string }[];
      nodes: { name: string; role: string }[];
    };
    expect(report.verdict).toBe('healthy');
    expect(report.vips.map(({ address }) => address)).toEqual(['172.16.249.80', '172.16.249.90', '172.16.249.100']);
    expect(report.nodes.filter(({ role }) => role !== 'jump').map(({ name }) => name)).toEqual([
      'lb1',
      'lb2',
      'web1',
      'web2',
    ]);
    expect((await run('doctor', '--via', 'jump', '-c', file)).code).toBe(0);
  }, 30_000);

  test('overwrites nothing unless told to, and says so before it logs in anywhere', async () => {
    const { jump, file, run } = newcomer(knownLines(cluster));
    writeFileSync(file, 'mine\n');
    const refused = await run('init', '-J', jump, LB, '-o', file);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/is there already; --yes overwrites it/);
    expect(readFileSync(file, 'utf8')).toBe('mine\n');
    expect((await run('init', '-J', jump, LB, '-o', file, '--yes')).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toContain('loadBalancers:');
  }, 30_000);

  test('accepts no host key: it says the fingerprint and writes nothing', async () => {
    const { jump, file, folder, run } = newcomer(knownLines(cluster).filter((line) => !line.startsWith('[127.0.0.1]')));
    const before = readFileSync(join(folder, 'known_hosts'), 'utf8');
    const made = await run('init', '-J', jump, LB, '-o', file);
    expect(made.code).toBe(1);
    expect(made.stderr).toMatch(/unknown host key of \[127\.0\.0\.1\]:\d+: ED25519 SHA256:\S{43}/);
    expect(existsSync(file)).toBe(false);
    expect(readFileSync(join(folder, 'known_hosts'), 'utf8')).toBe(before);
  }, 30_000);

  test('asks for a host where none is named, and takes none that is no host', async () => {
    const { run } = newcomer([]);
    expect((await run('init')).code).toBe(2);
    for (const host of ['-oProxyCommand=x', 'a b', 'a;b', 'ssh://-x'])
      expect([host, (await run('init', host)).code]).toEqual([host, 2]);
  }, 30_000);
});

test('at a terminal init asks step by step, for a host key as ssh does, and before it overwrites', async () => {
  const { home, env, jump, folder, file } = newcomer(
    knownLines(cluster).filter((line) => !line.startsWith('[127.0.0.1]')),
  );
  writeFileSync(file, 'mine\n');
  const pty = inTerminal({
    cmd: process.execPath,
    args: [BIN, 'init'],
    cols: 160,
    rows: 60,
    env: { ...env, XDG_CONFIG_HOME: '' },
    cwd: home,
  });
  await pty.until(/Jump host \(empty: none\):/, 15_000);
  pty.send(`${jump}\r`);
  await pty.until(/A load balancer, or several:/);
  pty.send(`${LB}\r`);
  await pty.until(/ED25519 SHA256:[A-Za-z0-9+/]{43}[\s\S]*Accept it\?/, 15_000);
  pty.send('yes\r');
  await pty.until(/is there already\. Overwrite it\?/, 20_000);
  expect(readFileSync(join(folder, 'known_hosts'), 'utf8')).toMatch(/^\[127\.0\.0\.1\]:\d+ ssh-ed25519 /m);
  pty.send('no\r');
  await pty.until(/nothing was written/);
  expect(readFileSync(file, 'utf8')).toBe('mine\n');
}, 60_000);
