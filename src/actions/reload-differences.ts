import type { RiskLine } from '../cluster/action.ts';
import type { NodeConfiguration, VrrpInstance } from '../cluster/readings.ts';
import type { NodeView } from '../cluster/state.ts';
import { vipNames } from '../cluster/vip-names.ts';
import { CONFIGURATION, runningFile } from './reload-check.ts';

type Configured = NodeConfiguration['instances'][number];

const info = (text: string): RiskLine => ({ severity: 'info', text });
const warn = (text: string): RiskLine => ({ severity: 'warn', text });
const bad = (text: string): RiskLine => ({ severity: 'bad', text });

const unlike = (file: Configured, runs: VrrpInstance): RiskLine[] => {
  const lines: RiskLine[] = [];
  const of = file.name;
  if (file.vrid !== runs.vrid)
    lines.push(
      bad(`${of}: virtual_router_id ${runs.vrid} becomes ${file.vrid}: a peer with ${runs.vrid} hears it no more.`),
    );
  if (file.advertInterval !== runs.advertInterval)
    lines.push(
      bad(`${of}: advert_int ${runs.advertInterval} becomes ${file.advertInterval}: it must be the same on its peers.`),
    );
  // With use_vmac what runs is an interface of keepalived's own (vrrp.51): that is no change.
  if (file.ifname !== runs.ifname && !runs.ifname.startsWith('vrrp'))
    lines.push(bad(`${of}: interface ${runs.ifname} becomes ${file.ifname}.`));
  const gone = runs.vips.filter((vip) => !file.vips.includes(vip));
  const more = file.vips.filter((vip) => !runs.vips.includes(vip));
  if (gone.length > 0) lines.push(bad(`${of}: ${vipNames(gone)} taken off this node.`));
  if (more.length > 0) lines.push(warn(`${of}: ${vipNames(more)} added.`));
  if (file.priority !== runs.basePriority)
    lines.push(warn(`${of}: priority ${runs.basePriority} becomes ${file.priority}.`));
  return lines;
};

/** What a reload changes. `unread`: it is not known, since the file or what runs could not be read. */
export type Differences = { lines: RiskLine[]; unread: boolean };

const unread = (why: string): Differences => ({
  lines: [warn(`What the file changes is not known: ${why}.`)],
  unread: true,
});

/** What a reload of keepalived changes: its file against what it runs, both as last read. */
export const reloadDifferences = (node: NodeView): Differences => {
  // The probes read the usual file, which says nothing where keepalived was started with another.
  if (runningFile(node) !== CONFIGURATION) return unread(`keepalived was not started with ${CONFIGURATION}`);
  const file = node.configuration.value?.instances;
  const runs = node.dump.value;
  if (!file || node.configuration.failure) return unread('the file could not be read');
  if (!runs || node.dump.failure) return unread('keepalived does not tell what it runs');
  const dropped = runs.filter((one) => !file.some((other) => other.name === one.name));
  const lines = [
    ...dropped.map((one) => bad(`${one.name} is no more in the file: its VIPs are taken off.`)),
    ...file.flatMap((one) => {
      const running = runs.find((other) => other.name === one.name);
      return running ? unlike(one, running) : [warn(`${one.name} is new: ${vipNames(one.vips)}.`)];
    }),
  ];
  const same = info('Priority, VRID, advert interval and VIPs in the file are those that run.');
  return { lines: lines.length > 0 ? lines : [same], unread: false };
};
