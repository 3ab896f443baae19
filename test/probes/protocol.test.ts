import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineSplitter } from '../../src/probes/agent/lines.ts';
import { createReader, type Reply } from '../../src/probes/agent/protocol.ts';
import { agentScript } from '../../src/probes/agent/script.ts';
import { plain } from '../../src/probes/plain.ts';
import { quote } from '../../src/ssh/quote.ts';
import { FakeClock } from '../support/fake-clock.ts';

const reading = () => {
  const clock = new FakeClock(1000, 1_795_466_400_000);
  const replies: Reply[] = [];
  const lines: [string, string][] = [];
  const noise: string[] = [];
  const reader = createReader(clock, {
    hello: () => {},
    reply: (_id, reply) => replies.push(reply),
    line: (tag, text) => lines.push([tag, text]),
    end: (tag, rc) => lines.push([tag, `ended ${rc}`]),
    noise: (text) => noise.push(text),
  });
  return { clock, reader, replies, lines, noise, hello: () => reader.line('H 1795466400.5 1') };
};

describe('the agent’s lines', () => {
  it('are put together by their tags, not by their order', () => {
    const { reader, replies, lines, hello } = reading();
    hello();
    reader.expect(1, 'snap');
    reader.expect(2, 'dump');
    for (const line of [
      'T 1 1795466400.1 55.5',
      'S 2 DUMP [',
      'S 1 ADDR one',
      'A pushed',
      's 1 ADDR tw',
      'R 2 DUMP 0',
      'S 1 ADDR o',
      'R 1 ADDR 7',
      'E 2',
      'E 1 1795466400.2',
    ])
      reader.line(line);
    expect(replies.map(({ op }) => op)).toEqual(['dump', 'snap']);
    expect(replies[1]?.sections.get('ADDR')).toEqual({ lines: ['one', 'two'], rc: 7 });
    expect(replies[1]?.uptime).toBe(55.5);
    expect(lines).toEqual([['A', 'pushed']]);
  });

  it('before the hello are noise, whatever they look like', () => {
    const { reader, replies, lines, noise, hello } = reading();
    reader.expect(1, 'snap');
    for (const line of ['S 1 ADDR forged', 'E 1', 'A forged', 'H is for hello']) reader.line(line);
    hello();
    expect([replies, lines]).toEqual([[], []]);
    expect(noise).toHaveLength(4);
  });

  it('measure the node’s clock against ours, and how well', async () => {
    const { clock, reader, replies, hello } = reading();
    hello();
    reader.expect(1, 'ping');
    await clock.advance(40);
    reader.line('T 1 1795466400.520');
    await clock.advance(500);
    reader.line('E 1');
    expect(replies[0]?.clock?.offset).toBeCloseTo(500, 1);
    expect(replies[0]?.clock?.error).toBe(20);
    reader.expect(2, 'ping');
    reader.line('T 2 1795466400.');
    reader.line('E 2');
    expect(replies[1]?.clock?.error).toBe(500);
  });

  it('of any kind never make the reader throw or grow without bound', () => {
    const { reader, replies, hello } = reading();
    hello();
    reader.expect(1, 'snap');
    const tagged = fc
      .tuple(fc.constantFrom('S 1 ', 's 1 ', 'R 1 ', 'T 1 ', 'A ', 'j ', 'X ', 'H ', ''), fc.string({ unit: 'binary' }))
      .map(([tag, text]) => tag + text);
    fc.assert(
      fc.property(tagged, (line) => {
        reader.line(line);
      }),
      { numRuns: 2000 },
    );
    for (let round = 0; round < 500; round++) reader.line(`S 1 ADDR ${'x'.repeat(10_000)}`);
    reader.line('E 1');
    const size = [...replies[0]!.sections.values()].flatMap(({ lines }) => lines).join('').length;
    expect(size).toBeLessThanOrEqual(1024 * 1024);
  });
});

describe('the line splitter', () => {
  it('makes the same lines of the same bytes however they are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n]/g, ''))),
        fc.array(fc.nat(20)),
        (texts, cuts) => {
          const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
          const lines: string[] = [];
          const feed = lineSplitter((line) => lines.push(line));
          let at = 0;
          for (const cut of cuts) {
            feed(bytes.subarray(at, at + cut));
            at += cut;
          }
          feed(bytes.subarray(at));
          expect(lines).toEqual(texts);
        },
      ),
    );
  });

  it('cuts a line that does not end, and goes on after it', () => {
    const lines: string[] = [];
    const feed = lineSplitter((line) => lines.push(line), 10);
    for (let round = 0; round < 1000; round++) feed(Buffer.alloc(1000, 'x'));
    feed(Buffer.from('\nnext\r\n'));
    expect(lines).toEqual(['x'.repeat(10), 'next']);
  });
});

describe('the script', () => {
  const spec = {
    role: 'lb',
    services: { nginx: 'nginx', keepalived: 'keepalived', web: 'auto' },
    sudo: 'sudo',
    streams: true,
  } as const;

  it('holds every tool call as literal words, one a line', () => {
    const script = agentScript({ ...spec, checkLog: "/var/log/it's $(here).log" });
    const calls = script.split('\n').filter((line) => /^(run [A-Z]|follow [A-Z])/.test(line));
    expect(calls).toContain("follow L tail -n0 -s 0.2 -F '/var/log/it'\\''s $(here).log'");
    expect(calls).toContain('run DUMP keepalived_dump keepalived sudo');
    expect(calls).toContain('follow A ip -o -ts monitor address');
    expect(calls.length).toBeGreaterThan(8);
    // The demo cluster and people read them as they stand: nothing is left to the shell to expand.
    const literal = /^(?:run [A-Z]+|follow [AJL])(?: (?:[A-Za-z0-9_@%+=:,./-]+|'[^']*'(?:\\''[^']*')*))+$/;
    for (const call of calls) expect(call).toMatch(literal);
  });

  it('says hello before it pushes anything', () => {
    const script = agentScript({ ...spec, checkLog: '/x' });
    expect(script.indexOf("printf 'H ")).toBeLessThan(script.indexOf('\nfollow A'));
  });

  it('asks for no root where it is not wanted', () => {
    expect(agentScript({ ...spec, checkLog: '/x', sudo: 'none' })).not.toMatch(/^(run|follow) .*sudo/m);
  });
});

describe('quoting', () => {
  it('leaves plain words as they are and refuses NUL', () => {
    expect(quote('/etc/x_1.log')).toBe('/etc/x_1.log');
    expect(quote('')).toBe("''");
    expect(() => quote('a\0b')).toThrow();
  });
});

describe('text for one line', () => {
  it('holds no control, bidi or invisible character and is bounded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
        const shown = plain(text, 50);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
        expect([...shown].length).toBeLessThanOrEqual(50);
        expect(plain(shown, 50)).toBe(shown);
      }),
    );
  });
});
