import { isIP } from 'node:net';
import type { NodeConfiguration } from '../../cluster/readings.ts';
import { plain } from '../plain.ts';
import { type ConfigFiles, included } from './config-files.ts';
import { type Parsed, parsed, unparsed } from './parsed.ts';

/** One line of the configuration as words, and what stands in its braces. */
type Directive = { words: string[]; block?: Directive[] };

type Token = { kind: 'word' | 'open' | 'close' | 'end'; text: string };

/** keepalived.conf(5): a line is a directive, `!` and `#` begin comments, `"…"` keeps blanks, braces stand alone or not. */
const tokens = (text: string): Token[] => {
  const all: Token[] = [];
  const scan = /[!#][^\n]*|"((?:[^"\\\n]|\\.)*)"?|([{}])|(\n)|[^\s{}"!#][^\s{}"]*/g;
  for (const match of text.matchAll(scan)) {
    const [whole, quoted, brace, newline] = match;
    if (quoted !== undefined) all.push({ kind: 'word', text: quoted });
    else if (brace) all.push({ kind: brace === '{' ? 'open' : 'close', text: brace });
    else if (newline) all.push({ kind: 'end', text: '' });
    else if (!/^[!#]/.test(whole)) all.push({ kind: 'word', text: whole });
  }
  return all;
};

/** The tree of directives, or undefined where the braces do not match: the file is cut or broken. */
const tree = (text: string): Directive[] | undefined => {
  const root: Directive[] = [];
  const stack: Directive[][] = [root];
  let line: Directive | undefined;
  for (const { kind, text: word } of tokens(text)) {
    const block = stack.at(-1)!;
    if (kind === 'word') {
      if (!line) {
        line = { words: [] };
        block.push(line);
      }
      line.words.push(word);
    } else if (kind === 'end') {
      line = undefined;
    } else if (kind === 'open') {
      // The brace may stand on the line after its directive.
      const owner = line ?? block.at(-1);
      if (!owner || owner.block || stack.length > 16) return undefined;
      owner.block = [];
      stack.push(owner.block);
      line = undefined;
    } else {
      if (stack.length === 1) return undefined;
      stack.pop();
      line = undefined;
    }
  }
  return stack.length === 1 ? root : undefined;
};

/** Puts included files in their place, each once. Files that were not read are left out: what they hold is not known. */
const expand = (list: Directive[], files: ConfigFiles, base: string): Directive[] | undefined => {
  const result: Directive[] = [];
  for (const directive of list) {
    const [word = '', pattern] = directive.words;
    if (!/^include[rmwbacf]?$/.test(word) || pattern === undefined) {
      const block = directive.block && expand(directive.block, files, base);
      if (directive.block && !block) return undefined;
      result.push(block ? { ...directive, block } : directive);
      continue;
    }
    for (const path of included(files, pattern, base)) {
      const inner = tree(files.get(path) ?? '');
      files.delete(path);
      const expanded = inner && expand(inner, files, path.slice(0, path.lastIndexOf('/')));
      if (!expanded) return undefined;
      result.push(...expanded);
    }
  }
  return result;
};

/** `$NAME=value` lines and their uses. */
const substitute = (text: string): string => {
  const values = new Map<string, string>();
  const result = text
    .split('\n')
    .map((line) => {
      const set = /^\s*\$([A-Za-z_]\w{0,63})=(.{0,1000})$/.exec(line);
      if (set) values.set(set[1]!, set[2]!.trim());
      if (set) return '';
      return line.replace(/\$(?:\{(\w{1,64})\}|(\w{1,64}))/g, (use, braced, bare) => values.get(braced ?? bare) ?? use);
    })
    .join('\n');
  // A file that blows itself up is read as it stands.
  return result.length > 4 * text.length + 65_536 ? text : result;
};

/**
 * What haconsole uses of keepalived.conf: instances, and how often the check script runs. Passwords are never taken over.
 * Lines for one configuration id only (`@id …`) are left out.
 */
export const parseKeepalivedConf = (
  text: string,
  files: ConfigFiles = new Map(),
): Parsed<Pick<NodeConfiguration, 'instances' | 'checkInterval' | 'check'>> => {
  const plainTree = tree(substitute(text));
  const root = plainTree && expand(plainTree, new Map(files), '/etc/keepalived');
  if (!root) return unparsed('keepalived.conf: the braces do not match', 'check it with keepalived -t');
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
  const plainTree = tree(substitute(text));
  const root = plainTree && expand(plainTree, new Map(files), '/etc/keepalived');
  if (!root) return unparsed('keepalived.conf: the braces do not match', 'check it with keepalived -t');
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
