import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { RemoteError } from '../../src/ssh/remote.ts';
import {
  makeKey,
  startProxy,
  startSshServer,
  type TestKey,
  type TestServer,
  type TestServerOptions,
} from '../support/ssh-server.ts';
import { type Bench, type BenchOptions, bench, hop, node, soon } from './harness.ts';

const key = makeKey();
const cleanups: (() => unknown)[] = [];
const own = <T extends { close(): unknown }>(thing: T): T => {
  cleanups.push(() => thing.close());
  return thing;
};
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const serve = async (options: TestServerOptions = {}): Promise<TestServer> =>
  own(await startSshServer({ keys: [key], ...options }));
const connect = (options: BenchOptions): Bench => {
  const made = own(bench({ ...options, files: { key: key.private, ...options.files } }));
  made.network.start();
  return made;
};
const failureOf = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RemoteError);
  return (error as RemoteError).failure;
};
const isUp = (made: Bench, name: string) => made.until(name, (link) => link.phase === 'up');

/** A jump host behind a proxy that can fall silent, and one node behind it. */
const pair = async (options: { gate?: TestServerOptions; lb1?: TestServerOptions } & BenchOptions = {}) => {
  const jump = await serve(options.gate);
  const lb1 = await serve(options.lb1);
  const proxy = own(await startProxy(jump.port));
  const made = connect({
    jump: [hop('bastion', proxy)],
    nodes: [node('lb1', { port: lb1.port })],
    known: [{ ...jump, port: proxy.port }, lb1],
    ...options,
  });
  await isUp(made, 'lb1');
  return { ...made, made, jump, lb1, proxy, remote: made.network.remote('lb1') };
};

const listen = async (onSocket: Parameters<typeof createServer>[1]): Promise<{ port: number; server: Server }> => {
  const server = createServer(onSocket);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => server.close());
  return { port: (server.address() as { port: number }).port, server };
};

describe('commands', () => {
  it('run on a node through the jump host, one connection each', async () => {
    const { remote, jump, lb1, until } = await pair();
    const results = await Promise.all(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((word) => remote.exec(`echo ${word}`, { signal: soon() })),
    );
    expect(results.map(({ stdout }) => stdout.trim())).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(await until('bastion', (link) => link.rtt !== undefined)).toMatchObject({ phase: 'up', transport: 'ssh2' });
    expect([jump.accepted(), lb1.accepted()]).toEqual([1, 1]);
    expect(jump.commands).toEqual(['true']);
  });

  it('run through two hops', async () => {
    const [one, two, lb1] = [await serve(), await serve(), await serve()];
    const made = connect({
      jump: [hop('outer', one), hop('inner', two)],
      nodes: [node('lb1', { port: lb1.port })],
      known: [one, two, lb1],
    });
    expect((await made.network.remote('lb1').exec('echo deep', { signal: soon() })).stdout).toBe('deep\n');
    expect([one, two, lb1].map((server) => server.accepted())).toEqual([1, 1, 1]);
  });

  it('run without a jump host', async () => {
    const lb1 = await serve();
    const made = connect({ nodes: [node('lb1', { port: lb1.port })], known: [lb1] });
    expect((await made.network.remote('lb1').exec('exit 7', { signal: soon() })).code).toBe(7);
    expect(await made.network.ping({ signal: soon() })).toBe(0);
  });

  it('get their input and its end', async () => {
    const { remote } = await pair();
    expect(await remote.exec('cat', { signal: soon(), input: 'ä\n' })).toMatchObject({ code: 0, stdout: 'ä\n' });
    expect(await remote.exec('cat', { signal: soon() })).toMatchObject({ code: 0, stdout: '' });
  });

  it('that end by a signal say so and have no code', async () => {
    const { remote } = await pair({
      lb1: {
        exec: (_command, channel) => {
          channel.stderr.write('bad');
          channel.exit('KILL');
          channel.end();
        },
      },
    });
    expect(await remote.exec('x', { signal: soon() })).toMatchObject({ code: null, signal: 'SIGKILL', stderr: 'bad' });
  });

  it('end at their deadline with step timeout, blaming the node while the jump host lives, and leave their place free', async () => {
    const { remote } = await pair();
    const hung = Array.from({ length: 6 }, () => failureOf(remote.exec('hang', { signal: soon(700) })));
    for (const failure of await Promise.all(hung))
      expect(failure).toMatchObject({ step: 'timeout', hop: 'lb1', blame: 'target' });
    expect((await remote.exec('echo again', { signal: soon() })).stdout).toBe('again\n');
  });

  it('reject with the reason of whoever gave up', async () => {
    const { remote } = await pair();
    const control = new AbortController();
    const pending = remote.exec('hang', { signal: control.signal });
    control.abort(new Error('no longer wanted'));
    await expect(pending).rejects.toThrow('no longer wanted');
  });

  it('are cut at maxBytes, also when they would never end', async () => {
    const { remote, lb1 } = await pair();
    const result = await remote.exec('flood', { signal: soon(), maxBytes: 100_000 });
    expect(result.truncated).toBe(true);
    expect(result.stdout.length).toBe(100_000);
    expect((await remote.exec('echo on', { signal: soon() })).stdout).toBe('on\n');
    expect(lb1.accepted()).toBe(1);
  });

  it('keep to four sessions at once, streams included', async () => {
    let open = 0;
    let most = 0;
    const { remote } = await pair({
      lb1: {
        exec: (command, channel) => {
          most = Math.max(most, ++open);
          channel.on('close', () => open--).resume();
          if (command !== 'stream') {
            setTimeout(() => {
              channel.exit(0);
              channel.end();
            }, 20);
          }
        },
      },
    });
    const stream = await remote.open('stream', { signal: soon() });
    await Promise.all(Array.from({ length: 12 }, () => remote.exec('x', { signal: soon() })));
    expect(most).toBe(4);
    stream.close();
    await stream.closed;
  });

  it('are tried once more where the server has no session free, and then fail with step channel', async () => {
    const { remote, lb1 } = await pair({ lb1: { maxSessions: 1 } });
    const stream = await remote.open('hang', { signal: soon() });
    expect(await failureOf(remote.exec('true', { signal: soon() }))).toMatchObject({ step: 'channel', hop: 'lb1' });
    const retried = remote.exec('echo free', { signal: soon() });
    stream.close();
    expect((await retried).stdout).toBe('free\n');
    expect(lb1.accepted()).toBe(1);
  });
});

describe('long-lived streams', () => {
  it('carry text both ways and end with a code', async () => {
    const { remote } = await pair();
    const stream = await remote.open('cat', { signal: soon() });
    const seen: string[] = [];
    const answered = new Promise<void>((resolve) => {
      stream.onData((chunk) => {
        seen.push(chunk.toString());
        if (seen.join('') === 'ping\n') resolve();
      });
    });
    stream.write('ping\n');
    await answered;
    stream.close();
    stream.close();
    const { failure } = await stream.closed;
    expect(failure?.step ?? 'lost').toBe('lost');
  });

  it('end with a failure that names the jump host when it drops mid-command', async () => {
    const { remote, jump } = await pair();
    const stream = await remote.open('hang', { signal: soon() });
    stream.onData(() => {});
    const pending = failureOf(remote.exec('hang', { signal: soon() }));
    jump.drop();
    const { code, failure } = await stream.closed;
    expect(code).toBeNull();
    expect(failure).toMatchObject({ hop: 'bastion', blame: 'path' });
    expect(await pending).toMatchObject({ step: 'lost', hop: 'bastion', blame: 'path' });
  });

  it('outlive the signal that bounded their opening', async () => {
    const { remote } = await pair();
    const control = new AbortController();
    const stream = await remote.open('cat', { signal: control.signal });
    control.abort();
    const data = new Promise<string>((resolve) => stream.onData((chunk) => resolve(chunk.toString())));
    stream.write('still\n');
    expect(await data).toBe('still\n');
    stream.close();
  });
});

describe('a jump host that dies', () => {
  it('is blamed by name on every node, and everything recovers by itself', async () => {
    const { remote, jump, lb1, until, history, made } = await pair();
    jump.drop();
    expect(await until('lb1', (link) => link.phase === 'waiting')).toMatchObject({
      failure: { hop: 'bastion', blame: 'path' },
    });
    expect(await failureOf(remote.exec('true', { signal: soon() }))).toMatchObject({ hop: 'bastion', blame: 'path' });
    await isUp(made, 'bastion');
    await isUp(made, 'lb1');
    expect((await remote.exec('echo back', { signal: soon() })).stdout).toBe('back\n');
    expect([jump.accepted(), lb1.accepted()]).toEqual([2, 2]);
    expect(
      history.filter(({ name, link }) => name === 'lb1' && link.failure && link.failure.hop !== 'bastion'),
    ).toEqual([]);
  });

  it('by falling silent is noticed by keepalive, and again when it comes back', async () => {
    const { proxy, remote, until, made } = await pair();
    proxy.freeze();
    const pending = failureOf(remote.exec('echo x', { signal: soon(3_000) }));
    expect(await until('bastion', (link) => link.phase === 'waiting')).toMatchObject({
      failure: { step: 'lost', hop: 'bastion', found: expect.stringContaining('silent'), blame: 'path' },
    });
    expect(await pending).toMatchObject({ hop: 'bastion', blame: 'path' });
    expect(await until('lb1', (link) => link.phase === 'waiting')).toMatchObject({
      failure: { hop: 'bastion', blame: 'path' },
    });
    proxy.thaw();
    await isUp(made, 'lb1');
    expect((await remote.exec('echo back', { signal: soon() })).stdout).toBe('back\n');
  });

  it('and is still frozen is known earlier by a ping, and a command that runs out of time blames the path', async () => {
    const { proxy, network, remote } = await pair({
      timings: { keepalive: { hop: { interval: 60_000, count: 2 }, node: { interval: 60_000, count: 2 } } },
    });
    expect(await network.ping({ signal: soon() })).toBeGreaterThan(0);
    proxy.freeze();
    const [pinged, executed] = [network.ping({ signal: soon(200) }), remote.exec('true', { signal: soon(500) })];
    expect(await failureOf(pinged)).toMatchObject({ step: 'timeout', hop: 'bastion', blame: 'path' });
    expect(await failureOf(executed)).toMatchObject({ step: 'timeout', blame: 'path' });
  });

  it('does not keep close() waiting, frozen or not', async () => {
    const { proxy, made, jump } = await pair();
    proxy.freeze();
    await made.network.close();
    proxy.thaw();
    expect(jump.connections.length).toBeLessThanOrEqual(1);
  });

  it('for good needs a person on the hop, and its nodes say so too', async () => {
    const jump = await serve({ keys: [] });
    const lb1 = await serve();
    const made = connect({
      jump: [hop('bastion', jump)],
      nodes: [node('lb1', { port: lb1.port })],
      known: [jump, lb1],
    });
    expect(await made.until('lb1', (link) => link.phase === 'failed')).toMatchObject({
      failure: { step: 'auth', hop: 'bastion', blame: 'path' },
    });
    expect([jump.accepted(), lb1.accepted()]).toEqual([1, 0]);
  });

  it('and is put right lets a command given right after retry() wait for the whole way', async () => {
    const keys: TestKey[] = [];
    const jump = await serve({ keys });
    const lb1 = await serve();
    const made = connect({
      jump: [hop('bastion', jump)],
      nodes: [node('lb1', { port: lb1.port })],
      known: [jump, lb1],
    });
    await made.until('lb1', (link) => link.phase === 'failed');
    keys.push(key);
    made.network.retry();
    expect((await made.network.remote('lb1').exec('echo in', { signal: soon() })).stdout).toBe('in\n');
  });
});

describe('a node that dies', () => {
  it('alone does not disturb the others, and its own back-off grows', async () => {
    const [jump, lb1, lb2] = [await serve(), await serve(), await serve()];
    const made = connect({
      jump: [hop('bastion', jump)],
      nodes: [node('lb1', { port: lb1.port }), node('lb2', { port: lb2.port })],
      known: [jump, lb1, lb2],
    });
    await isUp(made, 'lb1');
    await isUp(made, 'lb2');
    lb1.drop();
    await lb1.close();
    const link = await made.until('lb1', ({ phase, failure }) => phase === 'waiting' && failure?.step === 'tcp');
    expect(link.failure).toMatchObject({ hop: 'lb1', blame: 'target', found: expect.stringContaining('refused') });
    expect((await made.network.remote('lb2').exec('echo fine', { signal: soon() })).stdout).toBe('fine\n');
    expect(
      made.history.filter(({ name, link }) => name === 'lb2' && link.phase !== 'up' && link.phase !== 'connecting'),
    ).toEqual([]);
    expect(jump.accepted()).toBe(1);
  });

  it('by falling silent behind a living jump host is given up after its own keepalive', async () => {
    const [jump, lb1] = [await serve(), await serve()];
    const proxy = own(await startProxy(lb1.port));
    const made = connect({
      jump: [hop('bastion', jump)],
      nodes: [node('lb1', { port: proxy.port })],
      known: [jump, { ...lb1, port: proxy.port }],
    });
    await isUp(made, 'lb1');
    proxy.freeze();
    expect(await made.until('lb1', ({ phase }) => phase === 'waiting')).toMatchObject({
      failure: { step: 'lost', hop: 'lb1', blame: 'target', found: expect.stringContaining('silent') },
    });
    expect(made.links.get('bastion')?.phase).toBe('up');
  });
});

describe('links', () => {
  it('of all nodes come up in parallel once the jump host is there', async () => {
    const [jump, lb1, lb2] = [await serve(), await serve(), await serve()];
    const made = connect({
      jump: [hop('bastion', jump)],
      nodes: [node('lb1', { port: lb1.port }), node('lb2', { port: lb2.port })],
      known: [jump, lb1, lb2],
    });
    await Promise.all([isUp(made, 'lb1'), isUp(made, 'lb2')]);
    const order = made.history.map(({ name, link }) => `${name} ${link.phase}`);
    expect(order.indexOf('bastion up')).toBeLessThan(order.indexOf('lb1 up'));
    expect(Math.max(order.indexOf('lb1 connecting'), order.indexOf('lb2 connecting'))).toBeLessThan(
      Math.min(order.indexOf('lb1 up'), order.indexOf('lb2 up')),
    );
  });

  it('to nodes found later are made on demand', async () => {
    const jump = await serve();
    const web1 = await serve();
    const made = connect({
      jump: [hop('bastion', jump)],
      known: [jump, web1],
      ssh: { defaults: { port: web1.port, user: 'ops' } },
      identity: null,
      files: { key: key.private },
    });
    expect(() => made.network.remote('web1')).toThrow('no such node');
    made.network.addNode({ name: 'web1', address: '127.0.0.1' });
    expect(await made.until('web1', ({ phase }) => phase !== 'connecting')).toMatchObject({ phase: 'failed' });
  });

  it('that are still connecting make a command wait, until its deadline', async () => {
    const jump = await serve({ authenticate: () => {} });
    const made = connect({ jump: [hop('bastion', jump)], nodes: [node('lb1', { port: 1 })], known: [jump] });
    const failure = await failureOf(made.network.remote('lb1').exec('true', { signal: soon(150) }));
    expect(failure).toMatchObject({ step: 'timeout', hop: 'lb1', blame: 'path' });
  });
});

describe('dialling from the last jump host', () => {
  const text = async (duplex: Duplex): Promise<string> => {
    let seen = '';
    for await (const chunk of duplex) seen += chunk;
    return seen;
  };

  it('gives a stream that ends with the other side, and everything that was sent', async () => {
    const { network } = await pair();
    const big = 'x'.repeat(300_000);
    const { port } = await listen((socket) => void socket.end(big));
    const duplex = await network.dial('127.0.0.1', port, { signal: soon() });
    expect((await text(duplex)).length).toBe(big.length);
    const direct = await network.dial('127.0.0.1', port, { signal: soon(), direct: true });
    expect((await text(direct)).length).toBe(big.length);
  });

  it('resolves names on the jump host', async () => {
    const { port } = await listen((socket) => void socket.end('hi'));
    const { network } = await pair({ gate: { routes: { 'web1.inside:80': port } } });
    expect(await text(await network.dial('web1.inside', 80, { signal: soon() }))).toBe('hi');
  });

  it('blames the target for a refused connection', async () => {
    const { network } = await pair();
    const { port, server } = await listen(() => {});
    server.close();
    for (const direct of [false, true]) {
      expect(await failureOf(network.dial('127.0.0.1', port, { signal: soon(), direct }))).toMatchObject({
        step: 'tcp',
        hop: '127.0.0.1',
        blame: 'target',
      });
    }
  });

  it('rejects with the reason of the signal when nothing answers', async () => {
    const { network } = await pair({ gate: { forward: (_host, port) => (port === 9 ? 'ignore' : 'connect') } });
    const signal = soon(100);
    await expect(network.dial('127.0.0.1', 9, { signal })).rejects.toBe(await reasonOf(signal));
  });

  it('closes a connection that comes after the signal', async () => {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const { port } = await listen((socket) => void socket.on('close', () => end()).resume());
    const { network } = await pair({ gate: { forward: (_host, to) => (to === port ? 200 : 'connect') } });
    const signal = soon(50);
    await expect(network.dial('127.0.0.1', port, { signal })).rejects.toBe(await reasonOf(signal));
    await ended;
  });

  it('blames the path when the jump host is gone', async () => {
    const { network, jump, until } = await pair({ timings: { backoff: { first: 60_000, max: 60_000 } } });
    jump.drop();
    await until('bastion', ({ phase }) => phase === 'waiting');
    expect(await failureOf(network.dial('127.0.0.1', 9, { signal: soon() }))).toMatchObject({
      hop: 'bastion',
      blame: 'path',
    });
  });

  it('says when the jump host forbids it', async () => {
    const jump = await serve({ forward: false });
    const made = connect({ jump: [hop('bastion', jump)], known: [jump] });
    await isUp(made, 'bastion');
    expect(await failureOf(made.network.dial('127.0.0.1', 9, { signal: soon() }))).toMatchObject({
      step: 'permission',
      hop: 'bastion',
      blame: 'path',
      advice: expect.stringContaining('AllowTcpForwarding'),
    });
  });

  it('destroys a stream at once, also while the jump host is frozen', async () => {
    const { network, proxy } = await pair();
    const { port } = await listen(() => {});
    const duplex = await network.dial('127.0.0.1', port, { signal: soon() });
    proxy.freeze();
    duplex.destroy();
    await once(duplex, 'close');
    expect(duplex.destroyed).toBe(true);
  });
});

const reasonOf = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });
