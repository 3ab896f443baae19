import { describe, expect, test } from 'vitest';
import { findRights } from '../../src/actions/rights.ts';
import { sudoersLine, wantsPassword } from '../../src/actions/sudo-rights.ts';
import { RemoteError } from '../../src/ssh/remote.ts';
import { type Scripted, scriptedRemote } from '../support/scripted-remote.ts';

const signal = new AbortController().signal;
const stop = ['systemctl', 'stop', 'nginx'];

const HEAD = `Matching Defaults entries for t1 on lb2:
    env_reset, mail_badpass,
    secure_path=/usr/local/sbin\\:/usr/local/bin\\:/usr/sbin\\:/usr/bin\\:/sbin\\:/bin,
    use_pty, !fqdn

User t1 may run the following commands on lb2:
`;
const entry = (commands: string[], { password = false, user = 'root' } = {}) => `
Sudoers entry:
    RunAsUsers: ${user}
${password ? '' : '    Options: !authenticate\n'}    Commands:
${commands.map((one) => `\t${one}\n`).join('')}`;

/** A node on which `id`, `command -v` and sudo answer as given. */
const node = (sudo: Scripted, listing = '', uid = '1000') =>
  scriptedRemote([
    [/^id -u$/, { stdout: `${uid}\n` }],
    [/^id -un$/, { stdout: 'ops\n' }],
    [/^command -v systemctl$/, { stdout: '/usr/bin/systemctl\n' }],
    [/^command -v /, { code: 1 }],
    [/^env LC_ALL=C sudo -n -ll$/, { stdout: listing }],
    [/^sudo -n -l /, sudo],
  ]);

describe('rights', () => {
  test('of root are there, and sudo is not asked', async () => {
    const remote = node({ code: 1 }, '', '0');
    expect(await findRights(remote, [stop], { sudo: true, signal })).toEqual({ ok: true, prefix: [] });
    expect(remote.ran).toEqual(['id -u']);
  });

  test('are asked of sudo for each exact command, and none of them is run', async () => {
    const remote = node({ stdout: '/usr/bin/systemctl stop nginx\n' });
    const commands = [stop, ['ip', 'addr', 'del', '10.0.0.1/32', 'dev', 'eth0']];
    expect(await findRights(remote, commands, { sudo: true, signal })).toEqual({ ok: true, prefix: ['sudo', '-n'] });
    expect(remote.ran.slice(1).sort()).toEqual([
      'env LC_ALL=C sudo -n -ll',
      'sudo -n -l ip addr del 10.0.0.1/32 dev eth0',
      'sudo -n -l systemctl stop nginx',
    ]);
  });

  test.each([
    ['not allowed', { code: 1 }, 'ops may not run `systemctl stop nginx` by sudo'],
    [
      'not in sudoers, or only with a password',
      { code: 1, stderr: 'sudo: a password is required\n' },
      'sudo wants a password of ops',
    ],
    ['not in sudoers', { code: 1, stderr: 'ops is not in the sudoers file.\n' }, 'ops is not in sudoers'],
    ['no sudo', { code: 127, stderr: 'bash: line 1: sudo: command not found\n' }, 'sudo is not installed'],
    [
      'requiretty',
      { code: 1, stderr: 'sudo: sorry, you must have a tty to run sudo\n' },
      'sudo wants a terminal (requiretty) for ops',
    ],
    ['no such tool', { code: 1, stderr: 'sudo: systemctl: command not found\n' }, 'systemctl is not installed'],
    [
      'broken sudoers',
      { code: 1, stderr: '>>> /etc/sudoers: syntax error\nsudo: no valid sudoers sources found, quitting\n' },
      'sudo: sudo: no valid sudoers sources found',
    ],
    ['a language of its own', { code: 1, stderr: 'sudo：需要密码\n' }, 'sudo：需要密码'],
  ])('that are missing are told in one sentence: %s', async (_, answer, sentence) => {
    const found = await findRights(node(answer), [stop], { sudo: true, signal });
    expect(found).toMatchObject({ ok: false, failure: { step: 'permission', hop: 'lb1', blame: 'target' } });
    expect(found.ok ? '' : found.failure.found).toContain(sentence);
  });

  test('that are missing come with the line for sudoers that allows all of them', async () => {
    const found = await findRights(node({ code: 1 }), [stop, ['ip', 'addr', 'del', 'fe80::1/128', 'dev', 'eth0']], {
      sudo: true,
      signal,
    });
    expect(found.ok ? '' : found.failure.advice).toContain(
      'ops ALL=(root) NOPASSWD: /usr/bin/systemctl stop nginx, /sbin/ip addr del fe80\\:\\:1/128 dev eth0',
    );
  });

  test('are none for a user that is not root where the cluster file switches sudo off', async () => {
    const found = await findRights(node({}), [stop], { sudo: false, signal });
    expect(found).toMatchObject({
      failure: { step: 'permission', found: 'ops is not root, and sudo is off in the cluster file' },
    });
  });

  test('cannot be asked for over a broken connection: that is its failure, and not a missing right', async () => {
    const failure = { step: 'lost', hop: 'bastion', found: 'gone', blame: 'path' } as const;
    expect(await findRights(node(new RemoteError(failure)), [stop], { sudo: true, signal })).toEqual({
      ok: false,
      failure,
    });
  });

  test('are not believed where sudo says yes, but its entry wants a password', async () => {
    const listing =
      HEAD + entry(['ALL'], { password: true, user: 'ALL' }) + entry(['/usr/bin/systemctl stop keepalived']);
    const yes = { stdout: '/usr/bin/systemctl stop nginx\n' };
    const found = await findRights(node(yes, listing), [stop], { sudo: true, signal });
    expect(found.ok ? '' : found.failure.found).toBe('sudo wants a password of ops for `systemctl stop nginx`');
    const other = await findRights(node(yes, listing), [['systemctl', 'stop', 'keepalived']], { sudo: true, signal });
    expect(other).toMatchObject({ ok: true });
  });
});

describe('the entries of sudo -ll', () => {
  test.each([
    ['the last that matches decides', entry(['ALL'], { password: true }) + entry(['ALL']), false],
    [
      'the last that matches decides, also when it wants one',
      entry(['ALL']) + entry(['ALL'], { password: true }),
      true,
    ],
    [
      'a path alone stands for all arguments',
      entry(['ALL'], { password: true }) + entry(['/usr/bin/systemctl']),
      false,
    ],
    [
      'other arguments do not match',
      entry(['ALL'], { password: true }) + entry(['/usr/bin/systemctl stop nginx.service']),
      true,
    ],
    ['a wildcard matches', entry(['ALL'], { password: true }) + entry(['/bin/systemctl stop *']), false],
    [
      'those for other users do not count',
      entry(['ALL'], { password: true }) + entry(['ALL'], { user: 'www-data' }),
      true,
    ],
    ['none that matches is no answer', entry(['/usr/bin/id']), undefined],
    ['nothing that is understood is no answer', '用户 t1 可以在 lb2 上运行以下命令：', undefined],
  ])('are read as sudo reads them: %s', (_, listing, wanted) => {
    expect(wantsPassword(HEAD + listing, stop)).toBe(wanted);
  });

  test('want no password where Defaults say so for all', () => {
    expect(wantsPassword(HEAD.replace('use_pty', '!authenticate') + entry(['ALL'], { password: true }), stop)).toBe(
      false,
    );
  });
});

test('in a line for sudoers every sign with a meaning there is escaped', () => {
  expect(sudoersLine('ops', [['/usr/bin/tee', '-a', '--', '/var/log/a:b,c=d*e?[f]\\g']])).toBe(
    'ops ALL=(root) NOPASSWD: /usr/bin/tee -a -- /var/log/a\\:b\\,c\\=d\\*e\\?\\[f\\]\\\\g',
  );
});
