import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuthContext } from 'ssh2';
import { afterEach, describe, expect, it } from 'vitest';
import { fingerprint } from '../../src/ssh/known-hosts.ts';
import type { Prompt, Prompter } from '../../src/ssh/remote.ts';
import { acceptKeys, makeKey, startSshServer, type TestServer, type TestServerOptions } from '../support/ssh-server.ts';
import { type Bench, type BenchOptions, bench, knownHosts, node, soon } from './harness.ts';

const key = makeKey();
const other = makeKey();
const locked = makeKey('ed25519', 'open sesame');
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const serve = async (options: TestServerOptions = {}): Promise<TestServer> => {
  const server = await startSshServer({ keys: [key], ...options });
  cleanups.push(() => server.close());
  return server;
};
const connect = (server: { port: number }, options: BenchOptions = {}): Bench => {
  const made = bench({
    nodes: [node('lb1', { port: server.port })],
    ...options,
    files: { key: key.private, ...options.files },
  });
  cleanups.push(() => made.close());
  made.network.start();
  return made;
};
const hello = (made: Bench) => made.network.remote('lb1').exec('echo hello', { signal: soon() });
const failed = (made: Bench) => made.until('lb1', (link) => link.phase === 'failed').then((link) => link.failure);

const answering =
  (...answers: (string[] | null)[]): Prompter =>
  async () =>
    answers.shift() ?? null;

describe('host keys', () => {
  it('refuses an unknown key without a person, with its fingerprint and what to do', async () => {
    const server = await serve();
    const made = connect(server);
    expect(await failed(made)).toMatchObject({
      step: 'host-key',
      hop: 'lb1',
      found: expect.stringContaining(fingerprint(server.hostKey.blob)),
      advice: expect.stringContaining('known_hosts'),
    });
    expect(made.prompts).toHaveLength(1);
    await expect(hello(made)).rejects.toMatchObject({ failure: { step: 'host-key' } });
    expect(server.accepted()).toBe(1);
  });

  it('asks a person, files the key when the answer is yes, and never asks again', async () => {
    const server = await serve();
    const made = connect(server, { prompter: answering(['yes']) });
    expect((await hello(made)).stdout).toBe('hello\n');
    expect(made.prompts).toEqual([
      {
        kind: 'host-key',
        hop: 'lb1',
        address: `[127.0.0.1]:${server.port}`,
        keyType: 'ED25519',
        fingerprint: fingerprint(server.hostKey.blob),
        knownHosts: join(made.home, 'known_hosts'),
      },
    ]);
    expect(readFileSync(join(made.home, 'known_hosts'), 'utf8')).toBe(knownHosts(server));
    server.drop();
    await made.until('lb1', (link) => link.phase !== 'up');
    await made.until('lb1', (link) => link.phase === 'up');
    expect(made.prompts).toHaveLength(1);
  });

  it.each([['no'], ['']])('stays out when the answer is %j', async (answer) => {
    const made = connect(await serve(), { prompter: answering([answer]) });
    expect((await failed(made))?.step).toBe('host-key');
  });

  it('stops at a changed key with file and line, sends no credentials, and goes on after retry when it is put right', async () => {
    const server = await serve();
    const made = connect(server, { files: { known_hosts: `# mine\n[127.0.0.1]:${server.port} ${other.public}\n` } });
    const failure = await failed(made);
    expect(failure).toMatchObject({ step: 'host-key', found: expect.stringContaining('CHANGED') });
    expect(failure?.advice).toContain(`${join(made.home, 'known_hosts')}:2`);
    expect(made.prompts).toEqual([]);
    appendFileSync(join(made.home, 'known_hosts'), knownHosts(server));
    made.network.retry();
    expect((await hello(made)).code).toBe(0);
  });

  it('refuses a revoked key', async () => {
    const server = await serve();
    const text = `${knownHosts(server)}@revoked * ${server.hostKey.public}\n`;
    const made = connect(server, { files: { known_hosts: text }, prompter: answering(['yes']) });
    expect((await failed(made))?.found).toContain('revoked');
  });

  it('says of a host known by a certificate authority only that it takes the ssh program', async () => {
    const server = await serve();
    const text = `@cert-authority [127.0.0.1]:${server.port} ${other.public}\n`;
    expect((await failed(connect(server, { files: { known_hosts: text } })))?.advice).toContain('openssh');
  });

  it('accepts a key from the second of several files, hashed', async () => {
    const server = await serve();
    const made = connect(server, { files: { known_hosts: knownHosts(server) } });
    execFileSync('ssh-keygen', ['-H', '-f', join(made.home, 'known_hosts')], { stdio: 'ignore' });
    expect((await hello(made)).code).toBe(0);
    expect(readFileSync(join(made.home, 'known_hosts'), 'utf8')).toContain('|1|');
  });

  it('looks a host up under its HostKeyAlias', async () => {
    const server = await serve();
    const made = connect(server, {
      nodes: [node('lb1', { port: server.port, hostKeyAlias: 'pair-one' })],
      files: { known_hosts: `[pair-one]:${server.port} ${server.hostKey.public}\n` },
    });
    expect((await hello(made)).code).toBe(0);
  });

  it('asks the server for the type of key it knows', async () => {
    const server = await serve({ hostKey: makeKey('rsa') });
    const made = connect(server, { known: [server] });
    expect((await hello(made)).code).toBe(0);
  });

  it('checks the key again when keys are renewed on the running connection', async () => {
    const server = await serve();
    const made = connect(server, { known: [server] });
    await hello(made);
    await new Promise<void>((resolve) => {
      server.connections[0]?.rekey(() => resolve());
    });
    expect((await hello(made)).code).toBe(0);
    expect(server.accepted()).toBe(1);
  });
});

describe('keys', () => {
  it.each(['rsa', 'ecdsa'] as const)('logs in with an %s key', async (type) => {
    const own = makeKey(type);
    const server = await serve({ keys: [own] });
    expect((await hello(connect(server, { known: [server], files: { key: own.private } }))).code).toBe(0);
  });

  it('fails for good when every key is refused, and does not try again by itself', async () => {
    const server = await serve({ keys: [other] });
    const made = connect(server, { known: [server] });
    expect(await failed(made)).toMatchObject({
      step: 'auth',
      hop: 'lb1',
      found: expect.stringContaining(join(made.home, 'key')),
    });
    expect(made.links.get('lb1')?.retryAt).toBeUndefined();
    expect(server.accepted()).toBe(1);
    made.network.retry();
    await made.until('lb1', (link) => link.phase === 'connecting');
    await failed(made);
    expect(server.accepted()).toBe(2);
  });

  it('names the key file that does not exist', async () => {
    const server = await serve();
    const made = connect(server, { known: [server], nodes: [node('lb1', { port: server.port, identity: ['nope'] })] });
    expect((await failed(made))?.advice).toContain('does not exist');
  });

  it('asks for the passphrase of a locked key once for all nodes, and again when it was wrong', async () => {
    const [one, two] = [await serve({ keys: [locked] }), await serve({ keys: [locked] })];
    const made = connect(one, {
      known: [one, two],
      nodes: [node('lb1', { port: one.port }), node('lb2', { port: two.port })],
      files: { key: locked.private },
      prompter: answering(['wrong'], ['open sesame']),
    });
    expect((await hello(made)).code).toBe(0);
    expect((await made.network.remote('lb2').exec('true', { signal: soon() })).code).toBe(0);
    expect(made.prompts).toMatchObject([
      { kind: 'passphrase', file: join(made.home, 'key'), again: false },
      { kind: 'passphrase', file: join(made.home, 'key'), again: true },
    ]);
    expect(made.log.join('\n')).not.toContain('sesame');
  });

  it('asks for no passphrase when the server would not take the key anyway', async () => {
    const server = await serve({ keys: [other] });
    const made = connect(server, { known: [server], files: { key: locked.private } });
    expect((await failed(made))?.step).toBe('auth');
    expect(made.prompts).toEqual([]);
  });

  it('says what nobody answered when there is no person', async () => {
    const server = await serve({ keys: [locked] });
    const made = connect(server, { known: [server], files: { key: locked.private } });
    expect(await failed(made)).toMatchObject({ step: 'auth', found: expect.stringContaining('passphrase') });
    expect(server.accepted()).toBe(1);
  });

  it('reads keys in PKCS#8, which ssh2 alone does not', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pkcs8 = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const server = await serve({
      authenticate: (context) => (context.method === 'publickey' ? context.accept() : context.reject(['publickey'])),
    });
    expect((await hello(connect(server, { known: [server], files: { key: pkcs8 } }))).code).toBe(0);
  });

  it('says of a key it cannot read what to do', async () => {
    const { generateKeyPairSync } = await import('node:crypto');
    const pkcs8 = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const server = await serve();
    const made = connect(server, { known: [server], files: { key: pkcs8 } });
    expect((await failed(made))?.advice).toMatch(/PKCS#8|openssh/);
  });
});

describe('the SSH agent', () => {
  const startAgent = async (...keys: { private: string }[]): Promise<string> => {
    const folder = mkdtempSync(join(tmpdir(), 'haconsole-agent-'));
    const socket = join(folder, 's');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(agent, 'close');
    cleanups.push(async () => {
      agent.kill();
      // It removes its socket itself.
      await ended;
      rmSync(folder, { recursive: true, force: true });
    });
    await new Promise((resolve) => agent.stdout.once('data', resolve));
    for (const { private: text } of keys) {
      execFileSync('ssh-add', ['-q', '-'], { input: text, env: { ...process.env, SSH_AUTH_SOCK: socket } });
    }
    return socket;
  };

  it('signs with the key that the locked file names, so that nobody is asked', async () => {
    const server = await serve({ keys: [key] });
    const socket = await startAgent(other, key);
    const file = mkdtempSync(join(tmpdir(), 'haconsole-key-'));
    cleanups.push(() => rmSync(file, { recursive: true, force: true }));
    const made = connect(server, {
      known: [server],
      files: { key: key.private },
      env: { PATH: process.env.PATH, SSH_AUTH_SOCK: socket },
    });
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'secret', '-f', join(made.home, 'key')]);
    expect((await hello(made)).code).toBe(0);
    expect(made.prompts).toEqual([]);
  });

  it('is tried before the files when the cluster file names no key', async () => {
    const server = await serve({ keys: [key] });
    const socket = await startAgent(key);
    const entry = node('lb1', { port: server.port });
    const made = bench({
      nodes: [entry],
      known: [server],
      env: { PATH: process.env.PATH, SSH_AUTH_SOCK: socket },
      identity: null,
    });
    cleanups.push(() => made.close());
    made.network.start();
    expect((await hello(made)).code).toBe(0);
  });

  it('signs for an identity of which only the public key is on disk', async () => {
    const server = await serve({ keys: [key] });
    const socket = await startAgent(other, key);
    const env = { PATH: process.env.PATH, SSH_AUTH_SOCK: socket };
    expect((await hello(connect(server, { known: [server], files: { key: `${key.public} me` }, env }))).code).toBe(0);
    const alone = connect(server, {
      known: [server],
      nodes: [node('lb1', { port: server.port, identity: ['token'] })],
      files: { 'token.pub': key.public },
      env,
    });
    expect((await hello(alone)).code).toBe(0);
  });

  it('is told in the advice when it does not answer', async () => {
    const server = await serve({ keys: [other] });
    const made = connect(server, {
      known: [server],
      env: { PATH: process.env.PATH, SSH_AUTH_SOCK: '/nonexistent/agent' },
    });
    expect((await failed(made))?.advice).toContain('/nonexistent/agent does not answer');
  });
});

describe('questions', () => {
  const hostile = 'Code \u001b[2J\u202e: ';
  const oneTimeCode = (context: AuthContext, good: string) => {
    if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
    context.prompt([{ prompt: hostile, echo: false }], 'Gate \u0007', 'Look at\nyour token', (answers) =>
      answers[0] === good ? context.accept() : context.reject(['keyboard-interactive']),
    );
  };

  it('are passed on with nothing in them that a terminal would obey', async () => {
    const server = await serve({ authenticate: (context) => oneTimeCode(context, '123') });
    const made = connect(server, { known: [server], prompter: answering(['000'], ['123']) });
    expect((await hello(made)).code).toBe(0);
    expect(made.prompts).toHaveLength(2);
    const [prompt] = made.prompts as Extract<Prompt, { kind: 'questions' }>[];
    expect(prompt).toMatchObject({ hop: 'lb1', questions: [{ echo: false }] });
    expect(JSON.stringify(prompt)).toContain('\\\\x1b');
    expect(`${prompt?.title}${prompt?.instruction}${prompt?.questions[0]?.text}`).not.toMatch(/[\p{Cc}\u202e]/u);
  });

  it('follow an accepted key where the server wants both', async () => {
    const done = new WeakSet<object>();
    const server = await serve({
      authenticate: (context) => {
        const client = (context as unknown as { _client?: object })._client ?? server;
        if (context.method === 'publickey') {
          if (!context.signature) return context.accept();
          done.add(client);
          return context.reject(['keyboard-interactive'], true);
        }
        if (context.method !== 'keyboard-interactive' || !done.has(client)) return context.reject(['publickey']);
        oneTimeCode(context, '42');
      },
    });
    const made = connect(server, { known: [server], prompter: answering(['42']) });
    expect((await hello(made)).code).toBe(0);
    expect(made.prompts).toHaveLength(1);
  });

  it('include a plain password, three times at most', async () => {
    const seen: string[] = [];
    const server = await serve({
      authenticate: (context) => {
        if (context.method !== 'password') return context.reject(['password']);
        seen.push(context.password);
        context.reject(['password']);
      },
    });
    const made = connect(server, { known: [server], prompter: async () => ['hunter2'] });
    expect((await failed(made))?.step).toBe('auth');
    expect(seen).toEqual(['hunter2', 'hunter2', 'hunter2']);
    expect(made.prompts[0]).toMatchObject({
      kind: 'questions',
      questions: [{ text: "ops@127.0.0.1's password: ", echo: false }],
    });
    expect(JSON.stringify([made.history, made.log])).not.toContain('hunter2');
  });

  it('are asked one after the other, also for several nodes', async () => {
    const [one, two] = [
      await serve({ authenticate: (context) => oneTimeCode(context, 'x') }),
      await serve({ authenticate: (context) => oneTimeCode(context, 'x') }),
    ];
    let open = 0;
    let most = 0;
    const made = connect(one, {
      known: [one, two],
      nodes: [node('lb1', { port: one.port }), node('lb2', { port: two.port })],
      prompter: async () => {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setTimeout(resolve, 50));
        open--;
        return ['x'];
      },
    });
    await Promise.all(['lb1', 'lb2'].map((name) => made.until(name, (link) => link.phase === 'up')));
    expect(made.prompts).toHaveLength(2);
    expect(most).toBe(1);
  });

  it('end the login with a reason when nobody answers', async () => {
    const server = await serve({ authenticate: (context) => oneTimeCode(context, 'x') });
    const made = connect(server, { known: [server] });
    expect(await failed(made)).toMatchObject({ step: 'auth', found: expect.stringContaining('nobody answered: Code') });
    expect(server.accepted()).toBe(1);
  });

  it('end the login for good when the server does not wait, instead of asking for ever', async () => {
    const server = await serve({
      authenticate: (context) => {
        oneTimeCode(context, 'x');
        if (context.method === 'keyboard-interactive') setTimeout(() => server.drop(), 100);
      },
    });
    const seen: AbortSignal[] = [];
    const made = connect(server, {
      known: [server],
      prompter: (_prompt, signal) => {
        seen.push(signal);
        return new Promise((resolve) => signal.addEventListener('abort', () => resolve(null)));
      },
    });
    expect(await failed(made)).toMatchObject({ step: 'auth', found: expect.stringContaining('did not wait') });
    expect(seen.map((signal) => signal.aborted)).toEqual([true]);
  });

  it('do not run into the deadline of the login while a person thinks', async () => {
    const server = await serve({ authenticate: (context) => oneTimeCode(context, 'x') });
    const made = connect(server, {
      known: [server],
      timings: { auth: 100 },
      prompter: () => new Promise((resolve) => setTimeout(() => resolve(['x']), 400)),
    });
    expect((await hello(made)).code).toBe(0);
  });
});

describe('servers that do not do their part', () => {
  const listen = async (onSocket: (socket: import('node:net').Socket) => void): Promise<{ port: number }> => {
    const sockets = new Set<import('node:net').Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      onSocket(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanups.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return { port: (server.address() as { port: number }).port };
  };
  const waiting = (made: Bench) => made.until('lb1', (link) => link.phase === 'waiting').then((link) => link.failure);

  it('accepting and never answering is a timeout that names what is missing', async () => {
    const made = connect(await listen(() => {}), { timings: { handshake: 150 } });
    expect(await waiting(made)).toMatchObject({
      step: 'timeout',
      hop: 'lb1',
      blame: 'target',
      found: expect.stringContaining('no SSH key exchange'),
    });
    expect(made.links.get('lb1')?.retryAt).toBeGreaterThan(0);
  });

  it('a closed port is a refused TCP connection, tried again with growing waits', async () => {
    const gone = await listen(() => {});
    for (const cleanup of cleanups.splice(-1)) cleanup();
    const made = connect(gone);
    expect(await waiting(made)).toMatchObject({
      step: 'tcp',
      blame: 'target',
      found: expect.stringContaining('refused'),
    });
    const phases = () => made.history.filter(({ link }) => link.phase === 'waiting').length;
    await made.until('lb1', () => phases() >= 3);
  });

  it('a greeting of something else than SSH is an error, not a hang', async () => {
    const made = connect(await listen((socket) => void socket.end('HTTP/1.0 400 Bad \u001b[2J\r\n\r\n')), {
      timings: { handshake: 300 },
    });
    const failure = await waiting(made);
    expect(failure?.hop).toBe('lb1');
    expect(JSON.stringify(failure)).not.toContain('\u001b');
  });

  it('a name that does not resolve is step name', async () => {
    const made = connect(
      { port: 22 },
      { nodes: [{ ...node('lb1', { port: 22 }), ssh: { name: 'lb1', host: 'no-such-host.invalid' } }] },
    );
    expect((await waiting(made))?.step).toBe('name');
  });

  it('a login that the server never answers is a timeout', async () => {
    const server = await serve({ authenticate: () => {} });
    const made = connect(server, { known: [server], timings: { auth: 150 } });
    expect(await waiting(made)).toMatchObject({ step: 'timeout', found: expect.stringContaining('login') });
  });

  it('a hostile banner goes nowhere', async () => {
    const server = await serve({ banner: '\u001b[2Jowned\r\n', authenticate: (context) => acceptKeys(context, [key]) });
    const made = connect(server, { known: [server] });
    await hello(made);
    expect(JSON.stringify([made.history, made.log])).not.toContain('owned');
  });
});
