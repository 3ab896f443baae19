import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalAddress, isUnusable } from '../../src/config/address.ts';
import { durationMs } from '../../src/config/duration.ts';
import { ConfigError, shown } from '../../src/config/errors.ts';
import { parseHop, parseJump } from '../../src/config/hop.ts';
import { nearest } from '../../src/config/nearest.ts';

describe('one address has one spelling', () => {
  it.each([
    ['172.16.249.80', '172.16.249.80'],
    ['FD00:0:0:0:0:0:0:80', 'fd00::80'],
    ['fd00::0080', 'fd00::80'],
    ['::ffff:172.16.249.80', '172.16.249.80'],
    ['::FFFF:ac10:f950', '172.16.249.80'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['LB1.Example.NET.', 'lb1.example.net'],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalAddress(text)).toBe(canonical);
  });

  it('and is its own canonical form', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV6(), fc.ipV4(), fc.domain()), (text) => {
        const once = canonicalAddress(text);
        expect(canonicalAddress(once)).toBe(once);
      }),
    );
  });

  it('and some addresses belong to no host', () => {
    expect(['0.0.0.0', '::', 'ff02::12', '239.1.1.1', '255.255.255.255'].filter((one) => !isUnusable(one))).toEqual([]);
    expect(['127.0.0.1', '172.16.249.80', 'fd00::1'].filter(isUnusable)).toEqual([]);
  });
});

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['1s', 1000],
    ['1.5 s', 1500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['3', 3000],
    [0.25, 250],
  ])('%s is %d ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it('is not a number when it is none', () => {
    expect(['', 's', '1d', '-1s', '1 s s'].map(durationMs).every(Number.isNaN)).toBe(true);
  });
});

describe('a jump host', () => {
  it.each([
    ['bastion', { name: 'bastion', host: 'bastion' }],
    ['ops@bastion', { name: 'bastion', host: 'bastion', user: 'ops' }],
    ['ops@10.0.0.1:2222', { name: '10.0.0.1', host: '10.0.0.1', user: 'ops', port: 2222 }],
    ['corp\\ops@corp.net@gate', { name: 'gate', host: 'gate', user: 'corp\\ops@corp.net' }],
    ['[fd00::1]:2222', { name: 'fd00::1', host: 'fd00::1', port: 2222 }],
    ['ops@fd00::1', { name: 'fd00::1', host: 'fd00::1', user: 'ops' }],
    ['ssh://ops@gate:2222/', { name: 'gate', host: 'gate', user: 'ops', port: 2222 }],
  ])('is read from %s', (text, target) => {
    expect(parseHop(text)).toEqual(target);
  });

  it.each([
    '',
    '-oProxyCommand=x',
    'a b',
    'a;b',
    '@gate',
    '-l@gate',
    'gate:0',
    'gate:70000',
    'gate:x',
    '[fd00::1',
    '$(x)',
    "a'b",
    'a:b:c',
  ])('is refused when it is "%s"', (text) => {
    expect(() => parseHop(text)).toThrow(ConfigError);
  });

  it('is one of a list, nearest first', () => {
    expect(parseJump('a,ops@b:22').map((hop) => hop.name)).toEqual(['a', 'b']);
    expect(parseJump('none')).toEqual([]);
  });
});

describe('the nearest known word', () => {
  const known = ['interval', 'loadBalancers', 'webNodes', 'vips', 'ssh', 'sudo', 'jump'];
  it.each([
    ['intervall', 'interval'],
    ['load_balancers', 'loadBalancers'],
    ['webnodes', 'webNodes'],
    ['vip', 'vips'],
    ['jmup', 'jump'],
    ['completely', undefined],
    ['', undefined],
  ])('to %s is %s', (word, meant) => {
    expect(nearest(word, known)).toBe(meant);
  });
});

describe('text from a file', () => {
  it('is shown with control and direction characters visible, and cut', () => {
    expect(shown('a\u001b[31m\u202eb\n')).toBe('a\\u001b[31m\\u202eb\\u000a');
    expect(shown('x'.repeat(100))).toBe(`${'x'.repeat(60)}…`);
  });
});
