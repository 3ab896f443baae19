import { quote } from '../../ssh/quote.ts';
import { RESTORE_UNITS } from '../parse/restore-timer.ts';
import { HELLO, MAIN, PRELUDE } from './body.ts';
import { dumperText } from './dumper.ts';

/** Lines of the check log that a snapshot brings. */
export const LOG_LINES = 5;

/** What the agent on one node is to look at. Names and paths come validated from the cluster file and are quoted again. */
export type AgentSpec = {
  role: 'lb' | 'web';
  services: { nginx: string; keepalived: string; web: string };
  checkLog: string;
  /** `sudo`: what needs root goes through `sudo -n` unless the user is root; `none`: never. */
  sudo: 'sudo' | 'none';
  /** Push addresses, journal and check log. One-shot looks do without. */
  streams: boolean;
  /** Where keepalived's dumps appear; tests only. */
  dumpDirectory?: string;
};

/** Units and process names that `web: auto` looks for, in order of preference. */
export const WEB_UNITS = ['apache2', 'httpd', 'nginx'];

/** The units asked of systemd on a node of this role. */
export const unitsOf = ({ role, services }: AgentSpec): string[] =>
  role === 'lb' ? [services.nginx, services.keepalived] : services.web === 'auto' ? WEB_UNITS : [services.web];

/** The process names looked for on a node of this role (ps knows at most 15 characters of a name). */
export const processNamesOf = ({ role, services }: AgentSpec): string[] =>
  role === 'lb'
    ? ['nginx', 'keepalived']
    : services.web === 'auto'
      ? WEB_UNITS
      : [...new Set([services.web.replace(/\.service$/, '').slice(0, 15), ...WEB_UNITS])];

const PROPERTIES = [
  'Id',
  'Names',
  'LoadState',
  'UnitFileState',
  'ActiveState',
  'SubState',
  'Result',
  'MainPID',
  'NRestarts',
  'ActiveEnterTimestampMonotonic',
  'InactiveEnterTimestampMonotonic',
  'StateChangeTimestampMonotonic',
  'Description',
  'NextElapseUSecMonotonic',
  'ExecStart',
].join(',');

const words = (...list: string[]): string => list.map(quote).join(' ');

/** The calls that bring the pair's own configuration, by the key of their answer: what `configurationOf` reads. */
export const configurationCalls = (sudo: AgentSpec['sudo']): [string, ...string[]][] => {
  const root = sudo === 'sudo' ? ['sudo', '-n'] : [];
  const heads = ['-exec', 'head', '-vc', '65536', '{}', '+'];
  return [
    ['KCONF', ...root, 'head', '-c', '65536', '/etc/keepalived/keepalived.conf'],
    ['KINC', ...root, 'find', '/etc/keepalived', '-mindepth', '2', '-name', '*.conf', ...heads],
    ['NCONF', 'head', '-c', '65536', '/etc/nginx/nginx.conf'],
    ['NINC', 'find', '-L', '/etc/nginx', '-mindepth', '2', '-maxdepth', '2', '-type', 'f', ...heads],
  ];
};

const operations = (spec: AgentSpec): string[] => {
  const sudo = spec.sudo === 'sudo' ? ['sudo', '-n'] : [];
  const lb = spec.role === 'lb';
  const run = (key: string, ...command: string[]) => `run ${key} ${words(...command)}`;
  return [
    'op_snap() {',
    run('ADDR', 'ip', '-o', 'addr', 'show'),
    ...(lb ? [run('LOG', 'file_tail', spec.checkLog, String(LOG_LINES))] : []),
    run('PS', 'ps', '-ww', '-C', processNamesOf(spec).join(','), '-o', 'pid,ppid,stat,comm,args'),
    run('UNITS', 'systemctl', 'show', '--no-pager', '-p', PROPERTIES, ...unitsOf(spec), ...RESTORE_UNITS),
    '}',
    'op_dump() {',
    lb ? run('DUMP', 'keepalived_dump', spec.services.keepalived, ...sudo.slice(0, 1)) : ':',
    '}',
    'op_conf() {',
    ...(lb ? [...configurationCalls(spec.sudo).map(([key, ...command]) => run(key, ...command))] : [':']),
    '}',
  ];
};

const streams = (spec: AgentSpec): string[] => {
  if (!spec.streams) return [];
  const sudo = spec.sudo === 'sudo' ? ['sudo', '-n'] : [];
  const units = unitsOf(spec).flatMap((unit) => ['-u', unit]);
  const follow = (stream: string, ...command: string[]) => `follow ${stream} ${words(...command)}`;
  return [
    follow('A', 'ip', '-o', '-ts', 'monitor', 'address'),
    follow('J', ...sudo, 'journalctl', '-f', '-n0', '-o', 'json', ...units),
    ...(spec.role === 'lb' ? [follow('L', 'tail', '-n0', '-s', '0.2', '-F', spec.checkLog)] : []),
  ];
};

/** busybox and other small `ps` know no `-C`: list everything with what they know, keep our names. */
const smallPs = (spec: AgentSpec): string => {
  const patterns = ['PID', ...processNamesOf(spec)].map((name) => `*${quote(name)}*`).join('|');
  return `case $(ps --version 2>&1) in *procps*) ;; *) ps() { { command ps -o pid,ppid,stat,comm,args 2>/dev/null || command ps w; } | while IFS= read -r l; do case $l in ${patterns}) echo "$l"; esac; done; } ; esac`;
};

/** The whole agent for one node, as text for `eval`. Tool calls stand in it as literal words, one a line. */
export const agentScript = (spec: AgentSpec): string =>
  [
    PRELUDE + smallPs(spec),
    `dumper=${quoteText(dumperText(spec.dumpDirectory))}`,
    ...operations(spec),
    HELLO,
    ...streams(spec),
    MAIN.trim(),
    '',
  ].join('\n');

const quoteText = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * The command given to the user's login shell; it holds no nested quotes of ours, the script itself comes by stdin. What follows
 * the script there must not be read with it: a dd that can wait for a whole block (GNU, most busybox) takes it in one piece, any
 * other refuses the flag before it reads, and goes byte by byte.
 */
export const agentCommand = (script: string): string => {
  const size = Buffer.byteLength(script);
  return `exec /bin/sh -c 'eval "$({ dd bs=${size} count=1 iflag=fullblock || dd bs=1 count=${size}; } 2>/dev/null)"'`;
};
