import type { NodeView, State } from './state.ts';

const LINES_LEARNT = 200;

/** Text without white space: how markers are compared (the tutorial itself prints `NODE01` for `NODE 01`). */
export const squeezed = (text: string): string => text.replace(/\s+/gu, '');

const linesOf = (body: string): string[] => [
  ...new Set(
    body
      .split('\n')
      .slice(0, LINES_LEARNT)
      .map((line) => squeezed(line).slice(0, 500))
      .filter((line) => line.length >= 4),
  ),
];

/** Texts of which each names this web node: its configured marker, else the stable lines no other web node's page has. */
export const markersOf = (state: State, node: NodeView): string[] => {
  if (node.identity) return [squeezed(node.identity)];
  if (!node.learnt) return [];
  const others = new Set(
    Object.values(state.nodes)
      .filter((other) => other.role === 'web' && other.name !== node.name)
      .flatMap((other) => other.learnt?.lines ?? []),
  );
  return node.learnt.lines.filter((line) => !others.has(line));
};

/** The web node whose marker the body bears; the longest marker wins when one contains the other. */
export const namedIn = (state: State, body: string): NodeView | undefined => {
  const text = squeezed(body);
  let found: { node: NodeView; length: number } | undefined;
  for (const node of Object.values(state.nodes)) {
    if (node.role !== 'web') continue;
    for (const marker of markersOf(state, node))
      if (marker && text.includes(marker) && marker.length > (found?.length ?? 0))
        found = { node, length: marker.length };
  }
  return found?.node;
};

/** Learns from a direct answer of a web node: lines that are in every answer, and the statuses it gives with them. */
export const learn = (node: NodeView, status: number, body: string): NodeView => {
  if (status >= 500 || status === 404) return node;
  const lines = linesOf(body);
  const stable = node.learnt ? node.learnt.lines.filter((line) => lines.includes(line)) : lines;
  // A page that was replaced as a whole is learnt anew.
  const kept = stable.length > 0 ? stable : lines;
  const statuses = [...new Set([...(node.learnt?.statuses ?? []), status])];
  const same =
    node.learnt &&
    kept.length === node.learnt.lines.length &&
    statuses.length === node.learnt.statuses.length &&
    kept.every((line, index) => line === node.learnt?.lines[index]);
  return same ? node : { ...node, learnt: { lines: kept, statuses } };
};
