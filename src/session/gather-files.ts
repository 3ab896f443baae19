import { configMessages } from '../actions/config-messages.ts';
import type { AuditFile, AuditNode, Seen } from '../audit/input.ts';
import { visibleText } from '../cluster/visible-text.ts';
import type { Directive } from '../conf-files/directive.ts';
import { included } from '../conf-files/include.ts';
import { KEEPALIVED_CONF, keepalivedTree } from '../conf-files/keepalived-tree.ts';
import { NGINX_CONF, nginxTree } from '../conf-files/nginx-tree.ts';
import type { Asker } from './audit-questions.ts';

/** Largest file that is read, bytes: a configuration has a few thousand. */
export const MOST_BYTES = 256 * 1024;
/** Files that are read of one node. */
const MOST_FILES = 60;
/** Rounds of includes that include. */
const MOST_ROUNDS = 5;

/** The text of a file, where it is one. */
export const readable = (bytes: Buffer): Seen<string> => {
  if (bytes.length > MOST_BYTES) return { is: 'unknown', why: `it is larger than ${MOST_BYTES / 1024} KiB` };
  if (bytes.includes(0)) return { is: 'unknown', why: 'it holds NUL bytes: it is no text' };
  return { is: 'seen', value: bytes.toString('utf8') };
};

/** Files that nginx's packages bring, which hold no rule's matter. */
const PLAIN_TABLES = /\/(mime\.types|[\w-]+_params|koi-\w+|win-utf)$/;

/** One file with its rights. */
const readFile = async (asker: Asker, path: string): Promise<Seen<AuditFile>> => {
  const [text, stat] = [await asker.cat(path), await asker.stat(path)];
  if (text.is !== 'seen') return text;
  const fit = readable(Buffer.from(text.value));
  if (fit.is !== 'seen') return fit;
  return { is: 'seen', value: { path, text: fit.value, ...(stat.is === 'seen' ? stat.value : {}) } };
};

/** The pattern of an include line as an absolute one. */
const absolute = (at: Directive, base: string): string => {
  const pattern = at.words[1] ?? '';
  return pattern.startsWith('/') ? pattern : `${base}/${pattern}`;
};

/** The includes of a file that were not read yet. */
const missingOf = (files: AuditNode['files'], main: string): string[] => {
  const own = files.get(main);
  if (own?.is !== 'seen') return [];
  const texts = new Map(
    [...files].flatMap(([path, seen]) =>
      seen.is === 'seen' && path !== main ? [[path, seen.value.text] as const] : [],
    ),
  );
  const nginx = main === NGINX_CONF;
  const tree = nginx ? nginxTree(own.value.text, texts) : keepalivedTree(own.value.text, texts);
  const base = (at: Directive) => (nginx ? '/etc/nginx' : at.file.slice(0, at.file.lastIndexOf('/')));
  return tree.missing
    .map((at) => absolute(at, base(at)))
    .filter((pattern) => pattern.length <= 300 && !files.has(pattern) && !PLAIN_TABLES.test(pattern));
};

/** Reads a file and what it includes, in rounds. */
const withIncludes = async (asker: Asker, files: AuditNode['files'], main: string): Promise<void> => {
  files.set(main, await readFile(asker, main));
  const asked = new Set<string>();
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const patterns = missingOf(files, main).filter((pattern) => !asked.has(pattern));
    if (patterns.length === 0) return;
    for (const pattern of patterns) {
      asked.add(pattern);
      const found = /[*?[]/.test(pattern) ? await asker.list(pattern) : ({ is: 'seen', value: [pattern] } as const);
      if (found.is === 'unknown') files.set(pattern, found);
      const names = new Map((found.is === 'seen' ? found.value : []).map((path) => [path, '']));
      const paths = /[*?[]/.test(pattern) ? included(names, pattern, '/') : [pattern];
      for (const path of paths) {
        if (files.has(path)) continue;
        files.set(
          path,
          files.size < MOST_FILES
            ? await readFile(asker, path)
            : { is: 'unknown', why: `more than ${MOST_FILES} files are included` },
        );
      }
    }
  }
};

/** The scripts that keepalived.conf names by an absolute path. */
const scriptsOf = (files: AuditNode['files']): string[] => {
  const main = files.get(KEEPALIVED_CONF);
  if (main?.is !== 'seen') return [];
  const texts = new Map(
    [...files].flatMap(([path, seen]) => (seen.is === 'seen' ? [[path, seen.value.text] as const] : [])),
  );
  texts.delete(KEEPALIVED_CONF);
  return keepalivedTree(main.value.text, texts)
    .root.filter((one) => one.words[0] === 'vrrp_script')
    .flatMap((one) => one.block ?? [])
    .filter((one) => one.words[0] === 'script')
    .map(
      (one) =>
        one.words
          .slice(1)
          .join(' ')
          .split(/\s+/)
          .find((word) => word.startsWith('/')) ?? '',
    )
    .filter((path, index, all) => path !== '' && path.length < 300 && all.indexOf(path) === index)
    .slice(0, 10);
};

const versionIn = (said: Seen<string>, pattern: RegExp): Seen<string> => {
  if (said.is !== 'seen') return said;
  const version = pattern.exec(said.value)?.[1];
  return version ? { is: 'seen', value: version } : { is: 'unknown', why: 'it says no version' };
};

const errorsOf = (said: string): string[] =>
  said
    .split('\n')
    .filter((line) => /\[(emerg|crit|alert)\]/.test(line))
    .map((line) => visibleText(line.replace(/^.*\[(?:emerg|crit|alert)\]\s*(?:\d+#\d+: )?/, ''), 300).trim())
    .slice(0, 5);

/** What `nginx -t` said as root: its errors, or why it is not known. */
const nginxTest = (said: Seen<{ code: number | null; text: string }>): Seen<string[]> => {
  if (said.is !== 'seen') return said;
  const errors = errorsOf(said.value.text);
  if (errors.length > 0) return { is: 'seen', value: errors };
  return said.value.code === 0
    ? { is: 'seen', value: [] }
    : { is: 'unknown', why: visibleText(said.value.text.trim().split('\n').at(-1) || 'it said nothing', 200) };
};

const keepalivedTest = (said: Seen<{ code: number | null; text: string }>): AuditNode['keepalivedTest'] => {
  if (said.is !== 'seen') return said;
  const { code, text } = said.value;
  if (/invalid option|unrecognized option|Unknown option/i.test(text))
    return { is: 'skipped', why: 'this keepalived has no -t' };
  if (/Unable to read configuration file/i.test(text)) return { is: 'unknown', why: visibleText(text.trim(), 200) };
  const value = configMessages(text).slice(0, 20);
  return value.length === 0 && code !== 0
    ? { is: 'unknown', why: `it ended with ${code} and said nothing` }
    : { is: 'seen', value };
};

const WEB_PAGES = ['/usr/share/httpd/noindex/index.html', '/var/www/html/index.html'];

/** Reads everything of one node that the audit judges. Never rejects: what could not be read says why. */
export const gatherNode = async (
  asker: Asker,
  node: { name: string; role: 'lb' | 'web' },
  names: { nginx: string; keepalived: string; web: string },
): Promise<AuditNode> => {
  const files: AuditNode['files'] = new Map();
  const units: AuditNode['units'] = new Map();
  const versions: AuditNode['versions'] = new Map();
  const none = { is: 'skipped', why: 'a web node has none' } as const;
  const lb = node.role === 'lb';
  if (lb) {
    await withIncludes(asker, files, KEEPALIVED_CONF);
    for (const path of scriptsOf(files)) files.set(path, await readFile(asker, path));
    await withIncludes(asker, files, NGINX_CONF);
    for (const unit of [names.nginx, names.keepalived]) units.set(unit, await asker.enabled(unit));
    versions.set('keepalived', versionIn(await asker.version('keepalived'), /Keepalived v(\d[\w.]*)/i));
    versions.set('nginx', versionIn(await asker.version('nginx'), /nginx\/(\d[\w.]*)/i));
  } else {
    for (const path of WEB_PAGES) files.set(path, await readFile(asker, path));
    const [unit, state] = await asker.webUnit(names.web);
    units.set(unit, state);
  }
  const rotated: AuditNode['rotated'] = new Map();
  const texts = scriptsOf(files).flatMap((path) => {
    const seen = files.get(path);
    return seen?.is === 'seen' ? [seen.value.text] : [];
  });
  for (const path of new Set(texts.flatMap(asker.logsIn))) rotated.set(path, await asker.rotated(path));
  return {
    ...node,
    files,
    units,
    versions,
    keepalivedTest: lb ? keepalivedTest(await asker.test('keepalived')) : none,
    nginxTest: lb ? nginxTest(await asker.test('nginx')) : none,
    timeSync: await asker.timeSync(),
    rotated,
  };
};
