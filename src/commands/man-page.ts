import { bareFlags } from './completion/model.ts';
import { type CommandInfo, commands, type FlagInfo } from './table.ts';

/** Exit statuses by command, as the man page lists them: what is not here is of every command. */
const exits: readonly (readonly [string, string])[] = [
  [
    'check',
    '0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (as monitoring plugins); a mistake in the cluster file or the command line is 2',
  ],
  [
    'act',
    '0 done and the effect was seen, 1 done and the effect did not come, 2 refused (nothing was run), 3 could not, or it is not known',
  ],
  ['note', '0 written everywhere, 2 refused (nothing was written), 3 not written somewhere'],
  ['drill', '0 passed, 1 an expectation failed, 2 refused (nothing was touched), 3 could not run or could not restore'],
  ['init', '0 written, 1 no load balancer could be looked at (nothing is written), 2 refused'],
  ['doctor', '0 every way works, 1 one does not, 2 the cluster file is wrong'],
  ['audit', '0 clean, 1 warnings, 2 errors, 3 could not look'],
  ['verify', '0 sealed and whole, 3 recoverable, 4 altered or no session, 5 made by a newer version'],
  [
    'replay, report, export, recover',
    '0 done, 2 a mistake in the command line or a file that is there already, 4 no usable session, 5 made by a newer version',
  ],
  ['all others', '0 done, 2 refused or a mistake in the command line, 3 could not'],
];

const environment: readonly (readonly [string, string])[] = [
  ['XDG_CONFIG_HOME', 'where the cluster file is looked for (default ~/.config)'],
  ['XDG_STATE_HOME', 'where sessions are recorded (default ~/.local/state)'],
  ['SSH_AUTH_SOCK', 'the SSH agent that is asked for keys first'],
  ['NO_COLOR', 'set to anything: no colours'],
  ['LC_ALL, LC_CTYPE, LANG', 'where none of them says UTF-8, only ASCII is drawn'],
  ['TERM', 'dumb or empty: no console, lines instead'],
  ['HACONSOLE_AUTH_PASS', 'render: the VRRP password to write (1 to 8 characters)'],
];

const files: readonly (readonly [string, string])[] = [
  ['./haconsole.yaml', 'the cluster file'],
  ['$XDG_CONFIG_HOME/haconsole/haconsole.yaml', 'the cluster file where the first is not there'],
  [
    '~/.ssh/config, ~/.ssh/known_hosts, ~/.ssh/id_*',
    'read as ssh reads them; a host key that a person accepts is added',
  ],
  ['~/.local/state/haconsole/recordings', 'recorded sessions, readable by their owner alone'],
];

/** When the words of this file were last changed. */
const CHANGED = '2026-11-24';

/** Text as roff wants it: no line that begins a request, no sign beyond ASCII, dashes that stay dashes. */
const said = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&')
    .replace(
      /[^\x00-\x7f]/gu,
      (sign) => `\\[u${(sign.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}]`,
    );

/** Lines that people can read in a diff; what would begin a request at a line's start is kept from it. */
const folded = (text: string): string =>
  text
    .replace(/(.{1,78})(?: |$)/g, '$1\n')
    .trimEnd()
    .replace(/^(?=[.'])/gm, '\\&');

const item = (term: string, text: string): string => `.TP\n.B ${said(term)}\n${folded(said(text))}`;
const items = (rows: readonly (readonly [string, string])[]): string =>
  rows.map(([term, text]) => item(term, text)).join('\n');

const flagItem = ({ flag, does }: FlagInfo): string => {
  const [, names = flag, argument] = /^(.*?--\S+)(?: (.*))?$/.exec(flag) ?? [];
  return `.TP\n${argument ? `.BI "${said(names)} " "${said(argument)}"` : `.B ${said(names)}`}\n${folded(said(does))}`;
};

const section = ({ name, usage, does, flags }: CommandInfo): string =>
  [`.SS ${said(name)}`, `.B ${said(usage)}`, '.PP', folded(`${said(does)}.`), ...flags.map(flagItem)].join('\n');

const examples = commands.flatMap((command) => command.examples);

/** man/haconsole.1, from the table of commands. A test fails when the file is not what this returns; `vitest run test/commands/man-page.test.ts --update` writes it. */
export const manPage = (version: string): string => `.\\" Written from src/commands/table.ts: change that, not this.
.TH HACONSOLE 1 ${CHANGED} "haconsole ${said(version)}" "User Commands"
.SH NAME
haconsole \\- operations console for an nginx and keepalived pair
.SH SYNOPSIS
.B haconsole
.RI [ command ]
.RI [ flag " ...]"
.SH DESCRIPTION
One screen shows who holds each virtual IP, whether a backup stands ready,
which web node answered and what just changed, polled over SSH and HTTP
through any number of jump hosts.
Without a command the console starts; inside it
.B ?
shows the keys.
What is not a console works without a terminal, prints data on standard
output and talk on standard error, and asks nothing unless standard input is
a terminal.
.PP
Nothing is installed on the nodes.
Host keys are checked as ssh checks them: an unknown or changed one is refused
where nobody can be asked.
.SH COMMANDS
${commands.map(section).join('\n')}
.SS Without a command
.TP
.B \\-h, \\-\\-help
the commands; after a command its flags, with examples
${bareFlags.map(({ names, does }) => item(names.join(', '), does)).join('\n')}
.SH EXIT STATUS
${items(exits)}
.PP
A command that was ended by a signal: 128 and the number of the signal.
.SH ENVIRONMENT
${items(environment)}
.SH FILES
${items(files)}
.SH EXAMPLES
.nf
${examples.map(said).join('\n')}
.fi
.SH SEE ALSO
.BR ssh_config (5),
.BR keepalived.conf (5),
.BR nginx (8),
.BR systemctl (1)
`;
