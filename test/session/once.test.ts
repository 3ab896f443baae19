import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { judge } from '../../src/cluster/verdict.ts';
import { loadCluster } from '../../src/config/load.ts';
import { toTopology } from '../../src/config/topology.ts';
import { type DemoCluster, startDemo } from '../../src/demo/cluster.ts';
import { realClock } from '../../src/probes/clock.ts';
import { lookOnce } from '../../src/session/once.ts';
import { createNetwork } from '../../src/ssh/network.ts';
import type { Network } from '../../src/ssh/remote.ts';
import { eventually } from '../support/demo-console.ts';

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A network on which the first look at this node gets its shell late. */
const withLateLook = (network: Network, node: string, ms: number): Network => {
  let late = true;
  return {
    ...network,
    remote: (name) => {
      const remote = network.remote(name);
      if (name !== node) return remote;
      return {
        ...remote,
        open: async (command, options) => {
          if (late) await sleep(ms);
          late = false;
          return remote.open(command, options);
        },
      };
    },
  };
};

const look = async (cluster: DemoCluster, change: (network: Network) => Network) => {
  const config = await loadCluster({ file: cluster.clusterFile, cwd: '/', home: '/nonexistent', env: {} });
  const network = createNetwork(config, { prompter: async () => null, env: {}, home: '/nonexistent' });
  cleanups.push(() => network.close());
  const topology = toTopology(config, { readOnly: true });
  const { signal } = new AbortController();
  return judge(await lookOnce({ config, topology, network: change(network), clock: realClock, signal }));
};

test('a split brain is seen as one even when the first look took so long that the second came right after it', async () => {
  const cluster = await startDemo({ seed: 2 });
  cleanups.push(() => cluster.stop());
  cluster.fault('drop-vrrp');
  await eventually('two holders', () => cluster.holders('172.16.249.80').length === 2);
  expect(await look(cluster, (network) => withLateLook(network, 'lb2', 2600))).toMatchObject({ code: 'split-brain' });
});
