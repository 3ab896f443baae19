import { spawn } from 'node:child_process';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import type { SshTarget } from '../config/cluster-config.ts';
import type { Connection, Via } from './connection.ts';
import { messageOf, remoteError } from './failures.ts';
import { opensshConnection } from './openssh-connection.ts';
import { opensshError } from './openssh-errors.ts';
import { quote } from './quote.ts';
import { RemoteError } from './remote.ts';
import { configArguments, type HostSettings, type SshConfigContext } from './ssh-config.ts';
import type { Timings } from './timings.ts';

/** A private folder for control sockets, made when first needed. */
export type RuntimeFolder = {
  /** A new path inside, short enough for a socket. */
  path(suffix: string): Promise<string>;
  remove(): Promise<void>;
};

/** What the OpenSSH transport needs beyond the common login options. */
export type OpenSshOptions = {
  target: SshTarget;
  context: SshConfigContext;
  env: Record<string, string | undefined>;
  folder: RuntimeFolder;
  settings: HostSettings;
  via: Via;
  role: 'hop' | 'node';
  timings: Timings;
  signal: AbortSignal;
};

/** The folder is readable by its owner only (mkdtemp), and gone after `remove`. */
export const createRuntimeFolder = (): RuntimeFolder => {
  let made: Promise<string> | undefined;
  let count = 0;
  return {
    async path(suffix) {
      made ??= mkdtemp(join(tmpdir(), 'haconsole-'));
      return join(await made, `${count++}.${suffix}`);
    },
    async remove() {
      const folder = await made?.catch(() => undefined);
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    },
  };
};

/** Whether an `ssh` program can be started. */
export const openSshAvailable = (env: Record<string, string | undefined>): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn('ssh', ['-V'], { env, stdio: 'ignore' });
    child.on('error', () => resolve(false));
    child.on('close', () => resolve(true));
  });

/**
 * Logs in with the system's ssh: one master process per host (multiplexing), so that every command afterwards costs no
 * new login and fits the same limits as with ssh2. It asks nobody (BatchMode) and accepts no new host key.
 */
export const loginOpenSsh = async (options: OpenSshOptions): Promise<Connection> => {
  const { settings, via, role, timings, signal, folder, env } = options;
  const control = await folder.path('ctl');
  const tunnel = via === null ? undefined : await openTunnel(via, options);
  const { interval, count } = timings.keepalive[role];
  const args = [
    ...(await configArguments(options.context)),
    ...['-N', '-T', '-M', '-S', control],
    ...option('BatchMode', 'yes'),
    ...option('StrictHostKeyChecking', 'yes'),
    ...option('UpdateHostKeys', 'no'),
    ...option('ControlPersist', 'no'),
    ...option('ClearAllForwardings', 'yes'),
    ...option('ForwardAgent', 'no'),
    ...option('ForwardX11', 'no'),
    ...option('PermitLocalCommand', 'no'),
    ...option('RemoteCommand', 'none'),
    // INFO: it says why a channel was refused, and that the other side has gone silent.
    ...option('LogLevel', 'INFO'),
    ...option('ServerAliveInterval', String(Math.max(1, Math.round(interval / 1000)))),
    ...option('ServerAliveCountMax', String(count)),
    ...option('ConnectTimeout', String(Math.max(1, Math.round(timings.tcp / 1000)))),
    ...(tunnel ? option('ProxyCommand', tunnel.command) : []),
    ...loginArguments(options),
    '--',
    settings.alias,
  ];
  const child = spawn('ssh', args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-8_192);
  });
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(messageOf(error)));
    child.on('close', () => resolve(stderr));
  });
  void ended.then(() => tunnel?.close());
  try {
    await waitForSocket(control, ended, options);
  } catch (error) {
    child.kill();
    signal.throwIfAborted();
    throw error;
  }
  return opensshConnection({ hop: settings.name, role, control, env, master: child, ended, via, interval });
};

const option = (key: string, value: string): string[] => ['-o', `${key}=${value}`];

/** Only what the cluster file itself says: everything else ssh reads from the same ssh_config as we did. */
const loginArguments = ({ target, settings, context }: OpenSshOptions): string[] => [
  ...(target.user ? ['-l', target.user] : []),
  ...(target.port ? ['-p', String(target.port)] : []),
  ...(target.identity
    ? ['-o', 'IdentitiesOnly=yes', ...settings.identityFiles.flatMap((file) => ['-i', file])]
    : (context.identity ?? []).flatMap((file) => ['-i', file])),
  ...(target.hostKeyAlias ? option('HostKeyAlias', target.hostKeyAlias) : []),
  ...(context.knownHosts
    ? [
        ...option('UserKnownHostsFile', context.knownHosts.map((file) => `"${file}"`).join(' ')),
        ...option('GlobalKnownHostsFile', 'none'),
      ]
    : []),
];

const pollEvery = 25;

const waitForSocket = async (control: string, ended: Promise<string>, options: OpenSshOptions): Promise<void> => {
  const { settings, signal, timings, via } = options;
  const limit = timings.tcp + timings.handshake + timings.auth;
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(limit)]);
  let over: string | undefined;
  void ended.then((text) => {
    over = text;
  });
  for (;;) {
    const there = await access(control).then(
      () => true,
      () => false,
    );
    if (there) return;
    if (over !== undefined) {
      const lost = via?.lost();
      throw lost ? new RemoteError(lost) : opensshError(settings, over);
    }
    if (deadline.aborted) throw remoteError('timeout', settings.name, `ssh did not log in within ${limit} ms`);
    await new Promise((resolve) => setTimeout(resolve, pollEvery));
  }
};

/** Pumps bytes between ssh and our socket; runs in this program's own Node. */
const pump =
  "const{argv,stdin,stdout,exit}=require('node:process'),s=require('node:net').connect(argv[1]);stdin.pipe(s).pipe(stdout);s.on('error',()=>exit(1));s.on('close',()=>exit())";

/**
 * Lets ssh go through a hop that we hold: it connects to a socket in our private folder, we dial on through the hop.
 * That keeps one connection per hop, whichever transport that hop uses.
 */
const openTunnel = async (via: Connection, options: OpenSshOptions): Promise<{ command: string; close(): void }> => {
  const { settings, signal, timings, folder } = options;
  const path = await folder.path('tun');
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    // Only the one ssh that we start is expected.
    server.close();
    via
      .dial(settings.host, settings.port, AbortSignal.any([signal, AbortSignal.timeout(timings.tcp)]), settings.name)
      .then((duplex) => {
        duplex.on('error', () => socket.destroy());
        duplex.on('close', () => socket.destroy());
        socket.on('close', () => duplex.destroy());
        socket.pipe(duplex).pipe(socket);
      })
      .catch(() => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen(path, resolve);
  });
  // ssh puts `exec` before a ProxyCommand by itself, and expands percent tokens in it.
  const command = [execPath, '-e', pump, path].map(quote).join(' ').replaceAll('%', '%%');
  return { command, close: () => server.close() };
};
