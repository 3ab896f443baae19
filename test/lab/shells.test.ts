import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { must, run } from '../../lab/run.ts';
import { openPty } from '../support/pty.ts';

const repository = join(import.meta.dirname, '..', '..');
let folder: string;

/** CI has bash alone; this machine is a Debian, as the lab wants it. */
const install = async (): Promise<void> => {
  const known = await Promise.all(['zsh', 'fish', 'mandoc'].map((name) => run('sh', ['-c', `command -v ${name}`])));
  if (known.every((one) => one.code === 0)) return;
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: 200_000 };
  await must('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'zsh', 'fish', 'mandoc'], options);
};

beforeAll(async () => {
  await install();
  folder = await mkdtemp(join(tmpdir(), 'shells-'));
  await writeFile(
    join(folder, 'haconsole'),
    `#!/bin/sh\nexec '${process.execPath}' '${join(repository, 'bin/haconsole.mjs')}' "$@"\n`,
    { mode: 0o755 },
  );
  await writeFile(
    join(folder, 'haconsole.yaml'),
    'name: shop\nloadBalancers: [{ name: lb1, address: 10.0.0.1 }]\nwebNodes: [{ name: web1, address: 10.0.0.3 }]\n',
  );
  await writeFile(join(folder, 'an hour.hacs.jsonl'), '');
  for (const shell of ['zsh', 'fish'])
    await writeFile(join(folder, `completion.${shell}`), await must(join(folder, 'haconsole'), ['completion', shell]));
});
afterAll(() => rm(folder, { recursive: true }));

const environment = () => ({ PATH: `${folder}:${process.env.PATH}`, HOME: folder });

/** What is typed up to the tab, and what stands there then. */
const lines: [string, RegExp][] = [
  ['haconsole ch', /haconsole check/],
  ['haconsole --via d', /haconsole --via direct/],
  ['haconsole act stop k', /haconsole act stop keepalived@lb1/],
  ['haconsole act --yes stop w', /haconsole act --yes stop web@web1/],
  ['haconsole act --confirm s', /haconsole act --confirm shop/],
  ['haconsole export x --to j', /haconsole export x --to junit/],
  ['haconsole verify an', /haconsole verify an\\ hour\.hacs\.jsonl/],
];

describe('completion', () => {
  test('works with the tab key of a real zsh', async () => {
    const pty = openPty({
      cmd: 'zsh',
      args: ['-f', '-i'],
      cwd: folder,
      cols: 120,
      env: { ...environment(), PS1: 'ready> ' },
    });
    try {
      pty.send('bindkey -e; autoload -U compinit; compinit -u; source completion.zsh; echo loaded $((1 + 1))\r');
      await pty.until(/loaded 2/);
      for (const [typed, wanted] of lines) {
        pty.send(`${typed}\t`);
        await pty.until(wanted);
        pty.send('\x15');
      }
    } finally {
      await pty.dispose();
    }
  });

  test('works in a real fish', async () => {
    const script = `source completion.fish\n${lines.map(([typed]) => `complete -C '${typed}' | cut -f1`).join('\n')}\n`;
    const offered = await must('fish', ['--no-config', '-c', script], { env: environment(), cwd: folder });
    expect(offered.trim().split('\n')).toEqual([
      'check',
      'direct',
      'keepalived@lb1',
      'web@web1',
      'shop',
      'junit',
      'an hour.hacs.jsonl',
    ]);
  });
});

describe('the man page', () => {
  test('has nothing that mandoc would warn of', async () => {
    const found = await run('mandoc', ['-T', 'lint', '-W', 'warning', join(repository, 'man/haconsole.1')]);
    expect(found.stdout + found.stderr).toBe('');
    expect(found.code).toBe(0);
  });
});
