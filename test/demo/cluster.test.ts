import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import type { ClusterConfig } from '../../src/config/cluster-config.ts';
import { loadCluster } from '../../src/config/load.ts';
import { manualClock } from '../../src/demo/clock.ts';
import { type DemoCluster, type DemoOptions, startDemo } from '../../src/demo/cluster.ts';
import { serveDemo } from '../../src/demo/serve.ts';
import { runStory } from '../../src/demo/story.ts';
import { agentCommand, agentScript } from '../../src/probes/agent/script.ts';
import { createNetwork } from '../../src/ssh/network.ts';
import type { Network, RemoteError } from '../../src/ssh/remote.ts';

const soon = (): AbortSignal => AbortSignal.timeout(8_000);

type Rig = { demo: DemoCluster; config: ClusterConfig; network: Network };
const open: Rig[] = [];

/** A demo and the console's own way to it: strict host keys, the file's key, through the jump host. */
const rig = async (options: DemoOptions = {}): Promise<Rig> => {
  const demo = await startDemo(options);
  const config = await loadCluster({ file: demo.clusterFile, cwd: '/', home: '/nonexistent', env: {} });
  const network = createNetwork(config, { prompter: async () => null, env: {}, home: '/nonexistent' });
  network.start();
  open.push({ demo, config, network });
  return { demo, config, network };
};

const run = (network: Network, node: string, command: string, input?: string) =>
  network.remote(node).exec(command, { signal: soon(), ...(input === undefined ? {} : { input }) });

/** One GET by a connection of its own. */
const get = async (network: Network, host: string, signal = soon()): Promise<string> => {
  const socket = await network.dial(host, 80, { signal });
  const end = (): void => void socket.destroy(new Error('deadline'));
  signal.addEventListener('abort', end);
  socket.write('GET / HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n');
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  signal.removeEventListener('abort', end);
  return text;
};

const failureOf = (work: Promise<unknown>): Promise<RemoteError['failure']> =>
  work.then(
    () => Promise.reject(new Error('it came through')),
    (error: RemoteError) => error.failure,
  );

const until = async (what: string, good: () => Promise<boolean> | boolean): Promise<void> => {
  const end = performance.now() + 15_000;
  while (!(await good())) {
    if (performance.now() > end) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** One process, nothing else on TCP: what is listed is the demo's or the console's. */
const sockets = (): string[] => process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP'));

afterEach(async () => {
  for (const { network, demo } of open.splice(0)) {
    await network.close();
    await demo.stop();
  }
  await until('the end of the last socket', () => sockets().length === 0);
});

/** Starts the agent on a node and gathers its lines. */
const agent = async ({ network, config }: Rig, node: string, role: 'lb' | 'web') => {
  const script = agentScript({
    role,
    services: config.services,
    checkLog: config.checkLog,
    sudo: 'sudo',
    streams: true,
  });
  const stream = await network.remote(node).open(agentCommand(script), { signal: soon() });
  let text = '';
  stream.onData((chunk) => {
    text += chunk.toString('utf8');
  });
  stream.write(script);
  return { stream, text: () => text, ask: (line: string) => stream.write(`${line}\n`) };
};

describe('through the jump host', () => {
  test('every node runs commands for the console’s own SSH, with strict host keys', async () => {
    const { network, demo } = await rig();
    for (const node of ['lb1', 'lb2', 'web1', 'web2']) {
      expect(await run(network, node, 'hostname')).toMatchObject({ code: 0, stdout: `${node}\n`, stderr: '' });
    }
    expect(demo.holders('172.16.249.90')).toEqual(['lb1']);
    expect(
      await run(network, 'lb1', 'sudo -n tee -a /etc/keepalived/check_nginx.log >/dev/null', 'a note\n'),
    ).toMatchObject({ code: 0 });
    expect((await run(network, 'lb1', 'tail -n 1 /etc/keepalived/check_nginx.log')).stdout).toBe('a note\n');
  });

  test.each(['lb', 'web'] as const)('the agent’s script finds every tool it calls on a %s node', async (role) => {
    const stage = await rig();
    const node = role === 'lb' ? 'lb1' : 'web1';
    const { ask, text, stream } = await agent(stage, node, role);
    ask('snap 1');
    ask('ping 2');
    ask('dump 3');
    ask('conf 4');
    await until('four answers', () => [1, 2, 3, 4].every((id) => new RegExp(`^E ${id}$`, 'm').test(text())));
    const script = agentScript({
      role,
      services: stage.config.services,
      checkLog: stage.config.checkLog,
      sudo: 'sudo',
      streams: true,
    });
    const keys = [...script.matchAll(/^run (\w+) /gm)].map((match) => match[1]!);
    expect(keys.length).toBeGreaterThan(1);
    for (const key of keys) expect(text()).toMatch(new RegExp(`^R \\d ${key} 0$`, 'm'));
    expect(text()).toMatch(/^H \d{10}\.\d{9} 1\n/);
    expect(text()).not.toContain('not found');
    expect(text()).not.toMatch(/^X /m);
    stream.close();
    await stream.closed;
  });

  test('a move is pushed by ip monitor and the journal, the check log by tail', async () => {
    const stage = await rig();
    const { ask, text } = await agent(stage, 'lb1', 'lb');
    ask('ping 1');
    await until('the agent', () => text().includes('E 1'));
    stage.demo.fault('kill9', 'lb1', 'nginx');
    await until('the check log', () => /^L .*: systemctl restart nginx$/m.test(text()));
    stage.demo.fault('stop', 'lb1', 'keepalived');
    await until('the addresses', () => (text().match(/^A \[.*\] Deleted 2: eth0/gm) ?? []).length === 3);
    await until('the journal', () => text().includes('"MESSAGE":"Stopping"'));
  });

  test('HTTP: VIPs and load balancers answer by both web nodes in turn, web nodes for themselves', async () => {
    const { network } = await rig();
    const bodies = [];
    for (let round = 0; round < 4; round += 1) bodies.push((await get(network, '172.16.249.80')).split('\r\n\r\n')[1]);
    expect([...bodies].sort()).toEqual(['01', '01', '02', '02'].map((number) => `HTTP WEB NODE ${number}\n`));
    expect(await get(network, '172.16.249.102')).toMatch(/^HTTP\/1\.1 200 OK\r\n(.*\r\n)*Server: nginx\/1\.22\.1\r\n/);
    expect(await get(network, '172.16.249.201')).toMatch(
      /Server: Apache\/2\.4\.\d+ \(Debian\)\r\n(.*\r\n)*\r\nHTTP WEB NODE 01\n$/,
    );
  });

  test('a closed port refuses, an address of nobody has no route, a name of nobody is not found', async () => {
    const { network } = await rig();
    expect(await failureOf(network.dial('172.16.249.101', 81, { signal: soon() }))).toMatchObject({
      found: expect.stringContaining('connection refused'),
      blame: 'target',
    });
    expect(await failureOf(network.dial('172.16.249.33', 80, { signal: soon() }))).toMatchObject({
      found: expect.stringContaining('no route to host'),
      blame: 'target',
    });
    expect(await failureOf(network.dial('nobody.invalid', 80, { signal: soon() }))).toMatchObject({ step: 'name' });
  });

  test('OpenSSH’s own rule holds here too: a stranger’s key is not let in', async () => {
    const stage = await rig();
    const other = await startDemo();
    const text = readFileSync(stage.demo.clusterFile, 'utf8').replaceAll(
      dirname(stage.demo.clusterFile),
      dirname(other.clusterFile),
    );
    expect(text).toContain(other.clusterFile.replace('haconsole.yaml', 'id_ed25519'));
    const config = await loadCluster({ file: stage.demo.clusterFile, cwd: '/', home: '/nonexistent', env: {} });
    config.ssh.jump[0]!.identity = [join(dirname(other.clusterFile), 'id_ed25519')];
    config.ssh.defaults.identity = config.ssh.jump[0]!.identity;
    const network = createNetwork(config, { prompter: async () => null, env: {}, home: '/nonexistent' });
    open.push({ demo: other, config, network });
    network.start();
    expect(await failureOf(network.ping({ signal: soon() }))).toMatchObject({ step: 'auth' });
  });
});

describe('faults as the console meets them', () => {
  test('a stopped web server: its own address refuses, the VIP goes on by the other one', async () => {
    const { demo, network } = await rig();
    demo.fault('stop', 'web1', 'web');
    await until('refusal', async () =>
      (
        await get(network, '172.16.249.201').then(
          () => '',
          (error: Error) => error.message,
        )
      ).includes('refused'),
    );
    for (let round = 0; round < 4; round += 1)
      expect(await get(network, '172.16.249.80')).toContain('HTTP WEB NODE 02');
  });

  test('both web servers stopped: 502 as corrected, 404 as in the tutorial', async () => {
    for (const [flavour, status] of [
      ['fixed', '502 Bad Gateway'],
      ['tutorial', '404 Not Found'],
    ] as const) {
      const { demo, network } = await rig({ flavour });
      demo.fault('stop', 'web1', 'web');
      demo.fault('stop', 'web2', 'web');
      await until(status, async () => (await get(network, '172.16.249.80')).startsWith(`HTTP/1.1 ${status}`));
      expect(await get(network, '172.16.249.80')).toContain('Server: nginx/1.22.1');
    }
  });

  test('a frozen web server takes connections and never answers; thawed, it answers what waited', async () => {
    const { demo, network } = await rig();
    demo.fault('freeze', 'web1', 'web');
    const waiting = get(network, '172.16.249.201');
    const early = await Promise.race([
      waiting.then(() => 'answered'),
      new Promise((resolve) => setTimeout(resolve, 300, 'silent')),
    ]);
    expect(early).toBe('silent');
    demo.fault('thaw', 'web1', 'web');
    expect(await waiting).toContain('HTTP WEB NODE 01');
  });

  test('a page that is gone is a 404 of Apache', async () => {
    const { demo, network } = await rig();
    demo.fault('web-404', 'web2');
    expect(await get(network, '172.16.249.202')).toMatch(/^HTTP\/1\.1 404 Not Found\r\n(.*\r\n)*Server: Apache/);
    demo.heal();
    expect(await get(network, '172.16.249.202')).toContain('HTTP WEB NODE 02');
  });

  test('the jump host frozen: open connections stay open and silent, and go on when it is thawed', async () => {
    const { demo, network } = await rig();
    await run(network, 'lb1', 'true');
    demo.fault('freeze-jump');
    expect(await failureOf(network.ping({ signal: AbortSignal.timeout(400) }))).toMatchObject({ step: 'timeout' });
    demo.heal();
    expect(await run(network, 'lb1', 'hostname')).toMatchObject({ stdout: 'lb1\n' });
  });

  test('the jump host killed: everything ends, nothing is let in, and it is there again when healed', async () => {
    const { demo, network } = await rig();
    await run(network, 'lb1', 'true');
    const down = new Promise<void>((resolve) => {
      network.onLink((name, link) => {
        if (name === 'jump' && link.phase === 'waiting') resolve();
      });
    });
    demo.fault('kill-jump');
    await down;
    demo.heal();
    network.retry();
    await until(
      'the jump host',
      async () =>
        await network.ping({ signal: soon() }).then(
          () => true,
          () => false,
        ),
    );
  });

  test('rights that are missing are said in the tools’ words', async () => {
    const { demo, network } = await rig();
    await run(network, 'lb1', 'true');
    demo.fault('no-sudo', 'lb1');
    demo.fault('no-journal', 'lb1');
    let result: { code: number | null; stderr: string } = { code: 0, stderr: '' };
    await until('a new connection', async () => {
      result = await run(network, 'lb1', 'sudo -n true').catch(() => result);
      return result.code === 1;
    });
    expect(result.stderr).toBe('sudo: a password is required\n');
    expect((await run(network, 'lb1', 'journalctl -u nginx')).stderr).toContain('insufficient permissions');
  });

  test('commands that act run to their end, with the exit statuses of the real ones', async () => {
    const { demo, network } = await rig();
    await run(network, 'lb2', 'true');
    const from = performance.now();
    expect(await run(network, 'lb2', 'sudo -n systemctl stop keepalived')).toMatchObject({ code: 0, stderr: '' });
    expect(performance.now() - from).toBeGreaterThan(950);
    expect(demo.world.host('lb2')!.keepalived!.unit.active).toBe('inactive');
    expect(await run(network, 'lb2', 'sudo -n systemctl start nosuch')).toMatchObject({ code: 5 });
    demo.fault('no-stop', 'lb2', 'nginx');
    expect(await run(network, 'lb2', 'sudo -n systemctl stop nginx')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('configured to refuse manual start/stop'),
    });
    demo.heal();
    expect(await run(network, 'lb2', 'sudo -n systemctl stop nginx')).toMatchObject({ code: 0 });
  });

  test('the jump host ends while a command runs: the console does not hear how it ended, the node carries it out', async () => {
    const { demo, network } = await rig();
    await run(network, 'lb1', 'true');
    const stop = failureOf(run(network, 'lb1', 'sudo -n systemctl stop keepalived'));
    await until('the stop', () => demo.world.host('lb1')!.keepalived!.unit.active === 'deactivating');
    demo.fault('kill-jump');
    expect(await stop).toMatchObject({ blame: 'path' });
    await until('its end', () => demo.world.host('lb1')!.keepalived!.unit.active === 'inactive');
    demo.fault('revive-jump');
    network.retry();
    await until('the jump host', async () =>
      run(network, 'lb1', 'systemctl is-active keepalived').then(
        ({ stdout }) => stdout === 'inactive\n',
        () => false,
      ),
    );
  });

  test('root logs in with the same key and needs no sudo', async () => {
    const { demo, network, config } = await rig();
    config.ssh.defaults.user = 'root';
    for (const node of config.nodes) node.ssh.user = 'root';
    expect(await run(network, 'lb2', 'id -u')).toMatchObject({ stdout: '0\n' });
    expect(await run(network, 'lb2', 'systemctl reload nginx')).toMatchObject({ code: 0, stderr: '' });
    expect(await run(network, 'lb2', 'keepalived -t')).toMatchObject({ code: 0 });
    expect(demo.holders('172.16.249.80')).toEqual(['lb1']);
  });

  test('a machine without power is silence, then no route; its connections end when it is back', async () => {
    const { demo, network } = await rig();
    await run(network, 'web1', 'true');
    demo.fault('power-off', 'web1');
    expect(await failureOf(network.dial('172.16.249.201', 80, { signal: soon() }))).toMatchObject({
      found: expect.stringContaining('no route to host'),
    });
    demo.fault('power-on', 'web1');
    await until('web1', async () =>
      (await get(network, '172.16.249.201', AbortSignal.timeout(2_000)).catch(() => '')).includes('NODE 01'),
    );
  });

  test('a slow wire adds its delay both ways', async () => {
    const { demo, network } = await rig();
    await run(network, 'lb2', 'true');
    const timed = async (node: string): Promise<number> => {
      const from = performance.now();
      await run(network, node, 'true');
      return performance.now() - from;
    };
    demo.fault('slow', 'lb2');
    // A channel and a command: two round trips of 160 ms.
    expect(await timed('lb2')).toBeGreaterThan(315);
    demo.heal();
    demo.fault('slow', 'lb1');
    expect(await timed('lb2')).toBeLessThan(300);
  });

  test('an orderly shutdown costs the skew alone; nobody answers afterwards', async () => {
    const clock = manualClock(Date.now());
    const demo = await startDemo({ clock });
    clock.advance(3_000);
    demo.fault('shutdown', 'lb1');
    clock.advance(500);
    expect(demo.holders('172.16.249.80')).toEqual([]);
    clock.advance(150);
    expect(demo.holders('172.16.249.80')).toEqual(['lb2']);
    await demo.stop();
  });

  test('garbage on its ports ends neither the demo nor anybody’s connection', async () => {
    const { demo, network, config } = await rig();
    await run(network, 'lb1', 'true');
    for (const bytes of ['', 'GET / HTTP/1.0\r\n\r\n', `SSH-2.0-x\r\n${'\0'.repeat(5000)}`, 'A'.repeat(70_000)]) {
      const socket = connect(config.ssh.jump[0]!.port!, '127.0.0.1');
      socket.on('error', () => {});
      socket.resume();
      socket.end(bytes);
      await new Promise((resolve) => socket.on('close', resolve));
    }
    const http = await network.dial('172.16.249.80', 80, { signal: soon() });
    http.on('error', () => {});
    http.end('\0\0 nonsense\r\n\r\n');
    for await (const _ of http);
    expect(await run(network, 'lb1', 'hostname')).toMatchObject({ stdout: 'lb1\n' });
    expect(demo.holders('172.16.249.80')).toEqual(['lb1']);
  });

  test('every fault can be applied and healed, in any order', async () => {
    const clock = manualClock(Date.now());
    const demo = await startDemo({ clock });
    try {
      for (const { name, takes } of demo.faults) {
        const role = takes.find((argument) => argument !== 'service');
        const node = role === 'web' ? 'web1' : 'lb1';
        demo.fault(name, role && node, takes.includes('service') ? (node === 'lb1' ? 'keepalived' : 'web') : undefined);
        clock.advance(9_000);
        demo.heal();
        clock.advance(9_000);
        for (const vip of ['172.16.249.80', '172.16.249.90', '172.16.249.100']) {
          expect({ name, holders: demo.holders(vip) }).toEqual({ name, holders: ['lb1'] });
        }
      }
    } finally {
      await demo.stop();
    }
  });

  test('a fault that does not exist, or not there, is one sentence', async () => {
    const { demo } = await rig();
    expect(() => demo.fault('explode', 'lb1')).toThrow(/^no fault called "explode"; there are stop, /);
    expect(() => demo.fault('stop', 'lb9', 'nginx')).toThrow('stop takes one of lb1, lb2, web1, web2, not "lb9"');
    expect(() => demo.fault('break-nginx', 'web1')).toThrow('break-nginx takes one of lb1, lb2, not "web1"');
    expect(() => demo.fault('stop', 'lb1', 'apache2')).toThrow(
      'stop on lb1 takes one of nginx, keepalived, not "apache2"',
    );
  });
});

describe('nothing is left', () => {
  test('stop closes every socket and timer and removes the files, whatever was going on', async () => {
    const stage = await rig();
    const folder = dirname(stage.demo.clusterFile);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const { ask, text } = await agent(stage, 'lb1', 'lb');
    ask('snap 1');
    await until('a snapshot', () => text().includes('E 1'));
    stage.demo.fault('freeze', 'web1', 'web');
    stage.demo.fault('kill9', 'lb1', 'keepalived');
    stage.demo.fault('silent-cut', 'lb2');
    const hanging = get(stage.network, '172.16.249.201').catch(() => '');
    const dialling = stage.network.dial('172.16.249.33', 80, { signal: soon() }).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    open.length = 0;
    await Promise.all([stage.demo.stop(), stage.demo.stop()]);
    await stage.network.close();
    await Promise.all([hanging, dialling]);
    expect(existsSync(folder)).toBe(false);
    await until('the end of the last socket', () => sockets().length === 0);
  });

  test('a directory of the caller’s own keeps only what was the caller’s', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'demo-test-'));
    const demo = await startDemo({ directory });
    expect((await readdir(directory)).sort()).toEqual(['haconsole.yaml', 'id_ed25519', 'known_hosts', 'ssh_config']);
    await demo.stop();
    expect(await readdir(directory)).toEqual([]);
    await rm(directory, { recursive: true });
  });
});

describe('alone and in a story', () => {
  test('served alone it prints its cluster file first, takes faults by line, and ends with quit', async () => {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    const done = serveDemo({ stdin, stdout, stderr, signal: new AbortController().signal });
    let said = '';
    let complaints = '';
    stdout.on('data', (chunk) => (said += String(chunk)));
    stderr.on('data', (chunk) => (complaints += String(chunk)));
    await until('the file', () => said.includes('\n'));
    const file = said.split('\n')[0]!;
    expect(existsSync(file)).toBe(true);
    stdin.write('stop keepalived lb1\nfreeze lb2 nginx\nexplode\nfaults\nheal\n');
    await until('healing', () => said.includes('done: heal'));
    expect(said).toContain('done: stop keepalived lb1');
    expect(said).toContain('done: freeze lb2 nginx');
    expect(said).toContain('power-off node');
    expect(complaints).toMatch(/^no fault called "explode"/);
    stdin.write('quit\n');
    expect(await done).toBe(0);
    expect(existsSync(file)).toBe(false);
  });

  test('served alone it outlives the end of stdin and ends with its signal', async () => {
    const stdin = new PassThrough();
    const stop = new AbortController();
    let over = false;
    const done = serveDemo({
      stdin,
      stdout: new PassThrough(),
      stderr: new PassThrough(),
      signal: stop.signal,
    }).finally(() => {
      over = true;
    });
    stdin.end();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(over).toBe(false);
    stop.abort();
    expect(await done).toBe(0);
  });

  test('the story goes round: each scene is told, every fault is taken back, and the signal ends it', async () => {
    const clock = manualClock(Date.now());
    const demo = await startDemo({ clock });
    const stop = new AbortController();
    const told: string[] = [];
    const seen = new Set<string>();
    const story = runStory(demo, { signal: stop.signal, say: (sentence) => told.push(sentence) });
    while (told.filter((sentence) => sentence === told[0]).length < 3) {
      clock.advance(500);
      await Promise.resolve();
      seen.add(demo.holders('172.16.249.80').join());
    }
    expect(demo.holders('172.16.249.80')).toEqual(['lb1']);
    expect([...seen].sort()).toEqual(['', 'lb1', 'lb2']);
    expect(new Set(told).size).toBe((told.length - 1) / 2);
    stop.abort();
    await story;
    await demo.stop();
    expect(clock.pending()).toBe(0);
  });
});
