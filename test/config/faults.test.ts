import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config/errors.ts';
import { parseCluster } from '../../src/config/load.ts';
import { FAULTS } from './fault-table.ts';

const around = { label: 'c.yaml', directory: '/etc/ha', home: '/home/ops' };

const faultOf = (text: string): ConfigError => {
  try {
    parseCluster(text, around);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('no fault was found');
};

describe('a bad cluster file gives one clear sentence', () => {
  it.each(FAULTS)('for $title', ({ text, message }) => {
    expect(faultOf(text).message).toBe(`c.yaml:${message}`);
  });

  it('and carries file, line, column, field, found and expected apart', () => {
    expect(faultOf('vips: [10.0.0.1]\nssh: {port: 0}')).toMatchObject({
      file: 'c.yaml',
      line: 2,
      column: 13,
      field: 'ssh.port',
      found: '0',
      expected: 'a port number from 1 to 65535',
    });
  });
});

describe('a hostile cluster file is refused, not obeyed', () => {
  const bomb = `a: &a [1,2,3,4,5,6,7,8]\n${'bcdefgh'
    .split('')
    .map((name, index) => {
      const before = 'abcdefg'[index];
      return `${name}: &${name} [*${before},*${before},*${before},*${before},*${before}]`;
    })
    .join('\n')}`;
  it.each([
    ['an alias bomb', bomb, /aliases/],
    ['very many aliases', `a: &a 1\nb: [${'*a,'.repeat(500)}]`, /at most 50 aliases/],
    ['an alias of itself', 'vips: &x [*x]', /expected an IPv4 or IPv6 address/],
    ['brackets without end', '['.repeat(200_000), /nesting that is too deep/],
    ['dashes without end', '- '.repeat(200_000), /nesting that is too deep/],
    [
      'indentation without end',
      Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
      /too deep/,
    ],
    ['a key named __proto__', 'vips: [10.0.0.1]\n__proto__: {protected: true}', /unknown field "__proto__"/],
    ['a merge key', 'vips: [10.0.0.1]\n<<: {protected: true}', /unknown field "<<"/],
    ['many unknown fields', Array.from({ length: 5_000 }, (_, n) => `k${n}: 1`).join('\n'), /unknown field "k0"/],
  ])('%s', (_, text, message) => {
    expect(faultOf(text).message).toMatch(message);
  });

  it('whatever the text is: a config or a ConfigError of one safe line comes back, nothing else', () => {
    const whole = readFileSync(new URL('../../fixtures/clusters/dual-stack.yaml', import.meta.url), 'utf8');
    const damaged = fc
      .tuple(fc.nat(whole.length), fc.nat(40), fc.oneof(fc.string(), fc.string({ unit: 'binary' })))
      .map(([at, length, insert]) => whole.slice(0, at) + insert + whole.slice(at + length));
    fc.assert(
      fc.property(fc.oneof(damaged, fc.string(), fc.string({ unit: 'binary' })), (text) => {
        try {
          parseCluster(text, around);
        } catch (error) {
          expect(error).toBeInstanceOf(ConfigError);
          const { message } = error as ConfigError;
          expect(message).toMatch(/^c\.yaml:\d+:\d+: /);
          expect(message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
          // The YAML parser says "Invalid escape sequence": its words are told as they are, the schema's never.
          expect(message.replace(/a syntax error: .*/, '')).not.toMatch(/Invalid|undefined|ZodError/);
          expect(message.length).toBeLessThan(900);
        }
      }),
      { numRuns: 400 },
    );
  });
});
