import type { DrillPlan } from '../../cluster/drill.ts';
import type { DrillView } from '../../cluster/drill-view.ts';
import type { State } from '../../cluster/state.ts';
import type { Ui } from '../ui.ts';

/** A drill that has come past its gate: there is something to show of it. */
export type PlannedDrill = DrillView & { plan: DrillPlan };

const isPlanned = (view: DrillView | undefined): view is PlannedDrill => view?.plan !== undefined;

/** The drill whose pane is shown: the one under way, or the last one until its pane is put away. */
export const drillShown = ({ drill }: State, ui: Pick<Ui, 'closedDrill'>): PlannedDrill | undefined =>
  isPlanned(drill) && drill.id !== ui.closedDrill ? drill : undefined;

/** The drill under way. */
export const drillUnderWay = ({ drill }: State): PlannedDrill | undefined =>
  isPlanned(drill) && drill.phase !== 'over' ? drill : undefined;

/** Index of the step that runs, or of the next one. */
export const currentStep = ({ steps }: DrillView): number => {
  const running = steps.findIndex((step) => step.state === 'running');
  return running >= 0 ? running : steps.findIndex((step) => step.state === 'waiting');
};

/** The step that waits for a person, and since when (mono ms); null when none does. */
export const stepAwaited = (view: DrillView, stepping: boolean): { index: number; since: number } | null => {
  const { steps } = view;
  if (!stepping || view.phase !== 'method' || view.abort || steps.some((step) => step.state === 'running')) return null;
  const index = steps.findIndex((step) => step.state === 'waiting');
  if (index < 0) return null;
  return { index, since: steps[index - 1]?.until ?? view.guards.at(-1)?.at ?? view.from.mono };
};

const names: Record<DrillView['phase'], string> = {
  steady: 'steady state',
  arming: 'arming the restore timers',
  method: 'method',
  restore: 'restoring',
  verify: 'verifying',
  over: 'over',
};

/** How far a drill has come, in words: `step 3 of 7`. */
export const phaseWords = (view: DrillView): string => {
  if (view.phase !== 'method') return names[view.phase];
  const at = currentStep(view);
  return at < 0 ? 'all steps done' : `step ${at + 1} of ${view.steps.length}`;
};
