import type { Refusal } from '../cluster/action.ts';
import type { Failure } from '../cluster/failure.ts';
import type { Playback } from '../recording/playback.ts';
import type { PlayClock } from './play-clock.ts';
import type { Trouble } from './playback-view.ts';
import { createPlayer } from './player.ts';
import type { Picture, SessionStore } from './store.ts';

/** Why nothing that writes is done in a replay. */
export const RECORDED = 'this is a recording';

/** What everything that writes answers. */
export const refusal = (text: string): Refusal => ({ reason: 'disabled', text });

/** A recorded session as the views see one: the same pictures, on a clock of its own. */
export type ReplaySession = SessionStore & {
  /** Says what is wrong with the file. */
  trouble(trouble: Trouble | null): void;
  stop(): void;
};

const failure: Failure = { step: 'command', hop: 'console', found: RECORDED, blame: 'path' };

/** Shows a recording from `at` on (mono ms; default: its begin). Nothing is sent anywhere: everything that writes is refused. */
export const startReplay = (options: {
  playback: Playback;
  clock: PlayClock;
  at?: number;
  speed?: number;
}): ReplaySession => {
  const { playback } = options;
  const listeners = new Set<() => void>();
  const player = createPlayer({
    ...options,
    kind: 'replay',
    zone: 'utc',
    changed: ({ state, view }) => {
      picture = { state, prompt: null, recording: { phase: 'off' }, playback: view };
      for (const listener of listeners) listener();
    },
  });
  const first = player.get();
  let picture: Picture = { state: first.state, prompt: null, recording: { phase: 'off' }, playback: first.view };

  return {
    get: () => picture,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    clear: () => {},
    note: async () =>
      picture.state.topology.nodes
        .filter((node) => node.role === 'lb')
        .map(({ name }) => ({ node: name, ok: false, failure })),
    plan: async () => ({ ok: false, refusal: refusal(RECORDED) }),
    perform: async () => ({ step: 'refused', refusal: refusal(RECORDED) }),
    answer: () => {},
    retry: () => {},
    playback: { ask: player.ask },
    trouble: player.trouble,
    stop: () => {
      player.stop();
      playback.close();
    },
  };
};
