import { allows } from '../rights.ts';
import { lookup } from './lookup.ts';
import { failed, printed, type ToolContext, type ToolResult } from './tool.ts';

const PASSWORD = 'sudo: a password is required';
const DEFAULTS =
  'env_reset, mail_badpass, secure_path=/usr/local/sbin\\:/usr/local/bin\\:/usr/sbin\\:/usr/bin\\:/sbin\\:/bin, use_pty';

/** `sudo -l`: what the account may do, in sudo 1.9's form. */
const list = ({ machine, user }: ToolContext): ToolResult => {
  const { sudo } = machine.rights;
  if (sudo === 'none') return failed(PASSWORD);
  return printed(
    `Matching Defaults entries for ${user} on ${machine.name}:\n    ${DEFAULTS}\n\nUser ${user} may run the following commands on ${machine.name}:\n    (root) NOPASSWD: ${sudo === 'all' ? 'ALL' : sudo.join(', ')}\n`,
  );
};

/**
 * sudo(8) 1.9 with `-n`: the command to run as root, or what sudo answers instead. `-l COMMAND…` prints the command where it
 * is allowed and says nothing, with status 1, where it is not.
 */
export const sudo = (
  context: ToolContext,
  args: readonly string[],
): { context: ToolContext; words: readonly string[] } | ToolResult => {
  const first = args.findIndex((arg) => !arg.startsWith('-') || arg === '--');
  const options = first < 0 ? args : args.slice(0, first);
  const words = first < 0 ? [] : args.slice(args[first] === '--' ? first + 1 : first);
  const listing = options.some((option) => /^-\w*l/.test(option));
  const [name, ...rest] = words;
  const { rights } = context.machine;
  if (name === undefined) return listing ? list(context) : failed('usage: sudo -h | -K | -k | -V');
  // Without any rule sudo would ask who you are before it says that you may not.
  if (!context.root && rights.sudo === 'none') return failed(PASSWORD);
  const base = name.slice(name.lastIndexOf('/') + 1);
  const path = lookup({ ...context, sbin: true }, name);
  // The right to the journal is the group's; a machine that withholds it does not give it back by sudo.
  if (base === 'journalctl' && !rights.journal && !context.root) return failed(PASSWORD);
  const may = context.root || rights.sudo === 'all' || (path !== undefined && allows(rights, path, rest));
  if (path === undefined && (may || listing)) return failed(`sudo: ${name}: command not found`);
  if (listing) return may ? printed(`${[path, ...rest].join(' ')}\n`) : { stdout: '', stderr: '', code: 1 };
  if (!may) return failed(PASSWORD);
  return { context: { ...context, root: true, sbin: true }, words };
};
