import type { Action } from '../cluster/action.ts';
import { BY_LENGTH } from '../cluster/restore-by.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { type CommandContext, commandsOf, entries } from './catalog.ts';
import { CONFIGURATION, testCommand } from './reload-check.ts';
import { armCommand, clearCommands, disarmCommand, extendCommands, startCommand } from './restore.ts';
import { usualPath } from './rights.ts';
import { sudoersCommand } from './sudo-rights.ts';

/** Units that `web: auto` may find. */
const WEB_UNITS = ['apache2', 'httpd', 'nginx'];

/** Restore timers of 10 s to 9999 s: each digit stands for any. */
const SECONDS = [11, 111, 1111];

/** Units a web server may have. */
export const webUnits = (config: ClusterConfig): string[] =>
  config.services.web === 'auto' ? WEB_UNITS : [config.services.web];

/** One action of each kind and VIP, by the rows of the catalog. */
const actionsOf = (config: ClusterConfig, role: 'lb' | 'web'): Action[] =>
  entries
    .filter((entry) => entry.roles.includes(role))
    .flatMap((entry): Action[] => {
      const node = 'any';
      if (entry.kind === 'remove-vip')
        return config.vips.map(({ address }) => ({ kind: 'remove-vip', vip: address, node }));
      if (entry.kind !== 'service') return [{ kind: entry.kind, node }];
      const { verb, service } = entry;
      return verb && service ? [{ kind: 'service', verb, service, node }] : [];
    });

const vipPlaces = (config: ClusterConfig): CommandContext['vipPlaces'] =>
  config.vips.map(({ address }) => ({
    address,
    prefix: address.includes(':') ? 128 : 32,
    ifname: config.vrrp.interface ?? 'eth0',
  }));

const actionCommands = (config: ClusterConfig, role: 'lb' | 'web'): string[][] => {
  const { nginx, keepalived } = config.services;
  const webs = role === 'web' ? webUnits(config) : [undefined];
  return webs.flatMap((web) =>
    actionsOf(config, role).flatMap((action) =>
      commandsOf(action, {
        units: { nginx, keepalived, ...(web === undefined ? {} : { web }) },
        vipPlaces: vipPlaces(config),
      }),
    ),
  );
};

/** What may have been running, and so what a restore may have to start. */
const restoreSets = (config: ClusterConfig, role: 'lb' | 'web'): string[][] => {
  const { nginx, keepalived } = config.services;
  return role === 'lb' ? [[nginx, keepalived], [nginx], [keepalived]] : webUnits(config).map((unit) => [unit]);
};

const restoreCommands = (config: ClusterConfig, role: 'lb' | 'web'): string[][] => [
  ...restoreSets(config, role).flatMap((units) =>
    SECONDS.map((seconds) => armCommand(seconds, '', startCommand(units))),
  ),
  disarmCommand(),
  ...extendCommands(),
  ...clearCommands(),
];

/** What the probes read by sudo; a test compares it with what they do. Their dump is left out: it takes a root shell. */
const readingCommands = (config: ClusterConfig, role: 'lb' | 'web'): string[][] => {
  const units = role === 'lb' ? [config.services.nginx, config.services.keepalived] : webUnits(config);
  const journal = ['journalctl', '-f', '-n0', '-o', 'json', ...units.flatMap((unit) => ['-u', unit])];
  if (role === 'web') return [journal];
  const head = ['head', '-c', '65536', CONFIGURATION];
  const find = [
    'find',
    '/etc/keepalived',
    '-mindepth',
    '2',
    '-name',
    '*.conf',
    '-exec',
    'head',
    '-vc',
    '65536',
    '{}',
    '+',
  ];
  return [journal, head, find];
};

/** Commands that need root on a node, without sudo, by what they are for. */
export type Needs = Record<'act' | 'remove' | 'restore' | 'note' | 'conf' | 'dump', string[][]>;

/** What haconsole runs as root on a node of this role, by what it is for; of what is the same but for a number, one. */
export const rightsNeeded = (config: ClusterConfig, role: 'lb' | 'web'): Needs => {
  const actions = actionCommands(config, role);
  const [units = []] = restoreSets(config, role);
  const lb = role === 'lb';
  return {
    act: actions.filter(([tool]) => tool !== 'ip'),
    remove: actions.filter(([tool]) => tool === 'ip'),
    restore: [
      armCommand(60, 'x'.repeat(BY_LENGTH), startCommand(units)),
      disarmCommand(),
      ...extendCommands(),
      ...clearCommands(),
    ],
    note: lb ? [['tee', '-a', '--', config.checkLog]] : [],
    conf: lb ? [['head', '-c', '65536', CONFIGURATION]] : [],
    dump: lb ? [['/bin/sh', '-s', config.services.keepalived]] : [],
  };
};

const alias = (name: string, commands: string[][]): string => {
  const lines = commands.map(([tool = '', ...args]) =>
    sudoersCommand([usualPath(tool), ...args]).replace(
      /(--on-active\\=)(1+)/,
      (_, flag, digits) => flag + '[0-9]'.repeat(digits.length),
    ),
  );
  return `Cmnd_Alias ${name} = \\\n${[...new Set(lines)].map((line) => `    ${line}`).join(', \\\n')}\n`;
};

const usersOf = (config: ClusterConfig, fallback: string): string[] => [
  ...new Set(config.nodes.map((node) => node.ssh.user ?? config.ssh.defaults.user ?? fallback)),
];

/** What drills need on nodes of one role beside what actions do: their commands, and what their restore timers run. */
export type DrillNeeds = { commands: string[][]; undo: string[][] };

const drillCommands = ({ commands, undo }: DrillNeeds): string[][] => [
  ...commands,
  ...undo.flatMap((words) => SECONDS.map((seconds) => armCommand(seconds, '', words))),
];

/**
 * A file for /etc/sudoers.d on every node: all that actions, notes, probes and drills need as root, each with its exact arguments, and
 * no more. `fallback`: the user where the cluster file names none. `drills`: by role; absent: none is to be run.
 */
export const sudoersFile = (
  config: ClusterConfig,
  fallback: string,
  drills?: { lb: DrillNeeds; web: DrillNeeds },
): string => {
  const balancer = [
    alias('HACONSOLE_LB_ACT', actionCommands(config, 'lb')),
    alias('HACONSOLE_LB_RESTORE', restoreCommands(config, 'lb')),
    alias('HACONSOLE_LB_NOTE', [['tee', '-a', '--', config.checkLog], testCommand(), ['nginx', '-t']]),
    alias('HACONSOLE_LB_READ', readingCommands(config, 'lb')),
    ...(drills ? [alias('HACONSOLE_LB_DRILL', drillCommands(drills.lb))] : []),
  ];
  const web = [
    alias('HACONSOLE_WEB_ACT', actionCommands(config, 'web')),
    alias('HACONSOLE_WEB_RESTORE', restoreCommands(config, 'web')),
    alias('HACONSOLE_WEB_READ', readingCommands(config, 'web')),
    ...(drills ? [alias('HACONSOLE_WEB_DRILL', drillCommands(drills.web))] : []),
  ];
  const names = (text: string[]) => text.map((one) => /^Cmnd_Alias (\w+)/.exec(one)?.[1] ?? '');
  const grant = (kind: string, all: string[]) =>
    usersOf(config, fallback).map((user) => `${user} ALL=(root) NOPASSWD: ${names(all).join(', ')} # ${kind}\n`);
  return [HEAD(config), ...balancer, ...grant('load balancers', balancer), '', ...web, ...grant('web nodes', web)]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n');
};

const HEAD = (
  config: ClusterConfig,
): string => `# What haconsole needs as root on the nodes of cluster ${config.name}, and no more. Printed by: haconsole act --sudoers
# Put it into /etc/sudoers.d/haconsole on every node (mode 0440) after: visudo -cf FILE
# A node needs only the half of its own role.
#
# Not granted, because no narrow line can be written for it:
# - keepalived's own dump (VRRP state, effective priority), which a root shell reads from stdin (/bin/sh -s): without it the
#   VRRP state is told from the addresses alone.
# - a --restore-after of less than 10 s or more than 9999 s.
# - drills that lower a priority (gentle): they write keepalived.conf, and whoever may write it is root.
# The journal needs no sudo where the user is in the group systemd-journal (or adm): then the journalctl lines can go.
# The long rows of [+-~] stand for who arms a restore timer and when: as many signs, none of them a blank (a * would grant all).
# ip addr del takes a stale VIP off; interface: vrrp.interface of the cluster file, else eth0.
`;
