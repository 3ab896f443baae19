import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SshTarget } from '../../src/config/cluster-config.ts';
import { RemoteError } from '../../src/ssh/remote.ts';
import { startProxy, startSshServer } from '../support/ssh-server.ts';
import { keygen, publicOf, type Sshd, sshdBinary, startSshd } from '../support/sshd.ts';
import { type Bench, type BenchOptions, bench, node, soon } from './harness.ts';

if (!sshdBinary)
  console.warn('SKIPPED: tests against a real sshd (OpenSSH server is not installed; apt-get install openssh-server)');

const user = userInfo().username;
let folder: string;
let key: string;
let jump: Sshd;
let lb1: Sshd;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  if (!sshdBinary) return;
  folder = mkdtempSync(join(tmpdir(), 'haconsole-real-'));
  key = keygen(folder, 'key');
  [jump, lb1] = await Promise.all([
    startSshd([publicOf(key)]),
    startSshd([publicOf(key)], () => ['MaxSessions 6', 'RekeyLimit 1M']),
  ]);
});
afterAll(async () => {
  await jump?.close();
  await lb1?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const known = (...servers: { port: number; hostKey: string }[]): string =>
  servers.map(({ port, hostKey }) => `[127.0.0.1]:${port} ${hostKey}\n`).join('');
const at = (name: string, server: { port: number }, more: Partial<SshTarget> = {}): SshTarget => ({
  name,
  host: '127.0.0.1',
  port: server.port,
  user,
  ...more,
});
const connect = (options: BenchOptions): Bench => {
  const made = bench({
    ...options,
    files: { key: readFileSync(key, 'utf8'), known_hosts: known(jump, lb1), ...options.files },
    timings: { rtt: 3_000, tcp: 3_000, handshake: 5_000, auth: 5_000, ...options.timings },
  });
  cleanups.push(() => made.close());
  made.network.start();
  return made;
};
const behindJump = (ssh: BenchOptions['ssh'] = {}) =>
  connect({ jump: [at('bastion', jump)], nodes: [node('lb1', at('lb1', lb1))], ssh });
const failureOf = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(RemoteError);
  return (error as RemoteError).failure;
};
const closedPort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
};
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe.skipIf(!sshdBinary).each(['ssh2', 'openssh'] as const)(
  'a real sshd behind a real sshd, over %s',
  (transport) => {
    it('runs commands: code, output, error output, input, UTF-8', async () => {
      const made = behindJump({ transport });
      const remote = made.network.remote('lb1');
      const result = await remote.exec('cat; echo oops >&2; exit 3', { signal: soon(8_000), input: 'grüß\n' });
      expect(result).toEqual({ code: 3, stdout: 'grüß\n', stderr: 'oops\n', truncated: false });
      expect((await remote.exec('exit 255', { signal: soon() })).code).toBe(255);
      expect((await made.until('lb1', (link) => link.rtt !== undefined)).transport).toBe(transport);
      expect(await made.network.ping({ signal: soon() })).toBeGreaterThan(0);
    });

    it('holds twenty commands at once within the sessions that sshd allows', async () => {
      const made = behindJump({ transport });
      const remote = made.network.remote('lb1');
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) => remote.exec(`echo ${i}`, { signal: soon(10_000) })),
      );
      expect(results.map(({ stdout }) => Number(stdout))).toEqual([...Array(20).keys()]);
    });

    it('goes on through renewed keys', async () => {
      const made = behindJump({ transport });
      const remote = made.network.remote('lb1');
      const bytes = 4 << 20;
      const result = await remote.exec(`head -c ${bytes} /dev/zero`, { signal: soon(10_000), maxBytes: bytes });
      expect(result).toMatchObject({ code: 0, truncated: false });
      expect(result.stdout.length).toBe(bytes);
      expect((await remote.exec('echo after', { signal: soon() })).stdout).toBe('after\n');
    });

    it('cuts what never ends, and what runs out of time', async () => {
      const made = behindJump({ transport });
      const remote = made.network.remote('lb1');
      expect(await remote.exec('yes', { signal: soon(8_000), maxBytes: 1_000 })).toMatchObject({ truncated: true });
      expect(await failureOf(remote.exec('sleep 60', { signal: soon(600) }))).toMatchObject({
        step: 'timeout',
        hop: 'lb1',
      });
      expect((await remote.exec('echo on', { signal: soon() })).stdout).toBe('on\n');
    });

    it('streams both ways, and leaves no process behind when the network is closed', async () => {
      const made = behindJump({ transport });
      const stream = await made.network.remote('lb1').open('echo $$; exec cat', { signal: soon(8_000) });
      const lines: string[] = [];
      let arrived = () => {};
      stream.onData((chunk) => {
        lines.push(...chunk.toString().trim().split('\n'));
        arrived();
      });
      const until = async (count: number) => {
        while (lines.length < count) await new Promise<void>((resolve) => (arrived = resolve));
      };
      await until(1);
      stream.write('hello\n');
      await until(2);
      expect(lines[1]).toBe('hello');
      const pid = Number(lines[0]);
      expect(alive(pid)).toBe(true);
      await made.network.close();
      expect((await stream.closed).failure).toBeDefined();
      while (alive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
    });

    it('dials on: bytes arrive whole, a refused connection blames the target', async () => {
      const made = behindJump({ transport });
      const server = createServer((socket) => void socket.on('error', () => {}).end('y'.repeat(200_000)));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      cleanups.push(() => server.close());
      const { port } = server.address() as { port: number };
      let size = 0;
      for await (const chunk of await made.network.dial('127.0.0.1', port, { signal: soon(8_000) }))
        size += chunk.length;
      expect(size).toBe(200_000);
      const refused = await failureOf(made.network.dial('127.0.0.1', await closedPort(), { signal: soon() }));
      expect(refused).toMatchObject({ step: 'tcp', blame: 'target', found: expect.stringContaining('refused') });
      const unknown = await failureOf(made.network.dial('no-such-host.invalid', 80, { signal: soon(8_000) }));
      expect(unknown).toMatchObject({ step: 'name', blame: 'path' });
    });

    it('stops at a changed key with file and line', async () => {
      const text = `${known(jump)}[127.0.0.1]:${lb1.port} ${jump.hostKey}\n`;
      const made = connect({
        jump: [at('bastion', jump)],
        nodes: [node('lb1', at('lb1', lb1))],
        files: { known_hosts: text },
        ssh: { transport },
      });
      const { failure } = await made.until('lb1', ({ phase }) => phase === 'failed');
      expect(failure).toMatchObject({ step: 'host-key', hop: 'lb1', found: expect.stringContaining('CHANGED') });
      expect(failure?.advice).toContain(`${join(made.home, 'known_hosts')}:2`);
    });

    it('stops at an unknown key and at a refused login', async () => {
      const made = connect({ nodes: [node('lb1', at('lb1', lb1))], files: { known_hosts: '' }, ssh: { transport } });
      expect((await made.until('lb1', ({ phase }) => phase === 'failed')).failure?.step).toBe('host-key');
      const stranger = keygen(mkdtempSync(join(folder, 'x')), 'stranger');
      const refused = connect({
        nodes: [node('lb1', at('lb1', lb1))],
        files: { key: readFileSync(stranger, 'utf8') },
        ssh: { transport },
      });
      expect((await refused.until('lb1', ({ phase }) => phase === 'failed')).failure?.step).toBe('auth');
    });

    it('tries again by itself after a refused connection', async () => {
      const made = connect({ nodes: [node('lb1', at('lb1', { port: await closedPort() }))], ssh: { transport } });
      expect((await made.until('lb1', ({ phase }) => phase === 'waiting')).failure).toMatchObject({
        step: 'tcp',
        blame: 'target',
      });
    });

    it('notices a jump host that has gone silent, and recovers', async () => {
      const proxy = await startProxy(jump.port);
      cleanups.push(() => proxy.close());
      const made = connect({
        jump: [at('bastion', proxy)],
        nodes: [node('lb1', at('lb1', lb1))],
        files: { known_hosts: known({ ...jump, port: proxy.port }, lb1) },
        // ssh counts in whole seconds
        timings: { keepalive: { hop: { interval: 500, count: 1 }, node: { interval: 5_000, count: 2 } } },
        ssh: { transport },
      });
      await made.until('lb1', ({ phase }) => phase === 'up');
      proxy.freeze();
      expect(await made.until('lb1', ({ phase }) => phase === 'waiting')).toMatchObject({
        failure: { hop: 'bastion', blame: 'path' },
      });
      proxy.thaw();
      await made.until('lb1', ({ phase }) => phase === 'up');
      expect((await made.network.remote('lb1').exec('echo back', { signal: soon(8_000) })).stdout).toBe('back\n');
    });
  },
);

describe.skipIf(!sshdBinary)('what only ssh can do', () => {
  const certified = async (): Promise<{ server: Sshd; files: Record<string, string> }> => {
    const ca = keygen(mkdtempSync(join(folder, 'ca')), 'ca');
    const own = keygen(mkdtempSync(join(folder, 'cert')), 'key');
    execFileSync('ssh-keygen', ['-q', '-s', ca, '-I', 'tester', '-n', user, `${own}.pub`]);
    const server = await startSshd([], () => [`TrustedUserCAKeys ${ca}.pub`]);
    cleanups.push(() => server.close());
    return {
      server,
      files: {
        key: readFileSync(own, 'utf8'),
        'key-cert.pub': readFileSync(`${own}-cert.pub`, 'utf8'),
        known_hosts: known(jump, server),
      },
    };
  };

  it('a user certificate logs in over the ssh program, through the hop that ssh2 holds', async () => {
    const { server, files } = await certified();
    writeFileSync(join(folder, 'plain'), readFileSync(key, 'utf8'), { mode: 0o600 });
    const made = connect({
      jump: [at('bastion', jump, { identity: ['plain'] })],
      nodes: [node('lb1', at('lb1', server))],
      files: { ...files, plain: readFileSync(key, 'utf8') },
      ssh: { transport: 'auto' },
    });
    expect((await made.network.remote('lb1').exec('echo certified', { signal: soon(10_000) })).stdout).toBe(
      'certified\n',
    );
    expect(made.links.get('lb1')?.transport).toBe('openssh');
    expect(made.links.get('bastion')?.transport).toBe('ssh2');
  });

  it('the ssh program goes through the hops too, to addresses that only they can reach', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const gate = await startSshServer({
      authenticate: (context) => (context.method === 'publickey' ? context.accept() : context.reject(['publickey'])),
      forward: (host) => {
        if (host === '192.0.2.10') resolve();
        return 'connect';
      },
      routes: { '192.0.2.10:22': lb1.port },
    });
    cleanups.push(() => gate.close());
    const known = `[127.0.0.1]:${gate.port} ${gate.hostKey.public}\n192.0.2.10 ${lb1.hostKey}\n`;
    const made = connect({
      jump: [at('bastion', gate)],
      nodes: [node('lb1', { host: '192.0.2.10', user })],
      files: { known_hosts: known },
      ssh: { transport: 'openssh' },
    });
    expect((await made.network.remote('lb1').exec('echo inside', { signal: soon(10_000) })).stdout).toBe('inside\n');
    await promise;
  });

  it('a user certificate is named in the advice when ssh2 is wanted', async () => {
    const { server, files } = await certified();
    const made = connect({ nodes: [node('lb1', at('lb1', server))], files, ssh: { transport: 'ssh2' } });
    const { failure } = await made.until('lb1', ({ phase }) => phase === 'failed');
    expect(failure).toMatchObject({ step: 'auth', advice: expect.stringContaining('key-cert.pub') });
  });

  it('a host known by its certificate authority alone is reached over the ssh program', async () => {
    const ca = keygen(mkdtempSync(join(folder, 'hca')), 'ca');
    const server = await startSshd([publicOf(key)], (place) => {
      execFileSync('ssh-keygen', ['-q', '-s', ca, '-I', 'host', '-h', '-n', '127.0.0.1', join(place, 'host.pub')]);
      return [`HostCertificate ${join(place, 'host-cert.pub')}`];
    });
    cleanups.push(() => server.close());
    const made = connect({
      nodes: [node('lb1', at('lb1', server))],
      files: { known_hosts: `@cert-authority [127.0.0.1]:${server.port} ${publicOf(ca)}\n` },
      ssh: { transport: 'auto' },
    });
    expect((await made.network.remote('lb1').exec('echo trusted', { signal: soon(10_000) })).stdout).toBe('trusted\n');
    expect(made.links.get('lb1')?.transport).toBe('openssh');
  });

  it('a ProxyCommand of ssh_config is used', async () => {
    const pipe = `const s=require("node:net").connect(${lb1.port},"127.0.0.1");process.stdin.pipe(s).pipe(process.stdout)`;
    const config = join(mkdtempSync(join(folder, 'pc')), 'config');
    writeFileSync(
      config,
      `Host odd\n  HostName 127.0.0.1\n  Port ${lb1.port}\n  ProxyCommand '${process.execPath}' -e '${pipe}'\n`,
    );
    const made = connect({
      nodes: [node('lb1', { host: 'odd', user })],
      ssh: { transport: 'auto', configFile: config },
    });
    expect((await made.network.remote('lb1').exec('echo odd', { signal: soon(10_000) })).stdout).toBe('odd\n');
    expect(made.links.get('lb1')?.transport).toBe('openssh');
  });
});

describe.skipIf(!sshdBinary)('what ssh_config says', () => {
  it('a ProxyJump is followed when the cluster file names no jump host, one connection for all nodes', async () => {
    const config = join(mkdtempSync(join(folder, 'pj')), 'config');
    const hosts = [
      `Host gate\n  HostName 127.0.0.1\n  Port ${jump.port}\n  User ${user}\n  IdentityFile ${key}\n`,
      `Host one two\n  HostName 127.0.0.1\n  Port ${lb1.port}\n  User ${user}\n  ProxyJump gate\n`,
    ];
    writeFileSync(config, hosts.join(''));
    const made = connect({
      nodes: [
        { ...node('lb1', {}), ssh: { name: 'lb1', host: 'one' } },
        { ...node('lb2', {}), ssh: { name: 'lb2', host: 'two' } },
      ],
      ssh: { configFile: config },
    });
    for (const name of ['lb1', 'lb2']) {
      expect((await made.network.remote(name).exec('echo $SSH_CONNECTION', { signal: soon(10_000) })).stdout).toContain(
        '127.0.0.1',
      );
    }
    expect(made.links.get('gate')?.phase).toBe('up');
  });

  it('a server that forbids forwarding is told apart from a target that refuses', async () => {
    const strict = await startSshd([publicOf(key)], () => ['AllowTcpForwarding no']);
    cleanups.push(() => strict.close());
    const made = connect({ jump: [at('bastion', strict)], files: { known_hosts: known(strict) } });
    expect(await failureOf(made.network.dial('127.0.0.1', 80, { signal: soon(8_000) }))).toMatchObject({
      step: 'permission',
      hop: 'bastion',
      blame: 'path',
    });
  });
});
