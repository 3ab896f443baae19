import { allows, type Rights } from '../rights.ts';
import { lookup } from './lookup.ts';
import { failed, printed, type ToolContext, type ToolResult } from './tool.ts';

const PASSWORD = 'sudo: a password is required';
const DEFAULTS =
  'env_reset, mail_badpass, secure_path=/usr/local/sbin\\:/usr/local/bin\\:/usr/sbin\\:/usr/bin\\:/sbin\\:/bin, use_pty, !fqdn';

/** One rule of the account as `-l` shows it in a line, and as `-ll` shows it in full. */
type Rule = { users: string; free: boolean; commands: readonly string[] };

const rulesOf = ({ sudo, password }: Rights): Rule[] => [
  ...(password ? [{ users: 'ALL : ALL', free: false, commands: ['ALL'] }] : []),
  ...(sudo === 'none' ? [] : [{ users: 'root', free: true, commands: sudo === 'all' ? ['ALL'] : sudo }]),
];

const short = ({ users, free, commands }: Rule): string =>
  `    (${users}) ${free ? 'NOPASSWD: ' : ''}${commands.join(', ')}\n`;

const long = ({ users, free, commands }: Rule): string => {
  const [user, group] = users.split(' : ');
  const lines = [
    'Sudoers entry:',
    `    RunAsUsers: ${user}`,
    ...(group ? [`    RunAsGroups: ${group}`] : []),
    ...(free ? ['    Options: !authenticate'] : []),
    '    Commands:',
    ...commands.map((command) => `\t${command}`),
  ];
  return `\n${lines.join('\n')}\n`;
};

/** `sudo -l`, `sudo -ll`: what the account may do, in the form of sudo 1.9. */
const list = ({ machine, user }: ToolContext, full: boolean): ToolResult => {
  const head = `Matching Defaults entries for ${user} on ${machine.name}:\n    ${DEFAULTS}\n\nUser ${user} may run the following commands on ${machine.name}:\n`;
  return printed(
    head +
      rulesOf(machine.rights)
        .map(full ? long : short)
        .join(''),
  );
};

/**
 * sudo(8) 1.9 with `-n`: the command to run as root, or what sudo answers instead. `-l COMMAND…` prints the command where any
 * rule allows it, with a password or without, and says nothing, with status 1, where none does.
 */
export const sudo = (
  context: ToolContext,
  args: readonly string[],
): { context: ToolContext; words: readonly string[] } | ToolResult => {
  const first = args.findIndex((arg) => !arg.startsWith('-') || arg === '--');
  const options = first < 0 ? args : args.slice(0, first);
  const words = first < 0 ? [] : args.slice(args[first] === '--' ? first + 1 : first);
  const letters = options.filter((option) => /^-\w/.test(option)).join('');
  const listing = letters.includes('l');
  const [name, ...rest] = words;
  const { rights } = context.machine;
  // Where no rule is free of a password, not even a list is.
  if (!context.root && rights.sudo === 'none') return failed(PASSWORD);
  if (name === undefined) {
    return listing ? list(context, letters.split('l').length > 2) : failed('usage: sudo -h | -K | -k | -V');
  }
  const base = name.slice(name.lastIndexOf('/') + 1);
  // The right to the journal is the group's; a machine that withholds it does not give it back by sudo.
  if (base === 'journalctl' && !rights.journal && !context.root) return failed(PASSWORD);
  const path = lookup({ ...context, sbin: true }, name);
  const free = context.root || rights.sudo === 'all' || (path !== undefined && allows(rights, path, rest));
  if (path === undefined && (free || listing)) return failed(`sudo: ${name}: command not found`);
  if (listing) {
    return free || rights.password ? printed(`${[path, ...rest].join(' ')}\n`) : { stdout: '', stderr: '', code: 1 };
  }
  if (!free) return failed(PASSWORD);
  return { context: { ...context, root: true, sbin: true }, words };
};
