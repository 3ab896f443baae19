import type { Action, ActionPhase, CommandResult } from './action.ts';
import type { DrillFact } from './drill.ts';
import type { Failure, Reading } from './failure.ts';
import type { NodeConfiguration, Snapshot, VrrpInstance } from './readings.ts';
import type { Topology } from './topology.ts';

/** Two clocks: `mono` (ms, monotonic, for durations) and `wall` (ms since the epoch, for labels). */
export type Stamp = { mono: number; wall: number };

/** What an HTTP probe is aimed at; `id` is the VIP address or the node name. */
export type Target = { kind: 'vip' | 'lb' | 'web'; id: string };

/** Durations in ms: dial resolved, first header byte, body end; each from the start of the probe. */
export type Phases = { dial: number; headers: number; body: number };

/** What came back from an HTTP probe. `body` is bounded and raw: it is data, never shown unsanitised. */
export type HttpResult =
  | { kind: 'answer'; status: number; body: string; server?: string; truncated: boolean; phases: Phases }
  | { kind: 'none'; failure: Failure };

/** State of an SSH connection: to a jump host or to a node. */
export type Link = {
  phase: 'connecting' | 'up' | 'waiting' | 'failed';
  /** `waiting` = will try again by itself at `retryAt` (mono ms); `failed` = needs a person (host key, authentication). */
  retryAt?: number;
  failure?: Failure;
  /** Round trip in ms, measured on this link. */
  rtt?: number;
  transport?: 'ssh2' | 'openssh';
};

/** Facts: what was seen, said or done. VIP moves, verdicts and outages are derived from these by `reduce`. */
export type Fact =
  | { kind: 'topology'; topology: Topology }
  | { kind: 'tick' }
  | { kind: 'link'; node: string; link: Link }
  | { kind: 'snapshot'; node: string; asked: number; reading: Reading<Snapshot> }
  | { kind: 'dump'; node: string; asked: number; reading: Reading<VrrpInstance[]> }
  | { kind: 'configuration'; node: string; reading: Reading<NodeConfiguration> }
  /** Pushed by `ip monitor`: a hint that shows at once; the next snapshot is the truth. */
  | { kind: 'address'; node: string; op: 'add' | 'delete'; address: string; ifname: string }
  /** `nodeTime`: ms since the epoch by the node's clock. */
  | { kind: 'journal'; node: string; unit: string; message: string; nodeTime: number }
  | { kind: 'check-log'; node: string; line: string }
  /** A stream that cannot be read or ended: freshness is lost, never correctness. */
  | { kind: 'stream'; node: string; stream: 'addresses' | 'journal' | 'check-log'; reading: Reading<true> }
  | { kind: 'http'; target: Target; asked: number; result: HttpResult }
  | { kind: 'note'; text: string; node: string; outcome: { ok: true } | { ok: false; failure: Failure } }
  /** An action of this console goes from step to step; `id` counts from 1 in a session. */
  | { kind: 'action'; id: number; action: Action; author: string; phase: ActionPhase }
  /** A command that was run; `action`: of which action, 0: of the drill under way. */
  | { kind: 'command'; action: number; node: string; command: string; result: CommandResult }
  /** A drill of this console goes on; `id` counts from 1 in a session. */
  | { kind: 'drill'; id: number; fact: DrillFact }
  /** Something haconsole itself has to say (a stream overran, the terminal came back). */
  | { kind: 'remark'; severity: 'info' | 'warn' | 'bad'; text: string }
  | { kind: 'clear' };

/** A fact with when it was known here. `asked` fields are mono ms of when the question was put. */
export type Event = Fact & { at: Stamp };
