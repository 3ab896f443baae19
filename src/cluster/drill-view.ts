import type { DrillOutcome, DrillPhase, DrillPlan, ExpectationResult, UndoState } from './drill.ts';
import type { Stamp } from './events.ts';

/** What the requests to one VIP came to within a slice of time. `at`: mono ms of its begin. */
export type LaneSlice = { at: number; good: number; lost: number; unknown: number };

/** Who held a VIP from a time on (mono ms): no name, one, or several. */
export type HolderSlice = { at: number; holders: string[] };

/** One step as the screen shows it. Mono ms. */
export type StepView = {
  state: 'waiting' | 'running' | 'done' | 'failed' | 'unknown' | 'skipped';
  from?: number;
  until?: number;
  seen?: string;
};

/** One piece of the restore. */
export type UndoView = { node: string; text: string; command: string; state: UndoState; seen: string };

/** A restore timer that this drill has armed. `at`: mono ms of when it last began to run. */
export type GuardView = { node: string; at: number; seconds: number; state: 'armed' | 'disarmed' | 'lost' };

/** A drill as the screen shows it: steps, lanes, and the verdict as it forms. */
export type DrillView = {
  id: number;
  name: string;
  /** Absent while only the gate has spoken. */
  plan?: DrillPlan;
  gate?: { open: boolean; reasons: string[] };
  phase: DrillPhase;
  from: Stamp;
  until?: Stamp;
  steps: StepView[];
  /** By VIP, oldest first, bounded. */
  lanes: Record<string, LaneSlice[]>;
  holders: Record<string, HolderSlice[]>;
  sampling?: { period: number; deadline: number; via: 'jump' | 'direct'; rtt?: number };
  download?: { state: 'open' | 'cut' | 'ended' | 'failed'; at: number; why?: string };
  expectations: ExpectationResult[];
  guards: GuardView[];
  abort?: { by: 'criterion' | 'operator'; reason: string; leave: boolean; at: number };
  undo: UndoView[];
  outcome?: DrillOutcome;
};

/** Length of a slice of the lanes, ms. */
export const SLICE = 250;
/** Slices kept for each VIP: ten minutes. */
export const SLICES_KEPT = 2400;
