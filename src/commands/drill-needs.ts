import { type DrillNeeds, webUnits } from '../actions/sudoers.ts';
import type { ClusterConfig } from '../config/cluster-config.ts';
import { builtInDrills } from '../drills/catalog/built-in.ts';
import { commandsOfDrills } from '../drills/commands.ts';
import { FILES } from '../drills/deed.ts';
import type { Drill } from '../drills/drill.ts';

/** Whoever may write keepalived.conf is root: keepalived runs what it names. */
const writesConfiguration = ({ setup, method, restore }: Drill): boolean =>
  [...setup, ...method, ...restore].some((step) => 'act' in step && step.act === 'lower-priority');

/** What drills, built-in and own, may run as root on the nodes of a cluster, by role. Those that lower a priority are left out. */
export const drillNeeds = (config: ClusterConfig, own: readonly Drill[]): { lb: DrillNeeds; web: DrillNeeds } => {
  const { nginx, keepalived } = config.services;
  const drills = [...builtInDrills(), ...own].filter((drill) => !writesConfiguration(drill));
  const webs = config.nodes.filter((node) => node.role === 'web').map((node) => node.name);
  const units = { nginx, keepalived };
  const perUnit = webUnits(config).map((web) =>
    commandsOfDrills(drills, 'web', { units: { ...units, web }, files: FILES }, [web], webs),
  );
  return {
    lb: commandsOfDrills(drills, 'lb', { units, files: FILES }, [nginx, keepalived], webs),
    web: {
      commands: perUnit.flatMap((one) => one.commands),
      undo: perUnit.flatMap((one) => one.undo),
    },
  };
};
