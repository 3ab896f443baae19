import type { Directive } from '../conf-files/directive.ts';

/** A directive with the blocks around it, the outermost first. */
export type Nested = { at: Directive; around: Directive[] };

/** Every directive with what is around it, in the order of the file. */
export const nested = (list: readonly Directive[], around: Directive[] = []): Nested[] =>
  list.flatMap((at) => [{ at, around }, ...nested(at.block ?? [], [...around, at])]);

/** The value that holds at a place: of the innermost block that sets it. */
export const effective = ({ around }: Nested, word: string): Directive | undefined => {
  for (const block of around.toReversed()) {
    const found = block.block?.findLast((one) => one.words[0] === word);
    if (found) return found;
  }
  return undefined;
};

const UNITS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, '': 1 };

/** `500ms`, `1m 30s`, `60` in seconds; undefined for what is no time. */
export const seconds = (text: string | undefined): number | undefined => {
  if (text === undefined || !/^(?:\d{1,9}(?:ms|[smhdw])? ?){1,8}$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(ms|[smhdw])?/g)].reduce(
    (sum, match) => sum + Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1),
    0,
  );
};

/** The upstream group that a proxy_pass names, with its servers that are neither `down` nor `backup`. */
export type Group = { name: string; at: Directive; servers: Directive[]; all: Directive[] };

/** Groups and locations that are judged. */
const MOST = 500;

/** The upstream groups in http. */
export const groupsOf = (root: readonly Directive[]): Group[] =>
  nested(root)
    .filter(({ at }) => at.words[0] === 'upstream' && at.block)
    .slice(0, MOST)
    .map(({ at }) => {
      const all = (at.block ?? []).filter((one) => one.words[0] === 'server');
      return {
        name: at.words[1] ?? '',
        at,
        all,
        servers: all.filter((one) => !one.words.includes('down') && !one.words.includes('backup')),
      };
    });

/** Every proxy_pass with the group it goes to, where it names one. */
export const passesOf = (root: readonly Directive[]): (Nested & { group: Group | undefined })[] => {
  const groups = groupsOf(root);
  return nested(root)
    .filter(({ at, around }) => at.words[0] === 'proxy_pass' && around.some((one) => one.words[0] === 'http'))
    .slice(0, MOST)
    .map((one) => {
      const host = /^https?:\/\/([^/:$]+)/.exec(one.at.words[1] ?? '')?.[1];
      return { ...one, group: groups.find((group) => group.name === host) };
    });
};

/** A parameter of a server line: `max_fails=1` gives `1`. */
export const parameter = (server: Directive, name: string): string | undefined =>
  server.words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);

/** Directives with exactly one value: more of them means that the `;` before is missing. */
export const ONE_VALUE = new Set([
  ...['sendfile', 'tcp_nopush', 'tcp_nodelay', 'worker_processes', 'worker_connections', 'default_type'],
  ...['proxy_pass', 'proxy_connect_timeout', 'proxy_read_timeout', 'proxy_send_timeout', 'proxy_next_upstream_timeout'],
  ...[
    'proxy_ignore_client_abort',
    'proxy_http_version',
    'proxy_buffering',
    'root',
    'pid',
    'types_hash_max_size',
    'gzip',
  ],
]);
