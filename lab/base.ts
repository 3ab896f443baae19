import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE, LabError } from './plan.ts';
import { must, run } from './run.ts';

const PACKAGES = [
  ...['systemd', 'systemd-sysv', 'dbus', 'openssh-server', 'openssh-client', 'sudo'],
  ...['nginx', 'keepalived', 'apache2'],
  ...['iproute2', 'iputils-ping', 'iputils-arping', 'procps', 'psmisc', 'curl'],
];

/** dpkg need not sync each file: a torn base is thrown away anyway. Manuals are of no use to a test. */
const DPKG = [
  'force-unsafe-io',
  ...['doc', 'man', 'info', 'locale', 'lintian'].map((folder) => `path-exclude=/usr/share/${folder}/*`),
  '',
].join('\n');

/** Units of a real machine that a container has no use for; they only slow its start. */
const MASKED = [
  ...['console-getty', 'getty@tty1', 'systemd-logind', 'systemd-networkd', 'systemd-resolved', 'systemd-timesyncd'],
  ...['systemd-pstore', 'systemd-sysctl', 'systemd-binfmt', 'systemd-firstboot', 'e2scrub_reap', 'ldconfig'],
].map((unit) => `${unit}.service`);
const MASKED_TIMERS = [
  'apt-daily',
  'apt-daily-upgrade',
  'dpkg-db-backup',
  'e2scrub_all',
  'fstrim',
  'logrotate',
  'phpsessionclean',
];

/** Run once inside the new base. Services start only where a node's own configuration enables them. */
const FINISH = `
set -e
systemctl --quiet disable nginx.service keepalived.service apache2.service ssh.service 2>/dev/null
systemctl --quiet mask ${[...MASKED, ...MASKED_TIMERS.map((timer) => `${timer}.timer`)].join(' ')} tmp.mount
systemctl --quiet set-default multi-user.target
useradd --create-home --shell /bin/bash --uid 1000 ops
useradd --create-home --shell /bin/bash --uid 1001 narrow
useradd --create-home --shell /bin/bash --uid 1002 nosudo
useradd --system --no-create-home --shell /usr/sbin/nologin nginx
mkdir -p /var/log/journal /root/.ssh
chmod 700 /root/.ssh
rm -f /etc/ssh/ssh_host_* /etc/machine-id /var/lib/dbus/machine-id /etc/resolv.conf /etc/hostname
rm -rf /var/cache/apt/archives/*.deb /var/lib/apt/lists/* /var/cache/debconf/*-old
`;

type Source = { mirror: string; suite: string; components: string; keyring?: string };

/** The first Debian or Ubuntu source of this machine that has its own release, in either of apt's two formats. */
export async function aptSource(root = '/'): Promise<Source> {
  const release = await readFile(join(root, 'etc/os-release'), 'utf8');
  const suite = /^VERSION_CODENAME="?([a-z]+)/m.exec(release)?.[1];
  if (!suite)
    throw new LabError('/etc/os-release names no release (VERSION_CODENAME): the lab builds from Debian or Ubuntu');
  const folder = join(root, 'etc/apt/sources.list.d');
  const names = existsSync(folder) ? (await readdir(folder)).sort() : [];
  const read = (file: string) => readFile(file, 'utf8').catch(() => '');
  for (const name of names.filter((file) => file.endsWith('.sources'))) {
    for (const stanza of (await read(join(folder, name))).split(/\n\s*\n/)) {
      const field = (key: string) => new RegExp(`^${key}:[ \\t]*(.+)$`, 'im').exec(stanza)?.[1]?.trim();
      const suites = field('Suites')?.split(/\s+/) ?? [];
      const mirror = field('URIs')?.split(/\s+/)[0];
      if (!mirror || !suites.includes(suite) || /^Enabled:\s*no/im.test(stanza)) continue;
      const keyring = field('Signed-By');
      return {
        mirror,
        suite,
        components: (field('Components') ?? 'main').split(/\s+/).join(','),
        ...(keyring?.startsWith('/') ? { keyring } : {}),
      };
    }
  }
  const lists = [
    join(root, 'etc/apt/sources.list'),
    ...names.filter((file) => file.endsWith('.list')).map((file) => join(folder, file)),
  ];
  for (const file of lists) {
    for (const line of (await read(file)).split('\n')) {
      const found = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+?)\s*(?:#.*)?$/.exec(line);
      if (!found || found[3] !== suite) continue;
      const keyring = /signed-by=(\/\S+)/.exec(found[1] ?? '')?.[1];
      return {
        mirror: found[2]!,
        suite,
        components: found[4]!.split(/\s+/).join(','),
        ...(keyring ? { keyring } : {}),
      };
    }
  }
  throw new LabError(
    `no apt source of this machine offers the release "${suite}"; debootstrap needs one to build from`,
  );
}

/** The proxy that apt uses, for debootstrap's own downloads. */
async function proxyEnvironment(): Promise<NodeJS.ProcessEnv> {
  const { stdout } = await run('apt-config', [
    'shell',
    'HTTP',
    'Acquire::http::Proxy',
    'HTTPS',
    'Acquire::https::Proxy',
  ]);
  const value = (key: string) => new RegExp(`^${key}='([^']*)'`, 'm').exec(stdout)?.[1];
  const usable = (text: string | undefined) => (text && text !== 'DIRECT' && text !== 'false' ? text : undefined);
  const http = usable(value('HTTP'));
  const https = usable(value('HTTPS'));
  return { ...(http ? { http_proxy: http } : {}), ...(https ? { https_proxy: https } : {}) };
}

/** Folder of the base image that this recipe makes (it need not exist yet). */
export async function basePath(): Promise<string> {
  const { suite } = await aptSource();
  const recipe = JSON.stringify([PACKAGES, DPKG, FINISH, suite, process.arch]);
  return join(CACHE, `base-${createHash('sha256').update(recipe).digest('hex').slice(0, 12)}`);
}

/** Makes the base image where it is not cached yet; older ones on which no lab stands are removed. */
export async function ensureBase(say: (line: string) => void): Promise<string> {
  const base = await basePath();
  if (existsSync(base)) return base;
  const source = await aptSource();
  const started = performance.now();
  const making = `${base}.making-${process.pid}`;
  const debs = join(CACHE, 'debs');
  await mkdir(debs, { recursive: true });
  const env = { ...process.env, ...(await proxyEnvironment()), LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, timeout: 900_000 };
  try {
    say(`building the base image with debootstrap (${source.suite}); this happens once`);
    const args = ['--variant=minbase', '--foreign', `--include=${PACKAGES.join(',')}`, `--cache-dir=${debs}`];
    if (source.keyring && existsSync(source.keyring)) args.push(`--keyring=${source.keyring}`);
    args.push(`--components=${source.components}`);
    await must('debootstrap', [...args, source.suite, making, source.mirror], options);
    await mkdir(join(making, 'etc/dpkg/dpkg.cfg.d'), { recursive: true });
    await writeFile(join(making, 'etc/dpkg/dpkg.cfg.d/lab'), DPKG);
    await must('chroot', [making, '/debootstrap/debootstrap', '--second-stage'], options);
    await must('chroot', [making, '/bin/sh', '-c', FINISH], options);
    await rename(making, base);
  } catch (error) {
    const log = await readFile(join(making, 'debootstrap/debootstrap.log'), 'utf8').catch(() => '');
    await rm(making, { recursive: true, force: true, maxRetries: 3 });
    if (log) say(log.trim().split('\n').slice(-8).join('\n'));
    throw error;
  }
  await removeOthers(base);
  say(`base image ready after ${Math.round((performance.now() - started) / 1000)} s`);
  return base;
}

/** Images of older recipes, and what an interrupted build left, go unless a lab stands on them. */
async function removeOthers(base: string): Promise<void> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8');
  for (const name of await readdir(CACHE)) {
    const folder = join(CACHE, name);
    if (!name.startsWith('base-') || folder === base || mounts.includes(`lowerdir=${folder},`)) continue;
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
