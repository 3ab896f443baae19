import type { Baseline, Deed, UndoState } from '../cluster/drill.ts';
import { isFrozen } from '../cluster/select.ts';
import type { ServiceName } from '../cluster/topology.ts';
import { visibleText } from '../cluster/visible-text.ts';
import {
  asideOf,
  commandsOf,
  type DeedContext,
  type DrillCommand,
  deedText,
  isThere,
  keepCommand,
  newOf,
  readCommand,
  replacedOf,
} from './deed.ts';
import { deedSeen, type Seen, serviceIs } from './effect.ts';
import type { Ports } from './ports.ts';
import { withPriority } from './priority.ts';
import type { Owed } from './undo.ts';

/** One piece of the way back: what it is, how it is done, and how it is seen to be done. */
export type Piece = {
  node: string;
  text: string;
  commands: DrillCommand[];
  /** What has to be known before the commands are run: a sentence to be told, or nothing. */
  first?(signal: AbortSignal): Promise<string | undefined>;
  /** The text of the piece of the same node without which this one would do harm. */
  needs?: string;
  /** Looked for from looks after `since`, or asked of the node. */
  seen(since: number, signal: AbortSignal): Promise<Seen>;
};

const label = (service: ServiceName): string => (service === 'web' ? 'the web server' : service);

const thaw = (node: string, service: ServiceName, context: DeedContext, ports: Ports): Piece => ({
  node,
  text: deedText({ kind: 'service', verb: 'thaw', service }),
  commands: commandsOf({ kind: 'service', verb: 'thaw', service }, context),
  seen: async (since) => {
    const view = ports.state().nodes[node];
    const processes = view?.services[service]?.processes;
    if (!view || processes?.at === undefined || processes.at <= since)
      return { met: null, text: `${node} was not looked at since` };
    const frozen = isFrozen(ports.state(), view, service);
    return { met: !frozen, text: `${label(service)} ${frozen ? 'is still stopped' : 'is not stopped'}` };
  },
});

/**
 * What lies where the drill took a file away may be somebody else's by now: the file itself comes back all the same, so theirs is kept
 * beside it first. Returns what a person must know.
 */
const keepForeign = async (
  node: string,
  file: 'nginx' | 'keepalived',
  context: DeedContext,
  ports: Ports,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const path = context.files[file];
  const aside = await ports.ask(node, isThere(asideOf(path)), signal);
  if (!aside.ok || aside.value.code !== 0) return undefined;
  if (file === 'nginx') {
    const there = await ports.ask(node, isThere(path), signal);
    if (!there.ok || there.value.code !== 0) return undefined;
  } else {
    const { lowered } = context;
    const now = await ports.ask(node, readCommand(path), signal);
    const own = lowered && [lowered.text, withPriority(lowered.text, lowered.priority)];
    if (!now.ok || now.value.code !== 0 || own?.includes(now.value.stdout)) return undefined;
  }
  const kept = await ports.run(node, [{ words: keepCommand(path) }], signal);
  const where = kept.end === 'all-ran' ? `it is kept as ${replacedOf(path)}` : 'it could not be kept';
  return `somebody else wrote ${path} on ${node} during the drill: ${where}`;
};

const fileBack = (node: string, file: 'nginx' | 'keepalived', context: DeedContext, ports: Ports): Piece => {
  const deed = file === 'nginx' ? ({ kind: 'put-back' } as const) : ({ kind: 'restore-priority' } as const);
  const path = context.files[file];
  return {
    node,
    text: deedText(deed),
    commands: commandsOf(deed, context),
    first: (signal) => keepForeign(node, file, context, ports, signal),
    seen: async (_, signal) => {
      const [there, ...others] = await Promise.all(
        [path, asideOf(path), newOf(path)].map((one) => ports.ask(node, isThere(one), signal)),
      );
      if (!there?.ok || others.some((one) => !one.ok)) return { met: null, text: `${node} could not be asked` };
      const left = others.some((one) => one.ok && one.value.code === 0);
      if (!left && there.value.code === 0) return { met: true, text: `${path} is in its place` };
      return { met: false, text: left ? `what the drill made of ${path} is still there` : `${path} is missing` };
    },
  };
};

/** Whether nginx of a node answers on the node's own address, by an answer asked for after `since`; null: none yet. */
const answers = (ports: Ports, node: string, since: number): boolean | null => {
  const last = ports.state().nodes[node]?.probe.last;
  return last && last.at.mono - (last.ms ?? 0) > since ? last.ok : null;
};

const startUnit = (node: string, service: ServiceName, context: DeedContext, ports: Ports): Piece => ({
  node,
  text: deedText({ kind: 'service', verb: 'start', service }),
  commands: commandsOf({ kind: 'service', verb: 'start', service }, context),
  seen: async (since) => {
    const up = serviceIs(ports.state(), node, service, true, since);
    if (up.met !== true || service === 'keepalived') return up;
    const good = answers(ports, node, since);
    // A bad answer of a load balancer may be its web nodes' fault: what counts here is that it answers at all.
    const status = ports.state().nodes[node]?.probe.last?.status;
    if (good === true || (good === false && status !== undefined)) return { met: true, text: `${up.text}, it answers` };
    return {
      met: good === null ? null : false,
      text: `${up.text}, ${good === null ? 'not asked since' : 'it does not answer'}`,
    };
  },
});

/**
 * The way back for what is owed: nodes in reverse order of when they were touched; on each node thaw, files, then nginx (or the web
 * server), then keepalived. What ran on a touched node before and does not now is started too, whoever stopped it (the check
 * script may have).
 */
export const piecesOf = (
  owed: readonly Owed[],
  before: readonly Baseline[],
  contexts: Record<string, DeedContext>,
  ports: Ports,
): Piece[] => {
  const nodes = [...new Set(owed.map((one) => one.node))].reverse();
  return nodes.flatMap((node) => {
    const context = contexts[node];
    const baseline = before.find((one) => one.node === node);
    if (!context || !baseline) return [];
    const mine = owed.filter((one) => one.node === node);
    const frozen = mine.flatMap((one) => (one.what === 'frozen' ? [one.service] : []));
    const files = mine.flatMap((one) => (one.what === 'moved' ? [one.file] : []));
    const ran = baseline.units.filter((one) => one.active).map((one) => one.service);
    const order = (['nginx', 'web', 'keepalived'] as const).filter((service) => ran.includes(service));
    return [
      ...frozen.map((service) => thaw(node, service, context, ports)),
      ...files.map((file) => fileBack(node, file, context, ports)),
      // keepalived that comes back to a node without nginx would take the VIPs from one that serves.
      ...order.map((service) => ({
        ...startUnit(node, service, context, ports),
        ...(service === 'keepalived' ? { needs: deedText({ kind: 'service', verb: 'start', service: 'nginx' }) } : {}),
      })),
    ];
  });
};

/** An act of the restore that the drill itself names. */
export const actPiece = (
  one: { deed: Deed; node: string; text: string },
  context: DeedContext,
  ports: Ports,
): Piece => {
  const before = ports.state();
  return {
    node: one.node,
    text: one.text,
    commands: commandsOf(one.deed, context),
    seen: async (since) => deedSeen(before, ports.state(), one.node, one.deed, since),
  };
};

/** How long one piece may take to be seen, ms: systemd may need a while, keepalived's unit is active at once. */
const PIECE = 15_000;
/** How often a node is asked anew while a piece is awaited, ms. */
const AGAIN = 400;

/** systemd refuses a unit that was started too often until its StartLimitIntervalSec, 10 s by default, is over; a bit more, ms. */
const START_LIMIT = 10_500;

type Done = { state: Exclude<UndoState, 'begun'>; seen: string; note?: string };

type Await = { since: number; ms: number; plain?: boolean };

/** Looks until the piece is seen to be done; `plain`: until a look tells whether it is. */
const awaitSeen = async (
  piece: Piece,
  { since, ms, plain = false }: Await,
  ports: Ports,
  signal: AbortSignal,
): Promise<Seen> => {
  const until = ports.now() + ms;
  let seen: Seen = { met: null, text: '' };
  for (;;) {
    ports.refresh([piece.node]);
    seen = await piece.seen(since, signal);
    const told = seen.met === true || (plain && seen.met === false);
    if (told || signal.aborted || ports.now() >= until) return seen;
    await ports.until(() => false, Math.min(AGAIN, Math.max(1, until - ports.now())), signal);
  }
};

const doPiece = async (piece: Piece, ports: Ports, patience: () => number, signal: AbortSignal): Promise<Done> => {
  const looked = await awaitSeen(piece, { since: ports.now(), ms: 2500, plain: true }, ports, signal);
  if (looked.met === true) return { state: 'unneeded', seen: looked.text };
  const note = await piece.first?.(signal);
  const noted = note === undefined ? {} : { note };
  const began = ports.now();
  let last = looked;
  let said = '';
  // Each command can be repeated without harm; a node that cannot be reached is waited for.
  for (let attempt = 0; attempt < 3 || ports.now() < patience(); attempt += 1) {
    if (signal.aborted) break;
    const at = ports.now();
    const ran = await ports.run(piece.node, piece.commands, signal);
    said = ran.end === 'all-ran' ? '' : visibleText(ran.text, 300);
    const since = ports.now();
    last = await awaitSeen(piece, { since, ms: ran.end === 'all-ran' ? PIECE : 3000 }, ports, signal);
    if (last.met === true) return { state: 'done', seen: [last.text, note].filter(Boolean).join('; '), ...noted };
    const tired = attempt >= 1 && at - began >= START_LIMIT;
    if (last.met === false && tired && ran.end !== 'lost') break;
  }
  const seen = [last.text, said, note].filter(Boolean).join('; ');
  return { state: last.met === false ? 'failed' : 'unknown', seen, ...noted };
};

/** What is left of the restore: pieces that failed or are not known, with the commands a person can type. */
export type Restored = {
  ok: boolean;
  failed: number;
  unknown: number;
  left: { node: string; command: string }[];
  /** What a person must know of it, however it ended. */
  notes: string[];
};

const typed = (piece: Piece): string => piece.commands.map((one) => one.words.join(' ')).join(' && ');

/**
 * Does the way back, all of it, whatever becomes of one piece: what is already so is left alone, each piece is looked after, and
 * every one is told. `patience`: mono ms until which a node that cannot be reached is waited for.
 */
export const restoreAll = async (
  pieces: readonly Piece[],
  { ports, patience, signal }: { ports: Ports; patience: () => number; signal: AbortSignal },
): Promise<Restored> => {
  const left: { node: string; command: string; text: string; state: 'failed' | 'unknown' }[] = [];
  const notes: string[] = [];
  for (const piece of pieces) {
    const command = typed(piece);
    const tell = (at: UndoState, seen: string) =>
      ports.emit({ what: 'undo', node: piece.node, text: piece.text, command, at, seen });
    if (signal.aborted) {
      left.push({ node: piece.node, command, text: piece.text, state: 'unknown' });
      continue;
    }
    const needed = left.find((one) => one.node === piece.node && one.text === piece.needs);
    if (needed) {
      const why =
        needed.state === 'unknown'
          ? `not begun: whether nginx runs on ${piece.node} is not known`
          : `not begun: without nginx ${piece.node} would take the VIPs and not serve`;
      tell(needed.state, why);
      left.push({ node: piece.node, command, text: piece.text, state: needed.state });
      continue;
    }
    tell('begun', '');
    const { state, seen, note } = await doPiece(piece, ports, patience, signal);
    if (note !== undefined) notes.push(note);
    tell(state, seen);
    if (state === 'failed' || state === 'unknown') left.push({ node: piece.node, command, text: piece.text, state });
  }
  return {
    ok: left.length === 0,
    failed: left.filter((one) => one.state === 'failed').length,
    unknown: left.filter((one) => one.state === 'unknown').length,
    left: left.map(({ node, command }) => ({ node, command })),
    notes,
  };
};
