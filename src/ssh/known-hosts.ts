import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** One usable line of a known_hosts file (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
export type KnownHost = {
  file: string;
  /** 1-based. */
  line: number;
  marker?: 'revoked' | 'cert-authority';
  /** Host patterns as written: names, `[name]:port`, `*`/`?` globs, `!` negations, or one `|1|salt|hash`. */
  patterns: string[];
  keyType: string;
  blob: Buffer;
};

/** What known_hosts says about a key. `at` is `file:line`. */
export type KeyVerdict =
  | { kind: 'ok' }
  | { kind: 'changed'; at: string }
  | { kind: 'revoked'; at: string }
  | { kind: 'ca-only'; at: string }
  /** `other`: the host is known, but by a key of another type. */
  | { kind: 'unknown'; other?: string };

/** Reads one known_hosts file; comments, blank and corrupt lines are skipped, as OpenSSH skips them. */
export const parseKnownHosts = (text: string, file: string): KnownHost[] => {
  const found: KnownHost[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const fields = raw.trim().split(/[ \t]+/);
    const first = fields[0] ?? '';
    if (first === '' || first.startsWith('#')) continue;
    let marker: KnownHost['marker'];
    if (first.startsWith('@')) {
      if (first !== '@revoked' && first !== '@cert-authority') continue;
      marker = first.slice(1) as 'revoked' | 'cert-authority';
      fields.shift();
    }
    const [names, keyType, base64] = fields;
    if (!names || !keyType || !base64 || !/^[A-Za-z0-9+/]+=*$/.test(base64)) continue;
    const blob = Buffer.from(base64, 'base64');
    if (keyTypeOf(blob) !== keyType) continue;
    found.push({
      file,
      line: index + 1,
      ...(marker ? { marker } : {}),
      patterns: names.startsWith('|') ? [names] : names.split(','),
      keyType,
      blob,
    });
  }
  return found;
};

/** The type inside a public key blob (`ssh-ed25519`), or an empty text when it is no key. */
export const keyTypeOf = (blob: Buffer): string => {
  if (blob.length < 4) return '';
  const length = blob.readUInt32BE(0);
  return length > 0 && length <= 64 && blob.length >= 4 + length ? blob.toString('latin1', 4, 4 + length) : '';
};

/** `SHA256:…` as OpenSSH prints it. */
export const fingerprint = (blob: Buffer): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;

/** The name a key is filed under: `name`, or `[name]:port` for other ports than 22. Lower case. */
export const knownHostName = (host: string, port: number): string => {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
};

const globs = (pattern: string, name: string): boolean => {
  const expression = pattern
    .toLowerCase()
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 's').test(name);
};

const hashes = (pattern: string, name: string): boolean => {
  const [, version, salt, hash] = pattern.split('|');
  if (version !== '1' || !salt || !hash) return false;
  const expected = Buffer.from(hash, 'base64');
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
};

/** Whether the line is about this name (from `knownHostName`). A matching negation wins over every other pattern. */
export const matchesHost = (known: KnownHost, name: string): boolean => {
  let matched = false;
  for (const pattern of known.patterns) {
    if (pattern.startsWith('|')) matched ||= hashes(pattern, name);
    else if (pattern.startsWith('!')) {
      if (globs(pattern.slice(1), name)) return false;
    } else matched ||= globs(pattern, name);
  }
  return matched;
};

const place = (known: KnownHost): string => `${known.file}:${known.line}`;

const judgeName = (hosts: KnownHost[], name: string, blob: Buffer): KeyVerdict => {
  const about = hosts.filter((known) => matchesHost(known, name));
  const revoked = about.find((known) => known.marker === 'revoked' && known.blob.equals(blob));
  if (revoked) return { kind: 'revoked', at: place(revoked) };
  const plain = about.filter((known) => known.marker === undefined);
  if (plain.some((known) => known.blob.equals(blob))) return { kind: 'ok' };
  const type = keyTypeOf(blob);
  const changed = plain.find((known) => known.keyType === type);
  if (changed) return { kind: 'changed', at: place(changed) };
  const authority = about.find((known) => known.marker === 'cert-authority');
  if (authority && plain.length === 0) return { kind: 'ca-only', at: place(authority) };
  return { kind: 'unknown', ...(plain[0] ? { other: place(plain[0]) } : {}) };
};

/**
 * Judges a host key as OpenSSH does (sshconnect.c): a revoked key is refused wherever it matches, any matching line
 * with the key accepts it, a different key of the same type is a change. For ports other than 22 the bare name is
 * tried too, but only to accept or to find a revocation.
 */
export const judgeHostKey = (hosts: KnownHost[], host: string, port: number, blob: Buffer): KeyVerdict => {
  const verdict = judgeName(hosts, knownHostName(host, port), blob);
  if (verdict.kind !== 'unknown' || port === 22) return verdict;
  const bare = judgeName(hosts, host.toLowerCase(), blob);
  return bare.kind === 'ok' || bare.kind === 'revoked' ? bare : verdict;
};

const algorithms: Record<string, string[]> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/**
 * Host key algorithms to offer, those of the known keys first: otherwise a host known by its RSA key would present
 * its ed25519 key and look unknown. Never SHA-1 (`ssh-rsa`).
 */
export const preferredAlgorithms = (hosts: KnownHost[], host: string, port: number): string[] => {
  const names = [knownHostName(host, port), host.toLowerCase()];
  const known = hosts
    .filter((entry) => entry.marker === undefined && names.some((name) => matchesHost(entry, name)))
    .flatMap((entry) => algorithms[entry.keyType] ?? []);
  return [...new Set([...known, ...Object.values(algorithms).flat()])];
};
