import type { Evidence, Move, State } from './state.ts';

const BEFORE = 5000;
const AFTER = 4000;

const stoppedText = (node: string): string => `keepalived on ${node} was stopped`;

/** What nodes say that explains a move: the sentence, and how well it explains (higher wins). Wordings of 1.3.5 to 2.4. */
const sayings: { pattern: RegExp; text: (node: string, match: RegExpMatchArray) => string; rank: number }[] = [
  {
    pattern: /exited with permanent error (\w+)/,
    text: (node, m) => `keepalived on ${node} gave up: ${m[1]} error`,
    rank: 9,
  },
  {
    pattern: /exited due to signal (\d+)|code=killed, status=(\d+)/,
    text: (node, m) => `keepalived on ${node} was killed (signal ${m[1] ?? m[2]})`,
    rank: 9,
  },
  { pattern: /Netlink reports (\S+) down/, text: (node, m) => `${m[1]} on ${node} is down`, rank: 8 },
  {
    pattern: /Changing effective priority from (\d+) to (\d+)/,
    text: (node, m) => `priority of ${node} ${m[1]} → ${m[2]}`,
    rank: 7,
  },
  { pattern: /VRRP_Script\(([^)]+)\) failed/, text: (node, m) => `${m[1]} failed on ${node}`, rank: 7 },
  {
    pattern: /with higher priority (\d+), ours (\d+)|higher priority advert/,
    text: (node) => `another node with a higher priority came back; ${node} stepped down`,
    rank: 6,
  },
  { pattern: /^Reloading/, text: (node) => `keepalived on ${node} was reloaded`, rank: 5 },
  {
    pattern: /Stopping[ ]?keepalived|^Stopping$|Stopping LVS and VRRP|Stopped LVS and VRRP|Stopping Keepalive/i,
    text: stoppedText,
    rank: 5,
  },
  { pattern: /(?:Entering|Now in) FAULT/i, text: (node) => `${node} went to FAULT`, rank: 4 },
];

/** Reads a journal line as evidence, or undefined when it explains nothing. */
export const evidenceIn = (node: string, unit: string, message: string, at: number): Evidence | undefined => {
  if (!/keepalived/i.test(unit)) return undefined;
  for (const { pattern, text, rank } of sayings) {
    const match = message.match(pattern);
    if (match) return { at, node, text: text(node, match), rank };
  }
  return undefined;
};

/** When (mono ms) keepalived of a node last said that it was told to stop; undefined when it has not while we listened. */
export const stopSaidAt = (state: State, node: string): number | undefined =>
  state.evidence.findLast((item) => item.node === node && item.text === stoppedText(node))?.at;

/** The best explanation known now for a VIP leaving `from` (or coming to `to`); undefined when nobody said anything. */
export const causeOf = (state: State, from: string | null, to: string): string | undefined => {
  const best = (node: string | null) =>
    state.evidence
      .filter((item) => item.node === node && state.now.mono - item.at <= BEFORE)
      .sort((a, b) => b.rank - a.rank)[0]?.text;
  const said = best(from);
  if (said) return said;
  const link = from === null ? undefined : state.nodes[from]?.link;
  if (link && link.phase !== 'up') return `${from} does not answer`;
  return best(to);
};

/** Takes evidence in and explains with it the moves of the last seconds that have no cause yet (the journal lags by 0.4 s). */
export const withEvidence = (state: State, evidence: Evidence): State => {
  const next = { ...state, evidence: [...state.evidence.slice(-49), evidence] };
  const explains = (move: Move) =>
    move.cause === undefined && move.from === evidence.node && evidence.at - move.at.mono <= AFTER;
  if (!next.moves.some(explains)) return next;
  const explained = (move: Move): Move => (explains(move) ? { ...move, cause: evidence.text } : move);
  const vips = Object.fromEntries(
    Object.entries(next.vips).map(([address, vip]) => {
      if (!vip.lastMove || !explains(vip.lastMove)) return [address, vip];
      return [address, { ...vip, lastMove: explained(vip.lastMove) }];
    }),
  );
  const notices = next.notices.map((line) =>
    line.group?.key.startsWith(`move:${evidence.node}:`) &&
    !line.text.includes(': ') &&
    next.now.mono - line.at.mono <= AFTER
      ? { ...line, text: `${line.text}: ${evidence.text}` }
      : line,
  );
  return { ...next, moves: next.moves.map(explained), vips, notices, nextNotice: next.nextNotice + 1 };
};
