/** A recorded scene on a clock that the test moves. */
import { createPlayback, type Playback } from '../../src/recording/playback.ts';
import type { Source } from '../../src/recording/source.ts';
import { type ReplaySession, startReplay } from '../../src/session/replay.ts';
import { ManualClock } from './manual-clock.ts';
import { type RecordedScene, recordInMemory } from './recorded.ts';

/** Five minutes of the tutorial's pair: calm, a failover, a note, the way back, calm. */
export const storyOf = (scene: RecordedScene): void => {
  scene.healthy();
  scene.rounds(40);
  scene.send({ kind: 'journal', node: 'lb1', unit: 'keepalived.service', message: 'Stopping', nodeTime: 0 });
  scene.world.units.lb1 = { keepalived: { active: 'inactive', age: 1 } };
  scene.world.instances = { lb1: null, lb2: { state: 'MASTER' } };
  scene.move('lb1', 'lb2', 600);
  scene.rounds(30);
  scene.send({ kind: 'note', node: 'lb1', text: 'change 4711', outcome: { ok: true } });
  scene.rounds(30);
  scene.world.units.lb1 = {};
  scene.world.instances = {};
  scene.move('lb2', 'lb1', 600);
  scene.rounds(120);
};

export type Replayed = {
  scene: RecordedScene;
  source: Source;
  playback: Playback;
  clock: ManualClock;
  session: ReplaySession;
};

let kept: ReturnType<typeof recordInMemory> | undefined;
/** The story, recorded once for a file of tests: nobody changes it. */
const theStory = (): ReturnType<typeof recordInMemory> => (kept ??= recordInMemory(storyOf));

/** Records a story into memory and opens it for replay. */
export const replayed = async (
  play?: (scene: RecordedScene) => void | Promise<void>,
  options: { at?: number; speed?: number } = {},
): Promise<Replayed> => {
  const { scene, source } = await (play ? recordInMemory(play) : theStory());
  const playback = await createPlayback(source);
  const clock = new ManualClock();
  return { scene, source, playback, clock, session: startReplay({ playback, clock, ...options }) };
};
