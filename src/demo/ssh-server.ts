import type { AddressInfo, Socket } from 'node:net';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import { bootstrapLength, startAgent } from './agent.ts';
import type { KeyPair } from './keys.ts';
import { lockWord, runLock } from './lock.ts';
import { runLine } from './shell.ts';
import type { ToolContext } from './tools/tool.ts';

/** The account of the demo's cluster file. */
export const DEMO_USER = 'demo';

/** Who may log in, with the one key: that account, and root for who wants to do without sudo. */
const USERS = [DEMO_USER, 'root'];

/** Lets in who holds the demo's key, and nobody else; `named` is told who it is. */
export const authenticate = (client: Connection, user: KeyPair, named: (user: string) => void = () => {}): void => {
  const allowed = ssh2.utils.parseKey(user.public);
  if (allowed instanceof Error) throw allowed;
  const blob = allowed.getPublicSSH();
  client.on('authentication', (context) => {
    const refuse = (): void => context.reject(['publickey']);
    if (context.method !== 'publickey' || !USERS.includes(context.username) || !context.key.data.equals(blob))
      return refuse();
    named(context.username);
    if (context.signature && context.blob) {
      return allowed.verify(context.blob, context.signature, context.hashAlgo) === true ? context.accept() : refuse();
    }
    context.accept();
  });
  // What a client does wrong ends its connection; it must not end the demo.
  client.on('error', () => {});
};

/** Ends a command's channel the way sshd does: exit status, then close. */
export const leave = (channel: ServerChannel, code: number): void => {
  if (channel.destroyed) return;
  channel.exit(code);
  channel.end();
};

const collect = (channel: ServerChannel): (() => Promise<string>) => {
  const chunks: Buffer[] = [];
  const ended = new Promise<void>((resolve) => {
    channel.on('end', resolve);
    channel.on('close', resolve);
  });
  channel.on('data', (chunk: Buffer) => chunks.push(chunk));
  return async () => {
    await ended;
    return Buffer.concat(chunks).toString('utf8');
  };
};

const runCommand = (context: Omit<ToolContext, 'stdin'>, channel: ServerChannel, command: string): void => {
  void runLine({ ...context, stdin: collect(channel) }, command).then(({ stdout, stderr, code }) => {
    if (channel.destroyed) return;
    if (stderr) channel.stderr.write(stderr);
    if (stdout) channel.write(stdout);
    leave(channel, code);
  });
};

const runAgent = (context: Omit<ToolContext, 'stdin'>, channel: ServerChannel, length: number): void => {
  let head: Buffer | undefined = Buffer.alloc(0);
  let rest = '';
  let agent: ReturnType<typeof startAgent> | undefined;
  const lines = (text: string): void => {
    const parts = `${rest}${text}`.split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) agent?.request(line);
  };
  channel.on('data', (chunk: Buffer) => {
    if (head === undefined) return lines(chunk.toString('utf8'));
    head = Buffer.concat([head, chunk]);
    if (head.length < length) return;
    const script = head.subarray(0, length).toString('utf8');
    const after = head.subarray(length).toString('utf8');
    head = undefined;
    agent = startAgent(
      { ...context, stdin: async () => '' },
      script,
      (text) => {
        if (!channel.destroyed) channel.write(text);
      },
      () => leave(channel, 0),
    );
    lines(after);
  });
  const gone = (): void => (agent ? agent.end() : leave(channel, 0));
  channel.on('end', gone);
  channel.on('close', gone);
};

/** The SSH server of one machine. */
export type NodeServer = {
  port: number;
  /** Ends every connection, as a machine that dies or an administrator does. */
  dropAll(): void;
  close(): Promise<void>;
};

/** Listens on 127.0.0.1, a free port; commands go to the machine's modelled tools. */
export const listenSsh = async (
  context: Pick<ToolContext, 'machine' | 'keepalived'>,
  hostKey: KeyPair,
  user: KeyPair,
): Promise<NodeServer> => {
  const sockets = new Set<Socket>();
  const server = new ssh2.Server({ hostKeys: [hostKey.private], ident: 'OpenSSH_9.2p1 Debian-2+deb12u3' }, (client) => {
    let account = DEMO_USER;
    authenticate(client, user, (name) => {
      account = name;
    });
    client.on('ready', () => {
      let sessions = 0;
      client.on('session', (accept, reject) => {
        if (sessions >= context.machine.system.sessions) return reject();
        sessions += 1;
        const session = accept();
        session.on('close', () => {
          sessions -= 1;
        });
        session.on('pty', (allow) => allow?.());
        session.on('env', (allow) => allow?.());
        session.on('signal', (allow) => allow?.());
        session.on('shell', (allow) => {
          const channel = allow();
          channel.write('This machine is modelled: give ssh a command, for example `ip addr`.\r\n');
          leave(channel, 1);
        });
        session.on('exec', (allow, _refuse, { command }) => {
          const channel = allow();
          channel.on('error', () => {});
          if (!context.machine.system.shell) {
            channel.write('This account is currently not available.\n');
            return leave(channel, 1);
          }
          const length = bootstrapLength(command);
          const root = account === 'root';
          const here = { ...context, root, user: account, sbin: root, shell: 'bash' as const };
          const word = lockWord(command);
          if (word !== undefined) runLock(context.machine, channel, word);
          else if (length === undefined) runCommand(here, channel, command);
          else runAgent(here, channel, length);
        });
      });
      client.on('request', (accept, reject) => (reject ?? accept)?.());
    });
  });
  // ssh2's server is a shell around a net.Server that it keeps to itself; its sockets are seen where they connect.
  const raw = (server as unknown as { _srv: NodeJS.EventEmitter })._srv;
  raw.on('connection', (socket: Socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const dropAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    dropAll,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        dropAll();
      }),
  };
};
