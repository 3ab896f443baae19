import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { realClock } from '../../src/probes/clock.ts';
import { keepOpen, type LongEnd } from '../../src/probes/long-connection.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const serve = async (listener: RequestListener): Promise<{ port: number; sockets: Set<Socket> }> => {
  const server = createServer(listener);
  servers.push(server);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, sockets };
};

/** A long connection to this port; `opened` resolves with its first page. */
const open = (port: number) => {
  const stop = new AbortController();
  let opened = (): void => {};
  const isOpen = new Promise<void>((resolve) => {
    opened = resolve;
  });
  const end: Promise<LongEnd> = keepOpen(
    { address: '127.0.0.1', port, path: '/', scheme: 'http' },
    {
      clock: realClock,
      signal: stop.signal,
      opened: () => opened(),
      dial: (host, to) =>
        new Promise((resolve, reject) => {
          const socket = connect(to, host);
          socket.once('connect', () => resolve(socket));
          socket.once('error', reject);
        }),
    },
  );
  return { isOpen, end, stop: () => stop.abort(new Error('enough')) };
};

describe('a long connection', () => {
  test('asks for page after page over one connection', async () => {
    let pages = 0;
    const third = Promise.withResolvers<void>();
    const { port, sockets } = await serve((_, response) => {
      pages += 1;
      if (pages === 3) third.resolve();
      response.end('one page');
    });
    const one = open(port);
    await third.promise;
    expect(sockets.size).toBe(1);
    one.stop();
    expect((await one.end).bytes).toBeGreaterThanOrEqual(16);
  });

  test('is told that it was cut, also while an answer is awaited that will never come', async () => {
    let pages = 0;
    const stuck = Promise.withResolvers<void>();
    const { port, sockets } = await serve((_, response) => {
      pages += 1;
      if (pages === 1) response.end('one page');
      else stuck.resolve();
    });
    const one = open(port);
    await one.isOpen;
    await stuck.promise;
    for (const socket of sockets) socket.resetAndDestroy();
    expect(await one.end).toMatchObject({ state: 'cut', bytes: 8 });
  });

  test('that the server ends as it had announced was not cut', async () => {
    let pages = 0;
    const { port } = await serve((_, response) => {
      pages += 1;
      if (pages > 1) response.setHeader('connection', 'close');
      response.end('page');
    });
    expect(await open(port).end).toMatchObject({ state: 'ended' });
  });

  test('fails where there is none: refused, or closed after each page', async () => {
    const { port } = await serve((_, response) => {
      response.setHeader('connection', 'close');
      response.end('page');
    });
    expect(await open(port).end).toMatchObject({ state: 'failed', why: 'the server keeps no connection open' });
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const { port: free } = gone.address() as AddressInfo;
    await new Promise((resolve) => gone.close(resolve));
    expect(await open(free).end).toMatchObject({ state: 'failed', bytes: 0 });
  });
});
