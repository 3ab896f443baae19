import { randomBytes } from 'node:crypto';
import { chmod, chown, copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type LabNode, NODES, rootOf } from './plan.ts';
import { must } from './run.ts';
import { HOST_KEY_TYPES, hostKey, secret, sshConfig, USERS } from './secrets.ts';

const SSHD = `# Written by the lab.
PermitRootLogin prohibit-password
PasswordAuthentication yes
KbdInteractiveAuthentication yes
UseDNS no
GatewayPorts no
X11Forwarding no
`;

/** What a careful site would grant an operator of this pair; the console says what it cannot do with it. */
const NARROW = [
  ...['start', 'stop', 'restart', 'reload'].flatMap((verb) =>
    ['nginx', 'keepalived', 'apache2'].flatMap((unit) =>
      [unit, `${unit}.service`].map((name) => `/usr/bin/systemctl ${verb} ${name}`),
    ),
  ),
  '/usr/bin/journalctl',
  '/usr/sbin/nginx -t',
];

const SUDOERS = `# Written by the lab.
Defaults !fqdn
ops ALL=(root) NOPASSWD: ALL
narrow ALL=(root) NOPASSWD: ${NARROW.join(', ')}
`;

/** Units that a node of this role starts by itself. nginx, keepalived and apache2 are the flavour's business. */
const SERVERS = ['ssh.service'];

/** Writes into a node's root what makes it this node: name, keys, accounts, sshd. Before its first boot. */
export async function provision(node: LabNode): Promise<void> {
  const root = rootOf(node.name);
  const put = async (path: string, text: string, mode = 0o644) => {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { mode });
    await chmod(file, mode);
  };
  const names = NODES.filter((other) => other.role !== 'op').map(({ name, wires }) => `${wires[0]!.address} ${name}`);
  await put('etc/hostname', `${node.name}\n`);
  await put('etc/hosts', ['127.0.0.1 localhost', '::1 localhost', ...names, ''].join('\n'));
  await put('etc/machine-id', `${randomBytes(16).toString('hex')}\n`, 0o444);
  await put('etc/ssh/sshd_config.d/lab.conf', `${SSHD}AllowTcpForwarding ${node.role === 'jump' ? 'yes' : 'no'}\n`);
  await put('etc/sudoers.d/lab', SUDOERS, 0o440);
  await put('etc/systemd/journald.conf.d/lab.conf', '[Journal]\nStorage=persistent\nRateLimitBurst=0\n');
  for (const type of HOST_KEY_TYPES) {
    for (const [suffix, mode] of [
      ['', 0o600],
      ['.pub', 0o644],
    ] as const) {
      const file = join(root, 'etc/ssh', `ssh_host_${type}_key${suffix}`);
      await copyFile(`${hostKey(node.name, type)}${suffix}`, file);
      await chmod(file, mode);
    }
  }
  const accepted = (
    await Promise.all([secret.key, secret.encryptedKey].map((key) => readFile(`${key}.pub`, 'utf8')))
  ).join('');
  await put('root/.ssh/authorized_keys', accepted, 0o600);
  for (const [index, user] of USERS.entries()) {
    await put(`home/${user}/.ssh/authorized_keys`, accepted, 0o600);
    if (node.role === 'op' && user === 'ops') await operatorFiles(put);
    await own(join(root, 'home', user), 1000 + index);
  }
  const passwords = JSON.parse(await readFile(secret.passwords, 'utf8')) as Record<string, string>;
  const lines = Object.entries(passwords).map(([user, password]) => `${user}:${password}\n`);
  await must('chroot', [root, 'chpasswd', '-c', 'SHA512', '-s', '1000'], { input: lines.join('') });
  for (const unit of SERVERS) await enable(root, unit, true);
}

async function operatorFiles(put: (path: string, text: string, mode?: number) => Promise<void>): Promise<void> {
  await put('home/ops/.ssh/id_ed25519', await readFile(secret.key, 'utf8'), 0o600);
  await put('home/ops/.ssh/known_hosts', await readFile(secret.knownHosts, 'utf8'), 0o600);
  await put('home/ops/.ssh/config', sshConfig('~/.ssh/id_ed25519', '~/.ssh/known_hosts'), 0o600);
}

async function own(home: string, uid: number): Promise<void> {
  await chmod(join(home, '.ssh'), 0o700);
  for (const name of ['', 'authorized_keys', 'id_ed25519', 'known_hosts', 'config']) {
    await chown(join(home, '.ssh', name), uid, uid).catch(() => undefined); // not every home has every file
  }
}

/** Whether a unit starts at boot, set on a root that need not run: the same link that `systemctl enable` makes. */
export async function enable(root: string, unit: string, wanted: boolean): Promise<void> {
  const link = join(root, 'etc/systemd/system/multi-user.target.wants', unit);
  await rm(link, { force: true });
  if (!wanted) return;
  await mkdir(dirname(link), { recursive: true });
  await symlink(`/lib/systemd/system/${unit}`, link);
}
