/** What the operator's account may do on a machine. */
export type Rights = {
  /** By `sudo -n`: anything, nothing, or these command lines, written as in sudoers (`/usr/bin/systemctl stop nginx`). */
  sudo: 'all' | 'none' | readonly string[];
  /** Reads the whole journal (group adm or systemd-journal). */
  journal: boolean;
};

/** sudoers escapes `,`, `:`, `=` and `\`; its wildcards are those of the shell. */
const pattern = (text: string): RegExp => {
  const source = text.replace(/\\(.)|[*?]|[^\w\s]/g, (part, escaped?: string) => {
    if (escaped !== undefined) return `\\${escaped}`.replace(/^\\(\w)$/, '$1');
    return part === '*' ? '.*' : part === '?' ? '.' : `\\${part}`;
  });
  return new RegExp(`^${source}$`, 's');
};

/**
 * Whether sudo lets this command line through without a password. A line without arguments allows any, `""` allows none,
 * and arguments are compared as one text (sudoers(5), "Wildcards").
 */
export const allows = ({ sudo }: Rights, path: string, args: readonly string[]): boolean => {
  if (typeof sudo === 'string') return sudo === 'all';
  return sudo.some((line) => {
    const [command = '', ...rest] = line.trim().split(' ');
    if (!pattern(command).test(path)) return false;
    const wanted = rest.join(' ');
    return wanted === '' || (wanted === '""' ? args.length === 0 : pattern(wanted).test(args.join(' ')));
  });
};
