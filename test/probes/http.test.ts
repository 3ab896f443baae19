import { once } from 'node:events';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BODY_LIMIT, type HttpProbeOptions, probeHttp } from '../../src/probes/http.ts';
import { RemoteError } from '../../src/ssh/remote.ts';
import { certificate, key } from './tls-pair.ts';

const servers: { server: Server; sockets: Set<Socket> }[] = [];
const listen = async (server: Server): Promise<number> => {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  servers.push({ server, sockets });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};
const serve = (handler: RequestListener) => listen(createHttp(handler));
const speak = (handler: (socket: Socket) => void) => listen(createServer(handler));
afterEach(() => {
  for (const { server, sockets } of servers.splice(0)) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

/** A Duplex that is no net.Socket, as an SSH channel is none. */
const channel = (socket: Socket): Duplex =>
  new Duplex({
    read: () => socket.resume(),
    write: (chunk, encoding, done) => void socket.write(chunk, encoding, done),
    final: (done) => {
      socket.end();
      done();
    },
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
    construct(done) {
      socket.on('data', (chunk) => this.push(chunk) || socket.pause());
      socket.on('end', () => this.push(null));
      socket.on('error', (error) => this.destroy(error));
      socket.on('close', () => this.destroy());
      done();
    },
  });

const dial: HttpProbeOptions['dial'] = async (host, port) => {
  const socket = connect(port, host);
  await once(socket, 'connect');
  return channel(socket);
};

const alive = async () => true;
const dead = async () => false;
const probe = (port: number, over: Partial<HttpProbeOptions> = {}, path = '/', scheme: 'http' | 'https' = 'http') =>
  probeHttp(
    { address: '127.0.0.1', port, path, scheme, ...(scheme === 'https' ? {} : { host: 'pair.test' }) },
    { dial, timeout: 1000, pathAlive: alive, name: 'lb1', ...over },
  );

describe('an HTTP probe', () => {
  it('tells status, page, server and three phases in order', async () => {
    let seen: string | undefined;
    const port = await serve((request, response) => {
      seen = `${request.method} ${request.url} ${request.headers.host}`;
      response.writeHead(403, { server: 'Apache/2.4 \u009b31m' }).end('HTTP WEB NODE 01\n');
    });
    const result = await probe(port, {}, '/x?y=1');
    expect(seen).toBe('GET /x?y=1 pair.test');
    expect(result).toMatchObject({ kind: 'answer', status: 403, body: 'HTTP WEB NODE 01\n', truncated: false });
    if (result.kind !== 'answer') return;
    expect(result.server).toBe('Apache/2.4 �31m');
    const { dial: dialled, headers, body } = result.phases;
    expect(dialled).toBeGreaterThan(0);
    expect(headers).toBeGreaterThanOrEqual(dialled);
    expect(body).toBeGreaterThanOrEqual(headers);
  });

  it('opens a connection of its own each time and closes it', async () => {
    const port = await serve((_request, response) => response.end('ok'));
    const connections = vi.fn();
    servers[0]?.server.on('connection', connections);
    await probe(port);
    await probe(port);
    expect(connections).toHaveBeenCalledTimes(2);
    await vi.waitFor(() => expect(servers[0]?.sockets.size).toBe(0));
  });

  it('does not follow a redirect', async () => {
    const port = await serve((_request, response) => response.writeHead(302, { location: '/else' }).end());
    expect(await probe(port)).toMatchObject({ kind: 'answer', status: 302 });
  });

  it('reads 64 KiB of a page of 10 MB and lets go of the rest', async () => {
    const port = await serve((_request, response) => response.end(Buffer.alloc(10_000_000, 'x')));
    const result = await probe(port);
    expect(result).toMatchObject({ kind: 'answer', truncated: true });
    expect(result.kind === 'answer' && result.body.length).toBe(BODY_LIMIT);
    await vi.waitFor(() => expect(servers[0]?.sockets.size).toBe(0));
  });

  it('is done with a page that never ends', async () => {
    const port = await speak((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const pour = () => {
        while (socket.writable && socket.write('endless '.repeat(512)));
      };
      socket.on('drain', pour);
      pour();
    });
    expect(await probe(port)).toMatchObject({ kind: 'answer', status: 200, truncated: true });
    await vi.waitFor(() => expect(servers[0]?.sockets.size).toBe(0));
  });

  it('tolerates bytes that are no UTF-8', async () => {
    const port = await serve((_request, response) => response.end(Buffer.from([0x48, 0x49, 0xff, 0xfe, 0xc3])));
    expect(await probe(port)).toMatchObject({ kind: 'answer', body: 'HI���' });
  });

  it.each([
    ['greets first', (socket: Socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n')],
    ['answers rubbish', (socket: Socket) => socket.on('data', () => socket.write('\u001b]0;owned\u0007\r\n'))],
    [
      'puts control characters into a header',
      (socket: Socket) => socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nserver: \u001b[31m\r\n\r\n')),
    ],
  ])('says that what %s does not speak HTTP, and blames the target', async (_title, handler) => {
    const port = await speak(handler);
    const result = await probe(port, { pathAlive: dead });
    expect(result).toMatchObject({ kind: 'none', failure: { step: 'http', blame: 'target' } });
    expect(result.kind === 'none' && result.failure.found).toMatch(/^not an HTTP answer: [ -~]+$/);
  });

  it('takes a closed connection as the target’s only where the way there answered', async () => {
    const port = await speak((socket) => socket.on('data', () => socket.destroy()));
    const failure = { step: 'http', hop: 'lb1', found: 'closed before an answer came' };
    expect(await probe(port)).toEqual({ kind: 'none', failure: { ...failure, blame: 'target' } });
    expect(await probe(port, { pathAlive: dead })).toEqual({ kind: 'none', failure: { ...failure, blame: 'path' } });
  });

  it('passes on what the network says of a refused port', async () => {
    const failure = { step: 'tcp', hop: 'bastion', found: 'connection refused', blame: 'target' } as const;
    const refuse = () => Promise.reject(new RemoteError(failure));
    expect(await probe(80, { dial: refuse, pathAlive: dead })).toEqual({ kind: 'none', failure });
  });

  it('takes a host that the jump host did not find as gone only where the way there is whole', async () => {
    const failure = { step: 'tcp', hop: 'lb1', found: 'no route to host', blame: 'target' } as const;
    const lost = () => Promise.reject(new RemoteError(failure));
    expect(await probe(80, { dial: lost })).toEqual({ kind: 'none', failure });
    expect(await probe(80, { dial: lost, pathAlive: dead })).toEqual({
      kind: 'none',
      failure: { ...failure, blame: 'path' },
    });
  });

  it.each([
    ['never answers', 'connected, but no answer within 80 ms', () => {}],
    [
      'stalls in the page',
      'answered 200, but the page did not end within 80 ms',
      (socket: Socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nHTTP WEB'),
    ],
  ])('gives up at its deadline where the target %s', async (_title, found, handler) => {
    const port = await speak(handler);
    const result = await probe(port, { timeout: 80 });
    expect(result).toEqual({ kind: 'none', failure: { step: 'timeout', hop: 'lb1', found, blame: 'target' } });
  });

  it('gives up on a dial that never comes back, asks since when the way was alive, and closes what comes late', async () => {
    let arrive = (_socket: Duplex) => {};
    const late = new Promise<Duplex>((resolve) => {
      arrive = resolve;
    });
    const pathAlive = vi.fn(dead);
    const clock = { now: () => 77, wall: () => 0, sleep: async () => {} };
    const result = await probe(80, { dial: () => late, timeout: 30, pathAlive, clock });
    expect(result).toMatchObject({ kind: 'none', failure: { step: 'timeout', blame: 'path' } });
    expect(pathAlive).toHaveBeenCalledExactlyOnceWith(77);
    const socket = new Duplex({ read() {}, write() {} });
    arrive(socket);
    await vi.waitFor(() => expect(socket.destroyed).toBe(true));
  });

  it('does not wait for ever to learn who is to blame', async () => {
    const result = await probe(80, {
      dial: () => new Promise(() => {}),
      timeout: 30,
      pathAlive: () => new Promise(() => {}),
    });
    expect(result).toMatchObject({ kind: 'none', failure: { step: 'timeout', blame: 'path' } });
  });

  it('ends at once when it is abandoned', async () => {
    const port = await speak(() => {});
    const controller = new AbortController();
    const pending = probe(port, { signal: controller.signal, timeout: 60_000 });
    setImmediate(() => controller.abort());
    expect(await pending).toMatchObject({ kind: 'none', failure: { step: 'lost', blame: 'path' } });
  });
});

describe('an HTTPS probe', () => {
  it('asks a bare address without verifying a certificate that cannot name it', async () => {
    const port = await listen(createHttps({ cert: certificate, key }, (_request, response) => response.end('secure')));
    expect(await probe(port, {}, '/', 'https')).toMatchObject({ kind: 'answer', status: 200, body: 'secure' });
  });

  it('verifies the certificate where the target has a name', async () => {
    const port = await listen(createHttps({ cert: certificate, key }, (_request, response) => response.end('secure')));
    const target = { address: '127.0.0.1', port, path: '/', scheme: 'https', host: 'pair.test' } as const;
    const result = await probeHttp(target, { dial, timeout: 1000, pathAlive: dead, name: 'vip' });
    expect(result).toMatchObject({ kind: 'none', failure: { step: 'http', blame: 'target' } });
    expect(result.kind === 'none' && result.failure.found).toMatch(/^TLS: .*self-signed/);
  });
});
