import { createServer, type Server as NetServer, connect as netConnect, type Socket } from 'node:net';
import ssh2, { type AuthContext, type Connection, type ParsedKey, type Server, type ServerChannel } from 'ssh2';

/** A key pair made at run time: PEM text, OpenSSH public line, blob. */
export type TestKey = { private: string; public: string; blob: Buffer; parsed: ParsedKey };

/** Makes a key pair; with a passphrase the private text is encrypted. */
export const makeKey = (type: 'ed25519' | 'rsa' | 'ecdsa' = 'ed25519', passphrase?: string): TestKey => {
  const locked = passphrase === undefined ? {} : { passphrase, cipher: 'aes256-cbc', rounds: 1 };
  const made =
    type === 'ed25519'
      ? ssh2.utils.generateKeyPairSync('ed25519', locked as never)
      : ssh2.utils.generateKeyPairSync(type as 'rsa', { bits: type === 'rsa' ? 2048 : 256, ...locked } as never);
  const parsed = ssh2.utils.parseKey(made.public);
  // ssh2 1.17 drops leading zero bytes: one of its ed25519 keys in 256 is malformed.
  if (parsed instanceof Error) return makeKey(type, passphrase);
  return { private: made.private, public: made.public, blob: parsed.getPublicSSH(), parsed };
};

export type ExecHandler = (command: string, channel: ServerChannel) => void;

export type TestServerOptions = {
  hostKey?: TestKey;
  /** Decides on every authentication attempt; default: any key of `keys`. */
  authenticate?: (context: AuthContext) => void;
  keys?: TestKey[];
  exec?: ExecHandler;
  /** False: direct-tcpip is refused as prohibited. A function may swallow the request (never answered), or answer after so many ms. */
  forward?: boolean | ((host: string, port: number) => 'connect' | 'ignore' | number);
  /** Maps names that only this server knows to loopback ports. */
  routes?: Record<string, number>;
  banner?: string;
  maxSessions?: number;
};

export type TestServer = {
  port: number;
  hostKey: TestKey;
  /** Open connections, newest last. */
  connections: Connection[];
  /** Every connection ever accepted. */
  accepted: () => number;
  commands: string[];
  /** Cuts every connection (RST). */
  drop(): void;
  close(): Promise<void>;
};

/** Reads all of stdin, then answers like a small shell would: `echo X`, `cat`, `exit N`, `true`. */
export const tinyShell: ExecHandler = (command, channel) => {
  const end = (code: number) => {
    channel.exit(code);
    channel.end();
  };
  const echo = /^echo (.*)$/.exec(command)?.[1];
  if (echo !== undefined) {
    channel.write(`${echo}\n`);
    end(0);
  } else if (command === 'cat') {
    channel.on('data', (chunk: Buffer) => channel.write(chunk));
    channel.on('end', () => end(0));
  } else if (command === 'hang') channel.on('data', () => {});
  else if (command.startsWith('exit ')) end(Number(command.slice(5)));
  else if (command === 'flood') {
    const chunk = Buffer.alloc(64 << 10, 'x');
    const pour = () => {
      while (channel.writable && channel.write(chunk));
    };
    channel.on('drain', pour);
    pour();
  } else end(0);
};

const sockets = new WeakMap<TestServer, Set<Socket>>();

/** An in-process SSH server on a free loopback port. */
export const startSshServer = async (options: TestServerOptions = {}): Promise<TestServer> => {
  const hostKey = options.hostKey ?? makeKey();
  const connections: Connection[] = [];
  const commands: string[] = [];
  let accepted = 0;
  const server: Server = new ssh2.Server(
    { hostKeys: [hostKey.private], ...(options.banner ? { banner: options.banner } : {}) },
    (client) => {
      accepted++;
      connections.push(client);
      client.on('error', () => {});
      client.on('close', () => connections.splice(connections.indexOf(client), 1));
      client.on('authentication', options.authenticate ?? ((context) => acceptKeys(context, options.keys ?? [])));
      let sessions = 0;
      client.on('session', (accept, reject) => {
        if (sessions >= (options.maxSessions ?? 10)) return refuse(client, reject, 2, 'open failed');
        sessions++;
        const session = accept();
        session.on('close', () => sessions--);
        session.on('exec', (acceptExec, _reject, { command }) => {
          commands.push(command);
          (options.exec ?? tinyShell)(command, acceptExec());
        });
      });
      client.on('tcpip', (accept, reject, info) => {
        const decision =
          typeof options.forward === 'function' ? options.forward(info.destIP, info.destPort) : 'connect';
        if (options.forward === false) return refuse(client, reject, 1, 'open failed');
        if (decision === 'ignore') return;
        const port = options.routes?.[`${info.destIP}:${info.destPort}`] ?? info.destPort;
        const late = typeof decision === 'number' ? decision : 0;
        const socket = netConnect({ host: '127.0.0.1', port, noDelay: true });
        socket.once('connect', async () => {
          await new Promise((resolve) => setTimeout(resolve, late));
          const channel = accept();
          channel.on('error', () => {});
          socket.on('error', () => channel.close());
          channel.on('close', () => socket.destroy());
          socket.pipe(channel).pipe(socket);
        });
        socket.once('error', () => refuse(client, reject, 2, 'Connection refused'));
      });
    },
  );
  const raw = (server as unknown as { _srv: NetServer })._srv;
  const open = new Set<Socket>();
  raw.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const test: TestServer = {
    port: (raw.address() as { port: number }).port,
    hostKey,
    connections,
    accepted: () => accepted,
    commands,
    drop() {
      for (const socket of open) socket.resetAndDestroy();
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
  sockets.set(test, open);
  return test;
};

/** ssh2 refuses channels without a reason; sshd gives a code and a text. */
const refuse = (client: Connection, reject: () => void, code: number, text: string): void => {
  const protocol = (client as unknown as { _protocol: { channelOpenFail: (...fields: unknown[]) => void } })._protocol;
  const plain = protocol.channelOpenFail;
  protocol.channelOpenFail = (id) => plain.call(protocol, id, code, text);
  reject();
  protocol.channelOpenFail = plain;
};

/** Accepts any of these public keys, and checks the signature as a real server does. */
export const acceptKeys = (context: AuthContext, keys: TestKey[]): void => {
  const isGood = (): boolean => {
    if (context.method !== 'publickey') return false;
    const key = keys.find(({ blob }) => blob.equals(context.key.data));
    if (!key || context.signature === undefined) return key !== undefined;
    return key.parsed.verify(context.blob as Buffer, context.signature, context.hashAlgo as string) === true;
  };
  if (isGood()) context.accept();
  else context.reject(['publickey']);
};

export type Proxy = {
  port: number;
  /** Stops forwarding in both directions without closing anything. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
};

/** A TCP proxy that can fall silent, as a network does. */
export const startProxy = async (target: number): Promise<Proxy> => {
  let frozen = false;
  const pairs = new Set<Socket>();
  const server = createServer((near) => {
    const far = netConnect({ host: '127.0.0.1', port: target, noDelay: true });
    near.setNoDelay(true);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      pairs.add(from);
      from.on('data', (chunk: Buffer) => void to.write(chunk));
      from.on('error', () => to.destroy());
      from.on('close', () => {
        pairs.delete(from);
        if (!frozen) to.destroy();
      });
      if (frozen) from.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    freeze() {
      frozen = true;
      for (const socket of pairs) socket.pause();
    },
    thaw() {
      frozen = false;
      for (const socket of pairs) socket.resume();
    },
    async close() {
      for (const socket of pairs) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};
