import type { ClusterConfig } from '../config/cluster-config.ts';
import { HELLO, MAIN, PRELUDE } from '../probes/agent/body.ts';
import { WEB_UNITS } from '../probes/agent/script.ts';
import { quote } from '../ssh/quote.ts';
import { toolsFor } from './tools.ts';

/** Services that keep a clock right. */
export const TIME_UNITS = ['chronyd', 'chrony', 'ntpd', 'ntp', 'ntpsec', 'openntpd', 'systemd-timesyncd'];
/** Services that are a firewall. */
export const FIREWALL_UNITS = ['firewalld', 'nftables', 'iptables', 'ufw'];

/** The pair's own configuration of keepalived. */
export const KEEPALIVED_CONF = '/etc/keepalived/keepalived.conf';

/** Units asked about on a node of this role. */
export const unitsAsked = (config: Pick<ClusterConfig, 'services'>, role: 'lb' | 'web'): string[] => {
  const { nginx, keepalived, web } = config.services;
  const own = role === 'lb' ? [nginx, keepalived] : web === 'auto' ? WEB_UNITS : [web];
  return [...own, ...TIME_UNITS, ...FIREWALL_UNITS];
};

/** Every call of a survey, by the key of its answer. All of them only read; those that may hang come last. */
const calls = (config: ClusterConfig, role: 'lb' | 'web'): [string, ...string[]][] => {
  const { checkLog, services } = config;
  const sudo = config.ssh.sudo ? ['sudo', '-n'] : [];
  const units =
    role === 'lb' ? [services.nginx, services.keepalived] : services.web === 'auto' ? WEB_UNITS : [services.web];
  return [
    ['ID', 'id'],
    ['OS', 'head', '-c', '600', '/etc/os-release'],
    ['ADDR', 'ip', '-o', 'addr', 'show'],
    ['ROUTE', 'ip', 'route', 'show', 'default'],
    ['DNS', 'head', '-c', '2000', '/etc/resolv.conf'],
    ['SELINUX', 'head', '-c', '8', '/sys/fs/selinux/enforce'],
    ...toolsFor(role).map(({ key, words }): [string, ...string[]] => [key, ...words]),
    ...(role === 'lb'
      ? ([
          ['KREAD', 'test', '-r', KEEPALIVED_CONF],
          ['LOGIS', 'test', '-f', checkLog],
          ['LOGREAD', 'test', '-r', checkLog],
          ['LOGWRITE', 'test', '-w', checkLog],
          ['MOUNTS', 'head', '-c', '65536', '/proc/self/mounts'],
          ['LOGDISK', 'df', '-P', checkLog],
        ] as [string, ...string[]][])
      : []),
    ['UNITS', 'systemctl', 'show', '--no-pager', '-p', 'Id,Names,LoadState,ActiveState', ...unitsAsked(config, role)],
    ['JOURNAL', ...sudo, 'journalctl', '-q', '-n', '1', '--no-pager', ...units.flatMap((unit) => ['-u', unit])],
  ];
};

/** What is run on a node to look at it: the console's own shell there, asked for other things. It writes nothing. */
export const surveyScript = (config: ClusterConfig, role: 'lb' | 'web'): string =>
  [
    PRELUDE,
    'op_snap() {',
    ...calls(config, role).map(([key, ...words]) => `run ${key} ${words.map(quote).join(' ')}`),
    '}',
    'op_dump() { :; }',
    'op_conf() { :; }',
    HELLO,
    MAIN.trim(),
    '',
  ].join('\n');
