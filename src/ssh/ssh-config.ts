import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { SshTarget } from '../config/cluster-config.ts';
import { codeOf, remoteError } from './failures.ts';
import type { SshAnswers } from './ssh-config-batch.ts';
import { computeFallback } from './ssh-config-fallback.ts';
import { expandTokens } from './ssh-config-tokens.ts';

/** Where ssh_config is looked for, and what overrides it. */
export type SshConfigContext = {
  env: Record<string, string | undefined>;
  /** Home directory that `~` means. */
  home: string;
  /** Replaces the user's and the system's ssh_config; `none` reads no file at all. */
  configFile?: string | undefined;
  /** Keys of the cluster file: tried before those of ssh_config on a jump host that names none of its own. */
  identity?: string[] | undefined;
  knownHosts?: string[] | undefined;
  /** What `ssh -G` said when it was asked about all hosts at once. */
  answers?: Promise<SshAnswers> | undefined;
  log: (line: string) => void;
};

/** How one host is reached, all questions answered: the cluster file, then ssh_config, then defaults. */
export type HostSettings = {
  /** Name for messages. */
  name: string;
  /** As given to ssh: the alias or address before ssh_config. */
  alias: string;
  host: string;
  port: number;
  user: string;
  /** Private key files in the order they are tried; they need not exist. */
  identityFiles: string[];
  /** Only these identities, also of those that the agent holds. */
  identitiesOnly: boolean;
  certificateFiles: string[];
  agentSocket?: string;
  /** Files in order, the one new keys are written to first. */
  knownHosts: string[];
  hashKnownHosts: boolean;
  /** Name in known_hosts in place of the host. */
  hostKeyAlias?: string;
  /** Hops that ssh_config wants, nearest first, as written (`user@host:port`). */
  proxyJump: string[];
  proxyCommand?: string;
};

/** Every directive of one host, lower case, all values in order (what `ssh -G` prints). */
export type SshDirectives = Map<string, string[]>;

/**
 * Resolves a target through `ssh -G` (8-12 ms), or through our own reader where no ssh is installed. Rejects with step
 * `config` when ssh_config has an error or the name is not usable.
 */
export const resolveHost = async (target: SshTarget, context: SshConfigContext): Promise<HostSettings> => {
  if (!isUsableHost(target.host)) {
    throw remoteError('config', target.name, `not a usable host name: ${target.host}`);
  }
  const directives = (await askSsh(target, context)) ?? (await computeFallback(target, context));
  return settingsOf(target, directives, context);
};

/** The arguments of `ssh -G` for a target. */
export const questionFor = async (target: SshTarget, context: SshConfigContext): Promise<string[]> => [
  '-G',
  ...(await configArguments(context)),
  ...(target.user ? ['-l', target.user] : []),
  ...(target.port ? ['-p', String(target.port)] : []),
  '--',
  target.host,
];

/** Whether a name can be handed to ssh at all. */
export const isUsableHost = (host: string): boolean =>
  /^[A-Za-z0-9_:.%[\]-]{1,255}$/.test(host) && !host.startsWith('-');

const askSsh = async (target: SshTarget, context: SshConfigContext): Promise<SshDirectives | null> => {
  const args = await questionFor(target, context);
  const known = await (await context.answers)?.(args);
  if (known !== undefined) return directivesIn(known);
  const { error, stdout, stderr } = await run(args, context.env);
  if (error && codeOf(error) === 'ENOENT') return null;
  if (error) {
    const why =
      stderr.split('\n').find((line) => /config|terminating|bad|unsupported|invalid/i.test(line)) ?? error.message;
    throw remoteError('config', target.name, why, { advice: 'correct the ssh_config file' });
  }
  return directivesIn(stdout);
};

const directivesIn = (stdout: string): SshDirectives => {
  const directives: SshDirectives = new Map();
  for (const line of stdout.split('\n')) {
    const space = line.indexOf(' ');
    if (space < 1) continue;
    const key = line.slice(0, space).toLowerCase();
    directives.set(key, [...(directives.get(key) ?? []), line.slice(space + 1).trim()]);
  }
  return directives;
};

const run = (args: string[], env: SshConfigContext['env']) =>
  new Promise<{ error: Error | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile('ssh', args, { env, timeout: 5_000, maxBuffer: 1 << 20 }, (error, stdout, stderr) =>
      resolve({ error, stdout, stderr }),
    );
    child.stdin?.end();
  });

/** `-F FILE` for ssh; also where another home than the account's is asked for, since ssh itself never looks at $HOME. */
export const configArguments = async (context: SshConfigContext): Promise<string[]> => {
  if (context.configFile !== undefined) return ['-F', context.configFile];
  if (context.home === accountHome()) return [];
  const file = join(context.home, '.ssh', 'config');
  const exists = await stat(file).then(
    () => true,
    () => false,
  );
  return ['-F', exists ? file : 'none'];
};

const accountHome = (): string => {
  try {
    return userInfo().homedir;
  } catch {
    return '';
  }
};

const settingsOf = (target: SshTarget, directives: SshDirectives, context: SshConfigContext): HostSettings => {
  const one = (key: string): string | undefined => directives.get(key)?.[0];
  const host = one('hostname') ?? target.host;
  const port = target.port ?? Number(one('port') ?? 22);
  const user = target.user ?? one('user') ?? context.env.USER ?? context.env.LOGNAME ?? '';
  const alias = target.hostKeyAlias ?? given(one('hostkeyalias'));
  const tokens = { home: context.home, host, alias: target.host, port, user, jump: one('proxyjump') ?? '' };
  const file = (text: string): string => {
    const expanded = rehome(expandTokens(unquote(text), tokens), context.home);
    return isAbsolute(expanded) ? expanded : join(context.home, expanded);
  };
  const files = (key: string): string[] => (directives.get(key) ?? []).flatMap(words).filter(isGiven).map(file);
  const explicit = target.identity?.map(file);
  const agent = agentSocket(one('identityagent'), context.env, file);
  const proxyCommand = given(one('proxycommand'));
  return {
    name: target.name,
    alias: target.host,
    host,
    port,
    user,
    identityFiles:
      explicit ?? [...(context.identity ?? []), ...(directives.get('identityfile') ?? []).filter(isGiven)].map(file),
    identitiesOnly: explicit !== undefined || one('identitiesonly') === 'yes',
    certificateFiles: (directives.get('certificatefile') ?? []).filter(isGiven).map(file),
    ...(agent ? { agentSocket: agent } : {}),
    knownHosts: context.knownHosts ?? [...files('userknownhostsfile'), ...files('globalknownhostsfile')],
    hashKnownHosts: one('hashknownhosts') === 'yes',
    ...(alias ? { hostKeyAlias: alias.replaceAll('%n', target.host).replaceAll('%h', host) } : {}),
    proxyJump: (given(one('proxyjump')) ?? '').split(',').filter((hop) => hop !== ''),
    ...(proxyCommand ? { proxyCommand } : {}),
  };
};

const isGiven = (text: string): boolean => text !== '' && text.toLowerCase() !== 'none';
const given = (text: string | undefined): string | undefined =>
  text !== undefined && isGiven(text) ? text : undefined;
const words = (text: string): string[] => text.match(/"[^"]*"|\S+/g) ?? [];
const unquote = (text: string): string => text.replace(/^"(.*)"$/, '$1');

/** ssh expands `~` by the account, we by `home`: a path under the one is meant under the other. */
const rehome = (path: string, home: string): string => {
  const account = accountHome();
  return account !== '' && account !== home && path.startsWith(`${account}/.ssh/`)
    ? home + path.slice(account.length)
    : path;
};

const agentSocket = (
  directive: string | undefined,
  env: SshConfigContext['env'],
  file: (text: string) => string,
): string | undefined => {
  if (directive === undefined || directive === 'SSH_AUTH_SOCK') return env.SSH_AUTH_SOCK || undefined;
  if (!isGiven(directive)) return undefined;
  if (directive.startsWith('$')) return env[directive.slice(1).replace(/[{}]/g, '')] || undefined;
  return file(directive);
};
