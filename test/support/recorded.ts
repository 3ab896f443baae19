/** Scenes that are recorded while they happen, with every state they went through. */
import type { Event, Fact } from '../../src/cluster/events.ts';
import { initialState } from '../../src/cluster/initial.ts';
import { reduce } from '../../src/cluster/reduce.ts';
import type { State } from '../../src/cluster/state.ts';
import { admit } from '../../src/recording/admit.ts';
import { memorySink, type Sink } from '../../src/recording/sink.ts';
import { memorySource, type Source } from '../../src/recording/source.ts';
import { createRecorder, type Recorder } from '../../src/recording/write.ts';
import { Scene, tutorialTopology } from './scene.ts';

export const WALL = Date.UTC(2026, 10, 23, 12, 0, 0);

/** A scene that hands every event to a recorder. */
export class RecordedScene extends Scene {
  recorder: Recorder | undefined;
  /** Every event as it was admitted, with the state after it. */
  readonly steps: { event: Event; state: State }[] = [];
  /** Whether facts are admitted before they are folded, as a session does. */
  admitted = true;
  /** ms by which the wall clock was set. */
  wallOffset = 0;

  override send(fact: Fact): void {
    const event: Event = {
      ...(this.admitted ? admit(fact) : fact),
      at: { mono: this.now, wall: WALL + this.now - 1000 + this.wallOffset },
    };
    this.facts.push({ at: this.now, fact });
    this.state = reduce(this.state, event);
    this.steps.push({ event, state: this.state });
    this.recorder?.take(event, this.state);
  }

  record(options: { file?: string; sink?: Sink; gzip?: boolean; retry?: number; queue?: number } = {}): Recorder {
    this.recorder = createRecorder({
      file: 'memory',
      state: this.state,
      app: '0.1.0',
      id: '0123456789abcdef',
      why: 'watch',
      by: 'ops@seat',
      ...options,
    });
    return this.recorder;
  }
}

/** A scene recorded into memory, closed in order. */
export const recordInMemory = async (
  play: (scene: RecordedScene) => void | Promise<void>,
): Promise<{ scene: RecordedScene; bytes: Buffer; source: Source }> => {
  const scene = new RecordedScene(tutorialTopology);
  const sink = memorySink();
  const recorder = scene.record({ sink });
  await play(scene);
  await recorder.close('quit');
  const bytes = Buffer.from(sink.read(0, sink.size()));
  return { scene, bytes, source: memorySource('memory', () => bytes) };
};

/** What a state would be from these events alone. */
export const foldOf = (events: Event[]): State =>
  events.reduce(reduce, initialState(tutorialTopology, { mono: 1000, wall: WALL }));

/** The state that was live at a time: the last one that is not later. */
export const liveAt = (scene: RecordedScene, mono: number): State | undefined =>
  scene.steps.findLast(({ event }) => event.at.mono <= mono)?.state;

/** Every whole second of a scene. */
export const secondsOf = (scene: RecordedScene): number[] =>
  Array.from({ length: Math.floor((scene.now - 1000) / 1000) + 1 }, (_, second) => 1000 + second * 1000);

/** Events that happened elsewhere, recorded into memory. */
export const recordEvents = async (initial: State, events: readonly Event[]) => {
  const sink = memorySink();
  let state = initial;
  const recorder = createRecorder({
    file: 'memory',
    state,
    app: '0.1.0',
    id: '0123456789abcdef',
    why: 'drill',
    by: 'ops@seat',
    sink,
  });
  for (const event of events) {
    state = reduce(state, event);
    recorder.take(event, state);
  }
  await recorder.close('quit');
  return { source: sink, state };
};
