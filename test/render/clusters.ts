import { readFileSync } from 'node:fs';
import type { ClusterConfig } from '../../src/config/cluster-config.ts';
import { parseCluster } from '../../src/config/load.ts';

const around = { label: 'c.yaml', directory: '/d', home: '/h' };

/** A cluster file of the fixtures, loaded. */
export const fixture = (name: string): ClusterConfig =>
  parseCluster(readFileSync(new URL(`../../fixtures/clusters/${name}.yaml`, import.meta.url), 'utf8'), around);

/** A pair with its web nodes, and `more` lines of YAML. */
export const pair = (more = ''): ClusterConfig =>
  parseCluster(
    `vips: [10.0.0.80]
loadBalancers: [{name: lb1, address: 10.0.0.1}, {name: lb2, address: 10.0.0.2}]
webNodes: [{name: web1, address: 10.0.0.11}, {name: web2, address: 10.0.0.12}]
${more}`,
    around,
  );

/** Any cluster file as text, loaded. */
export const cluster = (text: string): ClusterConfig => parseCluster(text, around);
