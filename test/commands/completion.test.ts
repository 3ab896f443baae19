import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bashScript } from '../../src/commands/completion/bash.ts';
import { fishScript } from '../../src/commands/completion/fish.ts';
import { completionModel, flagOf } from '../../src/commands/completion/model.ts';
import { valuesOf } from '../../src/commands/completion/values.ts';
import { zshScript } from '../../src/commands/completion/zsh.ts';
import { commands } from '../../src/commands/table.ts';
import { loadCluster } from '../../src/config/load.ts';
import { openPty } from '../support/pty.ts';

const OWN_DRILL = `name: only-ours
title: nginx of the master is stopped
shows: The check script starts it again.
method: [{ act: stop nginx, on: master, id: stop }]
expect: [{ moves: 0 }]
`;

const model = completionModel();
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'completion-'));
  writeFileSync(
    join(directory, 'haconsole.yaml'),
    `name: shop
vips: [10.0.0.80]
loadBalancers: [{ name: lb1, address: 10.0.0.1 }, { name: lb2, address: 10.0.0.2 }]
webNodes: [{ name: web1, address: 10.0.0.3 }]
`,
  );
  writeFileSync(join(directory, 'an hour.hacs.jsonl'), '');
  mkdirSync(join(directory, 'drills'));
  writeFileSync(join(directory, 'drills', 'only-ours.yaml'), OWN_DRILL);
  mkdirSync(join(directory, 'bin'));
  writeFileSync(
    join(directory, 'bin', 'haconsole'),
    `#!/bin/sh\nexec '${process.execPath}' '${join(import.meta.dirname, '..', '..', 'bin', 'haconsole.mjs')}' "$@"\n`,
  );
  chmodSync(join(directory, 'bin', 'haconsole'), 0o755);
  writeFileSync(join(directory, 'completion.bash'), bashScript(model));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** What bash itself puts into COMPREPLY for each line. `haconsole` here is one that offers what it was asked, and two targets. */
const bashOffers = (lines: string[]): Promise<string[][]> =>
  new Promise((resolve, reject) => {
    const program = `. ./completion.bash
ask() { local IFS=_; echo "$*"; echo nginx@lb1; echo nginx@lb2; }
while IFS= read -r COMP_LINE; do
  COMP_LINE=ask\${COMP_LINE#haconsole}
  COMP_POINT=\${#COMP_LINE}
  _haconsole
  printf '%s\\t' "\${COMPREPLY[@]}"
  echo
done`;
    const child = spawn('bash', ['--norc', '-c', program], {
      cwd: directory,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: `${join(directory, 'bin')}:${process.env.PATH}`, HOME: directory },
    });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
    child.once('error', reject);
    child.once('close', () =>
      resolve(
        text
          .split('\n')
          .slice(0, -1)
          .map((line) => line.split('\t').filter(Boolean)),
      ),
    );
    child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  });

describe('completion', () => {
  test('reads every flag of the table', () => {
    for (const { flags } of commands)
      for (const flag of flags) expect(flagOf(flag).names.at(-1)).toMatch(/^--[a-z-]+$/);
    expect(flagOf({ flag: '--format md|html', does: '' }).takes).toEqual({ kind: 'words', words: ['md', 'html'] });
    expect(flagOf({ flag: '-o, --out DIR', does: '' })).toMatchObject({
      names: ['-o', '--out'],
      takes: { kind: 'directory' },
    });
    expect(() => flagOf({ flag: '--two words here', does: '' })).toThrow('--two words here');
  });

  test.each([
    ['bash', bashScript(model)],
    ['zsh', zshScript(model)],
    ['fish', fishScript(model)],
  ])('of %s has every command with every flag', (shell, script) => {
    for (const { name, flags } of model) {
      expect(script).toContain(name);
      for (const flag of flags.flatMap((one) => one.names))
        expect(script).toContain(shell !== 'fish' ? flag : flag.replace(/^--?/, flag.startsWith('--') ? '-l ' : '-s '));
    }
  });

  test('in bash offers commands, flags, words, files and the names of the cluster file', async () => {
    const offers: [string, string[]][] = [
      ['haconsole ch', ['check']],
      ['haconsole --vi', ['--via']],
      ['haconsole --via ', ['jump', 'direct']],
      ['haconsole check --jso', ['--json']],
      ['haconsole act sto', ['stop']],
      ['haconsole act --yes --restore-after 5m stop c', ['completion_values_act_stop']],
      ['haconsole act -c ~/x.yaml stop c', [`completion_values_act_stop_-c_${directory}/x.yaml`]],
      ['haconsole act stop n', ['nginx@lb1', 'nginx@lb2']],
      // What follows the sign at which readline takes words apart.
      ['haconsole act stop nginx@', ['@lb1', '@lb2']],
      ['haconsole act --confirm c', ['completion_values_confirm']],
      ['haconsole note --node c', ['completion_values_node']],
      ['haconsole drill run c', ['completion_values_drill_run']],
      ['haconsole export x --to asciicast-', ['asciicast-v3']],
      ['haconsole verify an', ['an hour.hacs.jsonl']],
      ['haconsole render -o b', ['bin']],
      ['haconsole help ver', ['verify']],
      ['haconsole completion f', ['fish']],
      ['haconsole nonsense ', []],
    ];
    expect(await bashOffers(offers.map(([line]) => line))).toEqual(offers.map(([, words]) => words));
  });

  test('offers the names of the cluster file, each where it makes sense, and none that a shell would read as more', async () => {
    const config = await loadCluster({
      file: join(directory, 'haconsole.yaml'),
      cwd: directory,
      home: directory,
      env: {},
    });
    expect(await valuesOf('node', [], config)).toEqual(['lb1', 'lb2', 'web1']);
    expect(await valuesOf('confirm', [], config)).toEqual(['lb1', 'lb2', 'web1', 'shop']);
    expect(await valuesOf('confirm', [], { ...config, name: 'a $(reboot) b' })).toEqual(['lb1', 'lb2', 'web1']);
    expect(await valuesOf('act', ['stop'], config)).toEqual([
      ...['nginx@lb1', 'nginx@lb2', 'keepalived@lb1', 'keepalived@lb2', 'web@web1'],
    ]);
    expect(await valuesOf('act', ['out-of-service'], config)).toEqual(['lb1', 'lb2']);
    expect(await valuesOf('act', ['remove-vip'], config)).toEqual(['10.0.0.80@lb1', '10.0.0.80@lb2']);
    expect(await valuesOf('drill', ['run'], config)).toEqual(expect.arrayContaining(['lb1-down', 'tour', 'only-ours']));
    expect(await valuesOf('act', ['stop'], undefined)).toEqual([]);
    expect(await valuesOf('drill', ['run'], undefined)).toContain('tour');
    expect(await valuesOf('constructor', [], config)).toEqual([]);
  });

  test('works with the tab key of a real bash', async () => {
    const pty = openPty({
      cmd: 'bash',
      args: ['--norc', '--noprofile', '-i'],
      cwd: directory,
      env: { PATH: `${join(directory, 'bin')}:${process.env.PATH}`, PS1: '> ', HOME: directory },
    });
    try {
      pty.send('. ./completion.bash\r');
      pty.send('haconsole act stop keepalived@lb\t\t');
      await pty.until(/keepalived@lb\n?.*lb1\s+@?lb2/s);
      pty.send('2 --dr\t');
      await pty.until(/haconsole act stop keepalived@lb2 --dry-run/);
      pty.send('\x15haconsole verify an\t');
      await pty.until(/haconsole verify an\\ hour\.hacs\.jsonl/);
    } finally {
      await pty.dispose();
    }
  });
});
