import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Asker, askerOf } from '../../src/session/audit-questions.ts';
import { gatherNode } from '../../src/session/gather-files.ts';
import { type ExecResult, type Remote, RemoteError } from '../../src/ssh/remote.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'asker-'));
  mkdirSync(join(folder, 'bin'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A shell of this machine with these tools before its own. */
const here = (tools: Record<string, string> = {}): Remote => {
  for (const [name, body] of Object.entries(tools)) {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  return {
    name: 'lb1',
    exec: (command) =>
      new Promise<ExecResult>((resolve) =>
        execFile(
          '/bin/sh',
          ['-c', command],
          { env: { PATH: `${folder}/bin:/usr/bin:/bin` }, maxBuffer: 1e7 },
          (error, stdout, stderr) =>
            resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr, truncated: false }),
        ),
      ),
    open: () => Promise.reject(new Error('nothing is opened')),
  };
};

const asker = (tools: Record<string, string> = {}, sudo = true): Asker =>
  askerOf(here(tools), { sudo, signal: AbortSignal.timeout(15_000) });
const file = (name: string, text = 'text\n'): string => {
  writeFileSync(join(folder, name), text, { mode: 0o644 });
  return join(folder, name);
};
const NO_SUDO = { sudo: 'echo "sudo: a password is required" >&2; exit 1' };

describe('what an audit asks the tools of a real system', () => {
  test('a file, with its rights; one that is not there; a folder', async () => {
    const path = file('a b.conf');
    chmodSync(path, 0o640);
    expect(await asker().cat(path)).toEqual({ is: 'seen', value: 'text\n' });
    expect(await asker().stat(path)).toMatchObject({ is: 'seen', value: { mode: 0o640 } });
    expect(await asker().cat(join(folder, 'none'))).toEqual({ is: 'absent' });
    expect(await asker().stat(join(folder, 'none'))).toEqual({ is: 'absent' });
    expect(await asker().cat(folder)).toMatchObject({ is: 'unknown', why: expect.stringMatching(/Is a directory/) });
  });

  test('a name that looks like an option or a command is a name', async () => {
    expect(await asker().cat('-n')).toEqual({ is: 'absent' });
    expect(await asker().cat(`${folder}/$(touch ${folder}/x); touch ${folder}/y`)).toEqual({ is: 'absent' });
    expect(await asker().stat(join(folder, 'x'))).toEqual({ is: 'absent' });
    expect(await asker().stat(join(folder, 'y'))).toEqual({ is: 'absent' });
  });

  test('a file that is too large is not known', async () => {
    expect(await asker().cat(file('large', 'x'.repeat(300_000)))).toMatchObject({ is: 'unknown', why: /256 KiB/ });
  });

  test('the files that an include pattern names', async () => {
    const [a, b] = [file('a.conf'), file('b.conf')];
    file('c.txt');
    const found = await asker().list(join(folder, '*.conf'));
    expect(found).toMatchObject({ is: 'seen' });
    expect(found.is === 'seen' && [...found.value].sort()).toEqual([a, b]);
    expect(await asker().list(join(folder, 'none', '*.conf'))).toEqual({ is: 'absent' });
  });

  test('what logrotate knows of a log', async () => {
    expect(await asker({ grep: 'echo /etc/logrotate.d/x' }).rotated('/var/log/x')).toEqual({ is: 'seen', value: true });
    expect(await asker({ grep: 'exit 1' }).rotated('/var/log/x')).toEqual({ is: 'seen', value: false });
    expect(await asker({ grep: 'exit 127' }).rotated('/var/log/x')).toMatchObject({ is: 'unknown' });
  });

  test.each([
    ['enabled', { is: 'seen', value: 'enabled' }],
    ['disabled; exit 1', { is: 'seen', value: 'disabled' }],
    ['not-found; exit 4', { is: 'absent' }],
    ['"Failed to connect to bus" >&2; exit 1', { is: 'unknown', why: 'Failed to connect to bus' }],
  ])('a unit of which systemctl says %s', async (said, expected) => {
    expect(await asker({ systemctl: `echo ${said}` }).enabled('nginx')).toEqual(expected);
  });

  test('what keeps the clock right: a daemon, the host of a container, nothing, not known', async () => {
    const inactive = 'for _ in 1 2 3 4 5 6 7; do echo inactive; done; exit 3';
    const third =
      'echo inactive; echo inactive; echo active; echo inactive; echo inactive; echo inactive; echo inactive';
    expect(await asker({ systemctl: third }).timeSync()).toEqual({ is: 'seen', value: 'systemd-timesyncd' });
    expect(await asker({ systemctl: inactive, 'systemd-detect-virt': 'echo lxc' }).timeSync()).toMatchObject({
      is: 'seen',
    });
    expect(await asker({ systemctl: inactive, 'systemd-detect-virt': 'echo none; exit 1' }).timeSync()).toEqual({
      is: 'absent',
    });
    expect(await asker({ systemctl: 'echo "no bus" >&2; exit 1' }).timeSync()).toMatchObject({ is: 'unknown' });
  });

  test('sudo is asked where the user may not read, and its refusal is a missing right, not an answer', async () => {
    const denied = { cat: 'echo "cat: x: Permission denied" >&2; exit 1' };
    const granted = { ...denied, sudo: 'shift; shift; shift; /bin/cat "$@"' };
    const path = file('secret', 'mine\n');
    expect(await asker(granted).cat(path)).toEqual({ is: 'seen', value: 'mine\n' });
    expect(await asker({ ...denied, ...NO_SUDO }).cat(path)).toMatchObject({
      is: 'unknown',
      why: expect.stringMatching(/^permission: sudo: a password is required; allow `cat -- /),
    });
    expect(await asker({ ...denied, ...NO_SUDO }, false).cat(path)).toMatchObject({
      is: 'unknown',
      why: expect.stringMatching(/sudo is off in the cluster file/),
    });
  });
});

describe('a node that cannot be asked', () => {
  test.each([
    [
      'is not reached',
      () => Promise.reject(new RemoteError({ step: 'tcp', hop: 'lb1', found: 'refused', blame: 'target' })),
      /^tcp on lb1: refused/,
    ],
    ['breaks off', () => Promise.reject(new Error('gone')), /gone/],
  ])('because it %s is asked once, and all of it is not known', async (_, exec, why) => {
    let asked = 0;
    const remote: Remote = {
      name: 'lb1',
      exec: () => {
        asked += 1;
        return exec();
      },
      open: () => Promise.reject(new Error('nothing is opened')),
    };
    const node = await gatherNode(
      askerOf(remote, { sudo: true, signal: AbortSignal.timeout(15_000) }),
      { name: 'lb1', role: 'lb' },
      { nginx: 'nginx', keepalived: 'keepalived', web: 'auto' },
    );
    expect(asked).toBe(1);
    const all = [
      ...node.files.values(),
      ...node.units.values(),
      ...node.versions.values(),
      node.keepalivedTest,
      node.nginxTest,
      node.timeSync,
    ];
    expect(all.length).toBeGreaterThan(7);
    for (const one of all) expect(one).toMatchObject({ is: 'unknown', why: expect.stringMatching(why) });
  });
});
