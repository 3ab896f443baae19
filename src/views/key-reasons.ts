/** Why keys do nothing now, in words; null when they do. */
import { canRestore } from './action-keys.ts';
import type { KeyContext } from './keymap.ts';
import { actionTitle, underWay } from './parts/action-words.ts';
import { drillShown, drillUnderWay, stepAwaited } from './parts/drill-now.ts';

/** Scrolling where everything is in view. */
export const needsMore = (context: KeyContext): string | null =>
  context.canScroll ? null : 'everything in this pane is in view';

/** Trying again where every connection is up. */
export const allUp = ({ picture }: KeyContext): string | null =>
  [...picture.state.hops, ...Object.values(picture.state.nodes)].every((one) => one.link.phase === 'up')
    ? 'every connection is up'
    : null;

/** A note that cannot be written. */
export const noNote = ({ picture, readOnly }: KeyContext): string | null => {
  if (readOnly || picture.state.topology.readOnly) return 'read-only: nothing is written to the nodes';
  return picture.state.topology.nodes.some((node) => node.role === 'lb') ? null : 'no load balancer is known yet';
};

/** A restore time for what is past choosing, or takes nothing away. */
export const noRestore = ({ ui }: KeyContext): string | null => {
  if (ui.overlay?.kind !== 'action') return null;
  const { action, stage } = ui.overlay;
  if (stage.at === 'running' || stage.at === 'over') return 'it was confirmed already';
  return canRestore(action) ? null : 'this action takes nothing away that could be restored';
};

/** A console that stands still runs no second command and sees no effect. */
export const notWhileActing = ({ picture }: KeyContext): string | null => {
  const [first] = underWay(picture.state, () => false);
  return first ? `${actionTitle(first.action)} is under way and would stop midway` : null;
};

/** Who leaves now never learns whether it was done. */
export const underWayStill = ({ picture }: KeyContext): string | null => {
  const [first] = underWay(picture.state, () => false);
  return first ? `${actionTitle(first.action)} is under way; ctrl+c leaves all the same` : null;
};

/** Drills that cannot be run. */
export const noDrills = ({ picture, readOnly, drills }: KeyContext): string | null => {
  if (!drills) return 'this is a recording: nothing can be run';
  if (readOnly || picture.state.topology.readOnly) return 'read-only: nothing is written to the nodes';
  const running = drillUnderWay(picture.state);
  return running ? `the drill ${running.name} is under way; esc ends it` : null;
};

/** A step that waits for nobody. */
export const noStep = ({ picture, ui, drills }: KeyContext): string | null => {
  const running = drills ? drillUnderWay(picture.state) : undefined;
  if (!running) return 'no drill is under way';
  if (!ui.stepping) return `the drill ${running.name} goes on by itself`;
  if (ui.frozen) return 'the picture is frozen: space goes live';
  return stepAwaited(running, ui.stepping) ? null : 'no step waits: one is under way';
};

/** Nothing that `esc` could end, clear, leave or put away. */
export const nothingToLeave = ({ picture, ui }: KeyContext): string | null =>
  ui.filter.text !== '' || ui.zoom || ui.frozen || drillShown(picture.state, ui) ? null : 'nothing to leave';
/** Following a file to which nothing is added. */
export const noReplayEnd = (picture: KeyContext['picture']): string | null =>
  picture.playback?.closed ? 'the recording was closed: nothing will follow' : null;

/** Leaving, in the past, where there is nothing to leave. */
export const noReplayBack = ({ ui, picture }: KeyContext): string | null =>
  ui.filter.text !== '' ||
  ui.zoom ||
  picture.playback?.search ||
  picture.playback?.kind === 'look-back' ||
  drillShown(picture.state, ui)
    ? null
    : 'nothing to leave; q leaves the replay';
