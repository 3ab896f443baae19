import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseHops } from '../../src/ssh/hops.ts';
import { RemoteError } from '../../src/ssh/remote.ts';
import { resolveHost } from '../../src/ssh/ssh-config.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'haconsole-cfg-'));
  mkdirSync(join(home, '.ssh', 'config.d'), { recursive: true });
  writeFileSync(
    join(home, '.ssh', 'config'),
    [
      `Include ${home}/.ssh/config.d/*`,
      'Include relative',
      'Host bastion',
      '  HostName bastion.example.net',
      '  Port 2222',
      '  User gate',
      '  IdentityFile ~/.ssh/%h_%r',
      '  IdentityFile ~/.ssh/second',
      '  IdentitiesOnly yes',
      '  HostKeyAlias alias-%n',
      '  UserKnownHostsFile ~/.ssh/known_a ~/.ssh/known_b',
      'Host inner',
      '  ProxyJump ops@bastion:2222,[2001:db8::1]:2200',
      '  CertificateFile ~/.ssh/inner-cert.pub',
      'Host odd',
      '  ProxyCommand nc %h %p',
      '  IdentityAgent none',
      'Host * !bastion',
      '  User everybody',
    ].join('\n'),
  );
  writeFileSync(join(home, '.ssh', 'config.d', 'extra'), 'Host included\n  HostName 192.0.2.7\nHost *\n');
  writeFileSync(join(home, '.ssh', 'relative'), 'Host near\n  HostName 192.0.2.8\nHost *\n');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const ways = { 'ssh -G': process.env.PATH, 'our own reader': '/nonexistent' };

describe.each(Object.entries(ways))('ssh_config through %s', (_, path) => {
  const resolve = (host: string, target = {}, context = {}) =>
    resolveHost(
      { name: host, host, ...target },
      { env: { PATH: path, SSH_AUTH_SOCK: '/run/agent' }, home, log: () => {}, ...context },
    );

  it('fills in host, port, user, keys with tokens, and known_hosts files in order', async () => {
    expect(await resolve('bastion')).toMatchObject({
      host: 'bastion.example.net',
      port: 2222,
      user: 'gate',
      identityFiles: [join(home, '.ssh/bastion.example.net_gate'), join(home, '.ssh/second')],
      identitiesOnly: true,
      hostKeyAlias: 'alias-bastion',
      agentSocket: '/run/agent',
    });
    const { knownHosts } = await resolve('bastion');
    expect(knownHosts.slice(0, 2)).toEqual([join(home, '.ssh/known_a'), join(home, '.ssh/known_b')]);
  });

  it('reads included files, globs with negation, hops and certificates', async () => {
    expect((await resolve('included')).host).toBe('192.0.2.7');
    // ssh itself looks beside the account's own file, whatever home we were given.
    if (path !== process.env.PATH) expect((await resolve('near')).host).toBe('192.0.2.8');
    const inner = await resolve('inner');
    expect(inner).toMatchObject({ user: 'everybody', proxyJump: ['ops@bastion:2222', '[2001:db8::1]:2200'] });
    expect(inner.certificateFiles).toEqual([join(home, '.ssh/inner-cert.pub')]);
  });

  it('sees a ProxyCommand, and an agent that is switched off', async () => {
    const odd = await resolve('odd');
    expect(odd.proxyCommand).toBe('nc %h %p');
    expect(odd.agentSocket).toBeUndefined();
  });

  it('lets the cluster file win over ssh_config', async () => {
    const target = { user: 'root', port: 22, identity: ['~/mine'], hostKeyAlias: 'k' };
    expect(await resolve('bastion', target, { knownHosts: ['/kh'] })).toMatchObject({
      user: 'root',
      port: 22,
      identityFiles: [join(home, 'mine')],
      identitiesOnly: true,
      hostKeyAlias: 'k',
      knownHosts: ['/kh'],
    });
  });

  it('has the defaults of ssh where no file is read', async () => {
    const plain = await resolve(
      '192.0.2.1',
      {},
      { configFile: 'none', env: { PATH: path, USER: userInfo().username } },
    );
    expect(plain).toMatchObject({
      host: '192.0.2.1',
      port: 22,
      user: userInfo().username,
      proxyJump: [],
      identitiesOnly: false,
    });
    expect(plain.identityFiles).toContain(join(home, '.ssh/id_ed25519'));
    expect(plain.agentSocket).toBeUndefined();
  });

  it('refuses host names that could be options or shell text', async () => {
    for (const host of ['-oProxyCommand=x', 'a b', '$(id)', '']) {
      const failed = await resolve(host).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(RemoteError);
      expect((failed as RemoteError).failure.step).toBe('config');
    }
  });
});

it('reports an ssh_config with an error as step config', async () => {
  const file = join(home, 'broken');
  writeFileSync(file, 'Host *\n  NoSuchOption yes\n');
  const context = { env: { PATH: process.env.PATH }, home, configFile: file, log: () => {} };
  await expect(resolveHost({ name: 'lb1', host: 'lb1' }, context)).rejects.toMatchObject({
    failure: { step: 'config', hop: 'lb1', found: expect.stringContaining('nosuchoption') },
  });
});

it('runs nothing that a Match exec asks for without ssh, and says that it was not evaluated', async () => {
  const file = join(home, 'match');
  const witness = join(home, 'ran');
  writeFileSync(file, `Match exec "touch ${witness}"\n  User evil\nHost *\n  User good\n`);
  const log: string[] = [];
  const context = { env: { PATH: '/nonexistent' }, home, configFile: file, log: (line: string) => void log.push(line) };
  expect((await resolveHost({ name: 'lb1', host: 'lb1' }, context)).user).toBe('good');
  expect(log.join()).toContain('Match exec');
});

describe('the hops of a ProxyJump', () => {
  it('are read with user, port and bracketed IPv6', () => {
    expect(parseHops(['a', 'u@b:22', 'u@[2001:db8::1]:2200', 'ssh://u@c:1/'], 'x')).toEqual([
      { name: 'a', host: 'a' },
      { name: 'b', host: 'b', user: 'u', port: 22 },
      { name: '2001:db8::1', host: '2001:db8::1', user: 'u', port: 2200 },
      { name: 'c', host: 'c', user: 'u', port: 1 },
    ]);
  });

  it.each(['', 'u@', 'a:99999', '-x', 'a b', '[::1'])('are refused when not understood: %j', (spec) => {
    expect(() => parseHops([spec], 'x')).toThrow(RemoteError);
  });
});
