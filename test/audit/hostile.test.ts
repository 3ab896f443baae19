import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { audit, exitOf } from '../../src/audit/audit.ts';
import { auditReport } from '../../src/audit/report-json.ts';
import { auditSarif } from '../../src/audit/report-sarif.ts';
import { auditText } from '../../src/commands/audit-text.ts';
import { MOST_BYTES, readable } from '../../src/session/gather-files.ts';
import { KEEPALIVED, NGINX, type Pair, pair, SCRIPT } from './pair.ts';

/** Everything that is said of a pair, in all forms. */
const said = ({ input }: Pair): string => {
  const result = audit(input);
  const sarif = JSON.stringify(auditSarif(result, { version: '0' }, (node, file) => `${node}${file ?? ''}`));
  return `${auditText(result, 80)}${JSON.stringify(auditReport(result))}${sarif}`;
};

/** As much as is read of one file. */
const much = (text: string): string => text.repeat(Math.ceil(MOST_BYTES / text.length)).slice(0, MOST_BYTES);

const masses: [string, string][] = [
  ['open braces', much('{')],
  ['blocks in blocks', much('a {\n')],
  ['closed braces', much('}')],
  ['line feeds', much('\n')],
  ['blanks', much(' ')],
  ['an open quote', `"${much('a')}`.slice(0, MOST_BYTES)],
  ['quotes', much('"\\')],
  ['variables that grow', `$A=${'x'.repeat(999)}\n${much('$A')}`.slice(0, MOST_BYTES)],
  ['variables made of variables', much('$A=$A$A\n')],
  ['includes of itself', much(`include ${KEEPALIVED}\ninclude nginx.conf;\ninclude *.conf;\n`)],
  ['stars', much('include */*/*/*/*.conf;\n')],
  ['instances', much('vrrp_instance A {\n virtual_router_id 1\n track_script {\n x\n }\n}\n')],
  ['scripts', much('vrrp_script A {\n script "/x"\n}\n')],
  ['addresses', `vrrp_instance A {\n virtual_ipaddress {\n${much('192.0.2.1\n')}`.slice(0, MOST_BYTES)],
  ['upstreams', `http {${much('upstream a { server b; }')}`.slice(0, MOST_BYTES)],
  [
    'locations',
    `http { server {${much('location / { proxy_pass http://a; error_page 502 /x; }')}`.slice(0, MOST_BYTES),
  ],
  ['one word', much('a')],
  ['greater signs', much('echo x >> /a;')],
  ['commands', much('systemctl restart nginx\nps x\nwc -l\nexit \n')],
  ['(( without an end', much('(( < ')],
  ['assignments', much('LOG=/a/b \n')],
];

describe('files made to do harm', () => {
  test.each(masses)('of nothing but %s, as long as is read, cost no more than seconds', (_, text) => {
    for (const path of [KEEPALIVED, NGINX, SCRIPT]) {
      const one = pair();
      one.put(path, path === SCRIPT ? `#!/bin/sh\n${text}` : text, {}, 'lb2');
      const begun = performance.now();
      const words = said(one);
      expect(performance.now() - begun).toBeLessThan(10_000);
      expect(words.length).toBeLessThan(3_000_000);
    }
  });

  test('that are longer, or no text, are not read at all', () => {
    expect(readable(Buffer.alloc(MOST_BYTES + 1, 97))).toMatchObject({ is: 'unknown', why: /larger/ });
    expect(readable(Buffer.from('a\0b'))).toMatchObject({ is: 'unknown', why: /NUL/ });
    expect(readable(Buffer.alloc(MOST_BYTES, 97)).is).toBe('seen');
  });

  test('with escape sequences and bidi marks reach no terminal as they are', () => {
    const evil = '\u001b]0;x\u0007\u202e\u009b31m';
    const one = pair(true);
    one.edit(KEEPALIVED, 'vrrp_instance VI_1', `vrrp_instance VI${evil}`);
    one.edit(KEEPALIVED, 'weight -20', `weight -20 ${evil}`);
    one.edit(NGINX, 'upstream ProxyServer', `upstream P${evil}`);
    one.edit(SCRIPT, 'killall keepalived', `killall keepalived ${evil}`);
    one.node('lb1').files.set(`/etc/nginx/${evil}`, { is: 'unknown', why: evil });
    one.node('lb1').units.set('nginx', { is: 'unknown', why: evil });
    const result = audit(one.input);
    expect(auditText(result, 80)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(JSON.stringify(auditReport(result))).not.toMatch(/\\u001b|[\u007f-\u009f\u202e]/);
  });

  test('never make it throw, whatever stands in them', () => {
    const words = fc.constantFrom(
      ...[
        'vrrp_instance',
        'VI_1',
        '{',
        '}',
        '\n',
        ';',
        '"',
        "'",
        '$A=',
        '${A}',
        'include',
        '*.conf',
        'weight',
        '-20',
        'server',
      ],
      ...[
        'location',
        '=',
        '/',
        'http',
        'upstream',
        'proxy_pass',
        'http://a',
        'error_page',
        '#',
        '!',
        'track_script',
        'script',
      ],
      ...[
        'virtual_ipaddress',
        'unicast_peer',
        'if',
        'fi',
        'exit 1',
        '>>',
        '`',
        '((',
        'x_by_lua_block',
        '\\',
        '\u0000',
        'é',
        '中',
      ],
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.array(words, { maxLength: 60 }).map((all) => all.join(' ')),
    );
    fc.assert(
      fc.property(
        text,
        fc.constantFrom(KEEPALIVED, NGINX, SCRIPT),
        fc.constantFrom('lb1', undefined),
        (content, path, node) => {
          const one = pair();
          one.put(path, content, {}, node);
          expect(said(one).length).toBeGreaterThan(100);
          expect([0, 1, 2, 3]).toContain(exitOf(audit(one.input)));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('a password', () => {
  const SECRET = 'q7Tx2zK9';
  test.each([
    [
      'in auth_pass',
      KEEPALIVED,
      'advert_int 1',
      `advert_int 1\nauthentication { auth_type PASS\n auth_pass ${SECRET}x\n }`,
    ],
    [
      'in auth_pass, quoted',
      KEEPALIVED,
      'advert_int 1',
      `advert_int 1\nauthentication {\n auth_pass "${SECRET} x"\n }`,
    ],
    [
      'in a variable',
      KEEPALIVED,
      'advert_int 1',
      `$P=${SECRET}long\nauthentication {\n auth_pass \${P}\n }\n advert_int 1`,
    ],
    ['in a line that never ends', KEEPALIVED, 'advert_int 1', `advert_int 1\nauthentication {{ auth_pass ${SECRET}`],
    [
      'in a header',
      NGINX,
      'proxy_read_timeout 5s',
      `proxy_read_timeout 5s proxy_set_header Authorization "Basic ${SECRET}"`,
    ],
    ['in an address', SCRIPT, 'answers && exit 0', `killall keepalived; curl http://me:${SECRET}@127.0.0.1/`],
    ['on a command line', SCRIPT, 'answers && exit 0', `curl -u me:${SECRET} http://127.0.0.1/; killall keepalived`],
  ])('%s is in nothing that is said, also where the files differ by it', (_, path, from, to) => {
    for (const node of ['lb2', undefined]) {
      const words = said(pair().edit(path, from, to, node));
      expect(words).not.toContain(SECRET);
    }
  });
});
