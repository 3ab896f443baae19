import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { parse } from 'yaml';
import type { ClusterConfig } from '../../src/config/cluster-config.ts';
import { parseCluster } from '../../src/config/load.ts';
import { draftOf } from '../../src/init/draft.ts';
import { identitiesOf } from '../../src/init/identity.ts';
import type { Findings, Page, Seen } from '../../src/init/seen.ts';
import { addressesIn, advertisersIn, logsIn } from '../../src/init/traces.ts';
import type { Way } from '../../src/init/ways.ts';
import { clusterText, scalar } from '../../src/init/write.ts';
import { renderFiles } from '../../src/render/files.ts';
import { sample, samples } from '../probes/samples.ts';
import { fixture } from '../render/clusters.ts';
import { type NodeFiles, seen } from './nodes.ts';

const way = (host: string, settings: Way['settings'] = { user: 'ops' }, address = host): Way => ({
  host,
  target: { name: host, host },
  address,
  settings,
  proxyJump: [],
});

const page = (...bodies: string[]): Page => ({ status: 200, bodies });
const findings = (all: Seen[], pages: Record<string, Page> = {}): Findings => ({
  seen: all,
  unseen: [],
  pages: new Map(Object.entries(pages)),
});

const write = (found: Findings, ways: Way[], jump: string[] = ['bastion']): string =>
  clusterText(draftOf(found, ways), { jump, settings: ways[0]?.settings ?? {} }, { home: '/home/me', when: 'a day' });

/** Written, read again as any other command would read it. */
const reread = (text: string): ClusterConfig =>
  parseCluster(text, { label: 'new.yaml', directory: '/d', home: '/home/me' });

/** The nodes that a cluster file renders, as init would meet them. */
const rendered = (config: ClusterConfig, asInTutorial: boolean): { balancers: Seen[]; webs: Seen[] } => {
  const all = renderFiles(config, { asInTutorial });
  const file = (node: string, end: string) => all.find((one) => one.node === node && one.path.endsWith(end));
  const prefix = (address: string) => `${address}/${address.includes(':') ? 64 : 24}`;
  const nodes = config.nodes.map(({ name, role, address }) => {
    const script = file(name, 'check_nginx.sh');
    const conf = file(name, 'keepalived.conf')?.content;
    const nginx = file(name, 'nginx.conf')?.content;
    const node: NodeFiles = {
      name,
      addresses: [prefix(address)],
      units: role === 'lb' ? ['keepalived', 'nginx'] : ['apache2', 'keepalived'],
      ...(conf === undefined ? {} : { keepalived: conf }),
      ...(nginx === undefined ? {} : { nginx }),
      ...(script ? { scripts: { [script.path]: script.content } } : {}),
    };
    // A web node has keepalived installed and not running: an image may hold it for all.
    const one = seen(
      address,
      role === 'lb' ? node : { ...node, units: ['apache2'] },
      role === 'lb' ? 'given' : 'upstream',
    );
    return one;
  });
  return { balancers: nodes.filter(({ kind }) => kind === 'lb'), webs: nodes.filter(({ kind }) => kind === 'web') };
};

describe('from what render writes, init gets back the cluster file', () => {
  for (const name of ['tutorial', 'ipv6'])
    for (const asInTutorial of name === 'tutorial' ? [false, true] : [false])
      test(`of ${name}${asInTutorial ? ', as in the tutorial' : ''}`, () => {
        const config = fixture(name);
        const { balancers, webs } = rendered(config, asInTutorial);
        const pages = Object.fromEntries(
          webs.map(({ host }, index) => [`${host}:80`, page(`HTTP WEB NODE 0${index + 1}\n`)]),
        );
        const text = write(
          findings([...balancers, ...webs], pages),
          balancers.map(({ host }) => way(host)),
        );
        const again = reread(text);
        const plain = ({ vips, nodes }: ClusterConfig) => ({
          vips: vips.map(({ address }) => address),
          nodes: nodes.map(({ name: own, role, address }) => ({ name: own, role, address })),
        });
        expect(plain(again)).toEqual(plain(config));
        expect(again.nodes.filter(({ role }) => role === 'web').map(({ identity }) => identity)).toEqual(
          webs.map((_, index) => `HTTP WEB NODE 0${index + 1}`),
        );
        expect(again).toMatchObject({
          checkLog: config.checkLog,
          ssh: { jump: [{ host: 'bastion' }], defaults: { user: 'ops' } },
          http: { via: 'jump', defaults: { port: 80 } },
        });
        expect(again.nodes.filter(({ role }) => role === 'lb').map(({ priority }) => priority)).toEqual([150, 100]);
        expect(text).not.toContain('What could not be found out');
        // What was found is enough to render the same files again.
        const files = (one: ClusterConfig) =>
          renderFiles({ ...one, name: config.name }, { asInTutorial })
            .filter(({ path }) => path.endsWith('keepalived.conf'))
            .map(({ content }) => content);
        if (!asInTutorial) expect(files(again)).toEqual(files({ ...config, vrrp: again.vrrp }));
      });

  test('the other load balancer is known from unicast_peer, and not where adverts are multicast', () => {
    const config = fixture('tutorial');
    const [fixed] = rendered(config, false).balancers;
    expect(fixed?.peers).toEqual([{ address: '172.16.249.102', source: 'unicast_peer' }]);
    const [original] = rendered(config, true).balancers;
    expect(original?.peers).toEqual([]);
  });
});

describe('from what a real pair says', () => {
  const lb1: NodeFiles = {
    name: 'lb1.example.net',
    addresses: ['172.16.249.101/24', '172.16.249.80/32', '172.16.249.90/32', '172.16.249.100/32'],
    keepalived: sample('lb1.keepalived.conf.healthy-master').text,
    nginx: sample('lb1.nginx-T.healthy-master').text,
    scripts: {
      '/etc/keepalived/check_nginx.sh': readFileSync(
        new URL('../../fixtures/tutorial/check_nginx.sh', import.meta.url),
        'utf8',
      ),
    },
    neighbours: sample('lb1.ip-neigh.healthy-master').text,
    units: ['keepalived', 'nginx'],
  };

  test('one load balancer tells VIPs, web nodes, the check log, and where the other may be', () => {
    const one = seen('172.16.249.101', lb1);
    expect(one).toMatchObject({
      kind: 'lb',
      hostname: 'lb1',
      logs: ['/etc/keepalived/check_nginx.log'],
      neighbours: ['172.16.249.50', '172.16.249.202', '172.16.249.201'],
      ports: [80],
    });
    const found = findings([one], {
      '172.16.249.201:80': page('HTTP WEB NODE 01\n'),
      '172.16.249.202:80': page('HTTP WEB NODE 02\n'),
    });
    found.unseen.push({
      host: '172.16.249.50',
      source: 'neighbour',
      failure: { step: 'host-key', hop: '172.16.249.50', found: 'unknown host key', blame: 'path' },
    });
    const text = write(found, [way('172.16.249.101')]);
    const config = reread(text);
    expect(config.vips.map(({ address }) => address)).toEqual(['172.16.249.80', '172.16.249.90', '172.16.249.100']);
    expect(config.nodes.map(({ name, address }) => `${name} ${address}`)).toEqual([
      'lb1 172.16.249.101',
      'web1 172.16.249.201',
      'web2 172.16.249.202',
    ]);
    expect(text).toMatch(/^# - only one load balancer was found; name the others too/m);
    expect(text).toMatch(/^# - neighbours that no login was possible on: 172\.16\.249\.50$/m);
    expect(text).toContain('it holds the VIPs');
    expect(text).not.toContain('1111');
  });

  test('a load balancer that was named by a VIP is written with an address of its own', () => {
    const config = reread(write(findings([seen('172.16.249.80', lb1)]), [way('172.16.249.80')]));
    expect(config.nodes[0]?.address).toBe('172.16.249.101');
  });

  test('the journal tells of the other router, in every state it was captured in', () => {
    const messages = (text: string) =>
      text
        .split('\n')
        .flatMap((line) => /"MESSAGE":"([^"]*)"/.exec(line)?.[1] ?? [])
        .join('\n');
    const heard = new Set(samples('journal-keepalived-json').flatMap(({ text }) => advertisersIn(messages(text))));
    for (const address of heard) expect(['172.16.249.101', '172.16.249.102']).toContain(address);
    expect(
      advertisersIn('(VI_1) Master received advert from 172.16.249.101 with higher priority 150, ours 100'),
    ).toEqual(['172.16.249.101']);
    expect(advertisersIn('VRRP_Instance(VI_1) Received advert with lower priority 100, ours 150')).toEqual([]);
    expect(advertisersIn('(VI_1) received lower priority (100) advert from fd00::102 - discarding')).toEqual([
      'fd00::102',
    ]);
  });

  test('only neighbours that once answered count, and no link-local ones', () => {
    expect(
      addressesIn(
        '10.0.0.1 dev eth0 lladdr 02:00 REACHABLE\n10.0.0.2 dev eth0  FAILED\nfe80::1 dev eth0 lladdr 02:00 router STALE',
      ),
    ).toEqual(['10.0.0.1']);
  });
});

describe('a node', () => {
  const conf =
    'vrrp_instance VI_1 {\n virtual_router_id 7\n interface eth0\n priority 120\n virtual_ipaddress {\n 10.0.0.80\n }\n}\n';
  const proxy =
    'http { upstream a { server 10.0.0.11:8080; server 10.0.0.12:8081; } server { listen 8443 ssl; listen [::]:8000; location / { proxy_pass http://a; } } }';

  it('is a load balancer by its keepalived.conf, its running keepalived, a file it will not show, or what nginx passes on', () => {
    expect(seen('a', { keepalived: conf }).kind).toBe('lb');
    expect(seen('a', { units: ['keepalived', 'apache2'] }).kind).toBe('lb');
    expect(seen('a', { units: ['keepalived'] }, 'given', { denied: true })).toMatchObject({
      kind: 'lb',
      remarks: [expect.stringMatching(/keepalived\.conf was not read/), expect.anything()],
    });
    expect(seen('a', { units: ['nginx'], nginx: proxy })).toMatchObject({
      kind: 'lb',
      remarks: ['it passes requests on, but has no keepalived'],
    });
  });

  it('is a web node by its server, with keepalived lying about or without, and neither of both without a server', () => {
    expect(seen('a', { units: ['httpd'] }).kind).toBe('web');
    expect(seen('a', { units: ['nginx'], nginx: 'http { server { root /srv; } }' }).kind).toBe('web');
    expect(seen('a', {}).kind).toBe('other');
  });

  it('is read through its includes', () => {
    const one = seen('a', {
      keepalived: 'include conf.d/*.conf\n',
      includes: { '/etc/keepalived/conf.d/vi.conf': `${conf.replace('}\n}', '}\n unicast_peer {\n 10.0.0.2\n }\n}')}` },
      nginx: 'http { include conf.d/*.conf; }',
      nginxIncludes: { '/etc/nginx/conf.d/site.conf': proxy.replace(/^http \{|\}$/g, '') },
    });
    expect(one).toMatchObject({ kind: 'lb', unicast: true, peers: [{ address: '10.0.0.2' }], ports: [8443, 8000] });
    expect(one.configuration).toMatchObject({
      instances: [{ vrid: 7, vips: ['10.0.0.80'] }],
      upstream: ['10.0.0.11:8080', '10.0.0.12:8081'],
    });
  });

  it('is written with the ports that nginx has, on both sides', () => {
    const config = reread(
      write(
        findings([seen('10.0.0.1', { name: 'a1', addresses: ['10.0.0.1/24'], keepalived: conf, nginx: proxy })]),
        [way('10.0.0.1')],
        [],
      ),
    );
    expect(config.http).toMatchObject({ via: 'direct', defaults: { port: 8443 } });
    expect(config.nodes.filter(({ role }) => role === 'web').map(({ http }) => http.port)).toEqual([8080, 8081]);
  });

  it('that is both, is a load balancer, and that is said', () => {
    const both = proxy.replace('10.0.0.11', '10.0.0.1');
    const text = write(
      findings([seen('10.0.0.1', { name: 'a1', addresses: ['10.0.0.1/24'], keepalived: conf, nginx: both })]),
      [way('10.0.0.1')],
    );
    expect(reread(text).nodes.map(({ address }) => address)).toEqual(['10.0.0.1', '10.0.0.12']);
    expect(text).toContain('also passes requests to 10.0.0.1:8080, which is a load balancer itself');
  });

  it('gets a name that no other has, whatever hosts call themselves', () => {
    const hosts = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address, index) =>
      seen(address, { name: index === 0 ? '\u001b[31m' : 'localhost', addresses: [`${address}/24`], keepalived: conf }),
    );
    expect(reread(write(findings(hosts), [way('10.0.0.1')])).nodes.map(({ name }) => name)).toEqual([
      'lb1',
      'lb2',
      'lb3',
    ]);
  });

  it('reached another way than the first says so in its own entry', () => {
    const two = ['10.0.0.1', '10.0.0.2'].map((address, index) =>
      seen(index === 0 ? 'alpha' : 'beta', { name: `n${index}`, addresses: [`${address}/24`], keepalived: conf }),
    );
    const ways = [
      way('alpha', { user: 'ops', port: 2222 }, '10.0.0.1'),
      way('beta', { user: 'root', identity: ['/home/me/.ssh/b'], hostKeyAlias: 'beta' }, '10.0.0.2'),
    ];
    const config = reread(write(findings(two), ways));
    expect(config.nodes[0]).toMatchObject({ address: '10.0.0.1', ssh: { user: 'ops', port: 2222 } });
    expect(config.nodes[1]).toMatchObject({
      address: '10.0.0.2',
      ssh: { user: 'root', port: 22, identity: ['/home/me/.ssh/b'], hostKeyAlias: 'beta' },
    });
  });
});

describe('an identity', () => {
  const of = (...bodies: string[]) => identitiesOf(bodies.map((body) => page(body)));
  it('is text of one page alone, without tags and scripts', () => {
    expect(
      of(
        '<html><script>var a = "x1";</script><h1>Shop</h1><p>served by web-a</p>',
        '<html><h1>Shop</h1><p>served by web-b</p>',
      ),
    ).toEqual(['served by web-a', 'served by web-b']);
  });
  it('is in every answer: what changes is no name', () => {
    expect(identitiesOf([page('12:00:01\nnode one', '12:00:02\nnode one'), page('12:00:01 x\nnode two')])[0]).toBe(
      'node one',
    );
  });
  it('is absent where pages are the same, and never holds another one', () => {
    expect(of('Welcome here', 'Welcome here')).toEqual([undefined, undefined]);
    expect(of('NODE 1', 'NODE 12')).toEqual([undefined, 'NODE 12']);
  });
  it('is no text that could mislead a reader', () => {
    expect(of('a \u202etxt.exe', 'node "two" {}')).toEqual([undefined, undefined]);
  });
});

describe('what is written', () => {
  it('is read back as the same text, whatever YAML would make of it', () => {
    for (const text of [
      'lb1',
      'on',
      'No',
      '123',
      '1e3',
      '0x1f',
      '~',
      'null',
      'fd00::1',
      '10.0.0.1',
      '1.5',
      '~/.ssh/id',
      'a: b',
      '- x',
      '#x',
      "it's",
      '"',
      'ops@[::1]:22',
      '2001-01-01',
      '',
      'a,b',
      '{',
      'ü',
    ])
      expect(parse(`{ a: ${scalar(text)}, b: [${scalar(text)}] }`)).toEqual({ a: text, b: [text] });
  });

  it('keeps hostile words inside its comments', () => {
    const found = findings([]);
    found.unseen.push({
      host: 'x\nname: evil',
      source: 'given',
      failure: { step: 'auth', hop: 'x', found: 'no\nvips: [6.6.6.6]\u001b[2J', blame: 'path' },
    });
    const text = write(found, []);
    expect(text).not.toMatch(/^(?:name: evil|vips: \[6)/m);
    expect(text).not.toContain('\u001b');
  });
});

test('the log of a check script is found where its name is written out or in a variable', () => {
  expect(logsIn('LOG="/var/log/check.log"\n{ echo "$(date)" >> "$LOG"; } 2>/dev/null')).toEqual(['/var/log/check.log']);
  expect(logsIn('echo x >> /etc/keepalived/a.log\necho y >>/etc/keepalived/a.log; cmd >> /dev/null')).toEqual([
    '/etc/keepalived/a.log',
  ]);
  expect(logsIn('echo x >> $(mktemp)')).toEqual([]);
});
