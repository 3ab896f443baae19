import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import SSHConfig from 'ssh-config';
import type { SshTarget } from '../config/cluster-config.ts';
import { messageOf, remoteError } from './failures.ts';
import type { SshConfigContext, SshDirectives } from './ssh-config.ts';

const lists = new Set(['identityfile', 'certificatefile']);
const defaultKeys = ['id_rsa', 'id_ecdsa', 'id_ed25519'];

/**
 * ssh_config without ssh: Host blocks, lists, Include (relative to ~/.ssh) and the defaults that matter. Match blocks
 * with `exec` are not evaluated (the library would run a shell); one line in the log says so.
 */
export const computeFallback = async (target: SshTarget, context: SshConfigContext): Promise<SshDirectives> => {
  const system = context.configFile === undefined ? '/etc/ssh/ssh_config' : undefined;
  const user = context.configFile ?? join(context.home, '.ssh', 'config');
  const text = [
    user === 'none' ? '' : await readWithIncludes(user, join(context.home, '.ssh'), context.home, 0),
    'Host *',
    system ? await readWithIncludes(system, '/etc/ssh', context.home, 0) : '',
  ].join('\n');
  if (/^\s*match\s.*\bexec\b/im.test(text))
    context.log('ssh is not installed: Match exec blocks of ssh_config are not evaluated');
  let computed: Record<string, string | string[]>;
  try {
    computed = SSHConfig.parse(text).compute(target.host, { matchExec: false, ignoreCase: true });
  } catch (error) {
    throw remoteError('config', target.name, messageOf(error), { advice: 'correct the ssh_config file' });
  }
  const directives: SshDirectives = new Map();
  for (const [key, value] of Object.entries(computed)) {
    const values = [value].flat();
    directives.set(key.toLowerCase(), lists.has(key.toLowerCase()) ? values : [values.join(' ')]);
  }
  const fill = (key: string, values: string[]) => {
    if (!directives.has(key)) directives.set(key, values);
  };
  fill(
    'identityfile',
    defaultKeys.map((name) => `~/.ssh/${name}`),
  );
  fill('userknownhostsfile', ['~/.ssh/known_hosts ~/.ssh/known_hosts2']);
  fill('globalknownhostsfile', ['/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2']);
  const hostname = directives.get('hostname')?.[0];
  if (hostname) directives.set('hostname', [hostname.replaceAll('%h', target.host).replaceAll('%%', '%')]);
  return directives;
};

const readWithIncludes = async (file: string, base: string, home: string, depth: number): Promise<string> => {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const include = /^\s*include[\s=]+(.+?)\s*$/i.exec(line)?.[1];
    // 16 is OpenSSH's own limit of nesting.
    if (include === undefined || depth >= 16) lines.push(include === undefined ? line : '');
    else {
      for (const pattern of include.match(/"[^"]*"|\S+/g) ?? []) {
        for (const path of await expandGlob(absolute(pattern.replaceAll('"', ''), base, home))) {
          lines.push(await readWithIncludes(path, base, home, depth + 1));
        }
      }
    }
  }
  return lines.join('\n');
};

const absolute = (path: string, base: string, home: string): string => {
  if (path.startsWith('~/')) return join(home, path.slice(2));
  return isAbsolute(path) ? path : join(base, path);
};

/** Globs in the last part of the path only: `config.d/*`, what people write. */
const expandGlob = async (pattern: string): Promise<string[]> => {
  const last = basename(pattern);
  if (!/[*?]/.test(last)) return [pattern];
  const escaped = last
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const matcher = new RegExp(`^${escaped}$`);
  const entries = await readdir(dirname(pattern)).catch(() => []);
  return entries
    .filter((entry) => matcher.test(entry) && !entry.startsWith('.'))
    .sort()
    .map((entry) => join(dirname(pattern), entry));
};
