/** Cluster files that lead into the same cluster the wrong way. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Variant } from './doctor-cases.ts';
import { makeKey } from './ssh-server.ts';

const NODE = '172.16.249.102';
const KNOWN = /knownHosts: ("[^"]+"|\S+)/;

const changed = (text: string, from: RegExp, to: string): string => {
  const next = text.replace(from, to);
  if (next === text) throw new Error(`nothing to replace by ${to} in ${text}`);
  return next;
};

/** Writes the variant of a cluster file, and what it names, into `directory`; its path. lb2 is the node that is meant. */
export const writeVariant = (clusterFile: string, kind: Variant, directory: string): string => {
  const text = readFileSync(clusterFile, 'utf8');
  const path = (name: string) => join(directory, `${kind}-${name}`);
  const write = (name: string, content: string): string => {
    writeFileSync(path(name), content, { mode: 0o600 });
    return path(name);
  };
  const withKnown = (line: (line: string) => string[]): string => {
    const known = readFileSync((KNOWN.exec(text)?.[1] ?? '').replaceAll('"', ''), 'utf8')
      .trimEnd()
      .split('\n');
    const rows = known.flatMap((row) => (row.split(' ')[0]?.split(',').includes(NODE) ? line(row) : [row]));
    return changed(text, KNOWN, `knownHosts: ${JSON.stringify(write('known_hosts', `${rows.join('\n')}\n`))}`);
  };
  const other = makeKey();
  const variants: Record<typeof kind, () => string> = {
    'wrong-key': () => {
      const key = JSON.stringify(write('key', other.private));
      return changed(text, /identity: (?:"[^"\n]*\/[^"\n]*"|\/[^\s,}]+)/g, `identity: ${key}`);
    },
    'wrong-user': () =>
      changed(text, /user: \w+|\b\w+(?=@10\.)/g, 'GHOST')
        .replace(/(?<!: )GHOST(?!@)/g, 'user: ghost')
        .replaceAll('GHOST', 'ghost'),
    'unknown-key': () => withKnown(() => []),
    'changed-key': () =>
      withKnown((row) => {
        const [names, type] = row.split(' ');
        return type === 'ssh-ed25519' ? [`${names} ${other.public.split(' ').slice(0, 2).join(' ')}`] : [];
      }),
    'jump-name': () =>
      changed(
        text,
        /name: jump, host: 127\.0\.0\.1|(?<=@)10\.99\.0\.1/,
        /name: jump/.test(text) ? 'host: nowhere.invalid' : 'nowhere.invalid',
      ),
    'node-name': () => changed(text, /address: 172\.16\.249\.102/, 'address: nowhere.invalid'),
  };
  return write('haconsole.yaml', variants[kind]());
};
