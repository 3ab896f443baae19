import { isIP } from 'node:net';
import type { NodeConfiguration } from '../../cluster/readings.ts';
import type { Directive } from '../../conf-files/directive.ts';
import type { ConfigFiles } from '../../conf-files/include.ts';
import { keepalivedTree } from '../../conf-files/keepalived-tree.ts';
import { plain } from '../plain.ts';
import { type Parsed, parsed, unparsed } from './parsed.ts';

/**
 * What haconsole uses of keepalived.conf: instances, and how often the check script runs. Passwords are never taken over.
 * Lines for one configuration id only (`@id …`) are left out.
 */
export const parseKeepalivedConf = (
  text: string,
  files: ConfigFiles = new Map(),
): Parsed<Pick<NodeConfiguration, 'instances' | 'checkInterval' | 'check'>> => {
  const { root, problems } = keepalivedTree(text, files);
  if (problems.length > 0) return unparsed('keepalived.conf: the braces do not match', 'check it with keepalived -t');
  const blocks = root.filter((one) => one.words[0] === 'vrrp_instance' && one.block);
  const instances: NodeConfiguration['instances'] = [];
  for (const block of blocks) {
    const instance = instanceOf(block);
    if (!instance.ok) return instance;
    instances.push(instance.value);
  }
  const tracked = new Set(blocks.flatMap((block) => linesIn(block, 'track_script').map((line) => line.words[0])));
  const scripts = root.filter((one) => one.words[0] === 'vrrp_script' && tracked.has(one.words[1]));
  const intervals = scripts.map((script) => number(wordOf(script, 'interval')) ?? 1);
  const [script] = scripts;
  const check = script && {
    weight: weightOf(blocks, script) ?? signed(wordOf(script, 'weight')) ?? 0,
    fall: number(wordOf(script, 'fall')) ?? 1,
  };
  return parsed({
    instances,
    ...(intervals.length > 0 ? { checkInterval: Math.max(...intervals) } : {}),
    ...(check ? { check } : {}),
  });
};

const signed = (text: string | undefined): number | undefined =>
  text !== undefined && /^[-+]?\d{1,3}$/.test(text) ? Number(text) : undefined;

/** A weight that an instance itself gives a script: `track_script { NAME weight -60 }`. */
const weightOf = (instances: Directive[], script: Directive): number | undefined => {
  const line = instances
    .flatMap((block) => linesIn(block, 'track_script'))
    .find(({ words }) => words[0] === script.words[1] && words.includes('weight'));
  return line && signed(line.words[line.words.indexOf('weight') + 1]);
};

const instanceOf = (block: Directive): Parsed<NodeConfiguration['instances'][number]> => {
  const name = plain(block.words[1] ?? '', 64);
  const vrid = number(wordOf(block, 'virtual_router_id'));
  if (vrid === undefined) return unparsed(`keepalived.conf: vrrp_instance ${name} has no virtual_router_id`);
  const state = wordOf(block, 'state');
  const vips = [...linesIn(block, 'virtual_ipaddress'), ...linesIn(block, 'virtual_ipaddress_excluded')]
    .map((line) => line.words[0]!.split('/')[0]!.toLowerCase())
    .filter((address) => isIP(address) !== 0);
  return parsed({
    name,
    vrid,
    priority: number(wordOf(block, 'priority')) ?? 100,
    advertInterval: number(wordOf(block, 'advert_int')) ?? 1,
    ifname: plain(wordOf(block, 'interface') ?? '', 15),
    vips,
    ...(state === undefined ? {} : { state: plain(state, 20) }),
    nopreempt: wordOf(block, 'nopreempt') !== undefined,
  });
};

const linesIn = (block: Directive, word: string): Directive[] =>
  block.block?.filter((one) => one.words[0] === word).flatMap((one) => one.block ?? []) ?? [];

/** The first argument of the last such line, as keepalived lets the last one win; '' for a line without arguments. */
const wordOf = (block: Directive, word: string): string | undefined => {
  const line = block.block?.findLast((one) => one.words[0] === word);
  return line && (line.words[1] ?? '');
};

const number = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined;

/** The other routers that keepalived.conf itself names (`unicast_peer`), and the check scripts' files (`script "…"`). */
export const parseKeepalivedSurroundings = (
  text: string,
  files: ConfigFiles = new Map(),
): Parsed<{ peers: string[]; scripts: string[]; unicast: boolean }> => {
  const { root, problems } = keepalivedTree(text, files);
  if (problems.length > 0) return unparsed('keepalived.conf: the braces do not match', 'check it with keepalived -t');
  const instances = root.filter((one) => one.words[0] === 'vrrp_instance' && one.block);
  const peers = instances
    .flatMap((block) => linesIn(block, 'unicast_peer'))
    .map((line) => line.words[0]!.toLowerCase())
    .filter((address) => isIP(address) !== 0);
  const scripts = root
    .filter((one) => one.words[0] === 'vrrp_script')
    .map((one) => (wordOf(one, 'script') ?? '').split(/\s+/)[0]!)
    .filter((path) => path.startsWith('/'));
  return parsed({ peers: [...new Set(peers)], scripts: [...new Set(scripts)], unicast: peers.length > 0 });
};
