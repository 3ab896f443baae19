import { visibleText } from '../cluster/visible-text.ts';
import type { Answers } from './answers.ts';
import { bad, type Line, ok, unknown } from './report.ts';

type Role = 'lb' | 'web';

/** A program on a node: how it tells its version, and what is lost without it. */
type Tool = {
  tool: string;
  /** Key of the agent's reply: capital letters, at most 8. */
  key: string;
  words: readonly string[];
  version: RegExp;
  roles: readonly Role[];
  /** What it is for; missing it is a fault, unless `optional`. */
  use: string;
  install: string;
  optional?: true;
};

const both: readonly Role[] = ['lb', 'web'];
const lb: readonly Role[] = ['lb'];

/** Every program that haconsole calls on a node, or that the pair itself needs. */
export const TOOLS: readonly Tool[] = [
  {
    tool: 'ip',
    key: 'VIP',
    words: ['ip', '-V'],
    version: /iproute2[^\d]*?(?:ss)?([\d.]+)/,
    roles: both,
    use: 'who holds a VIP is read with it',
    install: 'install iproute2 (Debian, Ubuntu) or iproute (CentOS, Rocky)',
  },
  {
    tool: 'ps',
    key: 'VPS',
    words: ['ps', '--version'],
    version: /(?:procps(?:-ng)?(?: version)?|BusyBox) v?([\d.]+)/,
    roles: both,
    use: 'processes are counted with it',
    install: 'install procps (Debian, Ubuntu) or procps-ng (CentOS, Rocky)',
  },
  {
    tool: 'systemctl',
    key: 'VCTL',
    words: ['systemctl', '--version'],
    version: /systemd (\d+)/,
    roles: both,
    use: 'services are read, started and stopped with it',
    install: 'haconsole needs systemd on the nodes',
  },
  {
    tool: 'journalctl',
    key: 'VJOUR',
    words: ['journalctl', '--version'],
    version: /systemd (\d+)/,
    roles: both,
    use: 'why a VIP moved is read with it',
    install: 'it is part of systemd',
  },
  {
    tool: 'systemd-run',
    key: 'VRUN',
    words: ['systemd-run', '--version'],
    version: /systemd (\d+)/,
    roles: both,
    use: 'the restore timer that a drill or --restore-after leaves on the node is made with it',
    install: 'it is part of systemd (218 or later); without it there are no drills and no --restore-after',
  },
  {
    tool: 'keepalived',
    key: 'VKEEP',
    words: ['keepalived', '--version'],
    version: /Keepalived v([\d.]+)/,
    roles: lb,
    use: 'it moves the VIPs',
    install: 'install keepalived, or name this node a web node',
  },
  {
    tool: 'nginx',
    key: 'VNGINX',
    words: ['nginx', '-v'],
    version: /nginx\/([\d.]+)/,
    roles: lb,
    use: 'it passes requests on to the web nodes',
    install: 'install nginx, or name this node a web node',
  },
  {
    tool: 'killall',
    key: 'VKILL',
    words: ['command', '-v', 'killall'],
    version: /()/,
    roles: lb,
    use: 'the check script of the tutorial gives up with it',
    install: 'if your check script calls it: install psmisc',
    optional: true,
  },
];

/** The programs asked about on a node of this role. */
export const toolsFor = (role: Role): readonly Tool[] => TOOLS.filter(({ roles }) => roles.includes(role));

/** One line for each program: its version, or that it is missing and what that costs. */
export const toolLines = (answers: Answers, role: Role): Line[] =>
  toolsFor(role).map((one): Line => {
    const { tool, key, version, use, install } = one;
    const answer = answers(key);
    if (!answer) return unknown(tool, 'it did not answer in time', `try ${one.words.join(' ')} on the node`);
    const number = version.exec(answer.text)?.[1];
    const missing =
      answer.rc === 127 || /not found|No such file/.test(answer.text) || (one.optional && answer.rc !== 0);
    if (missing) return (one.optional ? unknown : bad)(tool, `not found on the node: ${use}`, install);
    if (number === undefined && answer.rc !== 0)
      return bad(tool, visibleText(answer.text, 160) || `ended with status ${answer.rc}`, `${use}; ${install}`);
    return ok(tool, number || visibleText(answer.text.split('\n')[0] ?? '', 80) || 'there');
  });
