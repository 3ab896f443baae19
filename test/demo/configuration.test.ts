import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadCluster } from '../../src/config/load.ts';
import { manualClock } from '../../src/demo/clock.ts';
import { startDemo } from '../../src/demo/cluster.ts';
import { RESTARTS, readKeepalived } from '../../src/demo/configuration.ts';
import { readKeepalivedFile } from '../../src/demo/keepalived-conf/read.ts';
import { createWorld } from '../../src/demo/world.ts';
import { checkScript } from '../../src/render/check-script.ts';
import { keepalivedConf } from '../../src/render/keepalived-conf.ts';
import { nginxConf } from '../../src/render/nginx-conf.ts';
import { planOf } from '../../src/render/plan.ts';
import { fixture, pair } from '../render/clusters.ts';

const plan = async () => {
  const demo = await startDemo({ clock: manualClock() });
  try {
    return planOf(await loadCluster({ file: demo.clusterFile, cwd: '/', home: '/nonexistent', env: {} }));
  } finally {
    await demo.stop();
  }
};

const fileOf = (flavour: 'fixed' | 'tutorial', node: string, path: string): string =>
  createWorld(manualClock(), flavour, 1).host(node)!.machine.files.get(path)!.content;

describe('the corrected pair of the demo is configured as render would configure it', () => {
  test.each(['lb1', 'lb2'])('keepalived of %s', async (name) => {
    const rendered = await plan();
    const balancer = rendered.balancers.find((one) => one.name === name)!;
    const mine = readKeepalived(fileOf('fixed', name, '/etc/keepalived/keepalived.conf'));
    expect(mine).toEqual(readKeepalived(keepalivedConf(rendered, balancer)));
    expect(mine).toMatchObject({ priority: name === 'lb1' ? 150 : 100, weight: -60, vips: rendered.vips });
  });

  test('and keepalived has nothing to say about any file that render writes', () => {
    const around = { interfaces: ['eth0', 'ens33'], script: () => ({ mode: '755', owner: 'root' }), root: true };
    for (const config of [fixture('tutorial'), fixture('dual-stack'), pair('vrrp: { advertInterval: 0.5 }')]) {
      const rendered = planOf(config);
      for (const balancer of rendered.balancers) {
        const read = readKeepalivedFile(keepalivedConf(rendered, balancer), around);
        expect(read).toMatchObject({ findings: [], end: 'runs', status: 0 });
        expect(read.settings).toMatchObject({ instance: true, tracked: true, priority: balancer.priority });
      }
    }
  });

  test('nginx’s dealings with its upstream', async () => {
    const rendered = await plan();
    const dealings = (text: string): string[] =>
      [...text.matchAll(/^\s*((?:zone|proxy_(?:connect|read|next|ignore)\w*|server \d)[^;]*);/gm)]
        .map((match) => match[1]!.replace(' weight=1', ''))
        .sort();
    expect(dealings(fileOf('fixed', 'lb1', '/etc/nginx/nginx.conf'))).toEqual(
      dealings(nginxConf(rendered, rendered.balancers[0]!)),
    );
  });

  test('the check script’s limit of restarts', async () => {
    const rendered = await plan();
    const script = checkScript(rendered, rendered.balancers[0]!);
    expect(script).toContain(`\nMAX_RESTARTS=${RESTARTS.most}\n`);
    expect(script).toContain(`\nWINDOW=${RESTARTS.within / 1000}\n`);
  });
});

describe('the tutorial’s pair', () => {
  test.each([
    ['lb1', 'keepalived.server1.conf'],
    ['lb2', 'keepalived.server2.conf'],
  ])('keepalived of %s', (name, file) => {
    const original = readFileSync(new URL(`../../fixtures/tutorial/${file}`, import.meta.url), 'utf8');
    expect(readKeepalived(fileOf('tutorial', name, '/etc/keepalived/keepalived.conf'))).toEqual(
      readKeepalived(original),
    );
  });

  test('its check script, word for word', () => {
    const original = readFileSync(new URL('../../fixtures/tutorial/check_nginx.sh', import.meta.url), 'utf8');
    expect(fileOf('tutorial', 'lb1', '/etc/keepalived/check_nginx.sh').trim()).toBe(original.trim());
  });
});
