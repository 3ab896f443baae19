import { access } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';
import { type AgentKey, listAgentKeys } from './agent-list.ts';
import { readKeyFile } from './key-file.ts';
import type { KeyRing } from './key-ring.ts';
import type { HostSettings } from './ssh-config.ts';

/** A key to log in with. The public part is offered first; only when the server takes it, `sign` may ask for a passphrase. */
export type Identity = {
  /** For messages: the file or `agent: comment`. */
  label: string;
  publicKey: ParsedKey;
  /** Rejects when the person refuses the passphrase or the agent refuses to sign. */
  sign(data: Buffer, hash: string | undefined, signal: AbortSignal): Promise<Buffer>;
};

/** All keys for one host, in the order OpenSSH tries them, and what stood in the way of more. */
export type Identities = {
  usable: Identity[];
  /** Old encrypted PEM files whose public part is unknown: they are unlocked before they can be offered. */
  sealed: { file: string; text: string }[];
  /** Remarks for the advice when no key is taken: `~/.ssh/x: missing`. */
  remarks: string[];
  /** Why only OpenSSH can log in here; `sure` when it is configured that way, not just possible. */
  foreign: { why: string; sure: boolean }[];
};

/** Collects the agent's keys and the key files of one host (sshconnect2.c, pubkey_prepare). Asks nobody. */
export const collectIdentities = async (settings: HostSettings, ring: KeyRing): Promise<Identities> => {
  const found: Identities = { usable: [], sealed: [], remarks: [], foreign: [] };
  const held = await agentKeys(settings, found);
  const files = await Promise.all(
    settings.identityFiles.map(async (file) => ({ file, read: await readKeyFile(file) })),
  );
  await lookForCertificates(settings, found);
  const inAgent = (blob: Buffer | undefined): AgentKey | undefined =>
    blob === undefined ? undefined : held.find((key) => key.blob.equals(blob));
  const socket = settings.agentSocket ?? '';
  const offered = new Set<AgentKey>();
  const fromFiles: Identity[] = [];
  for (const { file, read } of files) {
    const twin = 'publicBlob' in read ? inAgent(read.publicBlob) : undefined;
    if (twin) {
      offered.add(twin);
      found.usable.push(...agentIdentity(twin, socket));
    } else if (read.kind === 'open') fromFiles.push(openIdentity(file, read.key));
    else if (read.kind === 'locked') {
      const publicKey = read.publicBlob ? parsePublic(read.publicBlob) : undefined;
      if (publicKey) fromFiles.push(lockedIdentity(file, read.text, publicKey, settings.name, ring));
      else found.sealed.push({ file, text: read.text });
    } else if (read.kind === 'foreign') {
      found.foreign.push({ why: `${file} is ${read.why}`, sure: settings.identitiesOnly });
      found.remarks.push(`${file} is ${read.why}${read.advice ? `; ${read.advice}` : ''}`);
    } else if (read.kind === 'unreadable') found.remarks.push(`${file} cannot be read (${read.why})`);
    else if (read.kind === 'public') found.remarks.push(`${file} is a public key, and no agent holds its private key`);
    else if (settings.identitiesOnly) found.remarks.push(`${file} does not exist`);
  }
  if (!settings.identitiesOnly) {
    for (const key of held) if (!offered.has(key)) found.usable.push(...agentIdentity(key, socket));
  }
  found.usable.push(...fromFiles);
  return found;
};

const agentKeys = async (settings: HostSettings, found: Identities): Promise<AgentKey[]> => {
  if (settings.agentSocket === undefined) return [];
  const keys = await listAgentKeys(settings.agentSocket);
  if (keys === null) {
    found.remarks.push(`the SSH agent at ${settings.agentSocket} does not answer`);
    return [];
  }
  const foreign = keys.filter((key) => key.type.includes('-cert-') || key.type.startsWith('sk-'));
  for (const key of foreign) {
    const what = key.type.includes('-cert-') ? 'a certificate' : 'a FIDO security key';
    found.foreign.push({ why: `the agent holds ${what} (${key.comment})`, sure: false });
  }
  return keys.filter((key) => !foreign.includes(key));
};

const lookForCertificates = async (settings: HostSettings, found: Identities): Promise<void> => {
  for (const file of [...settings.certificateFiles, ...settings.identityFiles.map((path) => `${path}-cert.pub`)]) {
    const exists = await access(file).then(
      () => true,
      () => false,
    );
    if (exists) found.foreign.push({ why: `the certificate ${file}`, sure: true });
  }
};

/** The offered form of a public key blob; undefined when ssh2 does not know the type. */
const parsePublic = (blob: Buffer): ParsedKey | undefined => {
  const parsed = ssh2.utils.parseKey(blob);
  const key = Array.isArray(parsed) ? (parsed as ParsedKey[])[0] : parsed;
  return key === undefined || key instanceof Error ? undefined : key;
};

const agentIdentity = (held: AgentKey, socketPath: string): Identity[] => {
  const publicKey = parsePublic(held.blob);
  if (!publicKey) return [];
  const sign: Identity['sign'] = (data, hash) =>
    new Promise((resolve, reject) => {
      const options = hash === 'sha256' || hash === 'sha512' ? { hash } : {};
      new ssh2.OpenSSHAgent(socketPath).sign(
        publicKey,
        data,
        options as { hash?: 'sha256' | 'sha512' },
        (error, signature) => (error ? reject(error) : resolve(signature as Buffer)),
      );
    });
  return [{ label: `agent: ${held.comment}`, publicKey, sign }];
};

/** An identity of a key that is already unlocked. */
export const openIdentity = (file: string, key: ParsedKey): Identity => ({
  label: file,
  publicKey: key,
  sign: (data, hash) => signWith(key, data, hash),
});

const lockedIdentity = (file: string, text: string, publicKey: ParsedKey, hop: string, ring: KeyRing): Identity => ({
  label: file,
  publicKey,
  async sign(data, hash, signal) {
    const key = await ring.unlock(file, text, hop, signal);
    if (key === null) throw new Error(`the passphrase of ${file} was not given`);
    return signWith(key, data, hash);
  },
});

const signWith = async (key: ParsedKey, data: Buffer, hash: string | undefined): Promise<Buffer> => {
  const signature: Buffer | Error = hash === undefined ? key.sign(data) : key.sign(data, hash);
  if (signature instanceof Error) throw signature;
  return signature;
};
