import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Action, Plan, Risk } from '../../src/cluster/action.ts';
import { isConfirmed } from '../../src/commands/act.ts';
import { ACT_STATUS, actReport, endText } from '../../src/commands/act-report.ts';
import { runConsole } from '../support/console-process.ts';
import { BIN, closeConsoles, type DemoCluster, inTerminal, startDemo } from '../support/demo-console.ts';

const action: Action = { kind: 'service', verb: 'stop', service: 'keepalived', node: 'lb2' };
const planOf = (step: Risk['step']): Plan => ({
  action,
  commands: ['sudo -n systemctl stop keepalived'],
  risk: { step, takesLast: step > 2, basis: '', lines: [{ severity: 'warn', text: 'Nobody stands by.' }] },
  confirmation:
    step === 1 ? { kind: 'press', key: 'y' } : { kind: 'type', word: ['', '', 'yes', 'lb2', 'prod'][step] as string },
});

describe('what confirms from a script', () => {
  const flags = {
    none: {},
    yes: { yes: true },
    node: { confirm: 'lb2' },
    other: { confirm: 'lb1' },
    // Who names another node meant another node.
    yesAndOther: { yes: true, confirm: 'lb1' },
    yesAndEmpty: { yes: true, confirm: '' },
    cluster: { confirm: 'prod' },
  };
  test.each([
    [1, false, ['yes', 'node', 'cluster']],
    [2, false, ['yes', 'node', 'cluster']],
    [3, false, ['node', 'cluster']],
    [4, false, ['cluster']],
    [1, true, ['node', 'cluster']],
    [2, true, ['node', 'cluster']],
    [3, true, ['node', 'cluster']],
    [4, true, ['cluster']],
  ] as const)('a step of %i, protected %s: %j', (step, guarded, wanted) => {
    const confirming = Object.entries(flags)
      .filter(([, given]) => isConfirmed(planOf(step), { name: 'prod', protected: guarded }, { yes: false, ...given }))
      .map(([name]) => name);
    expect(confirming).toEqual(wanted);
  });
});

describe('the report', () => {
  const failure = {
    step: 'permission',
    hop: 'lb2',
    found: 'no \u001b[2J right',
    advice: 'sudoers',
    blame: 'target',
  } as const;
  test.each([
    [{ step: 'done', seen: 'keepalived is stopped', ms: 12 } as const, 0, 'done: keepalived is stopped'],
    [{ step: 'no-effect', seen: 'it runs', ms: 12 } as const, 1, 'did not take effect: it runs'],
    [{ step: 'refused', refusal: { reason: 'risk', text: 'no' } } as const, 2, 'not done: no'],
    [{ step: 'failed', failure } as const, 3, 'not done: permission on lb2'],
    [
      { step: 'unknown', seen: 'nothing', ms: 3, failure } as const,
      3,
      'unknown whether it was done: nothing (permission',
    ],
    [{ step: 'dry-run' } as const, 0, 'only shown'],
  ])('of %j ends with status %i', (end, status, words) => {
    expect(ACT_STATUS[end.step]).toBe(status);
    expect(endText(end)).toContain(words);
    const report = actReport({ cluster: 'prod', action, plan: planOf(2), end, ran: [], restoreAfter: undefined });
    expect(report).toMatchObject({ schema: 'haconsole.act/1', outcome: end.step, exit: status, confirm: 'yes' });
    expect(JSON.stringify(report)).not.toContain('\\u001b');
    expect(Object.keys(report)).toEqual(
      'schema cluster action text outcome exit seen ms reason error risk confirm commands ran restoreAfter'.split(' '),
    );
  });
});

describe('the command line of act and note', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'act-'));
    writeFileSync(
      join(directory, 'haconsole.yaml'),
      'ssh: { jump: "ops@127.0.0.1:1", user: ops }\nvips: [172.16.249.80]\nloadBalancers: [{ name: lb1, address: 172.16.249.101 }]\nwebNodes: [{ name: web1, address: 172.16.249.201 }]\n',
    );
  });
  afterAll(() => rmSync(directory, { recursive: true }));
  const run = (...args: string[]) =>
    runConsole(args, { cwd: directory, env: { PATH: process.env.PATH, HOME: directory, TZ: 'UTC' } });

  test.each([
    [['act'], 'what to do?'],
    [['act', 'explode', 'nginx@lb1'], 'explode'],
    [['act', 'stop', 'nginx'], 'names no node'],
    [['act', 'stop', 'nginx@lb9'], 'no node is named lb9'],
    [['act', 'stop', 'web@lb1'], 'lb1'],
    [['act', 'remove-vip', '10.0.0.1@lb1'], 'no VIP'],
    [['act', 'stop', 'nginx@lb1', '--restore-after', 'soon'], 'not "soon"'],
    [['act', 'stop', 'nginx@lb1', '--restore-after', '1s'], 'from 5s'],
    [['act', 'stop', 'nginx@lb1', '--force'], 'no flag --force'],
    [['note'], 'a note needs a text'],
    [['note', 'x', '--node', 'web1'], 'no load balancer is called web1'],
    [['note', 'x', '--read-only'], 'read-only'],
  ])('refuses %j in one sentence, with status 2', async (args, words) => {
    const { code, stdout, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(words);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test.each([
    [['note', 'x', '--read-only'], 'read-only: nothing is written to the nodes'],
    [['note', '  '], 'a note needs a text'],
    [['note', 'x', '--node', 'web1'], 'no load balancer is called web1: there is lb1'],
    [
      ['note', '\u0007'.repeat(200)],
      'a note is one line of at most 500 characters; with its control signs made visible this one is longer',
    ],
  ])('tells a script by --json why %j was refused', async (words, refusal) => {
    const { code, stdout } = await run(...words, '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'haconsole.note/1', exit: 2, refusal, notes: [] });
  });

  test('refuses a note of 501 characters', async () => {
    const { code, stderr } = await run('note', '字'.repeat(501));
    expect(code).toBe(2);
    expect(stderr).toContain('this one has 501');
  });

  test('says with status 3 that a node cannot be reached, and ran nothing', async () => {
    const { code, stdout } = await run('act', 'stop', 'nginx@lb1', '--yes', '--json');
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'failed', error: { step: 'tcp', hop: '127.0.0.1' }, ran: [] });
    const note = await run('note', 'hello', '--json');
    expect(note.code).toBe(3);
    expect(JSON.parse(note.stdout)).toMatchObject({ notes: [{ node: 'lb1', written: false }] });
  });

  test('prints a sudoers file without asking the nodes', async () => {
    const { code, stdout, stderr } = await run('act', '--sudoers');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ops ALL=\(root\) NOPASSWD: HACONSOLE_LB_ACT/m);
  });
});

describe('act at a terminal', () => {
  let cluster: DemoCluster;
  beforeAll(async () => {
    cluster = await startDemo({ seed: 1 });
  });
  afterEach(closeConsoles);
  afterAll(() => cluster.stop());
  const open = (...args: string[]) =>
    inTerminal({ cmd: process.execPath, args: [BIN, 'act', ...args, '-c', cluster.clusterFile], cols: 160, rows: 30 });
  const unit = () => cluster.world.host('lb2')?.machine.unit('keepalived');
  const shows = (pty: ReturnType<typeof open>, text: string) =>
    pty.until((rows) => rows.join('\n').includes(text), 15_000);

  test.each(['\r', 'y\r', 'YES\r', 'lb2\r', '\x04', '\x03'])(
    'asks for the word, and takes no other: %j',
    async (typed) => {
      const pty = open('stop', 'keepalived@lb2');
      await shows(pty, 'type yes to do it:');
      pty.send(typed);
      expect((await pty.exit).code).toBe(2);
      expect(pty.screen().join('\n')).toContain('not confirmed');
      expect(unit()?.active).toBe('active');
    },
  );

  test('does it when the word is typed', async () => {
    const pty = open('stop', 'keepalived@lb2');
    await shows(pty, 'type yes to do it:');
    pty.send('yes\r');
    expect((await pty.exit).code).toBe(0);
    expect(unit()?.active).toBe('inactive');
  });

  test('is left at once by ctrl-c while a command runs, and says that it is unknown', async () => {
    cluster.heal();
    const pty = open('stop', 'keepalived@lb2', '--yes');
    await shows(pty, '0.0 s  sudo -n systemctl stop keepalived');
    pty.send('\x03');
    expect((await pty.exit).code).toBe(3);
    expect(pty.screen().join('\n')).toContain('unknown whether it was done');
  });
});
