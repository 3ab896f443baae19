import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { aptSource } from '../../lab/base.ts';
import { faultNamed } from '../../lab/faults.ts';
import { leaks } from '../../lab/net.ts';
import { redact } from '../../lab/redact.ts';
import { onNet } from '../../lab/run.ts';
import { SECRETS } from '../../lab/secrets.ts';
import { loadCluster } from '../../src/config/load.ts';
import {
  addressOf,
  banner,
  CLUSTER_FILE,
  curlVip,
  FAULTS,
  faults,
  heal,
  healAll,
  holders,
  inside,
  NODES,
  secret,
  unitState,
  until,
  VIPS,
  withLab,
} from './support/lab.ts';

describe('where the base image comes from', () => {
  const made: string[] = [];
  const machine = async (files: Record<string, string>) => {
    const root = await mkdtemp(join(tmpdir(), 'haconsole-apt-'));
    made.push(root);
    await mkdir(join(root, 'etc/apt/sources.list.d'), { recursive: true });
    await writeFile(join(root, 'etc/os-release'), 'NAME=x\nVERSION_CODENAME=bookworm\n');
    for (const [name, text] of Object.entries(files)) await writeFile(join(root, 'etc/apt', name), text);
    return root;
  };
  afterAll(() => Promise.all(made.map((root) => rm(root, { recursive: true }))));

  test('a source in the newer format is read, and one of another release or switched off is not', async () => {
    const stanza = (suites: string, uri: string, more = '') =>
      `Types: deb\n# a comment\nURIs: ${uri}\nSuites: ${suites}\nComponents: main contrib\n${more}`;
    const root = await machine({
      'sources.list.d/a.sources': [
        stanza('nodistro', 'http://a.test/x'),
        stanza('bookworm', 'http://b.test/off', 'Enabled: no\n'),
        stanza('bookworm bookworm-updates', 'http://c.test/debian', 'Signed-By: /usr/share/keyrings/c.gpg\n'),
      ].join('\n'),
    });
    const wanted = { mirror: 'http://c.test/debian', suite: 'bookworm', components: 'main,contrib' };
    expect(await aptSource(root)).toEqual({ ...wanted, keyring: '/usr/share/keyrings/c.gpg' });
  });

  test('a source in the older format is read with its options', async () => {
    const root = await machine({
      'sources.list':
        '# deb http://no.test/ bookworm main\ndeb [signed-by=/k.gpg] http://d.test/debian bookworm main # x\n',
    });
    const wanted = { mirror: 'http://d.test/debian', suite: 'bookworm', components: 'main', keyring: '/k.gpg' };
    expect(await aptSource(root)).toEqual(wanted);
  });

  test('a machine without a fitting source says so', async () => {
    await expect(aptSource(await machine({}))).rejects.toThrow('no apt source');
  });
});

test('passwords leave captured text, wherever keepalived prints them', async () => {
  const text = 'auth_pass 1111\n   Password = 1111\n "auth_data": "1111", "vrid": 51\n priority 150\n';
  const kept = await redact(text);
  expect(kept).not.toContain('1111');
  expect(kept).toContain('priority 150');
  expect(kept).toContain('"vrid": 51');
});

test('a fault that does not exist, or lacks an argument, is answered with what there is', () => {
  expect(() => faultNamed('explode', [])).toThrow('there are stop, mask');
  expect(() => faultNamed('stop', ['nginx'])).toThrow('usage: lab fault stop SERVICE NODE');
  expect(faultNamed('slow', ['op'], true)).toBe(FAULTS.slow);
});

describe('the lab', () => {
  beforeAll(withLab);
  afterEach(async () => void (await healAll()));

  test('the operator reaches the jump host and nothing behind it, and the jump host is no router', async () => {
    expect(await banner('op', '10.99.0.1')).toMatch(/^SSH-2\.0-/);
    for (const name of ['lb1', 'web1']) {
      const ran = await onNet('op', ['ping', '-n', '-c', '1', '-W', '1', addressOf(name)]);
      expect(ran.code).not.toBe(0);
    }
    expect((await onNet('jump', ['cat', '/proc/sys/net/ipv4/ip_forward'])).stdout.trim()).toBe('0');
  });

  test('no card of the lab is in the namespace of this machine, and no namespace has a way out', async () => {
    expect(await leaks()).toEqual([]);
    for (const { name } of NODES) {
      const routes = (await onNet(name, ['ip', 'route', 'show', 'default'])).stdout;
      expect(routes).toBe('');
    }
  });

  test('every secret is for root only', async () => {
    const files = await readdir(SECRETS, { recursive: true, withFileTypes: true });
    for (const file of files) {
      const mode = (await stat(join(file.parentPath, file.name))).mode & 0o777;
      if (!file.name.endsWith('.pub')) expect(`${file.name} ${(mode & 0o077).toString(8)}`).toBe(`${file.name} 0`);
    }
  });

  test("the system's own ssh gets from the operator's seat through the jump host to every node", async () => {
    for (const name of ['lb1', 'lb2', 'web1', 'web2']) {
      const ran = await onNet('op', ['ssh', '-F', secret.sshConfig, name, 'hostname; sudo -n id -un']);
      expect(ran.stdout).toBe(`${name}\nroot\n`);
    }
  });

  test('narrow may restart nginx and read the journal and nothing else; nosudo may nothing', async () => {
    const as = (user: string, command: string) =>
      onNet('op', ['ssh', '-F', secret.sshConfig, '-l', user, 'lb2', command]).then((ran) => ran.code);
    expect(await as('narrow', 'sudo -n systemctl restart nginx && sudo -n journalctl -n 1')).toBe(0);
    expect(await as('narrow', 'sudo -n id')).not.toBe(0);
    expect(await as('nosudo', 'sudo -n systemctl restart nginx')).not.toBe(0);
  });

  test('the cluster file is one that haconsole loads', async () => {
    const config = await loadCluster({ file: CLUSTER_FILE, cwd: '/', home: '/', env: {} });
    expect(config.nodes.map((node) => node.name)).toEqual(['lb1', 'lb2', 'web1', 'web2']);
    expect(config.vips.map((vip) => vip.address)).toEqual([...VIPS]);
  });

  test('a split brain is two holders inside the nodes, and heal makes them one', async () => {
    await faults['drop-vrrp']();
    await until('lb2 does not take the VIP', async () => (await holders()).join() === 'lb1,lb2');
    await heal['drop-vrrp']();
    await until('lb2 does not give the VIP back', async () => (await holders()).join() === 'lb1');
  });

  test('a node without power answers nothing and holds nothing, and comes back with its services', async () => {
    await faults['power-off']('lb1');
    expect(await inside('lb1', ['true']).catch((error: Error) => error.message)).toBe('lb1 is off');
    await until('lb2 does not take over', async () => (await holders()).join() === 'lb2');
    expect((await curlVip()).body).toContain('HTTP WEB NODE');
    await heal['power-off']('lb1');
    expect((await unitState('lb1', 'keepalived'))?.active).toBe('active');
    await until('lb1 does not take back', async () => (await holders()).join() === 'lb1');
  });

  test('healing twice finds nothing to do the second time', async () => {
    await faults['break-nginx']('lb2');
    await faults['silent-cut']('web1');
    await faults['web-status']('web2', '500');
    await faults['freeze-node']('jump');
    expect((await healAll()).length).toBeGreaterThan(0);
    expect(await healAll()).toEqual([]);
  });
});
