import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/errors.ts';
import { type LoadOptions, loadCluster, parseCluster } from '../../src/config/load.ts';

let home = '';
let cwd = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'haconsole-home-'));
  cwd = await mkdtemp(join(tmpdir(), 'haconsole-cwd-'));
});
afterEach(async () => {
  await rm(home, { recursive: true });
  await rm(cwd, { recursive: true });
});

const load = (options: Partial<LoadOptions> = {}) => loadCluster({ cwd, home, env: {}, ...options });
const save = async (path: string, text: string | Buffer): Promise<void> => {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
};
const named = (name: string): string => `name: ${name}\nvips: [10.0.0.1]\n`;
const messageOf = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).message;
};

describe('the cluster file is found', () => {
  it('where --config says, relative to the working directory', async () => {
    await save(join(cwd, 'haconsole.yaml'), named('near'));
    await save(join(cwd, 'sub', 'x.yaml'), named('given'));
    expect(await load({ file: 'sub/x.yaml' })).toMatchObject({ name: 'given', file: join(cwd, 'sub', 'x.yaml') });
  });

  it('in the working directory before the configuration directory', async () => {
    await save(join(home, '.config', 'haconsole', 'haconsole.yaml'), named('far'));
    expect((await load()).name).toBe('far');
    await save(join(cwd, 'haconsole.yaml'), named('near'));
    expect((await load()).name).toBe('near');
  });

  it('in XDG_CONFIG_HOME, which must be absolute to count', async () => {
    await save(join(home, '.config', 'haconsole', 'haconsole.yaml'), named('usual'));
    await save(join(cwd, 'xdg', 'haconsole', 'haconsole.yaml'), named('xdg'));
    expect((await load({ env: { XDG_CONFIG_HOME: join(cwd, 'xdg') } })).name).toBe('xdg');
    expect((await load({ env: { XDG_CONFIG_HOME: 'xdg' } })).name).toBe('usual');
  });

  it('or else the message says where it was looked for and what to do', async () => {
    expect(await messageOf(load())).toBe(
      'expected a cluster file, found neither ./haconsole.yaml nor ~/.config/haconsole/haconsole.yaml (name one with --config FILE, or write one with haconsole init).',
    );
    expect(await messageOf(load({ file: 'gone.yaml' }))).toBe(
      'gone.yaml: expected a cluster file, found no such file.',
    );
  });

  it('and refused when it is a directory, too long, or no UTF-8 text', async () => {
    await mkdir(join(cwd, 'dir'));
    await save(join(cwd, 'long'), `# ${'x'.repeat(1024 * 1024)}`);
    await save(join(cwd, 'latin1'), Buffer.from('name: caf\xe9', 'latin1'));
    await save(join(cwd, 'utf16'), Buffer.from(named('x'), 'utf16le'));
    expect(await messageOf(load({ file: 'dir' }))).toBe('dir: expected a readable cluster file, found a directory.');
    expect(await messageOf(load({ file: 'long' }))).toBe(
      'long: expected a cluster file of at most 1 MiB, found more than 1 MiB.',
    );
    expect(await messageOf(load({ file: 'latin1' }))).toBe(
      'latin1: expected text in UTF-8, found bytes that are not UTF-8.',
    );
    expect(await messageOf(load({ file: 'utf16' }))).toContain('found NUL bytes');
  });
});

describe('what the command line says goes before the file', () => {
  const text = 'vips: [10.0.0.1]\nssh: {jump: a}\nloadBalancers: [{name: lb1, address: 10.0.0.2}]\n';
  const parse = (more: object) => parseCluster(text, { label: 'c', directory: '/', home: '/h', ...more });
  const refusal = (more: object): string => {
    try {
      parse(more);
    } catch (error) {
      if (error instanceof ConfigError) return error.message;
    }
    throw new Error('nothing was refused');
  };

  it('jump hosts, one or several, or none', () => {
    expect(parse({ jump: 'b,ops@[fd00::1]:2200' }).ssh.jump).toEqual([
      { name: 'b', host: 'b' },
      { name: 'fd00::1', host: 'fd00::1', user: 'ops', port: 2200 },
    ]);
    expect(parse({ jump: 'none' })).toMatchObject({ ssh: { jump: [] }, http: { via: 'direct' } });
  });

  it('interval, timeout and the way of HTTP', () => {
    const config = parse({ overrides: { interval: '500ms', timeout: '3', via: 'direct' } });
    expect(config).toMatchObject({ interval: 500, timeout: 3000, http: { via: 'direct' } });
  });

  it('and is checked like the file', () => {
    expect(refusal({ jump: 'a,' })).toBe(
      '--jump: expected an ssh_config alias or user@host:port ([address]:port for IPv6), found an empty text.',
    );
    expect(refusal({ jump: 'LB1' })).toContain(
      '--jump: expected jump hosts that are neither nodes of the cluster nor named twice, found "LB1"',
    );
    expect(refusal({ overrides: { interval: '1ms' } })).toBe(
      '--interval: expected a duration from 200ms to 1h, found "1ms".',
    );
    expect(refusal({ overrides: { via: 'moon' } })).toBe('--via: expected jump or direct, found "moon".');
    expect(refusal({ jump: 'none', overrides: { via: 'jump' } })).toContain('found jump without a jump host');
  });
});
