import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { LabError } from './plan.ts';
import { must, run } from './run.ts';

/** A program of this machine that the lab uses, and the Debian package that has it. */
const PROGRAMS: readonly [program: string, debian: string][] = [
  ['debootstrap', 'debootstrap'],
  ['systemd-nspawn', 'systemd-container'],
  ['ip', 'iproute2'],
  ['tc', 'iproute2'],
  ['bridge', 'iproute2'],
  ['nft', 'nftables'],
  ['nsenter', 'util-linux'],
  ['mount', 'mount'],
  ['chroot', 'coreutils'],
  ['ssh', 'openssh-client'],
  ['ssh-keygen', 'openssh-client'],
  ['ping', 'iputils-ping'],
  ['arping', 'iputils-arping'],
  ['curl', 'curl'],
];

const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];

function has(program: string): boolean {
  return FOLDERS.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Packages that would bring the programs not found here. */
export const missingPackages = (): string[] => [
  ...new Set(PROGRAMS.filter(([program]) => !has(program)).map(([, debian]) => debian)),
];

/** What no package can bring: the kernel's side, and the rights. Empty when the lab can be built. */
export async function kernelGaps(): Promise<string[]> {
  const gaps: string[] = [];
  if (process.platform !== 'linux') return ['the lab needs Linux'];
  if (process.getuid?.() !== 0) return ['the lab needs root: it makes namespaces, mounts and containers'];
  const fileSystems = () => /\toverlay$/m.test(readFileSync('/proc/filesystems', 'utf8'));
  if (!fileSystems()) await run('modprobe', ['overlay']).catch(() => undefined);
  if (!fileSystems()) gaps.push('the kernel has no overlayfs');
  if (!existsSync('/proc/self/ns/net')) gaps.push('the kernel has no network namespaces');
  if (!existsSync('/sys/fs/cgroup/cgroup.controllers') && !existsSync('/sys/fs/cgroup/unified/cgroup.procs')) {
    gaps.push('no cgroup v2 hierarchy is mounted at /sys/fs/cgroup or /sys/fs/cgroup/unified');
  }
  return gaps;
}

/** Fails with the list of what is missing, or installs it where `install` says so (CI does). */
export async function need(install: boolean, say: (line: string) => void): Promise<void> {
  const gaps = await kernelGaps();
  if (gaps.length > 0) throw new LabError(gaps.join('\n'));
  const missing = missingPackages();
  if (missing.length === 0) return;
  if (!install) {
    throw new LabError(
      `programs are missing; install them with\n  apt-get install -y ${missing.join(' ')}\nor let me do it: lab up --install`,
    );
  }
  say(`installing ${missing.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const options = { env, timeout: 300_000 };
  await must('apt-get', ['update', '-q'], options);
  await must('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], options);
}
