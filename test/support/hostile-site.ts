/** A cluster that consists of nothing but broken and hostile servers, behind a jump host that asks hostile questions. */
import { writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { ServerChannel } from 'ssh2';
import { EVIL } from './hostile.ts';
import { makeKey, startSshServer, type TestServer } from './ssh-server.ts';

export type HostileSite = {
  file: string;
  /** Resolves when every shell and every web server was asked at least twice; fails after `ms`. */
  served(ms: number): Promise<void>;
  close(): Promise<void>;
};

const now = (): string => (Date.now() / 1000).toFixed(9);

/** Pours as fast as it is taken, for as long as it is read. */
const flood = (to: ServerChannel | Socket, chunk: Buffer): void => {
  const pour = () => {
    while (!to.destroyed && to.writable && to.write(chunk));
  };
  to.on('drain', pour);
  pour();
};

/** What each node's shell does instead of being one. */
const shells: Record<string, (channel: ServerChannel) => void> = {
  // Everything looks right, and nothing in it is.
  lb1: (channel) => {
    channel.write(`${EVIL}\nH ${now()} 1\n`);
    for (const tag of ['A', 'J', 'L', 'X A', 'X J', 'S 1 addr', 'R 1 addr', 'T 1', 'E 1', 'Z'])
      channel.write(`${tag} ${EVIL} ${'{"a":'.repeat(50)}\n`);
    channel.stderr.write(`${EVIL}\n`);
    channel.write(`J half a line ${EVIL}`);
  },
  // A line without end.
  lb2: (channel) => {
    channel.write(`H ${now()} 1\nA `);
    flood(channel, Buffer.alloc(64 << 10, 'A'));
  },
  // No text at all.
  web1: (channel) => flood(channel, Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 7) & 255))),
  // Gone in the middle of a line.
  web2: (channel) => {
    channel.write(`H ${now()} 1\nJ {"MESSAGE":"${EVIL}`);
    setTimeout(() => channel.close(), 50);
  },
};

/** What each web server does instead of being one. */
const webs: Record<string, (socket: Socket) => void> = {
  '172.16.249.80': (socket) => void socket.write(`${EVIL}\r\n${EVIL}\r\n\r\n`),
  '172.16.249.101': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nX: ');
    flood(socket, Buffer.alloc(64 << 10, 'h'));
  },
  '172.16.249.102': (socket) => void socket.write(`HTTP/1.1 200 ${EVIL.replaceAll(/[\r\n\0]/g, '')}\r\nContent-Le`),
  '172.16.249.201': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n');
    flood(socket, Buffer.from(EVIL.repeat(300)));
  },
  '172.16.249.202': (socket) => void socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf ${EVIL}`),
};

/** Starts it; its cluster file is written into `directory`. */
export const startHostileSite = async (directory: string): Promise<HostileSite> => {
  const asked = new Map<string, number>();
  const note = (name: string) => asked.set(name, (asked.get(name) ?? 0) + 1);
  const key = makeKey();
  const servers: { close(): Promise<void> }[] = [];
  const routes: Record<string, number> = {};
  const known: string[] = [];
  const knownLine = (host: string, server: TestServer) =>
    known.push(`${host} ${server.hostKey.public.split(' ').slice(0, 2).join(' ')}`);

  const addresses = { lb1: '172.16.249.101', lb2: '172.16.249.102', web1: '172.16.249.201', web2: '172.16.249.202' };
  for (const [name, address] of Object.entries(addresses)) {
    const server = await startSshServer({
      keys: [key],
      banner: `${EVIL}\n`,
      exec: (_command, channel) => {
        note(`shell ${name}`);
        channel.on('error', () => {});
        channel.on('data', () => {});
        shells[name]?.(channel);
      },
    });
    servers.push(server);
    routes[`${address}:22`] = server.port;
    knownLine(address, server);
  }
  for (const [address, answer] of Object.entries(webs)) {
    const { port, close } = await listen((socket) => {
      note(`web ${address}`);
      answer(socket);
    });
    servers.push({ close });
    routes[`${address}:80`] = port;
  }
  const jump = await startSshServer({
    routes,
    banner: `${EVIL}\n${'b'.repeat(20_000)}\n`,
    authenticate: (context) => {
      if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
      context.prompt(
        [{ prompt: `Code ${EVIL}: `, echo: false }],
        `Gate ${EVIL}`,
        `Look at ${EVIL}\nyour token`,
        (answers) => (answers[0] === 'secret' ? context.accept() : context.reject(['keyboard-interactive'])),
      );
    },
  });
  servers.unshift(jump);
  knownLine(`[127.0.0.1]:${jump.port}`, jump);

  const path = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text, { mode: 0o600 });
    return JSON.stringify(join(directory, name));
  };
  const identity = path('key', key.private);
  const file = join(directory, 'haconsole.yaml');
  writeFileSync(
    file,
    `name: hostile
ssh:
  user: ops
  jump: { name: jump, host: 127.0.0.1, port: ${jump.port}, user: ops, identity: ${identity} }
  identity: ${identity}
  knownHosts: ${path('known_hosts', `${known.join('\n')}\n`)}
  config: ${path('ssh_config', '')}
vips: [172.16.249.80]
loadBalancers: [ { name: lb1, address: ${addresses.lb1} }, { name: lb2, address: ${addresses.lb2} } ]
webNodes: [ { name: web1, address: ${addresses.web1} }, { name: web2, address: ${addresses.web2} } ]
http: { via: jump }
`,
  );
  return {
    file,
    async served(ms) {
      const end = performance.now() + ms;
      const all = [
        ...Object.keys(shells).map((name) => `shell ${name}`),
        ...Object.keys(webs).map((name) => `web ${name}`),
      ];
      while (!all.every((name) => (asked.get(name) ?? 0) >= (name.startsWith('web') ? 2 : 1))) {
        if (performance.now() > end) throw new Error(`not asked within ${ms} ms: ${JSON.stringify([...asked])}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    close: async () => {
      for (const server of servers) await server.close();
    },
  };
};

const listen = async (answer: (socket: Socket) => void): Promise<{ port: number; close(): Promise<void> }> => {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.once('data', () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
