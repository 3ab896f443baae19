import type { CheckLogKind } from './check-words.ts';
import type { VerdictCode } from './state.ts';
import type { ServiceName } from './topology.ts';

/** What a drill can do to a service beside systemd's verbs: `kill` ends all its processes at once (SIGKILL), `freeze` stops them (SIGSTOP). */
export type DeedVerb = 'start' | 'stop' | 'restart' | 'reload' | 'kill' | 'freeze' | 'thaw';

/** One thing a drill does on a node. `set-aside` takes nginx.conf away under another name, `lower-priority` gives the VIPs up without a stop. */
export type Deed =
  | { kind: 'service'; verb: DeedVerb; service: ServiceName }
  | { kind: 'out-of-service' }
  | { kind: 'back-in-service' }
  | { kind: 'set-aside' }
  | { kind: 'put-back' }
  | { kind: 'lower-priority' }
  | { kind: 'restore-priority' };

/** What a step waits for. `holder` null: nobody holds any VIP; `both`: two hold them for more than a second. */
export type DrillCondition =
  | { is: 'holder'; node: string | null }
  | { is: 'both' }
  | { is: 'verdict'; codes: VerdictCode[] }
  | { is: 'service'; node: string; service: ServiceName; running: boolean }
  | { is: 'answers'; good: boolean }
  | { is: 'line'; node: string; line: CheckLogKind };

/** One step of a drill, with nodes for roles and ms for budgets. `part`: the drill of a tour that it belongs to. */
export type PlannedStep = {
  id?: string;
  part?: string;
  stage: 'setup' | 'method';
  text: string;
} & (
  | { kind: 'act'; deed: Deed; node: string }
  | { kind: 'wait'; condition: DrillCondition; budget: number }
  | { kind: 'hold'; ms: number }
  /** The state in which the part may begin; closed: the drill ends here. */
  | { kind: 'gate'; verdicts: VerdictCode[]; holder?: string | null }
);

/** Bounds in ms; what is absent is not bounded. */
export type Bounds = { least?: number; most?: number };

/** What must be found, with nodes for roles and ms for budgets. The window is from the begin of step `after` to that of `until`, or the end of the method. */
export type PlannedExpectation = {
  text: string;
  part?: string;
  after: number;
  until?: number;
  /** ms by which the figure may miss its bounds. */
  tolerance: number;
  /** How the bounds were computed, one sentence. */
  basis?: string;
} & (
  | { kind: 'holder'; node: string | null; within: number }
  | { kind: 'outage'; bounds: Bounds }
  | { kind: 'lost'; most?: number; leastShare?: number; mostShare?: number }
  | { kind: 'rotation'; served: string[]; absent: string[] }
  | { kind: 'line'; node: string; line: CheckLogKind; within?: number }
  | { kind: 'service'; node: string; service: ServiceName; active: string[]; frozen?: boolean; within?: number }
  | { kind: 'moves'; bounds: Bounds }
  | { kind: 'split-brain'; seen: boolean }
  | { kind: 'blip'; most: number }
  | { kind: 'verdict'; codes: VerdictCode[]; within?: number }
  | { kind: 'download'; cut: boolean }
);

/** What a drill may bring about without being ended for it. */
export type Tolerance = 'outage' | 'no-holder' | 'split-brain' | 'web-down';

/** A drill made ready to run on one cluster: everything the record needs to be judged by itself. */
export type DrillPlan = {
  name: string;
  title: string;
  shows: string;
  tutorial?: string;
  reality?: string;
  author: string;
  /** Which node plays `master`, `backup`, `web.first`, … */
  roles: Record<string, string>;
  vips: string[];
  balancers: string[];
  webs: string[];
  steps: PlannedStep[];
  expectations: PlannedExpectation[];
  tolerates: Tolerance[];
  /** ms of lost answers on a VIP after which the drill ends itself; absent: any outage is part of it. */
  outageLimit?: number;
  steady: { verdicts: VerdictCode[]; rotation: boolean };
  /** Nodes that get a restore timer, in the order they are armed, with the command it runs and the units that run there now. */
  arm: { node: string; undo: string[]; running: string[] }[];
  restoreAfter: number;
  /** Acts of the restore beside what is computed, done after it. */
  restore: { deed: Deed; node: string; text: string }[];
  download: boolean;
  /** Sentences of the budgets that the drill uses. */
  budgets: { name: string; least: number; most: number; sentence: string }[];
};

/** Why a request got no good answer. `path`: the way there broke, so nothing is known. */
export type LossKind = 'refused' | 'timeout' | 'unreachable' | 'reset' | 'wrong' | 'path';

/** One request of the close measurement. Mono ms; `ok` null: nothing is known of the VIP. */
export type DrillSample = {
  vip: string;
  asked: number;
  answered: number;
  ok: boolean | null;
  servedBy?: string;
  loss?: LossKind;
};

/** How a node stood before the drill: unit states and what is enabled, and the hashes of the files a drill may touch. */
export type Baseline = {
  node: string;
  units: { service: ServiceName; unit: string; active: boolean; file: string }[];
  hashes: Record<string, string>;
};

/** How one expectation was met, in figures and as a sentence. `resolution`: ± ms of the measurement. */
export type ExpectationResult = {
  index: number;
  result: 'pass' | 'fail' | 'unknown';
  expected: string;
  measured: string;
  text: string;
  value?: number;
  resolution?: number;
};

export type DrillPhase = 'steady' | 'arming' | 'method' | 'restore' | 'verify' | 'over';

/** How a drill ended. `verdict` judges the cluster, `status` the run; `restored` null: cannot be told. */
export type DrillOutcome = {
  status: 'completed' | 'failed' | 'aborted' | 'interrupted' | 'refused';
  verdict: 'pass' | 'fail' | 'unknown';
  restored: boolean | null;
  /** The first thing to read, one sentence. */
  summary: string;
  /** What a person has to type where the restore failed: node and command line. */
  commands: { node: string; command: string }[];
  exit: 0 | 1 | 2 | 3;
};

/** What became of one piece of the restore. */
export type UndoState = 'begun' | 'done' | 'unneeded' | 'failed' | 'unknown';

/** What a drill did or saw, as it goes into the record. */
export type DrillFact =
  | { what: 'gate'; drill: string; open: boolean; reasons: string[] }
  | { what: 'plan'; plan: DrillPlan }
  | { what: 'phase'; phase: DrillPhase }
  /** The close measurement begins: a request to each VIP every `period` ms, each given `deadline` ms. */
  | { what: 'measuring'; period: number; deadline: number; via: 'jump' | 'direct'; rtt?: number }
  | { what: 'samples'; list: DrillSample[] }
  | { what: 'download'; vip: string; state: 'open' | 'cut' | 'ended' | 'failed'; bytes: number; why?: string }
  | { what: 'baseline'; when: 'before' | 'after'; nodes: Baseline[]; holder: string | null }
  | { what: 'timer'; node: string; op: 'armed' | 'extended' | 'disarmed' | 'lost'; text: string }
  | { what: 'step'; index: number; at: 'begun' }
  | { what: 'step'; index: number; at: 'done' | 'failed' | 'unknown'; seen: string }
  | { what: 'verdict'; code: VerdictCode }
  | { what: 'abort'; by: 'criterion' | 'operator'; reason: string; leave: boolean }
  | { what: 'undo'; node: string; text: string; command: string; at: UndoState; seen: string }
  | { what: 'steady'; when: 'before' | 'after'; ok: boolean | null; seen: string[] }
  | { what: 'expectation'; result: ExpectationResult }
  | { what: 'over'; outcome: DrillOutcome };
