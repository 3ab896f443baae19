import { describe, expect, it } from 'vitest';
import { included } from '../../../src/conf-files/include.ts';
import { splitHeads } from '../../../src/probes/parse/config-files.ts';
import { parseKeepalivedConf } from '../../../src/probes/parse/keepalived-conf.ts';
import { parseNginxUpstream } from '../../../src/probes/parse/nginx-conf.ts';
import { sample } from '../samples.ts';

describe('keepalived.conf', () => {
  it('of the tutorial is read as it stands, without its password', () => {
    const result = parseKeepalivedConf(sample('lb1.keepalived.conf.healthy-master').text);
    expect(result).toEqual({
      ok: true,
      value: {
        instances: [
          {
            name: 'VI_1',
            vrid: 51,
            priority: 150,
            advertInterval: 1,
            ifname: 'host0',
            vips: ['172.16.249.80', '172.16.249.90', '172.16.249.100'],
            state: 'MASTER',
            nopreempt: false,
          },
        ],
        checkInterval: 5,
        check: { weight: -20, fall: 2 },
      },
    });
    expect(JSON.stringify(result)).not.toContain('1111');
  });

  it('may have comments, quotes, braces anywhere, prefixes, variables, excluded addresses and defaults', () => {
    const text = `! a comment { with a brace
$VRID=77
vrrp_script chk { script "/bin/sh -c 'exit 0; }'"  interval 7 # inline }
}
vrrp_instance "A B"
{
  interface eth0 ! the LAN
  virtual_router_id \${VRID}
  advert_int 0.5
  nopreempt
  track_script { chk }
  virtual_ipaddress {
    192.0.2.1/24 dev eth0 label eth0:1
    2001:DB8::1
  }
  virtual_ipaddress_excluded { 192.0.2.2 }
}`;
    const result = parseKeepalivedConf(text.replace('  interval 7', '\n interval 7'));
    expect(result).toEqual({
      ok: true,
      value: {
        instances: [
          {
            name: 'A B',
            vrid: 77,
            priority: 100,
            advertInterval: 0.5,
            ifname: 'eth0',
            vips: ['192.0.2.1', '2001:db8::1', '192.0.2.2'],
            nopreempt: true,
          },
        ],
        checkInterval: 7,
        check: { weight: 0, fall: 1 },
      },
    });
  });

  it('tells how far a failed check script lowers the priority; what an instance says of it comes first', () => {
    const weightIn = (script: string, track: string) => {
      const text = `vrrp_script chk {\n script "x"\n ${script}\n}\nvrrp_instance A {\n virtual_router_id 1\n track_script {\n ${track}\n }\n}\n`;
      const result = parseKeepalivedConf(text);
      return result.ok ? result.value.check : undefined;
    };
    expect(weightIn('weight -60\n fall 2', 'chk')).toEqual({ weight: -60, fall: 2 });
    expect(weightIn('weight -60', 'chk weight -20')).toEqual({ weight: -20, fall: 1 });
    expect(weightIn('weight nonsense', 'chk')).toEqual({ weight: 0, fall: 1 });
    expect(weightIn('weight -60', 'other')).toBeUndefined();
  });

  it('follows includes into the files that were read, and leaves the others out', () => {
    const files = splitHeads(`==> /etc/keepalived/conf.d/a.conf <==
vrrp_instance A {
 virtual_router_id 1
 include vips.inc
 include /nowhere/else.conf
}
==> /etc/keepalived/conf.d/vips.inc <==
virtual_ipaddress {
 192.0.2.1
}
`);
    expect(parseKeepalivedConf('include conf.d/*.conf\n', files)).toMatchObject({
      ok: true,
      value: { instances: [{ name: 'A', vips: ['192.0.2.1'] }] },
    });
  });

  it('that includes itself comes to an end', () => {
    const files = new Map([['/etc/keepalived/a.conf', 'include a.conf\ninclude *.conf']]);
    expect(parseKeepalivedConf('include a.conf', files)).toMatchObject({ ok: true, value: { instances: [] } });
  });

  it.each([
    'vrrp_instance A {\n virtual_router_id 1\n',
    'vrrp_instance A {\n}\n}',
    'vrrp_instance A {\n priority 1\n}',
  ])('that is cut or broken is said to be: %j', (text) =>
    expect(parseKeepalivedConf(text)).toMatchObject({ ok: false, failure: { step: 'parse' } }),
  );
});

describe('nginx.conf', () => {
  it('of the tutorial names its upstream servers', () => {
    expect(parseNginxUpstream(sample('lb1.nginx-T.healthy-master').text)).toEqual({
      ok: true,
      value: ['172.16.249.201:80', '172.16.249.202:80'],
    });
  });

  it('counts only groups that are passed to, fills in the port, and follows includes', () => {
    const files = new Map([
      [
        '/etc/nginx/conf.d/up.conf',
        'upstream app { server 192.0.2.1; server [2001:db8::1]:8080 weight=2; server 192.0.2.9 down; server unix:/x; }',
      ],
      [
        '/etc/nginx/sites-enabled/default',
        "server { location / { proxy_pass http://app/x; } location ~ '^/{2,3};' { proxy_pass https://192.0.2.5; } }",
      ],
    ]);
    const main =
      'http { upstream other { server 192.0.2.77; } # }\n include conf.d/*.conf; include /etc/nginx/sites-enabled/*; }';
    expect(parseNginxUpstream(main, files)).toEqual({
      ok: true,
      value: ['192.0.2.1:80', '[2001:db8::1]:8080', '192.0.2.5:443'],
    });
  });

  it('that is cut is said to be', () => {
    expect(parseNginxUpstream('http { upstream a { server 192.0.2.1; ')).toMatchObject({
      ok: false,
      failure: { step: 'parse' },
    });
  });
});

describe('an include pattern', () => {
  const files = new Map(
    ['/etc/nginx/conf.d/a.conf', '/etc/nginx/conf.d/b.conf', '/etc/nginx/conf.d/sub/c.conf'].map((path) => [path, '']),
  );

  it('matches within one folder', () => {
    expect(included(files, 'conf.d/*.conf', '/etc/nginx')).toEqual([
      '/etc/nginx/conf.d/a.conf',
      '/etc/nginx/conf.d/b.conf',
    ]);
    expect(included(files, '/etc/nginx/conf.d/?.conf', '/')).toHaveLength(2);
    expect(included(files, 'conf.d/a.conf', '/etc/nginx')).toHaveLength(1);
  });

  it('of many stars matches nothing rather than for ever', () => {
    expect(included(new Map([[`/${'a'.repeat(200)}`, '']]), `${'*a'.repeat(40)}b`, '/')).toEqual([]);
  });
});
