import { describe, expect, test } from 'vitest';
import { armCommand, disarmCommand, startCommand } from '../../src/actions/restore.ts';
import { sudoersFile } from '../../src/actions/sudoers.ts';
import { writeBy } from '../../src/cluster/restore-by.ts';
import { loadCluster } from '../../src/config/load.ts';
import { manualClock } from '../../src/demo/clock.ts';
import { startDemo } from '../../src/demo/cluster.ts';
import { allows } from '../../src/demo/rights.ts';
import { quote } from '../../src/ssh/quote.ts';
import { LOG, scene } from './act-scene.ts';

describe('sudoers', () => {
  const lines = (...sudo: string[]) => ({ sudo, password: false, journal: true });
  test.each([
    ['/usr/bin/systemctl', ['systemctl', 'stop', 'nginx'], true],
    ['/usr/bin/systemctl stop nginx', ['systemctl', 'stop', 'nginx'], true],
    ['/usr/bin/systemctl stop nginx', ['systemctl', 'stop', 'nginx', 'keepalived'], false],
    ['/usr/bin/systemctl stop nginx', ['systemctl', 'stop', 'nginx.service'], false],
    ['/usr/bin/systemctl stop *', ['systemctl', 'stop', 'nginx', 'keepalived'], true],
    ['/usr/bin/systemctl ""', ['systemctl'], true],
    ['/usr/bin/systemctl ""', ['systemctl', 'stop'], false],
    ['/usr/bin/*', ['systemctl', 'stop'], true],
    ['/usr/sbin/systemctl', ['systemctl', 'stop'], false],
    [
      '/usr/bin/systemd-run --unit\\=haconsole-restore --on-active\\=* -- systemctl start nginx',
      ['systemd-run', '--unit=haconsole-restore', '--on-active=300', '--', 'systemctl', 'start', 'nginx'],
      true,
    ],
    ['/bin/systemctl stop nginx', ['systemctl', 'stop', 'nginx'], true],
    ['/sbin/ip addr del *', ['ip', 'addr', 'del', '172.16.249.80/32'], true],
    ['/usr/bin/sleep [0-9][!0-8]', ['sleep', '39'], true],
    ['/usr/bin/sleep [0-9][!0-8]', ['sleep', '38'], false],
    ['/usr/bin/echo [+-~]?', ['echo', 'a '], true],
    ['/usr/bin/echo [+-~]?', ['echo', ' a'], false],
    ['/usr/bin/tee -a -- /var/log/a\\,b', ['tee', '-a', '--', '/var/log/a,b'], true],
    ['/usr/bin/ip addr del 172.16.249.80/32 dev eth0', ['ip', 'addr', 'del', '172x16.249.80/32', 'dev', 'eth0'], false],
  ])('%s lets %j: %s', (line, [name = '', ...args], yes) => {
    expect(allows(lines(line), `/usr/bin/${name}`, args)).toBe(yes);
  });
});

describe('the sudoers lines that the console prints', () => {
  const file = async (): Promise<string[]> => {
    const demo = await startDemo({ clock: manualClock() });
    try {
      const config = await loadCluster({ file: demo.clusterFile, cwd: '/', home: '/nonexistent', env: {} });
      return sudoersFile(config, 'demo')
        .split('\n')
        .filter((line) => line.startsWith('    /'))
        .map((line) =>
          line
            .trim()
            .replace(/(, )?\\?$/, '')
            .trim(),
        );
    } finally {
      await demo.stop();
    }
  };

  test('are enough for what it runs on a load balancer, and for nothing else', async () => {
    const { run, machine, clock, host } = scene();
    machine.rights.sudo = await file();
    const by = writeBy('anna@desk', clock.wall());
    const commands = [
      ['systemctl', 'stop', 'keepalived'],
      ['systemctl', 'restart', 'nginx'],
      ['systemctl', 'reset-failed', 'haconsole-restore.service'],
      armCommand(300, by, startCommand(['nginx', 'keepalived'])),
      disarmCommand(),
      ['keepalived', '-t', '-f', '/etc/keepalived/keepalived.conf'],
      ['tee', '-a', '--', LOG],
      ['ip', 'addr', 'del', '172.16.249.80/32', 'dev', 'eth0'],
    ];
    for (const words of commands) {
      const asked = await run(`sudo -n -l ${words.map(quote).join(' ')}`, 0);
      expect(asked, words.join(' ')).toMatchObject({ stderr: '', code: 0 });
      expect(asked.stdout).toMatch(new RegExp(`^/usr/s?bin/${words[0]} `));
    }
    for (const line of [
      'systemctl mask nginx',
      'systemctl stop nginx keepalived',
      'ip addr del 172.16.249.101/24 dev eth0',
    ])
      expect(await run(`sudo -n -l ${line}`, 0)).toEqual({ stdout: '', stderr: '', code: 1 });
    expect(
      await run(
        `sudo -n ${armCommand(300, by, startCommand(['nginx', 'sshd']))
          .map(quote)
          .join(' ')}`,
        0,
      ),
    ).toMatchObject({
      stderr: 'sudo: a password is required\n',
      code: 1,
    });
    expect((await run('sudo -n systemctl stop keepalived', 1_200)).code).toBe(0);
    expect(host.keepalived!.unit.active).toBe('inactive');
  });
});
