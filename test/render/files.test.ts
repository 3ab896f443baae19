import { describe, expect, it } from 'vitest';
import type { ClusterConfig } from '../../src/config/cluster-config.ts';
import { type RenderedFile, renderFiles } from '../../src/render/files.ts';
import { RenderRefusal } from '../../src/render/plan.ts';
import { cluster, fixture, pair } from './clusters.ts';

const files = (config: ClusterConfig, authPass?: string): RenderedFile[] =>
  renderFiles(config, { asInTutorial: false, ...(authPass === undefined ? {} : { authPass }) });
const find = (all: RenderedFile[], node: string, name: string): RenderedFile => {
  const file = all.find((one) => one.node === node && one.path.endsWith(name));
  if (!file) throw new Error(`no ${name} of ${node}`);
  return file;
};
/** The directives without comments and indentation: what the daemon reads. */
const plain = (file: RenderedFile): string[] =>
  file.content
    .split('\n')
    .map((line) => line.replace(/^\s*#.*$/, '').trim())
    .filter((line) => line !== '');
const keepalived = (config: ClusterConfig, node = 'lb1', authPass?: string): string[] =>
  plain(find(files(config, authPass), node, 'keepalived.conf'));
const block = (lines: string[], name: string): string[] => {
  const start = lines.indexOf(`${name} {`);
  return start < 0 ? [] : lines.slice(start + 1, lines.indexOf('}', start));
};
const refusal = (config: ClusterConfig, authPass?: string): string => {
  try {
    files(config, authPass);
  } catch (error) {
    if (error instanceof RenderRefusal) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('render writes', () => {
  it('three files for a load balancer and one for a web node, with their modes', () => {
    const all = files(fixture('tutorial')).map(({ node, path, mode }) => `${node}:${path} ${mode.toString(8)}`);
    expect(all).toEqual([
      'lb1:/etc/nginx/nginx.conf 644',
      'lb1:/etc/keepalived/keepalived.conf 644',
      'lb1:/etc/keepalived/check_nginx.sh 755',
      'lb2:/etc/nginx/nginx.conf 644',
      'lb2:/etc/keepalived/keepalived.conf 644',
      'lb2:/etc/keepalived/check_nginx.sh 755',
      'web1:/var/www/html/index.html 644',
      'web2:/var/www/html/index.html 644',
    ]);
  });

  it('the same on both load balancers but for name, priority and unicast addresses', () => {
    const [one, two] = [keepalived(fixture('tutorial'), 'lb1'), keepalived(fixture('tutorial'), 'lb2')];
    expect(one.filter((line) => !two.includes(line)).sort()).toEqual(
      ['router_id lb1', 'priority 150', 'unicast_src_ip 172.16.249.101', '172.16.249.102'].sort(),
    );
    const all = files(fixture('tutorial'));
    expect(plain(find(all, 'lb1', 'nginx.conf'))).toEqual(plain(find(all, 'lb2', 'nginx.conf')));
    expect(plain(find(all, 'lb1', '.sh'))).toEqual(plain(find(all, 'lb2', '.sh')));
  });

  it('all VIPs into one instance', () => {
    const lines = keepalived(fixture('tutorial'));
    expect(lines.filter((line) => line.startsWith('vrrp_instance'))).toEqual(['vrrp_instance VI_1 {']);
    expect(block(lines, 'virtual_ipaddress')).toEqual(['172.16.249.80', '172.16.249.90', '172.16.249.100']);
    expect(lines).toContain('virtual_router_id 80');
    expect(lines).toContain('interface eth0');
    expect(lines).toContain('advert_int 1');
  });

  it('a weight that brings the highest priority below the lowest, however many load balancers there are', () => {
    for (const config of [fixture('tutorial'), fixture('dual-stack'), fixture('ipv6')]) {
      const balancers = config.nodes.filter((node) => node.role === 'lb').map((node) => node.name);
      const settings = balancers.map((name) => {
        const lines = keepalived(config, name);
        const number = (word: string) => Number(lines.find((line) => line.startsWith(`${word} `))?.split(' ')[1]);
        return { priority: number('priority'), weight: number('weight') };
      });
      const priorities = settings.map((one) => one.priority);
      expect(new Set(settings.map((one) => one.weight)).size).toBe(1);
      expect(Math.max(...priorities) + (settings[0]?.weight ?? 0)).toBeLessThan(Math.min(...priorities));
    }
  });

  it('what the cluster file says of VRRP, and VRRPv3 for a fraction of a second', () => {
    const lines = keepalived(fixture('dual-stack'));
    expect(lines).toEqual(
      expect.arrayContaining([
        'interface ens33',
        'virtual_router_id 61',
        'advert_int 0.2',
        'vrrp_version 3',
        'priority 200',
      ]),
    );
    expect(block(lines, 'unicast_peer')).toEqual(['172.16.249.102', '172.16.249.103']);
    expect(keepalived(fixture('dual-stack'), 'lb3')).toContain('priority 90');
  });

  it('IPv6 VIPs beside IPv4 ones where no advert has to carry them', () => {
    const lines = keepalived(fixture('dual-stack'));
    expect(block(lines, 'virtual_ipaddress')).toEqual(['172.16.249.80', '172.16.249.90']);
    expect(block(lines, 'virtual_ipaddress_excluded')).toEqual(['fd00::80']);
  });

  it('an IPv6 instance when there are only IPv6 VIPs', () => {
    const lines = keepalived(fixture('ipv6'));
    expect(block(lines, 'virtual_ipaddress')).toEqual(['fd00::80', 'fd00::90']);
    expect(lines).toContain('unicast_src_ip fd00::101');
    expect(lines).toContain('virtual_router_id 128');
    expect(lines).not.toContain('virtual_ipaddress_excluded {');
  });

  it('multicast where an address is a name, and where the file wants it', () => {
    const named = cluster(
      'vips: [10.0.0.80]\nloadBalancers: [{name: a, address: lb-a}, {name: b, address: 10.0.0.2}]\nwebNodes: [{name: w, address: x}]',
    );
    expect(keepalived(named, 'a').join()).not.toContain('unicast');
    expect(keepalived(pair('vrrp: {unicast: false}')).join()).not.toContain('unicast');
  });

  it('no password unless one is given, and then a file only root reads', () => {
    expect(keepalived(pair()).join()).not.toMatch(/auth/);
    expect(block(keepalived(pair(), 'lb1', 's3cr3t'), 'authentication')).toEqual([
      'auth_type PASS',
      'auth_pass s3cr3t',
    ]);
    expect(find(files(pair(), 's3cr3t'), 'lb1', 'keepalived.conf').mode).toBe(0o600);
    expect(keepalived(fixture('ipv6'), 'lb1', 's3cr3t').join()).not.toContain('s3cr3t');
  });

  it('nothing of what makes the tutorial’s pair fail', () => {
    const all = files(fixture('tutorial'));
    const conf = keepalived(fixture('tutorial')).join('\n');
    expect(conf).not.toMatch(
      /weight -20|auth_pass|state MASTER|smtp|notification|_interval 0|virtual_router_id 51|nopreempt/,
    );
    expect(conf).toMatch(/enable_script_security[\s\S]*script_user root/);
    expect(conf).toContain('vrrp_garp_master_refresh');
    const nginx = plain(find(all, 'lb1', 'nginx.conf')).join('\n');
    expect(nginx).not.toContain('error_page');
    expect(nginx).toMatch(/zone ProxyServer[\s\S]*max_fails=1[\s\S]*proxy_connect_timeout[\s\S]*proxy_read_timeout/);
    expect(plain(find(all, 'lb1', '.sh')).join('\n')).not.toMatch(/killall|ps -C|`/);
  });

  it('the upstream from the web nodes, with ports, weights and IPv6', () => {
    const nginx = plain(find(files(fixture('dual-stack')), 'lb2', 'nginx.conf'));
    expect(nginx.filter((line) => line.startsWith('server ') && line.endsWith(';'))).toEqual([
      'server [fd00::201]:8081 weight=3 max_fails=1 fail_timeout=10s;',
      'server web2.example.net:80 weight=1 max_fails=1 fail_timeout=10s;',
    ]);
    expect(nginx).toContain('user nginx;');
    expect(nginx).toContain('listen       8080 default_server;');
  });

  it('a page that names its web node, the same text on no other', () => {
    const pages = files(pair()).filter((file) => file.node.startsWith('web'));
    expect(pages.map((page) => page.content.split(' <!--')[0])).toEqual(['HTTP WEB NODE 01', 'HTTP WEB NODE 02']);
    expect(pages.map((page) => page.content.split('\n').length)).toEqual([2, 2]);
  });

  it('why, for every change: a comment beside it', () => {
    for (const file of files(fixture('tutorial'))) expect(file.content).toMatch(/tutorial/i);
    const conf = find(files(fixture('tutorial')), 'lb1', 'keepalived.conf').content;
    for (const what of [
      'interval 1',
      'weight -60',
      'rise 3',
      'state BACKUP',
      'virtual_router_id 80',
      'unicast_src_ip',
      'enable_script_security',
    ])
      expect(conf).toMatch(new RegExp(`\\n *#[^\\n]*\\n *${what}`));
  });
});

describe('render refuses', () => {
  it.each([
    ['one load balancer', 'vips: [10.0.0.1]\nloadBalancers: [{name: a, address: b}]', /at least two load balancers/],
    [
      'no VIP',
      'loadBalancers: [{name: a, address: x}, {name: b, address: y}]\nwebNodes: [{name: w, address: z}]',
      /at least one VIP/,
    ],
    [
      'no web node',
      'vips: [10.0.0.1]\nloadBalancers: [{name: a, address: x}, {name: b, address: y}]',
      /at least one web node/,
    ],
    [
      'one priority twice',
      'vips: [10.0.0.1]\nloadBalancers: [{name: a, address: x}, {name: b, address: y, priority: 150}]\nwebNodes: [{name: w, address: z}]',
      /a and b both have priority 150/,
    ],
    [
      'a balancer that would need certificates',
      'vips: [10.0.0.1]\nhttp: {scheme: https}\nloadBalancers: [{name: a, address: x}, {name: b, address: y}]\nwebNodes: [{name: w, address: z}]',
      /can only write http/,
    ],
    [
      'unicast to a name',
      'vips: [10.0.0.1]\nvrrp: {unicast: true}\nloadBalancers: [{name: a, address: x}, {name: b, address: y}]\nwebNodes: [{name: w, address: z}]',
      /needs every load balancer's address to be an IPv4 address/,
    ],
    [
      'an interval that VRRPv3 cannot say',
      'vips: ["fd00::1"]\nvrrp: {advertInterval: 60}\nloadBalancers: [{name: a, address: x}, {name: b, address: y}]\nwebNodes: [{name: w, address: z}]',
      /VRRPv3 .* ends at 40\.95 s/,
    ],
    [
      'priorities no weight can bridge',
      'vips: [10.0.0.1]\nloadBalancers: [{name: a, address: x, priority: 254}, {name: b, address: y, priority: 1}]\nwebNodes: [{name: w, address: z}]',
      /too far apart/,
    ],
  ])('%s', (_, text, message) => {
    expect(refusal(cluster(text))).toMatch(message);
  });

  it('a password that keepalived would cut or misread, without repeating it', () => {
    for (const secret of ['ninechars', 'a b', 'a#b', 'x\ny', '"', '${X}', ''])
      expect(refusal(pair(), secret)).toMatch(/must be 1 to 8 letters/);
    expect(refusal(pair(), 'ninechars')).not.toContain('ninechars');
  });
});
