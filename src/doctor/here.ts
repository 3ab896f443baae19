import { visibleText } from '../cluster/visible-text.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { bad, type Line, ok, type Section, unknown } from './report.ts';

/** What is known of the terminal and the machine that doctor runs on. */
export type Here = {
  isTerminal: boolean;
  columns: number;
  rows: number;
  /** Bits of colour as Node tells: 1, 4, 8 or 24. */
  colorDepth: number;
  term: string;
  noColor: boolean;
  utf8: boolean;
  /** Name of the locale, for the message. */
  locale: string;
  /** Keys that the SSH agent holds; null: it does not answer; undefined: there is none. */
  agentKeys: number | null | undefined;
  /** Whether the ssh program can be started. */
  ssh: boolean;
  node: string;
};

const COLORS: Record<number, string> = { 4: '16 colours', 8: '256 colours', 24: 'true colour' };

const terminalLines = (here: Here): Line[] => {
  if (!here.isTerminal)
    return [
      unknown(
        'terminal',
        'there is none here: output goes to a pipe or a file',
        'run doctor in the terminal the console will run in',
      ),
    ];
  const { columns, rows } = here;
  const size = `${columns} x ${rows}`;
  return [
    columns < 60 || rows < 20
      ? bad('terminal size', size, 'the console needs 60 x 20, and shows all from 80 x 24')
      : ok('terminal size', size),
    here.noColor
      ? ok('colours', 'off, as NO_COLOR says')
      : here.colorDepth > 1
        ? ok('colours', `${COLORS[here.colorDepth] ?? `${here.colorDepth} bits`} (TERM=${visibleText(here.term, 40)})`)
        : unknown(
            'colours',
            `TERM=${visibleText(here.term, 40)} tells of none`,
            'nothing is told by colour alone; TERM=xterm-256color brings them',
          ),
  ];
};

const utf8Line = ({ utf8, locale }: Here): Line =>
  utf8
    ? ok('UTF-8', visibleText(locale, 40))
    : unknown(
        'UTF-8',
        `the locale (${visibleText(locale, 40) || 'none'}) does not say so: signs beyond ASCII are left out`,
        'LC_ALL=C.UTF-8',
      );

const agentLine = ({ agentKeys }: Here): Line => {
  if (agentKeys === undefined) return ok('SSH agent', 'none runs: keys come from files');
  if (agentKeys === null)
    return unknown(
      'SSH agent',
      'SSH_AUTH_SOCK is set, and nobody answers there',
      'start it anew (eval "$(ssh-agent)"), or unset SSH_AUTH_SOCK',
    );
  return ok('SSH agent', `${agentKeys} ${agentKeys === 1 ? 'key' : 'keys'}`);
};

const clusterLine = (config: ClusterConfig): Line => {
  const count = (role: 'lb' | 'web') => config.nodes.filter((node) => node.role === role).length;
  const what = `${config.vips.length} VIPs, ${count('lb')} load balancers, ${count('web')} web nodes`;
  const found = `${visibleText(config.file ?? config.name, 200)}: ${what}`;
  return count('lb') === 0
    ? unknown(
        'cluster file',
        `${found}; without load balancers nobody can be asked who holds a VIP`,
        'name them, or write the file with haconsole init',
      )
    : ok('cluster file', found);
};

/** What was found on this side: terminal, programs, cluster file. */
export const hereSection = (here: Here, config: ClusterConfig): Section => ({
  name: 'here',
  role: 'here',
  lines: [
    clusterLine(config),
    ...terminalLines(here),
    utf8Line(here),
    agentLine(here),
    here.ssh
      ? ok('ssh program', 'there, for what only OpenSSH can (certificates, security keys, ProxyCommand)')
      : unknown('ssh program', 'not found', 'only needed for certificates, security keys and ProxyCommand'),
    ok('Node', here.node),
  ],
});
