import type { ToolContext } from './tool.ts';

/** Tools that Debian keeps out of an ordinary user's PATH. */
const SBIN = new Set(['nginx', 'keepalived', 'visudo']);
/** Tools that live in /usr/bin. */
const BIN = new Set([
  ...[
    'bash',
    'cat',
    'date',
    'df',
    'echo',
    'env',
    'false',
    'find',
    'grep',
    'head',
    'hostname',
    'id',
    'ip',
    'journalctl',
    'killall',
    'kill',
    'nice',
  ],
  ...[
    'printf',
    'ps',
    'sh',
    'sleep',
    'stat',
    'sudo',
    'sync',
    'systemctl',
    'systemd-detect-virt',
    'systemd-run',
    'tail',
    'tee',
    'test',
    'timeout',
  ],
  ...['cp', 'ln', 'mv', 'rm', 'sha256sum', 'true', 'uname', 'wc', 'whoami'],
]);

const base = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

/** Whether the program is installed on this machine. */
const installed = ({ machine }: ToolContext, name: string): boolean => {
  if (name === 'nginx' || name === 'keepalived') return machine.unit(name) !== undefined;
  if (name === 'systemd-run') return machine.system.systemdRun;
  if (name === 'ip') return machine.system.ip;
  return SBIN.has(name) || BIN.has(name);
};

/** Where a program is found by its name or path: its absolute path, or undefined. */
export const lookup = (context: ToolContext, name: string): string | undefined => {
  const short = base(name);
  if (!installed(context, short)) return undefined;
  const path = SBIN.has(short) ? `/usr/sbin/${short}` : `/usr/bin/${short}`;
  if (!name.includes('/')) return SBIN.has(short) && !context.sbin ? undefined : path;
  return name === path || `/usr${name}` === path ? name : undefined;
};
