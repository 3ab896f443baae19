import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Who may import whom, by folder of src. `types:` only as types. A file name allows that file alone. */
const table: Record<string, { folders: string[]; packages: RegExp }> = {
  cluster: { folders: [], packages: /^$/ },
  config: { folders: ['cluster'], packages: /^(node:|yaml$|zod$)/ },
  ssh: { folders: ['cluster', 'types:config'], packages: /^(node:|ssh2$|ssh-config$)/ },
  'conf-files': { folders: [], packages: /^$/ },
  probes: { folders: ['cluster', 'config', 'ssh', 'conf-files'], packages: /^(node:|undici$)/ },
  actions: { folders: ['cluster', 'config', 'ssh'], packages: /^(node:)/ },
  drills: {
    folders: [
      'cluster',
      'config',
      'actions/catalog.ts',
      'actions/outlook.ts',
      'actions/effect-check.ts',
      'actions/disabled.ts',
    ],
    packages: /^zod$/,
  },
  init: { folders: ['cluster', 'config', 'ssh', 'probes'], packages: /^(node:)/ },
  doctor: { folders: ['cluster', 'config', 'ssh', 'probes', 'actions'], packages: /^(node:)/ },
  render: { folders: ['cluster', 'config'], packages: /^(node:)/ },
  audit: { folders: ['cluster', 'types:config', 'conf-files'], packages: /^$/ },
  demo: { folders: ['cluster', 'config', 'render'], packages: /^(node:|ssh2$)/ },
  recording: { folders: ['cluster'], packages: /^node:(fs|fs\/promises|crypto|zlib|path|stream\/promises|buffer)$/ },
  terminal: { folders: [], packages: /^(node:|string-width$)/ },
  session: {
    folders: [
      'cluster',
      'config',
      'ssh',
      'probes',
      'actions',
      'drills',
      'recording',
      'conf-files',
      'audit',
      'types:views',
    ],
    packages: /^(node:)/,
  },
  views: {
    folders: [
      'cluster',
      'types:session',
      'types:ssh',
      'actions/catalog.ts',
      'drills/catalog/built-in.ts',
      'types:drills',
    ],
    packages: /^(node:|ink$|react$|string-width$)/,
  },
  commands: {
    folders: [
      'cluster',
      'config',
      'ssh',
      'probes',
      'actions',
      'drills',
      'conf-files',
      'audit',
      'render',
      'demo',
      'doctor',
      'init',
      'recording',
      'session',
      'views',
    ],
    packages: /^(node:)/,
  },
};

/** Only these two know the terminal layer. */
const knowTerminal = ['views/app.tsx', 'views/run.tsx'];
/** The only readers of the process's own arguments, streams and exits. The terminal owns its stop and its signals. */
const knowProcess = ['cli.ts', 'commands', 'terminal'];

const root = join(import.meta.dirname, '..', 'src');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));

/** Scripts run by hand, which write what is published. */
const scripts = ['drills/write-schema.ts'];

const importsOf = (file: string) =>
  [
    ...readFileSync(join(root, file), 'utf8').matchAll(
      /^\s*(?:import|export)\s+(type\s+)?(?:[^'"]*?\sfrom\s+)?'([^']+)'|import\('([^']+)'\)/gm,
    ),
  ].map((match) => ({
    typeOnly: Boolean(match[1]),
    from: (match[2] ?? match[3]) as string,
  }));

const complaint = (file: string, { from, typeOnly }: { from: string; typeOnly: boolean }): string | undefined => {
  const folder = file.split('/')[0] as string;
  const rule = table[folder];
  if (!rule) return file.includes('/') ? `${folder} stands in no row of the table` : undefined;
  if (!from.startsWith('.')) return rule.packages.test(from) || scripts.includes(file) ? undefined : `package ${from}`;
  const target = normalize(join(dirname(file), from));
  const other = target.split('/')[0] as string;
  if (other === folder || other === '..') return undefined;
  if (rule.folders.includes(other) || rule.folders.includes(target)) return undefined;
  if (typeOnly && rule.folders.includes(`types:${other}`)) return undefined;
  if (other === 'terminal' && knowTerminal.includes(file)) return undefined;
  return `${typeOnly ? 'types of ' : ''}${target}`;
};

describe('the house', () => {
  test('has sources to look at', () => {
    expect(files.length).toBeGreaterThan(50);
  });

  test('keeps the direction of its imports', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file).flatMap((one) => (complaint(file, one) ? [`${file} imports ${complaint(file, one)}`] : [])),
    );
    expect(wrong).toEqual([]);
  });

  test('keeps time and chance out of cluster', () => {
    const wrong = files.filter(
      (file) =>
        file.startsWith('cluster/') &&
        /Date\.now|performance\.|Math\.random|setTimeout|process\./.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(wrong).toEqual([]);
  });

  test('reads the process in commands and the entry alone', () => {
    const wrong = files.filter(
      (file) =>
        !knowProcess.includes(file.split('/')[0] as string) &&
        /\bprocess\.(argv|env|exit|stdin|stdout|stderr|cwd|on)\b/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(wrong).toEqual([]);
  });

  test('names its files in kebab-case and has no default exports', () => {
    expect(files.filter((file) => !/^[a-z0-9/-]+\.tsx?$/.test(file))).toEqual([]);
    expect(files.filter((file) => /^export default/m.test(readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });
});
