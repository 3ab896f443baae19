import { inside, mustInside } from '../node.ts';
import { addressOf, LabError, NODES, namespaceOf, nodeOf } from '../plan.ts';
import { must, run } from '../run.ts';

const HIDDEN = '.lab-hidden';

const sh = (name: string, script: string, ...args: string[]) => mustInside(name, ['sh', '-c', script, 'sh', ...args]);

/** Renames a program, so that it is not found by its name. */
export async function hideTool(name: string, tool: string): Promise<string> {
  if (!/^[a-z][a-z0-9-]*$/.test(tool)) throw new LabError(`"${tool}" is no program`);
  await sh(
    nodeOf(name).name,
    `for p in $(command -v "$1"); do p=$(readlink -f "$p"); mv "$p" "$p${HIDDEN}"; done`,
    tool,
  );
  const left = await inside(name, ['sh', '-c', `command -v ${tool}`]);
  if (left.code === 0) throw new LabError(`${name} still has ${left.stdout.trim()}`);
  return `${name}: ${tool} is not found`;
}

/** Puts every hidden program back. */
export async function showTools(name: string): Promise<string> {
  await sh(
    nodeOf(name).name,
    `for p in /usr/bin/*${HIDDEN} /usr/sbin/*${HIDDEN}; do [ ! -e "$p" ] || mv "$p" "\${p%${HIDDEN}}"; done`,
  );
  return `${name}: all programs are there`;
}

const DATE = '/usr/local/bin/date';

/** Containers share one clock, so it is \`date\` that tells another time: what every reader of the clock on the node asks. */
export async function clockOff(name: string): Promise<string> {
  await sh(
    nodeOf(name).name,
    `printf '#!/bin/sh\\nexec /usr/bin/date -d "+1 hour" "$@"\\n' > ${DATE}; chmod 755 ${DATE}`,
  );
  return `${name}: date tells ${(await mustInside(name, [DATE])).trim()}`;
}

export async function clockRight(name: string): Promise<string> {
  await mustInside(nodeOf(name).name, ['rm', '-f', DATE]);
  return `${name}: date tells the machine's time`;
}

const USER = 'ops';

const setShell = async (name: string, shell: string): Promise<string> => {
  await mustInside(nodeOf(name).name, ['usermod', '-s', shell, USER]);
  return `${name}: the login shell of ${USER} is ${shell}`;
};

/** The account can log in and do nothing there; who is in already stays. */
export const noShell = (name: string): Promise<string> => setShell(name, '/usr/sbin/nologin');
export const loginShell = (name: string): Promise<string> => setShell(name, '/bin/bash');

const SSHD = '/etc/ssh/sshd_config.d/00-lab-fault.conf';

/** One option of the SSH server; it holds for connections made from now on. */
export async function sshdOption(name: string, option: string, ...values: string[]): Promise<string> {
  const value = values.join(' ');
  if (!/^[A-Za-z]+$/.test(option) || !/^[\w *:.]+$/.test(value))
    throw new LabError(`"${option} ${value}" is no option`);
  await sh(
    nodeOf(name).name,
    'printf "%s\\n" "$1" > "$2"; sshd -t && systemctl reload ssh',
    `${option} ${value}`,
    SSHD,
  );
  return `${name}: sshd has ${option} ${value}`;
}

export async function sshdDefault(name: string): Promise<string> {
  await sh(nodeOf(name).name, '[ ! -e "$1" ] || { rm -f "$1"; systemctl reload ssh; }', SSHD);
  return `${name}: sshd has its own options`;
}

const SUDOERS = '/etc/sudoers.d/zz-lab-fault';
const RULES: Record<string, string> = {
  none: `${USER} ALL=(ALL) !ALL`,
  password: `${USER} ALL=(ALL) PASSWD: ALL`,
  'no-journal': `${USER} ALL=(root) NOPASSWD: ALL, !/usr/bin/journalctl`,
};

/** Another rule for the operator's account: the last that matches decides. */
export async function sudoRule(name: string, kind: string): Promise<string> {
  const rule = RULES[kind];
  if (rule === undefined) throw new LabError(`"${kind}" is none of ${Object.keys(RULES).join(', ')}`);
  await sh(nodeOf(name).name, 'umask 227; rm -f "$2"; printf "%s\\n" "$1" > "$2"; visudo -cqf "$2"', rule, SUDOERS);
  return `${name}: ${rule}`;
}

export async function sudoFree(name: string): Promise<string> {
  await mustInside(nodeOf(name).name, ['rm', '-f', SUDOERS]);
  return `${name}: ${USER} may run anything by sudo`;
}

const OPS = '10.99.0.0/24';
const LAN = '172.16.249.0/24';
const machines = () => NODES.filter(({ role }) => role === 'lb' || role === 'web');

/** The jump host routes: the operator reaches the LAN directly as well. */
export async function openLan(): Promise<string> {
  const near = nodeOf('jump').wires.find(({ net }) => net === 'ops')!.address;
  await must('ip', ['netns', 'exec', namespaceOf('jump'), 'sysctl', '-qw', 'net.ipv4.ip_forward=1']);
  await must('ip', ['-n', namespaceOf('op'), 'route', 'replace', LAN, 'via', near]);
  for (const { name } of machines())
    await must('ip', ['-n', namespaceOf(name), 'route', 'replace', OPS, 'via', addressOf('jump')]);
  return 'the operator reaches the LAN without the jump host';
}

export async function closeLan(): Promise<string> {
  await must('ip', ['netns', 'exec', namespaceOf('jump'), 'sysctl', '-qw', 'net.ipv4.ip_forward=0']);
  // No such route is as good as one removed.
  await run('ip', ['-n', namespaceOf('op'), 'route', 'del', LAN]);
  for (const { name } of machines()) await run('ip', ['-n', namespaceOf(name), 'route', 'del', OPS]);
  return 'the operator reaches the jump host only';
}

/** Takes back whatever of this was done to a node; cheap where nothing was. */
export async function mendAccess(name: string): Promise<void> {
  const script = [
    `for p in /usr/bin/*${HIDDEN} /usr/sbin/*${HIDDEN}; do [ ! -e "$p" ] || mv "$p" "\${p%${HIDDEN}}"; done`,
    `rm -f ${DATE} ${SUDOERS}`,
    `[ ! -e ${SSHD} ] || { rm -f ${SSHD}; systemctl reload ssh; }`,
    `case $(getent passwd ${USER}) in *nologin) usermod -s /bin/bash ${USER};; esac`,
  ].join('; ');
  await mustInside(name, ['sh', '-c', script]);
}
