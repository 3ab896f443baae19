import type { Directive } from '../conf-files/directive.ts';

/** A word of a file with the line that says it. */
export type Said<T> = { value: T; at: Directive };

/** One `vrrp_script` of a file. */
export type Script = {
  name: string;
  at: Directive;
  /** The command's first word and all of it; the path is absent where no `script` line is. */
  path?: Said<string>;
  command: string;
  /** s; 1 where nothing is said. */
  interval: number;
  /** s; absent: the interval. */
  timeout?: number;
  weight?: Said<number>;
  rise: number;
};

/** One `vrrp_instance` of a file. */
export type Instance = {
  name: string;
  at: Directive;
  state?: Said<string>;
  priority?: Said<number>;
  vrid?: Said<number>;
  advert: Said<number>;
  authPass?: Said<string>;
  nopreempt?: Directive;
  preemptDelay: boolean;
  garpRefresh: boolean;
  peers: Said<string>[];
  source?: Said<string>;
  vips: Said<string>[];
  /** Scripts that it tracks, with a weight of its own where it gives one. */
  tracks: { name: string; at: Directive; weight?: number }[];
  /** It tracks processes, files or interfaces: then something is looked at without a script. */
  tracksOther: boolean;
};

/** What the rules look at in keepalived.conf. */
export type KeepalivedConf = {
  root: Directive[];
  globals: Directive[];
  global: (word: string) => Directive | undefined;
  scripts: Script[];
  instances: Instance[];
};

/** keepalived's default. */
export const PRIORITY = 100;

/** Blocks of a kind that are judged; VRRP itself ends at 255 instances on a LAN. */
const MOST = 255;

const number = (text: string | undefined): number | undefined =>
  text !== undefined && /^[-+]?\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined;

const blocksOf = (list: readonly Directive[], word: string): Directive[] => list.filter((one) => one.words[0] === word);

/** The last line of this name: keepalived lets the last one win. */
const last = (block: Directive, word: string): Directive | undefined =>
  block.block?.findLast((one) => one.words[0] === word);

const inside = (block: Directive, ...words: string[]): Directive[] =>
  words.flatMap((word) => blocksOf(block.block ?? [], word).flatMap((one) => one.block ?? []));

const said = <T>(at: Directive | undefined, read: (text: string | undefined) => T | undefined): Said<T> | undefined => {
  const value = at && read(at.words[1]);
  return at && value !== undefined ? { value, at } : undefined;
};

const set = <K extends string, T>(key: K, value: T | undefined): { [N in K]?: T } =>
  (value === undefined ? {} : { [key]: value }) as { [N in K]?: T };

const scriptOf = (at: Directive): Script => {
  const line = last(at, 'script');
  const command = line?.words.slice(1).join(' ') ?? '';
  const path = command.split(/\s+/).find((word) => word.startsWith('/')) ?? command.split(/\s+/)[0];
  return {
    name: at.words[1] ?? '',
    at,
    ...set('path', line && path ? { value: path, at: line } : undefined),
    command,
    interval: number(last(at, 'interval')?.words[1]) || 1,
    ...set('timeout', number(last(at, 'timeout')?.words[1])),
    ...set('weight', said(last(at, 'weight'), number)),
    rise: number(last(at, 'rise')?.words[1]) ?? 1,
  };
};

const address = (at: Directive): Said<string> => ({ value: (at.words[0] ?? '').split('/')[0]!.toLowerCase(), at });

const instanceOf = (at: Directive): Instance => {
  const text = (word: string | undefined) => word;
  const delay = number(last(at, 'preempt_delay')?.words[1]) ?? 0;
  const refresh = number(last(at, 'garp_master_refresh')?.words[1]) ?? 0;
  return {
    name: at.words[1] ?? '',
    at,
    ...set('state', said(last(at, 'state'), text)),
    ...set('priority', said(last(at, 'priority'), number)),
    ...set('vrid', said(last(at, 'virtual_router_id'), number)),
    advert: said(last(at, 'advert_int'), number) ?? { value: 1, at },
    ...set(
      'authPass',
      said(
        inside(at, 'authentication').findLast((one) => one.words[0] === 'auth_pass'),
        text,
      ),
    ),
    ...set('nopreempt', last(at, 'nopreempt')),
    preemptDelay: delay > 0,
    garpRefresh: refresh > 0,
    peers: inside(at, 'unicast_peer').map(address),
    ...set(
      'source',
      said(last(at, 'unicast_src_ip'), (word) => word?.toLowerCase()),
    ),
    vips: inside(at, 'virtual_ipaddress', 'virtual_ipaddress_excluded').map(address),
    tracks: inside(at, 'track_script').map((one) => ({
      name: one.words[0] ?? '',
      at: one,
      ...set('weight', number(one.words.includes('weight') ? one.words[one.words.indexOf('weight') + 1] : undefined)),
    })),
    tracksOther: ['track_process', 'track_file', 'track_bfd'].some((word) => inside(at, word).length > 0),
  };
};

/** Reads what the rules need from the directives of keepalived.conf. A value that is no number is as good as not said. */
export const keepalivedConf = (root: Directive[]): KeepalivedConf => {
  const globals = blocksOf(root, 'global_defs').flatMap((one) => one.block ?? []);
  return {
    root,
    globals,
    global: (word) => globals.findLast((one) => one.words[0] === word),
    scripts: blocksOf(root, 'vrrp_script').slice(0, MOST).map(scriptOf),
    instances: blocksOf(root, 'vrrp_instance').slice(0, MOST).map(instanceOf),
  };
};
