import { withEvidence } from './cause.ts';
import { classifyCheckLine, GAVE_UP } from './check-words.ts';
import { mark, notice } from './notice.ts';
import type { NodeView, SeenLine, State } from './state.ts';

const SEEN_KEPT = 40;
/** The stream may bring a line this long after the snapshot already did (`tail` polls). */
const ECHO = 3000;

const announce = (state: State, name: string, line: string): State => {
  const node = state.nodes[name] as NodeView;
  const kind = classifyCheckLine(line);
  if (kind === 'restart') {
    const next = {
      ...state,
      restarts: [...state.restarts.slice(-99), { node: name, at: state.now.mono }],
    };
    return notice(mark(next, `check:${name}`), {
      source: name,
      kind: 'check-log',
      severity: 'warn',
      text: `check_nginx restarted nginx: ${line}`,
    });
  }
  if (kind === 'killall') {
    const told = notice(mark(state, `check:${name}`), {
      source: name,
      kind: 'check-log',
      severity: 'bad',
      text: `${GAVE_UP}: ${line}`,
    });
    return withEvidence(told, {
      at: state.now.mono,
      node: node.name,
      text: `check_nginx on ${name} killed keepalived`,
      rank: 10,
    });
  }
  return notice(mark(state, `check:${name}`), { source: name, kind: 'check-log', severity: 'info', text: line });
};

const remember = (state: State, name: string, lines: SeenLine[]): State => ({
  ...state,
  nodes: { ...state.nodes, [name]: { ...(state.nodes[name] as NodeView), seenLines: lines.slice(-SEEN_KEPT) } },
});

/** A line the stream brought: shown at once, unless the snapshot was quicker. */
export const takeCheckLine = (state: State, name: string, line: string): State => {
  const node = state.nodes[name];
  if (!node) return state;
  const index = node.seenLines.findIndex(
    (seen) => seen.by === 'snapshot' && seen.line === line && state.now.mono - seen.at <= ECHO,
  );
  const seen = node.seenLines[index];
  if (seen) return remember(state, name, node.seenLines.with(index, { ...seen, by: 'both' }));
  const next = remember(state, name, [...node.seenLines, { line, at: state.now.mono, by: 'stream' }]);
  return announce(next, name, line);
};

/** How many of the newest known lines the tail starts with. */
const overlap = (known: string[], tail: string[]): number => {
  for (let size = Math.min(known.length, tail.length); size > 0; size--)
    if (known.slice(-size).every((line, index) => line === tail[index])) return size;
  // The stream may have brought lines that the snapshot was too early to hold: the tail ends inside what is known.
  for (let drop = 1; drop < known.length; drop++) {
    const shorter = known.slice(0, -drop);
    if (tail.length <= shorter.length && shorter.slice(-tail.length).every((line, index) => line === tail[index]))
      return tail.length;
  }
  return 0;
};

/** The tail a snapshot brought: lines not seen yet are announced (the first tail is history and is not). */
export const takeCheckLines = (state: State, name: string, tail: string[]): State => {
  const node = state.nodes[name] as NodeView;
  const first = !node.seenTail;
  const fresh = tail.slice(
    overlap(
      node.seenLines.map((seen) => seen.line),
      tail,
    ),
  );
  const stamped = fresh.map((line): SeenLine => ({ line, at: state.now.mono, by: 'snapshot' }));
  let next = remember(state, name, [...node.seenLines, ...stamped]);
  next = { ...next, nodes: { ...next.nodes, [name]: { ...(next.nodes[name] as NodeView), seenTail: true } } };
  if (first) return next;
  for (const line of fresh) next = announce(next, name, line);
  return next;
};
