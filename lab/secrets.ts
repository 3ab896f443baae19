import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NODES, STATE } from './plan.ts';
import { must } from './run.ts';

/** Folder of all that must never be committed. Mode 0700, each file 0600. */
export const SECRETS = join(STATE, 'secrets');

/** Accounts of every node. `ops` may run anything by sudo, `narrow` a short list, `nosudo` nothing. */
export const USERS = ['ops', 'narrow', 'nosudo'] as const;

export const secret = {
  /** The operator's key: accepted for every user and for root. */
  key: join(SECRETS, 'id_ed25519'),
  /** Accepted as well; needs `passphrase`. */
  encryptedKey: join(SECRETS, 'id_encrypted'),
  passphrase: join(SECRETS, 'id_encrypted.passphrase'),
  /** A good key that no node accepts. */
  wrongKey: join(SECRETS, 'id_wrong'),
  /** Host keys of all nodes, by address and by name. */
  knownHosts: join(SECRETS, 'known_hosts'),
  /** JSON: user → password, the same on every node. */
  passwords: join(SECRETS, 'passwords.json'),
  /** The VRRP password of the fixed flavour: eight characters, and the console must never show or record them. */
  vrrp: join(SECRETS, 'vrrp.password'),
  /** For the system's own ssh from the operator's seat: `ssh -F … lb1`. */
  sshConfig: join(SECRETS, 'ssh_config'),
};

export const HOST_KEY_TYPES = ['ed25519', 'ecdsa'] as const;
export const hostKey = (node: string, type: string): string => join(SECRETS, 'hosts', node, `ssh_host_${type}_key`);

async function writeSecret(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await chmod(path, 0o600);
}

async function ensureKey(path: string, type: string, comment: string, passphrase = ''): Promise<void> {
  if (existsSync(path) && existsSync(`${path}.pub`)) return;
  // Few rounds: the passphrase is next to the key, and each test would wait for a strong one.
  const rounds = passphrase ? ['-a', '4'] : [];
  await must('ssh-keygen', ['-q', '-t', type, '-C', comment, '-N', passphrase, ...rounds, '-f', path], {
    input: 'y\n',
  });
}

/** Makes the keys and passwords that are not there yet, and the files that follow from them. */
export async function ensureSecrets(): Promise<void> {
  await mkdir(SECRETS, { recursive: true, mode: 0o700 });
  await chmod(SECRETS, 0o700);
  if (!existsSync(secret.passphrase)) await writeSecret(secret.passphrase, randomBytes(12).toString('hex'));
  if (!existsSync(secret.vrrp)) await writeSecret(secret.vrrp, randomBytes(4).toString('hex'));
  if (!existsSync(secret.passwords)) {
    const made = Object.fromEntries(USERS.map((user) => [user, randomBytes(12).toString('hex')]));
    await writeSecret(secret.passwords, `${JSON.stringify(made, null, 2)}\n`);
  }
  const hosts = NODES.map(async ({ name }) => {
    await mkdir(join(SECRETS, 'hosts', name), { recursive: true, mode: 0o700 });
    for (const type of HOST_KEY_TYPES) await ensureKey(hostKey(name, type), type, `${name} (lab)`);
  });
  await Promise.all([
    ...hosts,
    ensureKey(secret.key, 'ed25519', 'operator (lab)'),
    ensureKey(secret.encryptedKey, 'ed25519', 'operator, encrypted (lab)', await readFile(secret.passphrase, 'utf8')),
    ensureKey(secret.wrongKey, 'ed25519', 'nobody (lab)'),
  ]);
  const lines = NODES.map(async ({ name, wires }) => {
    const names = [name, ...wires.map((wire) => wire.address)].join(',');
    const keys = HOST_KEY_TYPES.map(async (type) => {
      const [kind, blob] = (await readFile(`${hostKey(name, type)}.pub`, 'utf8')).split(' ');
      return `${names} ${kind} ${blob}`;
    });
    return (await Promise.all(keys)).join('\n');
  });
  await writeSecret(secret.knownHosts, `${(await Promise.all(lines)).join('\n')}\n`);
  await writeSecret(secret.sshConfig, sshConfig(secret.key, secret.knownHosts));
}

/** ssh_config of the operator: the jump host is near, everything else lies behind it. */
export function sshConfig(identity: string, knownHosts: string): string {
  const near = NODES.find((node) => node.name === 'jump')!.wires.find((wire) => wire.net === 'ops')!;
  const behind = NODES.filter((node) => node.role === 'lb' || node.role === 'web');
  return [
    'Host jump',
    `  HostName ${near.address}`,
    ...behind.flatMap(({ name, wires }) => [`Host ${name}`, `  HostName ${wires[0]!.address}`, '  ProxyJump jump']),
    'Host *',
    '  User ops',
    `  IdentityFile ${identity}`,
    '  IdentitiesOnly yes',
    `  UserKnownHostsFile ${knownHosts}`,
    '  StrictHostKeyChecking yes',
    '',
  ].join('\n');
}
