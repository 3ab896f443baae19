import type { Reading } from '../cluster/failure.ts';
import type { NodeConfiguration, VrrpInstance } from '../cluster/readings.ts';
import type { ConfigFiles } from '../conf-files/include.ts';
import type { Reply } from './agent/protocol.ts';
import { splitHeads } from './parse/config-files.ts';
import { parseKeepalivedConf } from './parse/keepalived-conf.ts';
import { parseKeepalivedDump } from './parse/keepalived-dump.ts';
import { parseNginxUpstream } from './parse/nginx-conf.ts';
import { asReading } from './parse/parsed.ts';
import { answered, chain, refused } from './snapshot.ts';

/** Turns the agent's reply to `dump` into keepalived's own view. */
export const dumpOf = (reply: Reply, hop: string): Reading<VrrpInstance[]> =>
  chain(answered(reply, 'DUMP', hop), ({ rc, text }) =>
    rc === 0
      ? asReading(parseKeepalivedDump(text), hop)
      : refused('keepalived’s dump', rc, text, hop, DUMP_ADVICE[rc] ?? 'it needs root, or sudo -n for /bin/sh'),
  );

const DUMP_ADVICE: Record<number, string> = {
  3: 'start keepalived',
  4: 'look at the process state, restart keepalived if it is frozen',
};

/**
 * Turns the agent's reply to `conf` into what haconsole uses. keepalived.conf decides; an nginx.conf that cannot be read costs
 * the upstream servers only.
 */
export const configurationOf = (reply: Reply, hop: string): Reading<NodeConfiguration> =>
  chain(answered(reply, 'KCONF', hop), ({ rc, text }) => {
    if (rc !== 0) return refused('keepalived.conf', rc, text, hop, 'let the user read it, or allow sudo -n head');
    const vrrp = asReading(parseKeepalivedConf(text, filesOf(reply, 'KINC', hop)), hop);
    return chain(vrrp, (value) => ({ ok: true, value: { ...value, upstream: upstreamOf(reply, hop) } }));
  });

const upstreamOf = (reply: Reply, hop: string): string[] => {
  const main = answered(reply, 'NCONF', hop);
  if (!main.ok || main.value.rc !== 0) return [];
  const upstream = parseNginxUpstream(main.value.text, filesOf(reply, 'NINC', hop));
  return upstream.ok ? upstream.value : [];
};

const filesOf = (reply: Reply, key: string, hop: string): ConfigFiles => {
  const answer = answered(reply, key, hop);
  return answer.ok ? splitHeads(answer.value.text) : new Map();
};
