import type { State } from '../../cluster/state.ts';

/** When the newest thing was learnt from the cluster itself (mono ms); undefined before the first. */
export const newestNews = (state: State): number | undefined => {
  const nodes = Object.values(state.nodes);
  const probes = [...nodes, ...Object.values(state.vips)].flatMap((view) => view.probe.history.slice(-1));
  const times = [
    ...nodes.flatMap((node) => [
      node.addresses.at,
      node.dump.at,
      ...Object.values(node.services).map((one) => one.unit.at),
    ]),
    ...probes.filter((answer) => answer.ok !== null).map((answer) => answer.at.mono),
  ].filter((at) => at !== undefined);
  return times.length === 0 ? undefined : Math.max(...times);
};
