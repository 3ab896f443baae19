import { addressFamily, canonicalAddress, isUnusable } from './address.ts';
import { fieldName, throwFirst } from './check.ts';
import { durationMs, LIMITS, withinLimits } from './duration.ts';
import { describeValue } from './errors.ts';
import { HOP_FORM, readHop } from './hop.ts';
import type { ClusterFile } from './schema.ts';
import type { Path, Source } from './source.ts';

type Complain = (path: Path, found: string, expected: string) => void;
type Placed<T> = { path: Path; value: T };
type Options = {
  /** True when a jump host comes from the command line. */
  jumpGiven: boolean;
};

const quoted = (text: string): string => describeValue(text);

const nodesOf = (
  file: ClusterFile,
): Placed<ClusterFile['webNodes'][number] | ClusterFile['loadBalancers'][number]>[] => [
  ...file.loadBalancers.map((value, index) => ({ path: ['loadBalancers', index], value })),
  ...file.webNodes.map((value, index) => ({ path: ['webNodes', index], value })),
];

const hopsOf = (file: ClusterFile): Placed<{ host: string; name?: string | undefined } | string>[] => {
  const { jump } = file.ssh;
  if (jump === undefined) return [];
  if (!Array.isArray(jump)) return [{ path: ['ssh', 'jump'], value: jump }];
  return jump.map((value, index) => ({ path: ['ssh', 'jump', index], value }));
};

/** Complains about every entry whose key was seen before, naming the field that has it. */
const unique = (entries: (Placed<string> & { key: string })[], what: string, complain: Complain): void => {
  const seen = new Map<string, Path>();
  for (const { path, value, key } of entries) {
    const before = seen.get(key);
    if (before) complain(path, `${quoted(value)}, which ${fieldName(before)} has already`, what);
    else seen.set(key, path);
  }
};

const checkNames = (file: ClusterFile, complain: Complain): void => {
  const named: Placed<string>[] = [];
  for (const { path, value } of hopsOf(file)) {
    const hop = typeof value === 'string' ? readHop(value) : { name: value.name ?? value.host };
    if (typeof value !== 'string' && value.host.includes(':') && addressFamily(value.host) !== 6)
      complain(
        [...path, 'host'],
        quoted(value.host),
        'an IPv6 address or a host name; the port has a field of its own',
      );
    if (hop) named.push({ path, value: hop.name });
    else complain(path, describeValue(value), HOP_FORM);
  }
  for (const { path, value } of nodesOf(file)) named.push({ path: [...path, 'name'], value: value.name });
  const entries = named.map((entry) => ({ ...entry, key: entry.value.toLowerCase() }));
  unique(entries, 'a name that no other node or jump host has (case ignored)', complain);
};

/** What a person types to confirm must not confirm less by accident: `y` and `yes` do, and the name of a node does less than the cluster's. */
const checkWords = (file: ClusterFile, complain: Complain): void => {
  const taken = new Set(['y', 'yes']);
  const named = nodesOf(file).map(({ path, value }) => ({ path: [...path, 'name'], name: value.name }));
  for (const { path, name } of named)
    if (taken.has(name.toLowerCase())) complain(path, quoted(name), 'another name: this word confirms by itself');
  const own = file.name?.toLowerCase();
  if (own === undefined) return;
  const same = named.find(({ name }) => name.toLowerCase() === own);
  if (taken.has(own)) complain(['name'], quoted(own), 'another name: this word confirms by itself');
  if (same)
    complain(['name'], `${quoted(file.name ?? '')}, which ${fieldName(same.path)} is too`, 'a name that no node has');
};

const checkAddresses = (file: ClusterFile, complain: Complain): void => {
  const nodes = nodesOf(file);
  // Behind one address with different SSH ports stand different hosts (port forwarding), so the port belongs to the key.
  const ends = nodes.map(({ path, value }) => ({
    path: [...path, 'address'],
    value: value.address,
    key: `${canonicalAddress(value.address)} ${value.ssh?.port ?? value.port ?? file.ssh.port ?? 22}`,
  }));
  unique(ends, 'an address that no other node has', complain);
  const vips = file.vips.map((value, index) => ({ path: ['vips', index], value, key: canonicalAddress(value) }));
  unique(vips, 'each VIP once', complain);
  for (const { path, value, key } of vips) {
    if (isUnusable(key)) complain(path, quoted(value), 'an address that a host can have');
  }
  for (const { path, value } of nodes) {
    const vip = vips.find((candidate) => candidate.key === canonicalAddress(value.address));
    const found = `${quoted(value.address)}, which is ${vip ? fieldName(vip.path) : ''} too`;
    if (vip) complain([...path, 'address'], found, 'the node’s own address, not a VIP, which moves');
    const looksLikeIp = /^[\d.]+$|:/.test(value.address);
    if (looksLikeIp && addressFamily(value.address) === 0)
      complain(
        [...path, 'address'],
        quoted(value.address),
        'an IP address (four numbers from 0 to 255, or IPv6) or a host name',
      );
    if (value.port !== undefined && value.ssh?.port !== undefined && value.port !== value.ssh.port)
      complain([...path, 'ssh', 'port'], `${value.ssh.port} beside port: ${value.port}`, 'the SSH port in one place');
  }
};

const checkIdentities = (file: ClusterFile, complain: Complain): void => {
  const plain = (text: string): string => text.replace(/\s/g, '');
  const marks = file.webNodes.flatMap(({ identity, name }, index) =>
    identity === undefined
      ? []
      : [{ path: ['webNodes', index, 'identity'], name, raw: identity, text: plain(identity) }],
  );
  for (const [index, mark] of marks.entries()) {
    if (mark.text === '') complain(mark.path, 'only white space', 'text that stands in the page');
    // An answer that names web10 must not be taken for web1's.
    const clash = marks.find(
      (other, at) => at < index && (other.text.includes(mark.text) || mark.text.includes(other.text)),
    );
    if (clash && mark.text !== '' && clash.text !== '')
      complain(
        mark.path,
        `${quoted(mark.raw)} beside ${quoted(clash.raw)} of ${clash.name}`,
        'identities of which none contains another (white space ignored)',
      );
  }
};

const checkTimes = (file: ClusterFile, complain: Complain): void => {
  for (const kind of ['interval', 'timeout'] as const) {
    if (!withinLimits(kind, durationMs(file[kind]))) complain([kind], describeValue(file[kind]), LIMITS[kind].said);
  }
};

/** What no schema can say: uniqueness, what belongs together, bounds of durations. Throws a ConfigError for the first fault. */
export const checkMeaning = (source: Source, file: ClusterFile, { jumpGiven }: Options): void => {
  const faults: Parameters<typeof throwFirst>[1][number][] = [];
  const complain: Complain = (path, found, expected) =>
    faults.push({ position: source.at(path), path, found, expected });
  checkNames(file, complain);
  checkWords(file, complain);
  checkAddresses(file, complain);
  checkIdentities(file, complain);
  checkTimes(file, complain);
  if (file.http.via === 'jump' && hopsOf(file).length === 0 && !jumpGiven)
    complain(['http', 'via'], 'jump without a jump host', 'direct, or a jump host in ssh.jump or by --jump');
  // What is there and wrong says more than what is missing.
  if (faults.length === 0 && file.vips.length === 0 && file.loadBalancers.length === 0)
    complain([], 'neither', 'vips or loadBalancers');
  throwFirst(source, faults);
};
