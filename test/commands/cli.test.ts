import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commands } from '../../src/commands/table.ts';
import { runConsole } from '../support/console-process.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'cli-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const bare = () => ({ PATH: process.env.PATH, HOME: directory, TZ: 'UTC' });
const run = (...args: string[]) => runConsole(args, { cwd: directory, env: bare() });
const runFile = (text: string, ...args: string[]) => {
  writeFileSync(join(directory, 'cluster.yaml'), text);
  return run(...args, '-c', 'cluster.yaml');
};

describe('the command line', () => {
  test('tells its commands, and each command its flags with examples', async () => {
    const help = await run('--help');
    expect(help.code).toBe(0);
    for (const { name } of commands) expect(help.stdout).toContain(name);
    for (const { name, flags } of commands) {
      const { stdout, code } = await run(name, '--help');
      expect(code).toBe(0);
      for (const { flag } of flags) expect(stdout).toContain(flag);
      expect(stdout).toContain('Examples');
    }
  });

  test('tells its version', async () => {
    expect((await run('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([
    [['chekc'], 'there is no command "chekc"'],
    [['check', '--force'], 'check has no flag --force'],
    [['check', '--nonsense'], '--nonsense'],
    [['check', 'now'], 'takes no argument "now"'],
    [['check', '--via', 'pigeon'], '--via takes jump or direct'],
  ])('refuses %j with one sentence and status 2', async (args, sentence) => {
    const { code, stdout, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('says where it looked when there is no cluster file, and what to do', async () => {
    const { code, stderr } = await run('check');
    expect(code).toBe(2);
    expect(stderr).toContain('haconsole.yaml');
  });

  test.each([
    ['a wrong type', 'vips: 172.16.249.80', /cluster\.yaml:1:\d+.*vips/s],
    ['an unknown key', 'vips: [172.16.249.80]\nintervall: 1s', /cluster\.yaml:2:1.*intervall.*interval/s],
    [
      'a duplicate name',
      'loadBalancers:\n  - { name: lb1, address: 10.0.0.1 }\n  - { name: lb1, address: 10.0.0.2 }',
      /cluster\.yaml:3:\d+.*lb1/s,
    ],
    [
      'a VIP equal to an address',
      'vips: [10.0.0.1]\nloadBalancers:\n  - { name: lb1, address: 10.0.0.1 }',
      /10\.0\.0\.1/,
    ],
    ['broken YAML', 'vips: [10.0.0.1\nname: x', /cluster\.yaml:\d+:\d+/],
    ['nothing to watch', 'name: empty', /vips.*loadBalancers|loadBalancers.*vips/s],
  ])('refuses a cluster file with %s: one error with line and field, status 2', async (_, text, pattern) => {
    const { code, stdout, stderr } = await runFile(text, 'check', '--json');
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(pattern);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toContain('    at ');
  });

  test('watch without a terminal says what to use instead', async () => {
    const { code, stderr } = await runFile('vips: [192.0.2.1]', 'watch');
    expect(code).toBe(2);
    expect(stderr).toContain('check --json');
  });

  test('an unreachable cluster is unknown, never critical', async () => {
    const { code, stdout } = await runFile(
      'ssh: { jump: "ops@127.0.0.1:1", user: ops }\nvips: [172.16.249.80]\nloadBalancers: [{ name: lb1, address: 172.16.249.101 }]',
      'check',
      '--json',
    );
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ status: 'UNKNOWN', verdict: 'blind' });
    expect(report.reasons[0]).toMatch(/refused/i);
    expect(code).toBe(3);
  });
});
