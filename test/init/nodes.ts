/** Nodes as init's survey sees them, made of the files that they would have. */

import type { Seen, Source } from '../../src/init/seen.ts';
import { seenOf } from '../../src/init/survey.ts';
import type { Reply } from '../../src/probes/agent/protocol.ts';

/** What a node has; all of it is optional. */
export type NodeFiles = {
  name?: string;
  user?: string;
  /** `address/prefix` on its card. */
  addresses?: readonly string[];
  keepalived?: string;
  nginx?: string;
  includes?: Record<string, string>;
  nginxIncludes?: Record<string, string>;
  scripts?: Record<string, string>;
  neighbours?: string;
  journal?: string;
  /** Units that are installed and run. */
  units?: readonly string[];
};

const heads = (files: Record<string, string> = {}): string =>
  Object.entries(files)
    .map(([path, text]) => `==> ${path} <==\n${text}`)
    .join('\n');

const DENIED = 'sudo: a password is required';
const MISSING = "head: cannot open '/etc/keepalived/keepalived.conf' for reading: No such file or directory";

/** The agent's answer of such a node. `denied`: keepalived.conf may not be read. */
export const reply = (node: NodeFiles, options: { denied?: boolean } = {}): Reply => {
  const addresses = ['1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever'];
  for (const address of node.addresses ?? [])
    addresses.push(
      `2: eth0    inet${address.includes(':') ? '6' : ''} ${address} scope global eth0\\       valid_lft forever preferred_lft forever`,
    );
  const units = ['keepalived', 'apache2', 'httpd', 'nginx'].map((name) => {
    const has = node.units?.includes(name) ?? false;
    return `Id=${name}.service\nNames=${name}.service\nLoadState=${has ? 'loaded' : 'not-found'}\nActiveState=${has ? 'active' : 'inactive'}\n`;
  });
  const user = node.user ?? 'ops';
  const sections: Record<string, { text: string; rc?: number }> = {
    NAME: { text: node.name ?? 'localhost' },
    ID: { text: user === 'root' ? 'uid=0(root) gid=0(root)' : `uid=1000(${user}) gid=1000(${user})` },
    ADDR: { text: addresses.join('\n') },
    NEIGH: { text: node.neighbours ?? '' },
    UNITS: { text: units.join('\n') },
    KCONF: options.denied
      ? { text: DENIED, rc: 1 }
      : { text: node.keepalived ?? MISSING, rc: node.keepalived === undefined ? 1 : 0 },
    KINC: { text: heads(node.includes) },
    NCONF: { text: node.nginx ?? '', rc: node.nginx === undefined ? 1 : 0 },
    NINC: { text: heads(node.nginxIncludes) },
    SCRIPTS: { text: heads(node.scripts) },
    JOURNAL: { text: node.journal ?? '' },
  };
  return {
    op: 'snap',
    asked: 0,
    complete: true,
    sections: new Map(
      Object.entries(sections).map(([key, { text, rc }]) => [key, { lines: text.split('\n'), rc: rc ?? 0 }]),
    ),
  };
};

/** The node as init takes it. */
export const seen = (
  host: string,
  node: NodeFiles,
  source: Source = 'given',
  options: { denied?: boolean } = {},
): Seen => seenOf(reply(node, options), host, source);
