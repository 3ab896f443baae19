import { basename } from 'node:path';
import type { NodeConfiguration } from '../cluster/readings.ts';
import { visibleText } from '../cluster/visible-text.ts';
import { HELLO, MAIN, PRELUDE } from '../probes/agent/body.ts';
import type { Reply } from '../probes/agent/protocol.ts';
import { configurationCalls, WEB_UNITS } from '../probes/agent/script.ts';
import { configurationOf } from '../probes/dump.ts';
import { splitHeads } from '../probes/parse/config-files.ts';
import { parseIpAddr } from '../probes/parse/ip-addr.ts';
import { parseKeepalivedSurroundings } from '../probes/parse/keepalived-conf.ts';
import { parseNginxPorts, parseNginxUpstream } from '../probes/parse/nginx-conf.ts';
import { parseSystemctlShow } from '../probes/parse/systemctl-show.ts';
import { quote } from '../ssh/quote.ts';
import type { Kind, Seen, Source } from './seen.ts';
import { addressesIn, advertisersIn, logsIn } from './traces.ts';

const UNITS = ['keepalived', ...WEB_UNITS];

const calls = (): [string, ...string[]][] => [
  ['NAME', 'uname', '-n'],
  ['ID', 'id'],
  ['ADDR', 'ip', '-o', 'addr', 'show'],
  ['NEIGH', 'ip', 'neigh', 'show'],
  ['UNITS', 'systemctl', 'show', '--no-pager', '-p', 'Id,Names,LoadState,ActiveState', ...UNITS],
  ...configurationCalls('sudo'),
  ['SCRIPTS', 'find', '/etc/keepalived', '-maxdepth', '1', '-name', '*.sh', '-exec', 'head', '-vc', '8192', '{}', '+'],
  ['JOURNAL', 'sudo', '-n', 'journalctl', '-q', '-n', '400', '--no-pager', '-o', 'cat', '-u', 'keepalived'],
];

/** What is run on a node to find out what it is. All of it only reads. */
export const surveyScript = (): string =>
  [
    PRELUDE,
    'op_snap() {',
    ...calls().map(([key, ...words]) => `run ${key} ${words.map(quote).join(' ')}`),
    '}',
    'op_dump() { :; }',
    'op_conf() { :; }',
    HELLO,
    MAIN.trim(),
    '',
  ].join('\n');

/** Reads what the node replied. */
export const seenOf = (reply: Reply, host: string, source: Source): Seen => {
  const text = (key: string): string => reply.sections.get(key)?.lines.join('\n') ?? '';
  const good = (key: string): string => (reply.sections.get(key)?.rc === 0 ? text(key) : '');
  const id = text('ID');
  const addresses = parseIpAddr(good('ADDR'));
  const own = addresses.ok
    ? addresses.value.filter(({ ifname, scope }) => ifname !== 'lo' && scope !== 'link').map(({ address }) => address)
    : [];
  const shown = parseSystemctlShow(text('UNITS'));
  const units = (shown.ok ? shown.value : []).filter(({ unit }) => unit.load === 'loaded' || unit.load === 'masked');
  const has = (name: string) => units.some(({ names }) => names.includes(`${name}.service`));
  const runs = (name: string) =>
    units.some(({ unit, names }) => names.includes(`${name}.service`) && unit.active === 'active');

  const kinc = splitHeads(text('KINC'));
  const ninc = splitHeads(text('NINC'));
  // Installed alone says nothing: an image may hold it for all. A file that may not be read says as much as one that can be.
  const denied = /denied|password|not allowed|sudoers/i.test(text('KCONF'));
  const isPair = good('KCONF') !== '' || runs('keepalived') || (has('keepalived') && denied);
  const read = configurationOf(reply, host);
  const around = parseKeepalivedSurroundings(good('KCONF'), kinc);
  const ports = parseNginxPorts(good('NCONF'), ninc);
  const upstream = parseNginxUpstream(good('NCONF'), ninc);
  const passes = upstream.ok && upstream.value.length > 0;
  const webUnits = WEB_UNITS.filter(has).sort((one, two) => Number(runs(two)) - Number(runs(one)));
  const kind: Kind = isPair || passes ? 'lb' : webUnits.length > 0 ? 'web' : 'other';

  const remarks: string[] = [];
  if (isPair && !read.ok) remarks.push(`its keepalived.conf was not read: ${read.failure.found}`);
  if (kind === 'lb' && !isPair) remarks.push('it passes requests on, but has no keepalived');
  if (kind === 'lb' && good('NCONF') === '')
    remarks.push(`its nginx.conf was not read: ${visibleText(text('NCONF'), 120) || 'no answer'}`);
  const configuration: NodeConfiguration | undefined = read.ok
    ? read.value
    : passes
      ? { instances: [], upstream: upstream.value }
      : undefined;
  const peers = [
    ...(around.ok ? around.value.peers.map((address) => ({ address, source: 'unicast_peer' as const })) : []),
    ...advertisersIn(good('JOURNAL')).map((address) => ({ address, source: 'journal' as const })),
  ].filter(({ address }) => !own.includes(address));
  const scripts = [...splitHeads(text('SCRIPTS'))]
    .filter(([path]) => !around.ok || around.value.scripts.some((one) => basename(one) === basename(path)))
    .map(([, script]) => script);
  return {
    host,
    source,
    kind,
    hostname: /^[A-Za-z0-9][A-Za-z0-9-]{0,62}/.exec(text('NAME').trim())?.[0] ?? '',
    user: /uid=\d+\(([\w.@-]{1,64}\$?)\)/.exec(id)?.[1] ?? '',
    isRoot: /uid=0\(/.test(id),
    addresses: own,
    ...(configuration ? { configuration } : {}),
    unicast: around.ok && around.value.unicast,
    ports: ports.ok ? ports.value : [],
    logs: [...new Set(scripts.flatMap(logsIn))],
    webUnits,
    peers: peers.filter((peer, index) => peers.findIndex(({ address }) => address === peer.address) === index),
    neighbours: addressesIn(good('NEIGH')).filter((address) => !own.includes(address)),
    remarks,
  };
};
