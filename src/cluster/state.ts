import type { ActionView, CommandView, RestoreTimer } from './action.ts';
import type { DrillView } from './drill-view.ts';
import type { Link, Stamp } from './events.ts';
import type { Failure } from './failure.ts';
import type { Address, CheckLog, ClockReading, NodeConfiguration, Process, Unit, VrrpInstance } from './readings.ts';
import type { NodeSpec, ServiceName, Topology } from './topology.ts';

/** The last good value with its age, and why the newest look failed if it did. A failed look never erases the value. */
export type Aged<T> = { value?: T; at?: number; failure?: Failure; failedAt?: number };

/** fresh: may be claimed · stale: shown as "as of …", never claimed · unknown: no usable value. */
export type Freshness = 'fresh' | 'stale' | 'unknown';

/** A stretch of time over which an address was proven on (or proven not on) a node: mono ms of first and last proof. */
export type Holding = { holds: boolean; from: number; to: number };

/** A service on a node: what systemd says and what the process table says, each with its own age. */
export type ServiceView = { unit: Aged<Unit>; processes: Aged<Process[]> };

/** A check-log line already shown; `by` tells whether the stream, the snapshot or both brought it. */
export type SeenLine = { line: string; at: number; by: 'stream' | 'snapshot' | 'both' };

export type NodeView = NodeSpec & {
  link: Link & { since: Stamp };
  addresses: Aged<Address[]>;
  services: Partial<Record<ServiceName, ServiceView>>;
  checkLog: Aged<CheckLog>;
  seenLines: SeenLine[];
  /** Whether a first tail was read: what it held is history, what comes after is news. */
  seenTail?: boolean;
  clock: Aged<ClockReading>;
  dump: Aged<VrrpInstance[]>;
  /** The counter of adverts heard, and the dump (mono ms) in which it was first seen at this value: it shows deafness. */
  adverts?: { received: number; at: number };
  configuration: Aged<NodeConfiguration>;
  /** The restore timer armed on this node; `left` was so at `at`. */
  restore: Aged<RestoreTimer | null>;
  streams: Partial<Record<'addresses' | 'journal' | 'check-log', Aged<true>>>;
  probe: ProbeView;
  /** What this web node's page says of itself: stable normalised lines, learnt from direct answers. */
  learnt?: { lines: string[]; statuses: number[] };
};

/** One judged HTTP answer. */
export type Answer = {
  at: Stamp;
  /** `true` good, `false` bad, `null` unknown (the way there broke). */
  ok: boolean | null;
  status?: number;
  /** Name of the web node whose marker the body bears. */
  servedBy?: string;
  /** Whole duration in ms. */
  ms?: number;
  /** Why it is bad or unknown, one phrase. */
  why?: string;
  failure?: Failure;
  server?: string;
};

export type ProbeView = {
  last?: Answer;
  lastGood?: Answer;
  /** Since when the answers are good or bad without a break (unknown ones do not break it). */
  since?: Stamp;
  badStreak: number;
  good: number;
  bad: number;
  unknown: number;
  /** Newest last, bounded. */
  history: Answer[];
};

/** `from`/`to` are node names; null: nobody. */
export type Move = { vip: string; from: string | null; to: string | null; at: Stamp; cause?: string };

/** A stretch in which a VIP gave no good answer, as the probes saw it. `until` is absent while it lasts. */
export type Outage = { vip: string; from: Stamp; until?: Stamp; lost: number };

export type VipView = {
  address: string;
  /** Per load balancer: the running proof. */
  holdings: Record<string, Holding>;
  /** The holder as last settled (one proven holder), and since when. */
  holder?: { node: string; since: Stamp };
  /** Since when nobody is proven to hold it. */
  unheldSince?: Stamp;
  /** Since when it is proven on two load balancers at once. */
  sharedSince?: Stamp;
  lastMove?: Move;
  moves: number;
  probe: ProbeView;
};

/** Marks: what changed and when, by key (`vip:ADDRESS`, `vrrp:NODE`, `service:NODE:SERVICE`, `link:NODE`, `probe:ID`). Cleared by `c`. */
export type Marks = Record<string, Stamp>;

export type Level = 'OK' | 'WARNING' | 'CRITICAL' | 'UNKNOWN';

export type VerdictCode =
  | 'blind'
  | 'all-down'
  | 'split-brain'
  | 'failing-over'
  | 'no-master'
  | 'vip-unserved'
  | 'all-backends-down'
  | 'backend-down'
  | 'no-backup'
  | 'partly-blind'
  | 'degraded'
  | 'healthy';

/** A verdict that holds: its code, its level, one sentence, and what it rests on. `past`: it tells what was, not what is. */
export type Finding = { code: VerdictCode; level: Level; reason: string; past?: true };

/** The headline finding and the others that hold beside it. */
export type Verdict = Finding & { also: Finding[] };

/** One line of the event log. Derived, shown, and recorded as shown; the reducer never reads it back. */
export type Notice = {
  id: number;
  at: Stamp;
  /** A node name, a VIP, or `console`. */
  source: string;
  kind:
    | 'move'
    | 'verdict'
    | 'service'
    | 'probe'
    | 'link'
    | 'journal'
    | 'check-log'
    | 'note'
    | 'vrrp'
    | 'action'
    | 'drill'
    | 'remark';
  severity: 'info' | 'good' | 'warn' | 'bad';
  text: string;
  /** Notices of one key that come together are one line: `items` are named in it (three VIPs that move at once). */
  group?: { key: string; items: string[] };
};

/** Something a node said of itself that can explain a move. Higher `rank` explains better. */
export type Evidence = { at: number; node: string; text: string; rank: number };

export type State = {
  topology: Topology;
  started: Stamp;
  now: Stamp;
  /** Jump hosts in order of `topology.hops`. */
  hops: { name: string; link: Link & { since: Stamp } }[];
  nodes: Record<string, NodeView>;
  vips: Record<string, VipView>;
  verdict: Verdict & { since: Stamp };
  /** A verdict on its way in: shown once it has been seen twice. */
  pending?: { verdict: Verdict; first: number; last: number; seen: number };
  moves: Move[];
  outages: Outage[];
  marks: Marks;
  notices: Notice[];
  evidence: Evidence[];
  /** When the check script restarted nginx (mono ms); for `degraded`. */
  restarts: { node: string; at: number }[];
  /** Actions of this console, newest last, bounded. */
  actions: ActionView[];
  /** What was run on the nodes, newest last, bounded. */
  commands: CommandView[];
  /** The drill that runs, or the last one that did. */
  drill?: DrillView;
  nextNotice: number;
};
