import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** The system's sshd, or undefined where OpenSSH's server is not installed. */
export const sshdBinary = ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/sbin/sshd'].find((path) => existsSync(path));

export type Sshd = {
  port: number;
  folder: string;
  /** `TYPE BASE64` of the host key. */
  hostKey: string;
  close(): Promise<void>;
};

/** Makes a key pair with ssh-keygen in `folder`; returns the path of the private key. */
export const keygen = (folder: string, name: string, ...options: string[]): string => {
  const file = join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file, ...options]);
  return file;
};

export const publicOf = (file: string): string => readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** A real sshd on a free loopback port, for the user who runs the tests. `prepare` may write files and returns lines of its configuration. */
export const startSshd = async (
  authorized: string[],
  prepare: (folder: string) => string[] = () => [],
): Promise<Sshd> => {
  const folder = mkdtempSync(join(tmpdir(), 'haconsole-sshd-'));
  // sshd wants its empty folder when it runs as root; where it cannot be made, it is not needed.
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const hostKey = keygen(folder, 'host');
  writeFileSync(join(folder, 'authorized'), authorized.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  const port = await freePort();
  const config = join(folder, 'sshd_config');
  const lines = [
    ...prepare(folder),
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${join(folder, 'authorized')}`,
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin yes',
    'PidFile none',
    // The start-up files of whoever runs the tests are not tested, and some take their time.
    `SetEnv HOME=${folder}`,
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  const child = spawn(sshdBinary ?? 'sshd', ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words += chunk.toString();
  });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`sshd did not start: ${words}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    port,
    folder,
    hostKey: publicOf(hostKey),
    async close() {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
