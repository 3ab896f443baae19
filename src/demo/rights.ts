/** What the operator's account may do on a machine. */
export type Rights = {
  /** By `sudo -n`: anything, nothing, or these command lines, written as in sudoers (`/usr/bin/systemctl stop nginx`). */
  sudo: 'all' | 'none' | readonly string[];
  /** Beyond that anything, but with a password, which `sudo -n` does not ask for. */
  password: boolean;
  /** Reads the whole journal (group adm or systemd-journal). */
  journal: boolean;
};

/** sudoers escapes `,`, `:`, `=` and `\`; its wildcards are those of the shell: `*`, `?`, `[0-9]`, `[!0-9]`. */
const pattern = (text: string): RegExp => {
  const source = text.replace(
    /\\(.)|\[(!?)([^\]]+)\]|[*?]|[^\w\s]/gs,
    (part, escaped?: string, not?: string, set?: string) => {
      if (escaped !== undefined) return /\w/.test(escaped) ? escaped : `\\${escaped}`;
      if (set !== undefined) return `[${not ? '^' : ''}${set.replace(/[\\^]/g, '\\$&')}]`;
      return part === '*' ? '.*' : part === '?' ? '.' : `\\${part}`;
    },
  );
  return new RegExp(`^${source}$`, 's');
};

/** Where a program really lies: Debian's /bin and /sbin are links, and /usr/sbin/ip is one. sudo compares files, not names. */
const canonical = (path: string): string =>
  path.replace(/^\/(s?bin)\//, '/usr/$1/').replace(/^\/usr\/sbin\/ip$/, '/usr/bin/ip');

/**
 * Whether sudo lets this command line through without a password. A line without arguments allows any, `""` allows none,
 * and arguments are compared as one text (sudoers(5), "Wildcards").
 */
export const allows = ({ sudo }: Rights, path: string, args: readonly string[]): boolean => {
  if (typeof sudo === 'string') return sudo === 'all';
  return sudo.some((line) => {
    const [command = '', ...rest] = line.trim().split(' ');
    if (!pattern(canonical(command)).test(canonical(path))) return false;
    const wanted = rest.join(' ');
    return wanted === '' || (wanted === '""' ? args.length === 0 : pattern(wanted).test(args.join(' ')));
  });
};
