import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseCluster } from '../../src/config/load.ts';
import { toTopology } from '../../src/config/topology.ts';

const load = (name: string) =>
  parseCluster(readFileSync(new URL(`../../fixtures/clusters/${name}`, import.meta.url), 'utf8'), {
    label: name,
    path: `/etc/ha/${name}`,
    directory: '/etc/ha',
    home: '/home/ops',
  });
const parse = (text: string) => parseCluster(text, { label: 'c', directory: '/d', home: '/h' });

describe('a cluster file is resolved', () => {
  it('with every default of the smallest one', () => {
    expect(load('smallest.yaml')).toEqual({
      name: 'cluster',
      file: '/etc/ha/smallest.yaml',
      ssh: { jump: [], sudo: true, transport: 'auto', defaults: {} },
      vips: [{ address: '172.16.249.80', http: { address: '172.16.249.80', scheme: 'http', port: 80, path: '/' } }],
      nodes: [],
      http: { via: 'direct', defaults: { scheme: 'http', port: 80, path: '/' } },
      interval: 1000,
      timeout: 1000,
      services: { nginx: 'nginx', keepalived: 'keepalived', web: 'auto' },
      checkLog: '/etc/keepalived/check_nginx.log',
      vrrp: {},
      render: {},
      protected: false,
    });
  });

  it('with the tutorial’s nodes, reached through its jump host', () => {
    const config = load('tutorial.yaml');
    expect(config.ssh.jump).toEqual([{ name: 'bastion', host: 'bastion' }]);
    expect(config.http.via).toBe('jump');
    expect(config.ssh.knownHosts).toEqual(['/home/ops/.ssh/known_hosts']);
    expect(config.nodes.map(({ name, role, address }) => `${name} ${role} ${address}`)).toEqual([
      'lb1 lb 172.16.249.101',
      'lb2 lb 172.16.249.102',
      'web1 web 172.16.249.201',
      'web2 web 172.16.249.202',
    ]);
    expect(config.nodes[2]).toEqual({
      name: 'web1',
      role: 'web',
      address: '172.16.249.201',
      ssh: { name: 'web1', host: '172.16.249.201', user: 'ops', identity: ['/home/ops/.ssh/id_ed25519'] },
      http: { address: '172.16.249.201', scheme: 'http', port: 80, path: '/' },
      identity: 'HTTP WEB NODE 01',
    });
  });

  it('from JSON, with a $schema line', () => {
    expect(load('tutorial.json').nodes.map((node) => node.name)).toEqual(['lb1', 'lb2']);
  });

  it('with the settings of one node before the common ones, and paths beside the file or at home', () => {
    const { ssh, nodes, vips } = load('dual-stack.yaml');
    const ofNode = (name: string) => nodes.find((node) => node.name === name);
    expect(ssh.jump).toEqual([
      { name: 'bastion.example.net', host: 'bastion.example.net', user: 'ops', port: 2200 },
      {
        name: 'inner',
        host: '10.0.0.9',
        user: 'admin',
        port: 22,
        identity: ['/home/ops/.ssh/inner'],
        hostKeyAlias: 'inner-gate',
      },
    ]);
    expect(ssh.defaults).toEqual({
      user: 'ops',
      port: 2222,
      identity: ['/home/ops/.ssh/id_ed25519', '/etc/ha/keys/second'],
    });
    expect(ofNode('lb1')?.ssh.port).toBe(2222);
    expect(ofNode('lb2')?.ssh.port).toBe(2201);
    expect(ofNode('lb3')?.ssh).toMatchObject({ user: 'root', port: 22, hostKeyAlias: 'lb3.example.net' });
    expect(ofNode('lb2')?.http).toMatchObject({ port: 8080, path: '/', host: 'www.example.net' });
    expect(ofNode('web1')?.http).toMatchObject({ address: 'fd00::201', port: 8081, path: '/status' });
    expect(vips.map((vip) => vip.address)).toEqual(['172.16.249.80', 'fd00::80', '172.16.249.90']);
  });

  it('with durations in ms', () => {
    expect(load('dual-stack.yaml')).toMatchObject({ interval: 500, timeout: 2000 });
    expect(parse('vips: [10.0.0.1]\ninterval: 1h\ntimeout: 0.05').interval).toBe(3_600_000);
  });

  it('with the port that belongs to the scheme', () => {
    const config = parse(
      'vips: [10.0.0.1]\nhttp: {scheme: https}\nwebNodes: [{name: w, address: a, http: {scheme: http}}]',
    );
    expect(config.vips[0]?.http.port).toBe(443);
    expect(config.nodes[0]?.http.port).toBe(80);
  });

  it('with different hosts behind one address, where the SSH ports differ', () => {
    const text =
      'loadBalancers:\n  - {name: a, address: 127.0.0.1, port: 2201}\n  - {name: b, address: 127.0.0.1, port: 2202}';
    expect(parse(text).nodes.map((node) => node.ssh.port)).toEqual([2201, 2202]);
  });
});

describe('the topology', () => {
  it('is what is watched, without keys, users or ports', () => {
    expect(toTopology(load('tutorial.yaml'), { readOnly: true })).toEqual({
      name: 'tutorial',
      vips: ['172.16.249.80', '172.16.249.90', '172.16.249.100'],
      nodes: [
        { name: 'lb1', role: 'lb', address: '172.16.249.101' },
        { name: 'lb2', role: 'lb', address: '172.16.249.102' },
        { name: 'web1', role: 'web', address: '172.16.249.201', identity: 'HTTP WEB NODE 01' },
        { name: 'web2', role: 'web', address: '172.16.249.202', identity: 'HTTP WEB NODE 02' },
      ],
      hops: ['bastion'],
      via: 'jump',
      interval: 1000,
      timeout: 1000,
      checkLog: '/etc/keepalived/check_nginx.log',
      protected: false,
      readOnly: true,
    });
  });
});
