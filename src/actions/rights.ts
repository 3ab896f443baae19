import type { Failure } from '../cluster/failure.ts';
import { visibleText } from '../cluster/visible-text.ts';
import type { Remote } from '../ssh/remote.ts';
import { type Asked, ask } from './ask.ts';
import { noSudo, sudoComplaint, sudoersLine, wantsPassword } from './sudo-rights.ts';

/** What has to stand before a command so that it runs as root: nothing for root, `sudo -n` for others. Or why it cannot. */
export type Rights = { ok: true; prefix: readonly string[] } | { ok: false; failure: Failure };

/** One question about rights may take this long, ms: sudo may ask a directory server. */
const PATIENCE = 8000;

/** How a node is asked; `sudo` as the cluster file says. */
type How = { sudo: boolean; signal: AbortSignal };

const denied = (hop: string, found: string, advice?: string): { ok: false; failure: Failure } => ({
  ok: false,
  failure: {
    step: 'permission',
    hop,
    found: visibleText(found, 300),
    ...(advice === undefined ? {} : { advice: visibleText(advice, 600) }),
    blame: 'target',
  },
});

/** The answer of a tool that prints one line: the last one, since a shell's start-up files may say something first. */
const answerOf = ({ stdout }: Asked): string => stdout.trimEnd().split('\n').at(-1)?.trim() ?? '';

/** How the user on a node becomes root. Fails with step `permission` where the cluster file forbids sudo to a user that is not. */
export const wayToRoot = async (remote: Remote, { sudo, signal }: How): Promise<Rights> => {
  const who = await ask(remote, ['id', '-u'], { signal, timeout: PATIENCE });
  if (!who.ok) return who;
  if (answerOf(who.value) === '0') return { ok: true, prefix: [] };
  if (sudo) return { ok: true, prefix: ['sudo', '-n'] };
  const { user } = await userOf(remote, { sudo, signal });
  return denied(
    remote.name,
    `${user} is not root, and sudo is off in the cluster file`,
    'set ssh.sudo: true, or ssh.user: root',
  );
};

/**
 * Makes sure of the right to run each of these commands (words without sudo) as root, running none. `prefix` is what to put before
 * them. A missing right is a failure with step `permission` that names the sudoers line which would allow all of them.
 */
export const findRights = async (
  remote: Remote,
  commands: readonly (readonly string[])[],
  how: How,
): Promise<Rights> => {
  const root = await wayToRoot(remote, how);
  if (!root.ok || root.prefix.length === 0 || commands.length === 0) return root;
  const question = { signal: how.signal, timeout: PATIENCE };
  const [listing, ...answers] = await Promise.all([
    ask(remote, ['env', 'LC_ALL=C', 'sudo', '-n', '-ll'], question),
    ...commands.map((words) => ask(remote, ['sudo', '-n', '-l', ...words], question)),
  ]);
  const broken = answers.find((one) => !one.ok);
  if (broken && !broken.ok) return broken;
  const list = listing.ok && listing.value.code === 0 ? listing.value.stdout : '';
  const verdicts = commands.map((words, index) => verdictOf(words, (answers[index] as { value: Asked }).value, list));
  const bad = verdicts.find((one) => one.verdict !== 'allowed');
  return bad
    ? refusal(
        remote,
        bad,
        commands.filter((_, index) => verdicts[index]?.verdict !== 'allowed'),
        how,
      )
    : root;
};

type Verdict = {
  verdict: 'allowed' | 'denied' | 'password';
  words: readonly string[];
  said: string;
  code: number | null;
};

const verdictOf = (words: readonly string[], { code, stderr }: Asked, listing: string): Verdict => ({
  words,
  said: stderr,
  code,
  verdict: code !== 0 ? 'denied' : wantsPassword(listing, words) ? 'password' : 'allowed',
});

const userOf = async (remote: Remote, how: How): Promise<{ user: string }> => {
  const name = await ask(remote, ['id', '-un'], { signal: how.signal, timeout: PATIENCE });
  const user = name.ok ? answerOf(name.value) : '';
  return { user: /^[\w.@-]{1,64}\$?$/.test(user) ? user : 'the user' };
};

/** Where a tool lies on the node. sbin is in no user's PATH on Debian; sudo finds it all the same. */
const pathOf = async (remote: Remote, tool: string, how: How): Promise<string> => {
  const found = await ask(remote, ['command', '-v', tool], { signal: how.signal, timeout: PATIENCE });
  const path = found.ok ? answerOf(found.value) : '';
  return /^\/[\w./+-]{1,200}$/.test(path) ? path : usualPath(tool);
};

/** Where the tools lie on Debian, Ubuntu, CentOS and Rocky alike (`/sbin` is a link to `/usr/sbin` on the newer ones). */
export const usualPath = (tool: string): string =>
  ({ ip: '/sbin/ip', keepalived: '/usr/sbin/keepalived', nginx: '/usr/sbin/nginx' })[tool] ?? `/usr/bin/${tool}`;

const refusal = async (
  remote: Remote,
  bad: Verdict,
  commands: readonly (readonly string[])[],
  how: How,
): Promise<Rights> => {
  const { user } = await userOf(remote, how);
  const [tool = ''] = bad.words;
  const complaint =
    bad.code === 127
      ? noSudo
      : bad.verdict === 'password'
        ? { found: `sudo wants a password of ${user} for \`${bad.words.join(' ')}\`` }
        : sudoComplaint(bad.said, user, tool);
  if (complaint && 'advice' in complaint) return denied(remote.name, complaint.found, complaint.advice);
  if (complaint && /installed/.test(complaint.found)) return denied(remote.name, complaint.found);
  const isTimer = ([tool]: readonly string[]) => tool === 'systemd-run';
  const placed = await Promise.all(
    commands
      .filter((words) => !isTimer(words))
      .map(async ([name = '', ...args]) => [await pathOf(remote, name, how), ...args]),
  );
  const found = complaint?.found ?? `${user} may not run \`${bad.words.slice(0, 4).join(' ')}\` by sudo`;
  return denied(
    remote.name,
    found,
    [
      ...(placed.length > 0 ? [`this line in sudoers allows it: ${sudoersLine(user, placed)}`] : []),
      ...(commands.some(isTimer) ? ['`haconsole act --sudoers` prints the lines for restore timers'] : []),
    ].join('; '),
  );
};
