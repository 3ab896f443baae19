import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderFiles } from '../../src/render/files.ts';
import { fixture, pair } from './clusters.ts';

const original = (name: string): string =>
  readFileSync(new URL(`../../fixtures/tutorial/${name}`, import.meta.url), 'utf8');
const rendered = (config = fixture('tutorial')) => renderFiles(config, { asInTutorial: true, authPass: 'ignored' });
const content = (node: string, name: string, config = fixture('tutorial')): string =>
  rendered(config).find((file) => file.node === node && file.path.endsWith(name))?.content ?? '';

describe('--as-in-tutorial', () => {
  it.each([
    ['lb1', 'nginx.conf', 'nginx.conf'],
    ['lb2', 'nginx.conf', 'nginx.conf'],
    ['lb1', 'keepalived.conf', 'keepalived.server1.conf'],
    ['lb2', 'keepalived.conf', 'keepalived.server2.conf'],
    ['lb1', 'check_nginx.sh', 'check_nginx.sh'],
    ['lb2', 'check_nginx.sh', 'check_nginx.sh'],
  ])('gives %s the %s of the tutorial, byte for byte', (node, name, file) => {
    expect(content(node, name)).toBe(original(file));
  });

  it('with the page where the tutorial puts it, and the script open to everybody', () => {
    const files = rendered();
    expect(files.find((file) => file.node === 'web2')).toMatchObject({
      path: '/usr/share/httpd/noindex/index.html',
      content: 'HTTP WEB NODE 02\n',
    });
    expect(files.find((file) => file.path.endsWith('.sh'))?.mode).toBe(0o777);
  });

  it('with this cluster’s addresses, interface and user', () => {
    const config = pair('vrrp: {interface: host0, virtualRouterId: 7}\nrender: {nginxUser: www-data}');
    expect(content('lb1', 'keepalived.conf', config)).toMatch(
      /interface host0 #[\s\S]*virtual_router_id 7 #[\s\S]* {8}10\.0\.0\.80\n/,
    );
    expect(content('lb1', 'nginx.conf', config)).toMatch(/^user www-data;[\s\S]*server 10\.0\.0\.12:80 weight=1;/);
    expect(content('lb1', 'keepalived.conf', config)).toContain('auth_pass 1111');
  });
});
