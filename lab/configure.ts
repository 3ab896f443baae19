import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { renderCommand } from '../src/commands/render.ts';
import { loadCluster } from '../src/config/load.ts';
import { inside, isRunning } from './node.ts';
import { CLUSTER_FILE, LabError, type LabNode, nodeOf, rootOf, STATE, WEB_NAMES } from './plan.ts';
import { enable } from './provision.ts';
import { secret } from './secrets.ts';

/** `fixed`: what `render` writes. `tutorial`: `render --as-in-tutorial`, faults and all. */
export type Flavour = 'fixed' | 'tutorial';

const RENDERED = join(STATE, 'rendered');
const NOTE = join(STATE, 'flavour');

/** Services of each role, in the order in which they are started; stopping goes the other way. */
export const SERVICES: Record<LabNode['role'], readonly string[]> = {
  lb: ['nginx', 'keepalived'],
  web: ['apache2'],
  jump: ['ssh'],
  op: [],
};

/** The flavour that the lab runs. */
export async function currentFlavour(): Promise<Flavour> {
  const noted = await readFile(NOTE, 'utf8').catch(() => 'fixed');
  return noted.trim() === 'tutorial' ? 'tutorial' : 'fixed';
}

/** Has `haconsole render` write every node's files from the lab's cluster file. */
export async function renderFiles(flavour: Flavour): Promise<void> {
  const folder = join(RENDERED, flavour);
  await rm(folder, { recursive: true, force: true });
  const config = await loadCluster({ file: CLUSTER_FILE, cwd: STATE, home: STATE, env: {} });
  const said: string[] = [];
  const code = await renderCommand({
    config,
    out: folder,
    force: true,
    asInTutorial: flavour === 'tutorial',
    stdout: () => {},
    stderr: (text) => said.push(text),
    // A password on the wire, so that what must never be recorded can be looked for.
    env: { HACONSOLE_AUTH_PASS: (await readFile(secret.vrrp, 'utf8')).trim() },
  });
  if (code !== 0) throw new LabError(`haconsole render refuses: ${said.join('').trim()}`);
  if (flavour === 'tutorial') await asOnCentos(folder);
  await writeFile(NOTE, `${flavour}\n`);
}

/**
 * The tutorial writes its page where CentOS' httpd sends it as the body of a 403. Debian's Apache needs the same few
 * lines for that; a document root without a page is part of it.
 */
async function asOnCentos(folder: string): Promise<void> {
  for (const name of WEB_NAMES) {
    const file = join(folder, name, WELCOME);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, WELCOME_CONF);
  }
}

const WELCOME = 'etc/apache2/conf-enabled/welcome.conf';
const WELCOME_CONF = `<LocationMatch "^/+$">
    Options -Indexes
    ErrorDocument 403 /.noindex.html
</LocationMatch>
<Directory /usr/share/httpd/noindex>
    AllowOverride None
    Require all granted
</Directory>
Alias /.noindex.html /usr/share/httpd/noindex/index.html
`;

/** Files that only one flavour has; in the other they must not lie about. */
const ONLY: Record<Flavour, readonly string[]> = {
  fixed: ['var/www/html/index.html'],
  tutorial: [WELCOME, 'usr/share/httpd/noindex/index.html'],
};

async function filesIn(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

/**
 * Lays the rendered files of the current flavour into a node's root, which may run or not. Returns the paths that
 * differed (content or mode) and were rewritten, with a leading slash.
 */
export async function installFiles(name: string): Promise<string[]> {
  const flavour = await currentFlavour();
  const folder = join(RENDERED, flavour, name);
  const changed: string[] = [];
  for (const path of await filesIn(folder)) {
    const from = join(folder, path);
    const to = join(rootOf(name), path);
    const [wanted, mode] = [await readFile(from), (await stat(from)).mode & 0o7777];
    const there = await readFile(to).catch(() => undefined);
    if (there?.equals(wanted) && ((await stat(to)).mode & 0o7777) === mode) continue;
    await mkdir(dirname(to), { recursive: true });
    await writeFile(to, wanted);
    await chmod(to, mode);
    changed.push(`/${path}`);
  }
  const other: Flavour = flavour === 'fixed' ? 'tutorial' : 'fixed';
  for (const path of nodeOf(name).role === 'web' ? ONLY[other] : []) {
    if (!existsSync(join(rootOf(name), path))) continue;
    await rm(join(rootOf(name), path));
    changed.push(`/${path}`);
  }
  // The tutorial never enables a service, so its nodes come back empty from a power loss.
  for (const unit of SERVICES[nodeOf(name).role]) {
    if (unit !== 'ssh') await enable(rootOf(name), `${unit}.service`, flavour === 'fixed');
  }
  if (isRunning(name)) await inside(name, ['systemctl', 'daemon-reload'], { timeout: 10_000 });
  return changed;
}
