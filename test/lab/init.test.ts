import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { runFor } from '../support/doctor-run.ts';
import { type Checked, consoleCommand, secret, withLab } from './support/lab.ts';

const JUMP = '10.99.0.1';
let home: string;

beforeAll(withLab);
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** An operator who has an ssh_config and the host keys that he has accepted before, and no cluster file. */
const newcomer = (known: (line: string) => boolean = () => true) => {
  home = mkdtempSync(join(tmpdir(), 'init-'));
  const folder = join(home, '.ssh');
  mkdirSync(folder, { mode: 0o700 });
  const lines = readFileSync(secret.knownHosts, 'utf8').split('\n').filter(known);
  writeFileSync(join(folder, 'known_hosts'), `${lines.join('\n')}\n`, { mode: 0o600 });
  const usual = [
    'User ops',
    `IdentityFile ${secret.key}`,
    'IdentitiesOnly yes',
    `UserKnownHostsFile ${folder}/known_hosts`,
  ];
  const config = ['Host first', '  HostName 172.16.249.101', 'Host *', ...usual.map((option) => `  ${option}`), ''];
  writeFileSync(join(folder, 'config'), config.join('\n'), { mode: 0o600 });
  const file = join(home, 'haconsole.yaml');
  const env = { PATH: process.env.PATH, HOME: home, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
  // The lab's way of running the console names a cluster file at the end: init takes none.
  const [command, line] = consoleCommand([], file);
  const run = (...args: string[]) => runFor([command, [...line.slice(0, -2), ...args]], { env });
  return { file, run };
};

describe('init through the jump host, with no cluster file', () => {
  for (const [name, host] of [
    ['from one load balancer by its address', '172.16.249.102'],
    ['named by an alias of ssh_config', 'first'],
  ] as const)
    test(`${name}, it finds everything, and the result passes check`, async () => {
      const { file, run } = newcomer();
      const made = await run('init', '-J', JUMP, host, '-o', file);
      expect(made.code, made.stderr).toBe(0);
      const text = readFileSync(file, 'utf8');
      expect(text).not.toContain('What could not be found out');
      expect(text).not.toContain(readFileSync(secret.vrrp, 'utf8').trim());
      const checked = await run('check', '--json', '-c', file);
      const report = JSON.parse(checked.stdout) as Checked;
      expect(report).toMatchObject({ status: 'OK', verdict: 'healthy' });
      expect(report.vips.map(({ address }) => address)).toEqual(['172.16.249.80', '172.16.249.90', '172.16.249.100']);
      expect(report.nodes.map(({ name: node, role }) => `${role} ${node}`)).toEqual([
        `jump ${JUMP}`,
        'lb lb1',
        'lb lb2',
        'web web1',
        'web web2',
      ]);
      expect(text).toMatch(/address: 172\.16\.249\.201, identity: "HTTP WEB NODE 01"/);
      expect(text).toMatch(/checkLog: \/etc\/keepalived\/check_nginx\.log/);
      expect(text).toMatch(/vrrp: \{ interface: eth0, virtualRouterId: 51, advertInterval: 1, unicast: true \}/);
    });

  test('a host key that is not known is refused without a terminal, and the rest is found', async () => {
    const { file, run } = newcomer((line) => !line.includes('172.16.249.102'));
    const made = await run('init', '-J', JUMP, '172.16.249.101', '-o', file);
    expect(made.code, made.stderr).toBe(0);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(
      /# - 172\.16\.249\.102 \(found as unicast_peer in keepalived\.conf\) was not looked at: host-key: unknown/,
    );
    expect(text.replace(/\n# /g, ' ')).toMatch(/SHA256:[A-Za-z0-9+/]{43}/);
    expect(text).toContain('only one load balancer was found');
  });

  test('a jump host that is not known is refused with its fingerprint, and nothing is written', async () => {
    const { file, run } = newcomer((line) => !line.includes(JUMP));
    const made = await run('init', '-J', JUMP, '172.16.249.101', '-o', file);
    expect(made.code).toBe(1);
    expect(made.stderr).toMatch(/unknown host key of 10\.99\.0\.1: \S+ SHA256:[A-Za-z0-9+/]{43}/);
    expect(existsSync(file)).toBe(false);
  });
});
