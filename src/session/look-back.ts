import { createPlayback, type Playback } from '../recording/playback.ts';
import type { Source } from '../recording/source.ts';
import type { PlayClock } from './play-clock.ts';
import { createPlayer, type PastPicture, type Player } from './player.ts';
import { refusal } from './replay.ts';
import type { DrillDesk, Picture, SessionStore } from './store.ts';

const PAST = 'this is the past: end goes back to now';

/**
 * A running session with its past: `lookBack` shows what was, until `leave`; probing, recording and actions under way go on. In the past
 * nothing that writes is begun, and no question is put: the picture says that one waits. `memory`: what is kept of the session.
 */
export const withLookBack = (
  live: SessionStore,
  options: { memory: () => Source | undefined; clock: PlayClock },
): SessionStore & { stop(): void } => {
  const listeners = new Set<() => void>();
  let past: { player: Player; playback: Playback } | undefined;
  let opening = false;
  let failed: string | undefined;
  let stopped = false;
  let picture: Picture = live.get();

  const show = (next: Picture): void => {
    picture = next;
    for (const listener of listeners) listener();
  };
  const inPast = ({ state, view }: PastPicture): Picture => {
    const now = live.get();
    const playback = { ...view, now: { state: now.state, question: now.prompt !== null } };
    return { ...now, state, prompt: null, playback };
  };
  const forget = live.subscribe(() => show(past ? inPast(past.player.get()) : live.get()));

  const leave = (): void => {
    past?.player.stop();
    past?.playback.close();
    past = undefined;
    if (!stopped) show(live.get());
  };

  const open = async (source: Source, at: number): Promise<void> => {
    const playback = await createPlayback(source);
    if (stopped) return playback.close();
    const player = createPlayer({
      playback,
      kind: 'look-back',
      zone: 'local',
      clock: options.clock,
      at: Math.max(playback.from.mono, Math.min(at, playback.to().mono)),
      changed: (next) => show(inPast(next)),
      ended: leave,
    });
    past = { player, playback };
    show(inPast(player.get()));
  };

  const refused = () => refusal(PAST);
  return {
    ...live,
    get: () => picture,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    clear: () => (past ? undefined : live.clear()),
    note: async (text) => (past ? [] : live.note(text)),
    plan: async (action, more) => (past ? { ok: false, refusal: refused() } : live.plan(action, more)),
    perform: async (plan, given) => (past ? { step: 'refused', refusal: refused() } : live.perform(plan, given)),
    ...(live.drills
      ? {
          drills: {
            ...live.drills,
            planDrill: async (name, more) =>
              past ? { ok: false, reasons: [PAST] } : (live.drills as DrillDesk).planDrill(name, more),
          },
        }
      : {}),
    playback: {
      ask: (command) => (past ? past.player.ask(command) : 'this is now: ← looks back'),
      lookBack: (ms) => {
        if (past || opening) return null;
        if (failed !== undefined) return failed;
        const source = options.memory();
        if (!source) return 'this session has just begun: there is nothing to look back at yet';
        opening = true;
        open(source, live.get().state.now.mono - ms)
          .catch((error: unknown) => {
            failed = `the past cannot be shown: ${String(error).slice(0, 200)}`;
          })
          .finally(() => {
            opening = false;
          });
        return null;
      },
    },
    stop: () => {
      stopped = true;
      forget();
      leave();
    },
  };
};
