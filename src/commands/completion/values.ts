import { entries } from '../../actions/catalog.ts';
import type { ClusterConfig } from '../../config/cluster-config.ts';
import { builtInDrills } from '../../drills/catalog/built-in.ts';
import { loadOwnDrills } from '../../session/own-drills.ts';

/** What a shell may be offered: names without anything that a shell, or a person, would read as more than a name. */
const isPlain = (text: string): boolean => /^[\w.:@-]+$/.test(text);

const targets = (verb: string | undefined, { nodes, vips }: ClusterConfig): string[] =>
  entries
    .filter((entry) => entry.usage.split(' ')[0] === verb)
    .flatMap((entry) => {
      const target = entry.usage.split(' ')[1] as string;
      const names = nodes.filter((node) => entry.roles.includes(node.role)).map((node) => node.name);
      if (target.startsWith('ADDRESS@')) return vips.flatMap((vip) => names.map((name) => `${vip.address}@${name}`));
      return names.map((name) => target.replace('NODE', name));
    });

/**
 * What can stand where names of the cluster file are wanted: `node`, `confirm` (the cluster's name, too), `drill`, or `act` after a verb.
 * Without a cluster file, what is known without one.
 */
export const valuesOf = async (kind: string, words: string[], config: ClusterConfig | undefined): Promise<string[]> => {
  const nodes = config?.nodes.map((node) => node.name) ?? [];
  const found: Record<string, () => string[] | Promise<string[]>> = {
    node: () => nodes,
    confirm: () => [...nodes, ...(config ? [config.name] : [])],
    drill: async () =>
      [...builtInDrills(), ...(await loadOwnDrills(config?.file).catch(() => []))].map((one) => one.name),
    act: () => (config ? targets(words[0], config) : []),
  };
  const values = Object.hasOwn(found, kind) ? ((await found[kind]?.()) ?? []) : [];
  return values.filter(isPlain);
};
