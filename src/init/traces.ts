import { isIP } from 'node:net';

/** The addresses at the beginning of the lines of `ip neigh show` that once answered; link-local ones are left out. */
export const addressesIn = (neigh: string): string[] => [
  ...new Set(
    neigh
      .split('\n')
      .filter((line) => /\blladdr\b/.test(line))
      .map((line) => line.split(' ')[0]!.toLowerCase())
      .filter((address) => isIP(address) !== 0 && !address.startsWith('fe80:')),
  ),
];

/**
 * The routers whose adverts keepalived's journal tells of (1.3.5 to 2.3): `Master received advert from ADDRESS with higher
 * priority …`, `received lower priority (100) advert from ADDRESS - discarding`. Newest last.
 */
export const advertisersIn = (journal: string): string[] => [
  ...new Set(
    [...journal.matchAll(/\badvert from ([\da-fA-F.:]+[\da-fA-F])(?=[\s,]|$)/gm)]
      .map((match) => match[1]!.toLowerCase())
      .filter((address) => isIP(address) !== 0),
  ),
];

/** The files that a shell script appends to (`>> FILE`), where the name is written out or in one plain variable. */
export const logsIn = (script: string): string[] => {
  const values = new Map(
    [...script.matchAll(/^\s*(?:readonly\s+)?([A-Za-z_]\w*)=["']?(\/[\w./-]+)["']?\s*$/gm)].map((match) => [
      match[1]!,
      match[2]!,
    ]),
  );
  const named = [...script.matchAll(/>>\s*["']?(?:(\/[\w./-]+)|\$\{?([A-Za-z_]\w*)\}?)["']?/g)];
  return [...new Set(named.flatMap(([, path, name]) => path ?? values.get(name ?? '') ?? []))].filter(
    (path) => path !== '/dev/null',
  );
};
