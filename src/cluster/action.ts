import type { Failure } from './failure.ts';
import type { ServiceName } from './topology.ts';

/** What can be done to a service: systemd's own verbs. */
export type Verb = 'start' | 'stop' | 'restart' | 'reload';

/**
 * One thing to do, as data: a key makes it, the dialog carries it, the executor runs it, the record holds it.
 * `out-of-service` stops keepalived, then nginx (the other order does not hold: the check script starts nginx again);
 * `back-in-service` starts nginx, then keepalived. `remove-vip` takes a stale VIP off a node whose keepalived does not run.
 * `cancel-restore` disarms the restore timer of a node.
 */
export type Action =
  | { kind: 'service'; verb: Verb; service: ServiceName; node: string }
  | { kind: 'out-of-service'; node: string }
  | { kind: 'back-in-service'; node: string }
  | { kind: 'remove-vip'; vip: string; node: string }
  | { kind: 'cancel-restore'; node: string };

/** One sentence of what an action will do or cost. */
export type RiskLine = { severity: 'info' | 'warn' | 'bad'; text: string };

/**
 * What an action will do, said before it is done. `step` is how much a person must do to confirm: 1 press a key, 2 type `yes`,
 * 3 type the node's name, 4 type the cluster's name. `basis` is what of the state it rests on, as text: when that has changed
 * by the time of the confirmation, the plan is void and is made anew.
 */
export type Risk = {
  lines: RiskLine[];
  step: 1 | 2 | 3 | 4;
  /** The action takes the last load balancer that is proven ready out, so nobody would hold the VIPs. */
  takesLast: boolean;
  basis: string;
};

/** What a person has to do to confirm: press `key` once, alone, or type `word`. Enter never confirms. */
export type Confirmation = { kind: 'press'; key: string } | { kind: 'type'; word: string };

/** An action with everything that is said before it is done. `commands` are the exact command lines, in order. */
export type Plan = {
  action: Action;
  commands: string[];
  risk: Risk;
  confirmation: Confirmation;
  /** Seconds after which the node itself starts again what ran on it before; absent: never. */
  restoreAfter?: number;
};

/** Why an action was not begun. `risk`: not confirmed as it must be; `nothing-to-do`: the state already is what it asks for. */
export type Refusal = {
  reason: 'read-only' | 'nothing-to-do' | 'risk' | 'changed' | 'disabled' | 'no-timer' | 'not-recorded';
  text: string;
};

/** One command as it ran: exit status, how long it took in ms, the last line of stderr (cleaned). `code` null: a signal ended it. */
export type CommandResult =
  | { ok: true; code: number | null; ms: number; stderr: string }
  | { ok: false; failure: Failure; ms: number };

/** How far an action has come. The last five are ends. */
export type ActionPhase =
  | { step: 'confirmed'; plan: Plan }
  | { step: 'executing'; command: string }
  /** The commands have returned; the effect is awaited, at most `budget` ms. */
  | { step: 'verifying'; awaited: string; budget: number }
  | { step: 'done'; seen: string; ms: number }
  | { step: 'no-effect'; seen: string; ms: number }
  /** Whether it was done is not known: the connection was lost midway, or nothing could be looked at afterwards. */
  | { step: 'unknown'; seen: string; failure?: Failure; ms: number }
  | { step: 'refused'; refusal: Refusal }
  /** Nothing was run: a right was missing, or the node could not be reached. */
  | { step: 'failed'; failure: Failure };

/** How an action ended. */
export type ActionOutcome = Extract<ActionPhase, { step: 'done' | 'no-effect' | 'unknown' | 'refused' | 'failed' }>;

/** A restore timer on a node, as systemd tells it: it starts `units` in `left` seconds. `by` is who armed it, and when. */
export type RestoreTimer = { left: number; units: string[]; by: string };

/** An action as the console knows it. Mono ms. */
export type ActionView = {
  id: number;
  action: Action;
  author: string;
  from: number;
  phase: ActionPhase;
  until?: number;
};

/** A line of the command log. `at` is mono ms of when its result came. */
export type CommandView = {
  action: number;
  node: string;
  command: string;
  result: CommandResult;
  at: number;
  wall: number;
};
