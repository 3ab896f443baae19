import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { allows } from '../../src/demo/rights.ts';
import { builtInDrills } from '../../src/drills/catalog/built-in.ts';
import { commandsOfDrills } from '../../src/drills/commands.ts';
import { FILES } from '../../src/drills/deed.ts';
import { runConsole } from '../support/console-process.ts';
import { BIN, closeConsoles, type DemoCluster, inTerminal, startDemo } from '../support/demo-console.ts';
import { demoRig } from '../support/demo-rig.ts';
import { truthOf } from '../support/drill-cases.ts';

const CLUSTER = `name: paper
ssh: { user: ops, knownHosts: ./none }
vips: [192.0.2.80]
loadBalancers:
  - { name: lb1, address: 192.0.2.1 }
  - { name: lb2, address: 192.0.2.2 }
webNodes:
  - { name: web1, address: 192.0.2.11, identity: one }
services: { web: apache2 }
`;
const OWN = `name: look-on
title: nothing is done
shows: That nothing happens by itself.
method:
  - { hold: 2s }
expect:
  - { moves: 0 }
`;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'drill-'));
  writeFileSync(join(directory, 'haconsole.yaml'), CLUSTER);
  writeFileSync(join(directory, 'prod.yaml'), `${CLUSTER}protected: true\n`);
});
afterEach(() => rmSync(join(directory, 'drills'), { recursive: true, force: true }));
afterAll(() => rmSync(directory, { recursive: true }));

const run = (...args: string[]) =>
  runConsole(args, { cwd: directory, env: { PATH: process.env.PATH, HOME: directory, TZ: 'UTC' } });
const own = (file: string, text: string) => {
  mkdirSync(join(directory, 'drills'), { recursive: true });
  writeFileSync(join(directory, 'drills', file), text);
};

describe('drill list and show', () => {
  test('tell the built-in drills and those beside the cluster file, without asking a node', async () => {
    own('look-on.yaml', OWN);
    const { code, stdout } = await run('drill', 'list');
    expect(code).toBe(0);
    const names = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0]);
    expect(names).toEqual([...builtInDrills().map((drill) => drill.name), 'look-on']);
    const { drills } = JSON.parse((await run('drill', 'list', '--json')).stdout);
    expect(drills.at(-1)).toMatchObject({ name: 'look-on', own: true });
    expect((await run('drill', 'show', 'look-on')).stdout).toContain('That nothing happens by itself.');
    expect((await run('drill', 'show', 'lb1-down')).stdout).toContain('stop keepalived, then nginx on the master');
  });

  test('say where a drill of one’s own is wrong', async () => {
    own('bad.yaml', OWN.replace('hold: 2s', 'hold: soon'));
    const { code, stdout, stderr } = await run('drill', 'list');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/drills\/bad\.yaml:5:\d+/);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('drill run refuses, with one sentence and status 2, before it looks at anything', () => {
  test.each([
    [['drill'], 'one of list, show, run'],
    [['drill', 'dance'], 'list, show, run'],
    [['drill', 'run'], 'which drill'],
    [['drill', 'run', 'lb1-dwon', '--yes'], 'no drill is named lb1-dwon'],
    [['drill', 'show', 'lb1-dwon'], 'no drill is named lb1-dwon'],
    [['drill', 'run', 'lb1-down', 'tour'], 'not also "tour"'],
    [['drill', 'run', 'lb1-down'], 'this needs --yes'],
    [['drill', 'run', 'lb1-down', '--yes', '--read-only'], 'read-only'],
    [['drill', 'run', 'lb1-down', '--confirm', 'lb1'], 'the name of the cluster (paper)'],
    [['drill', 'run', 'lb1-down', '--yes', '-c', 'prod.yaml'], 'this needs --confirm paper'],
    [['drill', 'run', 'lb1-down', '--yes', '--restore-after', '1s'], '--restore-after'],
    [['drill', 'run', 'lb1-down', '--yes', '--step'], '--step needs a terminal'],
    [['drill', 'run', 'lb1-down', '--yes', '--junit', 'no/such/folder.xml'], '--junit'],
  ])('%j', async (args, sentence) => {
    const { code, stdout, stderr } = await run(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('the sudoers file', () => {
  test('lets drills do what they do on the nodes, all but write keepalived.conf', async () => {
    const { stdout } = await run('act', '--sudoers');
    const lines = stdout
      .split('\n')
      .filter((line) => line.startsWith('    /'))
      .map((line) => line.trim().replace(/, \\$/, ''));
    const may = ([name = '', ...args]: string[]) =>
      allows({ sudo: lines, password: false, journal: true }, `/usr/bin/${name}`, args);
    const units = { nginx: 'nginx', keepalived: 'keepalived', web: 'apache2' };
    const needs = (drill: ReturnType<typeof builtInDrills>[number], role: 'lb' | 'web') =>
      commandsOfDrills([drill], role, { units, files: FILES }, role === 'lb' ? ['nginx', 'keepalived'] : ['apache2']);
    for (const drill of builtInDrills().filter(({ name }) => name !== 'gentle'))
      for (const role of ['lb', 'web'] as const)
        for (const words of needs(drill, role).commands)
          expect([drill.name, words, may(words)]).toEqual([drill.name, words, true]);
    const gentle = builtInDrills()
      .filter(({ name }) => name === 'gentle')
      .flatMap((drill) => needs(drill, 'lb').commands);
    expect(gentle.filter((words) => ['cp', 'tee', 'ln', 'mv'].includes(words[0] ?? '') && may(words))).toEqual([]);
  });
});

describe('drill run at a terminal', () => {
  let cluster: DemoCluster;
  beforeAll(async () => {
    cluster = await startDemo({ seed: 1 });
  });
  afterEach(closeConsoles);
  afterAll(() => cluster.stop());
  const open = (...args: string[]) =>
    inTerminal({
      cmd: process.execPath,
      args: [BIN, 'drill', 'run', ...args, '-c', cluster.clusterFile],
      cols: 200,
      rows: 50,
    });

  test('begins by the word and by no other', { timeout: 60_000 }, async () => {
    const pty = open('web-node-down');
    await pty.until(/type yes to begin:/, 40_000);
    pty.send('y\r');
    await pty.until(/REFUSED drill web-node-down on demo: nothing was touched/);
    expect((await pty.exit).code).toBe(2);
  });

  test('by hand each step waits for enter', { timeout: 120_000 }, async () => {
    const pty = open('web-node-down', '--yes', '--step');
    await pty.until(/press enter for step 1: stop the web server on web1/, 60_000);
    expect(cluster.world.host('web1')?.web.unit.active).toBe('active');
    pty.send('\r');
    await pty.until(/press enter for step 2: /, 20_000);
    expect(cluster.world.host('web1')?.web.unit.active).toBe('inactive');
    pty.send('\r');
    await pty.until(/press enter for step 3: /, 20_000);
    pty.send('\u0003');
    await pty.until(/ended by you: everything is put back now/);
    expect((await pty.exit).code).toBe(3);
    expect(cluster.world.host('web1')?.web.unit.active).toBe('active');
  });
});

describe('drill run that is ended', { timeout: 120_000 }, () => {
  let rig: Awaited<ReturnType<typeof demoRig>>;
  beforeAll(async () => {
    rig = await demoRig();
  });
  afterAll(() => rig.stop());

  test('by a second signal leaves it to the restore timers, and prints what to type', async () => {
    const running = rig.start('drill', 'run', 'lb1-down', '--yes', '--restore-after', '30s');
    await running.until('s  3. watch for 5 s');
    running.kill('SIGINT');
    await running.until('ended by you');
    running.kill('SIGINT');
    const { code, stdout } = await running.ended;
    expect(code, stdout).toBe(3);
    expect(stdout).toMatch(/type on lb1: {2}systemctl start nginx/);
    expect(await truthOf(rig).timers()).toEqual(['lb1']);
    expect(await truthOf(rig).notRunning()).toEqual(['nginx@lb1 inactive', 'keepalived@lb1 inactive']);
  });
});
