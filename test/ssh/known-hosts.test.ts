import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  fingerprint,
  judgeHostKey,
  knownHostName,
  matchesHost,
  parseKnownHosts,
  preferredAlgorithms,
} from '../../src/ssh/known-hosts.ts';
import { appendKnownHost, readKnownHosts } from '../../src/ssh/known-hosts-files.ts';
import { makeKey } from '../support/ssh-server.ts';

const [a, b, ca] = [makeKey(), makeKey(), makeKey()];
const rsa = makeKey('rsa');
const judge = (text: string, host: string, port: number, key = a) =>
  judgeHostKey(parseKnownHosts(text, 'kh'), host, port, key.blob);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'haconsole-kh-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what known_hosts says about a key', () => {
  it('accepts a known key by name, in lists, by glob, and whatever the case', () => {
    expect(judge(`lb1 ${a.public}`, 'LB1', 22)).toEqual({ kind: 'ok' });
    expect(judge(`lb1,10.0.0.1 ${a.public} comment here`, '10.0.0.1', 22)).toEqual({ kind: 'ok' });
    expect(judge(`*.Example.com ${a.public}`, 'lb1.example.com', 22)).toEqual({ kind: 'ok' });
    expect(judge(`lb? ${a.public}`, 'lb1', 22)).toEqual({ kind: 'ok' });
  });

  it('lets a negation win over a glob on the same line only', () => {
    expect(judge(`*,!lb1 ${a.public}`, 'lb1', 22).kind).toBe('unknown');
    expect(judge(`*,!lb1 ${a.public}\nlb1 ${a.public}`, 'lb1', 22).kind).toBe('ok');
  });

  it('reports a different key of the same type as changed, with file and line', () => {
    expect(judge(`# head\nlb1 ${b.public}`, 'lb1', 22)).toEqual({ kind: 'changed', at: 'kh:2' });
  });

  it('reports a key of another type as unknown, and names the one it knows', () => {
    expect(judge(`lb1 ${rsa.public}`, 'lb1', 22)).toEqual({ kind: 'unknown', other: 'kh:1' });
  });

  it('refuses a revoked key even where another line accepts it', () => {
    expect(judge(`lb1 ${a.public}\n@revoked * ${a.public}`, 'lb1', 22)).toEqual({ kind: 'revoked', at: 'kh:2' });
  });

  it('tells a host that only a certificate authority vouches for from an unknown one', () => {
    expect(judge(`@cert-authority *.lan ${ca.public}`, 'lb1.lan', 22)).toEqual({ kind: 'ca-only', at: 'kh:1' });
    expect(judge(`@cert-authority *.lan ${ca.public}`, 'lb1.wan', 22)).toEqual({ kind: 'unknown' });
  });

  it('files other ports as [name]:port and takes the bare name only to accept or to revoke', () => {
    expect(judge(`[lb1]:2222 ${a.public}`, 'lb1', 2222).kind).toBe('ok');
    expect(judge(`[lb1]:2222 ${a.public}`, 'lb1', 22).kind).toBe('unknown');
    expect(judge(`lb1 ${a.public}`, 'lb1', 2222).kind).toBe('ok');
    expect(judge(`lb1 ${b.public}`, 'lb1', 2222).kind).toBe('unknown');
    expect(judge(`@revoked lb1 ${a.public}`, 'lb1', 2222).kind).toBe('revoked');
  });

  it('skips comments, unknown markers and corrupt lines', () => {
    const text = `\n#lb1 ${a.public}\n@other lb1 ${a.public}\nlb1 ssh-ed25519 AAAA\nlb1 ssh-rsa ${a.public.split(' ')[1]}\nlb1\n|1|x|y ${a.public}`;
    expect(judge(text, 'lb1', 22)).toEqual({ kind: 'unknown' });
  });

  it('survives any bytes as a file', () => {
    expect(parseKnownHosts('\0\uffff | |1| @revoked\n@cert-authority\n'.repeat(3), 'kh')).toEqual([]);
  });

  it('offers the algorithms of the known keys first and never SHA-1', () => {
    const offered = preferredAlgorithms(parseKnownHosts(`lb1 ${rsa.public}`, 'kh'), 'lb1', 22);
    expect(offered.slice(0, 2)).toEqual(['rsa-sha2-512', 'rsa-sha2-256']);
    expect(offered).toContain('ssh-ed25519');
    expect(offered).not.toContain('ssh-rsa');
  });
});

describe('known_hosts beside ssh-keygen', () => {
  const names = ['lb1', 'lb2', '10.0.0.1', '[lb1]:2222', 'web1.example.com', 'nobody'];
  const text = [
    `lb1 ${a.public}`,
    `lb1,lb2 ${b.public}`,
    `[lb1]:2222 ${a.public}`,
    `*.example.com ${rsa.public}`,
    `10.0.0.? ${a.public}`,
    `@revoked lb2 ${rsa.public}`,
  ].join('\n');
  const count = (file: string, name: string): number =>
    (spawnSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8' }).stdout.match(/found: line/g) ?? []).length;

  it.each(['plain', 'hashed'])('finds the same lines in a %s file', (kind) => {
    const file = join(folder, kind);
    writeFileSync(file, `${text}\n`);
    if (kind === 'hashed') execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
    const hosts = parseKnownHosts(readFileSync(file, 'utf8'), file);
    const ours = names.map((name) => hosts.filter((known) => matchesHost(known, name)).length);
    expect(ours).toEqual(names.map((name) => count(file, name)));
    expect(ours.some((lines) => lines > 0)).toBe(true);
  });

  it('prints the fingerprint that ssh-keygen prints', () => {
    const file = join(folder, 'key.pub');
    writeFileSync(file, `${a.public}\n`);
    expect(execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' })).toContain(fingerprint(a.blob));
  });

  it.each([false, true])('appends an accepted key that ssh-keygen finds again (hashed: %s)', async (hashed) => {
    const file = join(folder, `new-${hashed}`, 'known_hosts');
    await appendKnownHost(file, { host: 'lb9', port: 2222, blob: a.blob, hashed });
    expect(count(file, '[lb9]:2222')).toBe(1);
    expect(readFileSync(file, 'utf8').includes('lb9')).toBe(!hashed);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('starts a new line in a file that ends without one', async () => {
    const file = join(folder, 'torn');
    writeFileSync(file, `lb1 ${b.public}`);
    await appendKnownHost(file, { host: 'lb2', port: 22, blob: a.blob, hashed: false });
    const hosts = await readKnownHosts([join(folder, 'missing'), file]);
    expect(hosts.map(({ line, patterns }) => [line, patterns[0]])).toEqual([
      [1, 'lb1'],
      [2, 'lb2'],
    ]);
    expect(knownHostName('LB2', 22)).toBe('lb2');
  });
});
