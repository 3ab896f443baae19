import { BY_LENGTH } from '../cluster/restore-by.ts';
import { visibleText } from '../cluster/visible-text.ts';

/** One entry of `sudo -ll`: whether its commands may be run as root, without a password, and which they are. */
type Entry = { asRoot: boolean; password: boolean; commands: string[] };

const entriesOf = (text: string): Entry[] => {
  const entries: Entry[] = [];
  let listing = false;
  for (const line of text.split('\n')) {
    if (/^(Sudoers|LDAP) (entry|role)/i.test(line.trim())) {
      entries.push({ asRoot: true, password: true, commands: [] });
      listing = false;
    }
    const entry = entries.at(-1);
    if (!entry) continue;
    const [, key, value = ''] = /^ {4}(\w+): ?(.*)$/.exec(line) ?? [];
    if (key === 'RunAsUsers') entry.asRoot = value.split(', ').some((user) => user === 'root' || user === 'ALL');
    else if (key === 'Options' && value.includes('!authenticate')) entry.password = false;
    else if (key === 'Commands') listing = true;
    else if (listing && line.startsWith('\t')) entry.commands.push(line.trim());
  }
  return entries;
};

/** A command of sudoers as a pattern: `*` and `?` as sudo has them, the path by its last part, any arguments where none are given. */
const matches = (pattern: string, words: readonly string[]): boolean => {
  if (pattern === 'ALL') return true;
  const [path = '', ...args] = pattern.replace(/\\([,:=\\])/g, '$1').split(' ');
  if (path.split('/').at(-1) !== words[0]?.split('/').at(-1)) return false;
  if (args.length === 0) return true;
  const escaped = args.join(' ').replace(/[.+^${}()|]/g, '\\$&');
  try {
    return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(words.slice(1).join(' '));
  } catch {
    return false;
  }
};

/**
 * Whether the entry of `sudo -n -ll` that decides about this command wants a password. `sudo -n -l COMMAND` does not tell: it
 * says yes where any entry of the user needs no password (sudo 1.9.13, listpw=any). Undefined: no entry was understood.
 */
export const wantsPassword = (listing: string, words: readonly string[]): boolean | undefined => {
  const defaults = listing.split(/\n\s*\n/)[0] ?? '';
  if (defaults.startsWith('Matching Defaults') && defaults.includes('!authenticate')) return false;
  let wanted: boolean | undefined;
  // The last that matches decides.
  for (const { asRoot, password, commands } of entriesOf(listing))
    if (asRoot && commands.some((one) => matches(one, words))) wanted = password;
  return wanted;
};

/** One line of a sudoers file. Arguments are escaped as sudoers(5) wants it, wildcards included. */
export const sudoersLine = (user: string, commands: readonly (readonly string[])[]): string =>
  `${user} ALL=(root) NOPASSWD: ${commands.map(sudoersCommand).join(', ')}`;

/** As many signs, none of them a blank: whatever stands there stays one word. */
const BY = `--description\\=${'[+-~]'.repeat(BY_LENGTH)}`;

/** A command as it stands in sudoers: the path first, every sign with a meaning there escaped, who arms a timer left open. */
export const sudoersCommand = ([path = '', ...args]: readonly string[]): string =>
  [path, ...args.map((word) => (word.startsWith('--description=') ? BY : word.replace(/[\\,:=*?[\]!]/g, '\\$&')))].join(
    ' ',
  );

/** Why sudo said no, from its own words; undefined where it only said no. */
export const sudoComplaint = (
  said: string,
  user: string,
  tool: string,
): { found: string; advice?: string } | undefined => {
  if (/must have a tty|no tty present/i.test(said))
    return {
      found: `sudo wants a terminal (requiretty) for ${user}`,
      advice: `in sudoers: Defaults:${user} !requiretty`,
    };
  if (/sudo: (command )?not found|not found.*sudo$/i.test(said)) return noSudo;
  if (new RegExp(`${tool.replace(/[^\w.-]/g, '.')}: command not found`).test(said))
    return { found: `${tool} is not installed, or not in sudo's secure_path` };
  if (/password/i.test(said))
    return { found: `sudo wants a password of ${user}: not in sudoers, or not with NOPASSWD` };
  if (/not in the sudoers|not allowed|may not run/i.test(said)) return { found: `${user} is not in sudoers` };
  return said.trim() === '' ? undefined : { found: `sudo: ${visibleText(said.trim().split('\n').at(-1) ?? '', 160)}` };
};

/** Where there is no sudo at all. */
export const noSudo = { found: 'sudo is not installed', advice: 'connect as root, or install sudo' };
