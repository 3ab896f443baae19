import { type Asked, ask, MOST } from '../actions/ask.ts';
import type { Seen } from '../audit/input.ts';
import { appendedLogs } from '../audit/shell.ts';
import { failureText } from '../cluster/failure.ts';
import { visibleText } from '../cluster/visible-text.ts';
import { KEEPALIVED_CONF } from '../conf-files/keepalived-tree.ts';
import type { Remote } from '../ssh/remote.ts';

/** The rights of a file. */
export type FileRights = { mode: number; owner: string; group: string };

/** What an audit asks a node. Nothing of it writes; nothing of it rejects. */
export type Asker = {
  cat(path: string): Promise<Seen<string>>;
  stat(path: string): Promise<Seen<FileRights>>;
  /** Files that fit an absolute pattern with `*` or `?` in its last part. */
  list(pattern: string): Promise<Seen<string[]>>;
  enabled(unit: string): Promise<Seen<string>>;
  /** The web server's unit, found where the cluster file says `auto`, and whether it is enabled. */
  webUnit(name: string): Promise<[string, Seen<string>]>;
  version(daemon: 'keepalived' | 'nginx'): Promise<Seen<string>>;
  test(daemon: 'keepalived' | 'nginx'): Promise<Seen<{ code: number | null; text: string }>>;
  /** What keeps the clock right; absent: nothing. */
  timeSync(): Promise<Seen<string>>;
  /** Whether logrotate knows a file. */
  rotated(path: string): Promise<Seen<boolean>>;
  /** Absolute paths of the logs that a script appends to. */
  logsIn(script: string): string[];
};

/** A question may take this long, ms; the first one waits for the login, too. */
const PATIENCE = 8_000;
const FIRST_PATIENCE = 20_000;

/** Bytes that the probes read of keepalived.conf. */
const HEAD = 65_536;

const WEB_UNITS = ['apache2', 'httpd', 'nginx'];
const CLOCKS = ['chronyd', 'chrony', 'systemd-timesyncd', 'ntpd', 'ntp', 'ntpsec', 'openntpd'];
const STATES =
  /^(enabled|enabled-runtime|disabled|masked|masked-runtime|static|indirect|alias|generated|transient|linked|linked-runtime|bad)$/;

const unknown = (why: string): { is: 'unknown'; why: string } => ({ is: 'unknown', why: visibleText(why, 300) });

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

/** The questions of an audit put to one node; `sudo` as the cluster file says. Whole deadline: `signal`. */
export const askerOf = (remote: Remote, { sudo, signal }: { sudo: boolean; signal: AbortSignal }): Asker => {
  let patience = FIRST_PATIENCE;
  /** Set when the node itself cannot be reached: the rest is not asked any more. */
  let lost: { is: 'unknown'; why: string } | undefined;

  const run = async (words: readonly string[]): Promise<Seen<Asked>> => {
    if (lost) return lost;
    const answer = await ask(remote, ['env', 'LC_ALL=C', ...words], { signal, timeout: patience });
    if (answer.ok) {
      patience = PATIENCE;
      return { is: 'seen', value: answer.value };
    }
    const failed = unknown(failureText(answer.failure));
    const isWay = !['command', 'timeout', 'channel', 'permission'].includes(answer.failure.step);
    if (signal.aborted || isWay || patience === FIRST_PATIENCE) lost = failed;
    return failed;
  };

  /** As the user, and by sudo where the user may not. `refused` tells a missing right from any other answer. */
  const asRoot = async (words: readonly string[], refused: (result: Asked) => boolean): Promise<Seen<Asked>> => {
    const own = await run(words);
    if (own.is !== 'seen' || !refused(own.value)) return own;
    if (!sudo)
      return unknown(`permission: ${lastLine(own.value.stderr) || 'no right'} (sudo is off in the cluster file)`);
    const root = await run(['sudo', '-n', ...words]);
    if (root.is === 'seen' && root.value.code !== 0 && /^sudo: /m.test(root.value.stderr))
      return unknown(
        `permission: ${lastLine(root.value.stderr)}; allow \`${words.join(' ')}\` by sudo, or let the user read it`,
      );
    if (root.is === 'seen' && root.value.code === 127)
      return unknown(`permission: ${lastLine(own.value.stderr) || 'no right'}, and sudo is not there`);
    return root;
  };

  const denied = ({ stderr }: Asked): boolean => /permission denied/i.test(stderr);
  const gone = ({ stderr }: Asked): boolean => /No such file or directory|Not a directory/.test(stderr);

  /** A narrow sudoers file (`act --sudoers`) lets this file be read in the way of the probes only. */
  const orHead = async (path: string, asked: Seen<Asked>): Promise<Seen<Asked>> => {
    if (path !== KEEPALIVED_CONF || asked.is !== 'unknown' || lost || !sudo) return asked;
    const head = await run(['sudo', '-n', 'head', '-c', String(HEAD), path]);
    if (head.is !== 'seen' || head.value.code !== 0) return asked;
    return Buffer.byteLength(head.value.stdout) < HEAD ? head : unknown(`more than ${HEAD} bytes of it cannot be read`);
  };

  const enabled: Asker['enabled'] = async (unit) => {
    const asked = await run(['systemctl', 'is-enabled', '--', unit]);
    if (asked.is !== 'seen') return asked;
    const state = lastLine(asked.value.stdout).trim();
    if (STATES.test(state)) return { is: 'seen', value: state };
    if (/No such file|not-found|does not exist/i.test(`${state}${asked.value.stderr}`)) return { is: 'absent' };
    return unknown(lastLine(asked.value.stderr) || `systemctl is-enabled says "${state}"`);
  };

  return {
    cat: async (path) => {
      const asked = await orHead(path, await asRoot(['cat', '--', path], denied));
      if (asked.is !== 'seen') return asked;
      const { code, stdout, stderr } = asked.value;
      // What is cut there is as long as that.
      if (Buffer.byteLength(stdout) >= MOST) return unknown('it is larger than 256 KiB');
      if (code === 0) return { is: 'seen', value: stdout };
      return gone(asked.value) ? { is: 'absent' } : unknown(lastLine(stderr) || `cat ended with ${code}`);
    },
    stat: async (path) => {
      const asked = await asRoot(['stat', '-L', '-c', '%a %U %G', '--', path], denied);
      if (asked.is !== 'seen') return asked;
      const match = /^([0-7]{1,5}) (\S{1,64}) (\S{1,64})$/m.exec(asked.value.stdout.trim());
      if (match)
        return { is: 'seen', value: { mode: Number.parseInt(match[1]!, 8), owner: match[2]!, group: match[3]! } };
      return gone(asked.value) ? { is: 'absent' } : unknown(lastLine(asked.value.stderr) || 'stat was not understood');
    },
    list: async (pattern) => {
      const slash = pattern.lastIndexOf('/');
      const folder = pattern.slice(0, slash) || '/';
      if (/[*?[]/.test(folder)) return unknown('an include with a pattern in its folder is not followed');
      const asked = await asRoot(
        ['find', '-L', folder, '-mindepth', '1', '-maxdepth', '1', '-type', 'f', '-name', pattern.slice(slash + 1)],
        denied,
      );
      if (asked.is !== 'seen') return asked;
      if (gone(asked.value)) return { is: 'absent' };
      if (asked.value.code !== 0) return unknown(lastLine(asked.value.stderr) || 'find failed');
      return {
        is: 'seen',
        value: asked.value.stdout
          .split('\n')
          .filter((line) => line.startsWith('/'))
          .slice(0, 200),
      };
    },
    enabled,
    webUnit: async (name) => {
      if (name !== 'auto') return [name, await enabled(name)];
      let first: Seen<string> = { is: 'absent' };
      for (const unit of WEB_UNITS) {
        const seen = await enabled(unit);
        if (seen.is === 'seen') return [unit, seen];
        if (seen.is === 'unknown') first = seen;
      }
      return ['the web server', first.is === 'absent' ? unknown('no apache2, httpd or nginx is there') : first];
    },
    version: async (daemon) => {
      const asked = await run([`/usr/sbin/${daemon}`, daemon === 'nginx' ? '-v' : '--version']);
      if (asked.is !== 'seen') return asked;
      return asked.value.code === 0
        ? { is: 'seen', value: `${asked.value.stdout}\n${asked.value.stderr}` }
        : unknown(lastLine(asked.value.stderr) || `${daemon} was not found`);
    },
    test: async (daemon) => {
      const words =
        daemon === 'nginx' ? ['nginx', '-t'] : ['keepalived', '-t', '-f', '/etc/keepalived/keepalived.conf'];
      // As a user both always fail, or see less: they are asked as root only.
      const who = await run(['id', '-u']);
      if (who.is !== 'seen') return who;
      const root = who.value.stdout.trim() === '0';
      if (!root && !sudo) return unknown('it needs root, and sudo is off in the cluster file');
      const asked = await run(root ? words : ['sudo', '-n', ...words]);
      if (asked.is !== 'seen') return asked;
      const text = `${asked.value.stdout}\n${asked.value.stderr}`;
      if (/^sudo: /m.test(text) || asked.value.code === 127)
        return unknown(`permission: ${lastLine(text)}; allow \`${words.join(' ')}\` by sudo`);
      return { is: 'seen', value: { code: asked.value.code, text } };
    },
    timeSync: async () => {
      const active = await run(['systemctl', 'is-active', ...CLOCKS]);
      if (active.is !== 'seen') return active;
      const states = active.value.stdout.trimEnd().split('\n');
      const unit = CLOCKS.find((_, index) => /^(active|reloading)$/.test(states[index]?.trim() ?? ''));
      if (unit) return { is: 'seen', value: unit };
      if (states.length < CLOCKS.length)
        return unknown(lastLine(active.value.stderr) || 'systemctl was not understood');
      const virtual = await run(['systemd-detect-virt', '--container']);
      if (virtual.is !== 'seen') return virtual;
      const kind = virtual.value.stdout.trim();
      return virtual.value.code === 0 && /^[\w-]+$/.test(kind)
        ? { is: 'seen', value: `container (${kind})` }
        : { is: 'absent' };
    },
    rotated: async (path) => {
      const asked = await asRoot(['grep', '-rlsF', '--', path, '/etc/logrotate.conf', '/etc/logrotate.d'], denied);
      if (asked.is !== 'seen') return asked;
      // 2: one of the two is not there, or a line was found and one not.
      return asked.value.code === 0 || asked.value.code === 1 || asked.value.code === 2
        ? { is: 'seen', value: asked.value.stdout.trim() !== '' }
        : unknown(lastLine(asked.value.stderr) || 'grep failed');
    },
    logsIn: (script) =>
      appendedLogs(script)
        .map((one) => one.path)
        .filter((path) => path.startsWith('/')),
  };
};
