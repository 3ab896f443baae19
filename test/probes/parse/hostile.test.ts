import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyCheckLine } from '../../../src/cluster/check-words.ts';
import { parseFileTail } from '../../../src/probes/parse/check-log.ts';
import { splitHeads } from '../../../src/probes/parse/config-files.ts';
import { parseIpAddr } from '../../../src/probes/parse/ip-addr.ts';
import { parseMonitorLine } from '../../../src/probes/parse/ip-monitor.ts';
import { parseJournalLine } from '../../../src/probes/parse/journal.ts';
import { parseKeepalivedConf } from '../../../src/probes/parse/keepalived-conf.ts';
import { parseKeepalivedDump } from '../../../src/probes/parse/keepalived-dump.ts';
import { parseNginxUpstream } from '../../../src/probes/parse/nginx-conf.ts';
import { parsePs } from '../../../src/probes/parse/ps.ts';
import { parseSystemctlShow } from '../../../src/probes/parse/systemctl-show.ts';
import { parseVrrpMessage } from '../../../src/probes/parse/vrrp-message.ts';
import { plain } from '../../../src/probes/plain.ts';
import { samples } from '../samples.ts';

/** Every parser, with what was captured for it. */
const parsers: [name: string, parse: (text: string) => unknown, captured: string[]][] = [
  ['ip addr', parseIpAddr, samples('ip-4-o-addr').map(({ text }) => text)],
  ['ip monitor', parseMonitorLine, samples('ip-ts-o-monitor-address').flatMap(({ text }) => text.split('\n'))],
  ['systemctl show', (text) => parseSystemctlShow(text, 1000), samples('systemctl-show').map(({ text }) => text)],
  ['ps', parsePs, [...samples('ps-C-nginx'), ...samples('ps-apache2')].map(({ text }) => text)],
  ['journal', parseJournalLine, samples('journal-keepalived-json').flatMap(({ text }) => text.trim().split('\n'))],
  ['keepalived JSON', parseKeepalivedDump, samples('keepalived.json').map(({ text }) => text)],
  [
    'keepalived DATA and STATS',
    parseKeepalivedDump,
    samples('keepalived.data').map(({ text, node, state }) => {
      const stats = samples('keepalived.stats').find((one) => one.node === node && one.state === state);
      return `${text}\n---STATS---\n${stats?.text}`;
    }),
  ],
  ['keepalived.conf', parseKeepalivedConf, samples('keepalived.conf').map(({ text }) => text)],
  ['nginx.conf', parseNginxUpstream, samples('nginx-T').map(({ text }) => text)],
  ['included files', splitHeads, ['==> /etc/nginx/conf.d/a.conf <==\nupstream a { server 192.0.2.1; }\n']],
  ['VRRP message', parseVrrpMessage, samples('journal-f-short-iso-precise').flatMap(({ text }) => text.split('\n'))],
  ['check log line', classifyCheckLine, samples('check-log').flatMap(({ text }) => text.split('\n'))],
  ['check log', (text) => parseFileTail(text, 5), samples('check-log').map(({ text }) => `54 1795459416\n${text}`)],
];

/** Text that was damaged on its way: cut, with bytes exchanged, doubled, or with foreign text in it. */
const damaged = (captured: string[]) =>
  fc
    .tuple(fc.constantFrom(...captured), fc.nat(), fc.nat(), fc.string({ unit: 'binary', maxLength: 40 }), fc.nat(3))
    .map(([text, at, length, foreign, kind]) => {
      const from = text.length === 0 ? 0 : at % text.length;
      const rest = text.slice(from + (length % 50));
      if (kind === 0) return text.slice(0, from);
      if (kind === 1) return rest;
      if (kind === 2) return text.slice(0, from) + foreign + rest;
      return text.slice(0, from) + text.slice(Math.max(0, from - (length % 200)));
    });

/** A failure must be fit for the screen; whatever else comes back is data. */
const checked = (result: unknown): void => {
  if (typeof result !== 'object' || result === null || !('ok' in result)) return;
  if (result.ok) {
    expect(result).toHaveProperty('value');
    return;
  }
  expect(result).toMatchObject({ failure: { step: 'parse', found: expect.any(String) } });
  const { found } = (result as unknown as { failure: { found: string } }).failure;
  expect(found).toBe(plain(found, 400));
  expect(found.length).toBeLessThan(300);
};

describe.each(parsers)('the parser of %s', (_name, parse, captured) => {
  it('reads every captured output', () => {
    for (const text of captured) {
      const result = parse(text);
      checked(result);
      if (text !== '' && typeof result === 'object' && result !== null && 'ok' in result)
        expect(result, text.slice(0, 200)).toMatchObject({ ok: true });
    }
  });

  it('never throws on an output cut at any byte', () => {
    const bytes = Buffer.from([...captured].sort((a, b) => b.length - a.length)[0] ?? '');
    const step = Math.max(1, Math.floor(bytes.length / 400));
    for (let end = 0; end <= bytes.length; end += step) checked(parse(bytes.subarray(0, end).toString('utf8')));
  });

  it('never throws on garbled output, nor on anything else', () => {
    fc.assert(
      fc.property(damaged(captured), (text) => checked(parse(text))),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => checked(parse(text))),
      { numRuns: 200 },
    );
  });

  it('does not hang on long runs of what it looks for', () => {
    const units = [
      ' ',
      '\t',
      '=',
      '*',
      '?',
      '{',
      '}',
      '"',
      "'",
      '$',
      '\\',
      ':',
      '[',
      '(',
      'nginx',
      'a ',
      'A=',
      '${A}',
      '==> /',
      '! "',
      'scope ',
    ];
    const began = performance.now();
    for (const unit of units) {
      const run = unit.repeat(Math.ceil(60_000 / unit.length));
      for (const text of [
        run,
        `1: host0 inet ${run}`,
        `${captured[0]}${run}`,
        `VRRP Instance = ${run}`,
        `include ${run}\n`,
      ])
        checked(parse(text));
    }
    // 105 texts of 60 KB: a parser that looks at each character a few times needs well below a second.
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});
