import { describe, expect, test } from 'vitest';
import { entries } from '../../src/actions/catalog.ts';
import { noteCommand } from '../../src/actions/note.ts';
import { testCommand } from '../../src/actions/reload-check.ts';
import { armCommand, clearCommands, extendCommands, startCommand } from '../../src/actions/restore.ts';
import { sudoersFile } from '../../src/actions/sudoers.ts';
import { writeBy } from '../../src/cluster/restore-by.ts';
import { parseCluster } from '../../src/config/load.ts';
import { agentScript } from '../../src/probes/agent/script.ts';

const config = (more = '') =>
  parseCluster(
    `name: prod
ssh: { user: ops }
vips: [172.16.249.80, "2001:db8::80"]
loadBalancers: [{ name: lb1, address: 172.16.249.101 }, { name: lb2, address: 172.16.249.102 }]
webNodes: [{ name: web1, address: 172.16.249.201 }]
${more}`,
    { label: 'test.yaml', directory: '/', home: '/home/ops' },
  );

/** The commands that a sudoers file allows, as sudo matches them: path, then the arguments as one text. */
const allowed = (file: string) => {
  const patterns = [...file.matchAll(/^ {4}(\S+) (.*?)(?:, \\)?$/gm)].map(([, path = '', args = '']) => ({
    tool: path.split('/').at(-1),
    path,
    args: new RegExp(
      `^${args
        .replace(/\\(.)|([.+^${'$'}{}()|])/g, (_, escaped, sign) => `\\${escaped ?? sign}`)
        .replace(/\[\\\+-~\]/g, '[+-~]')}$`,
    ),
  }));
  return (words: readonly string[]): boolean =>
    patterns.some(({ tool, args }) => tool === words[0] && args.test(words.slice(1).join(' ')));
};

const by = writeBy('ops@laptop', Date.UTC(2026, 10, 23));

describe('the sudoers file', () => {
  const file = sudoersFile(config(), 'nobody');
  const may = allowed(file);

  test('allows every command of every action', () => {
    const place = { address: '172.16.249.80', prefix: 32, ifname: 'eth0' };
    for (const entry of entries)
      for (const web of ['apache2', 'httpd', 'nginx']) {
        const context = { units: { nginx: 'nginx', keepalived: 'keepalived', web }, vipPlaces: [place] };
        const action = { kind: 'remove-vip', vip: place.address, node: 'x' } as const;
        for (const words of entry.commands(
          entry.kind === 'remove-vip' ? action : { kind: 'cancel-restore', node: 'x' },
          context,
        ))
          expect([words.join(' '), may(words)]).toEqual([words.join(' '), true]);
      }
    expect(may(['ip', 'addr', 'del', '2001:db8::80/128', 'dev', 'eth0'])).toBe(true);
    expect(may(testCommand())).toBe(true);
    expect(
      may(
        noteCommand('/etc/keepalived/check_nginx.log', true)
          .match(/sudo -n (tee .*?) >/)![1]!
          .replace('"$f"', '/etc/keepalived/check_nginx.log')
          .split(' '),
      ),
    ).toBe(true);
  });

  test('allows restore timers, extended and cleared away', () => {
    for (const seconds of [10, 60, 300, 900, 3600])
      for (const units of [['nginx', 'keepalived'], ['nginx'], ['keepalived'], ['apache2'], ['httpd']])
        expect(may(armCommand(seconds, by, startCommand(units)))).toBe(true);
    for (const words of [...extendCommands(), ...clearCommands()]) expect(may(words)).toBe(true);
  });

  test('allows what the probes read by sudo, but for the dump', () => {
    for (const role of ['lb', 'web'] as const) {
      const services = { nginx: 'nginx', keepalived: 'keepalived', web: 'auto' };
      const script = agentScript({ role, services, checkLog: '/x.log', sudo: 'sudo', streams: true });
      const calls = [...script.matchAll(/^(?:run|follow) \w+ sudo -n (.*)$/gm)].map((match) =>
        (match[1] ?? '').replaceAll("'", '').split(' '),
      );
      expect(calls.length).toBeGreaterThan(0);
      for (const words of calls) expect([words.join(' '), may(words)]).toEqual([words.join(' '), true]);
    }
    expect(may(['sh', '-s', 'keepalived'])).toBe(false);
    expect(file).toContain('/bin/sh -s');
  });

  test.each([
    [['systemctl', 'stop', 'sshd']],
    [['systemctl', 'stop', 'nginx', 'sshd']],
    [['systemctl', 'edit', 'nginx']],
    [['ip', 'addr', 'del', '172.16.249.101/24', 'dev', 'eth0']],
    [['ip', 'addr', 'add', '172.16.249.80/32', 'dev', 'eth0']],
    [['tee', '-a', '--', '/etc/sudoers']],
    [['head', '-c', '65536', '/etc/shadow']],
    [['journalctl']],
    [['keepalived', '-f', '/tmp/evil.conf']],
    [armCommand(300, by, startCommand(['sshd']))],
    [armCommand(300, `${by} -- sh -c id`, startCommand(['nginx']))],
    [armCommand(300, `x -- /bin/sh -c id`.padEnd(48, '.'), startCommand(['nginx']))],
    [[...armCommand(300, by, startCommand(['nginx'])).slice(0, 5), '--uid=0', '--', 'sh']],
    [armCommand(99_999, by, startCommand(['nginx']))],
  ])('allows nothing else: %j', (words) => {
    expect(may(words)).toBe(false);
  });

  test('is for the users of the cluster file, else for whoever asks', () => {
    expect(file).toMatch(/^ops ALL=\(root\) NOPASSWD: /m);
    const own = config().nodes.map((node) => ({ ...node, ssh: { ...node.ssh, user: 'root2' } }));
    expect(sudoersFile({ ...config(), nodes: own }, 'nobody')).toMatch(/^root2 ALL=/m);
    const bare = parseCluster('loadBalancers: [{ name: lb1, address: 10.0.0.1 }]', {
      label: 't',
      directory: '/',
      home: '/',
    });
    expect(sudoersFile(bare, 'anna')).toMatch(/^anna ALL=/m);
  });

  test('follows the unit names, the log and the interface of the cluster file', () => {
    const other = allowed(
      sudoersFile(
        config(
          'services: { nginx: openresty, keepalived: vrrpd, web: caddy }\ncheckLog: /var/log/check.log\nvrrp: { interface: ens33 }',
        ),
        'x',
      ),
    );
    expect(other(['systemctl', 'restart', 'openresty'])).toBe(true);
    expect(other(['systemctl', 'stop', 'caddy'])).toBe(true);
    expect(other(['tee', '-a', '--', '/var/log/check.log'])).toBe(true);
    expect(other(['ip', 'addr', 'del', '172.16.249.80/32', 'dev', 'ens33'])).toBe(true);
    expect(other(['systemctl', 'restart', 'nginx'])).toBe(false);
  });
});
