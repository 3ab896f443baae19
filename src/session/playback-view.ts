import type { Stamp } from '../cluster/events.ts';
import type { State } from '../cluster/state.ts';
import type { Chapter } from '../recording/chapters.ts';
import type { Happening } from '../recording/file-index.ts';
import type { Span } from '../recording/playback.ts';

/** A tick of the bar: something that was said, or something about the recording itself. */
export type Tick = Happening;

/** Something is wrong with the file: a word for the banner, a sentence for the bar. */
export type Trouble = { level: 'warn' | 'bad'; word: string; text: string };

/** What the bar and the banner show of a playback; the picture's state is the state at `position`. Mono ms of the recording console. */
export type PlaybackView = {
  /** A recorded session, or the past of the one that runs. */
  kind: 'replay' | 'look-back';
  /** Times are shown and read in this zone. */
  zone: 'utc' | 'local';
  position: number;
  /** Wall time of the position, ms. */
  wall: number;
  from: Stamp;
  to: Stamp;
  playing: boolean;
  /** Seconds of the recording in a second. */
  speed: number;
  skipIdle: boolean;
  /** It stays at the newest moment of a file that is still written. */
  following: boolean;
  /** The file was closed: nothing follows `to`. */
  closed: boolean;
  /** In order of time. A new list only when something has come. */
  ticks: readonly Tick[];
  spans: readonly Span[];
  chapters: readonly Chapter[];
  /** The tick that is not later than the position. */
  here: Tick | undefined;
  /** What the last key did, or what was left out by itself; empty most of the time. */
  said: string;
  search: { text: string; found: number } | null;
  trouble: Trouble | null;
  /** While looking back: how things stand now, and whether a question waits for an answer. */
  now?: { state: State; question: boolean };
};

/** What can be asked of a playback. `step`: 1 forwards, -1 backwards. */
export type PlaybackCommand =
  | { kind: 'play' }
  /** So many ms from here. */
  | { kind: 'by'; ms: number }
  | { kind: 'sample' | 'event' | 'chapter' | 'found'; step: 1 | -1 }
  /** 0: one second in a second. */
  | { kind: 'speed'; step: 1 | 0 | -1 }
  | { kind: 'begin' | 'end' | 'undo' | 'skip-idle' | 'follow' }
  /** A moment as people write it. */
  | { kind: 'go'; text: string }
  /** What `found` looks for in the event log of the whole session. */
  | { kind: 'search'; text: string }
  /** Out of the past of a running session; in a replay it does nothing. */
  | { kind: 'leave' };

/** The past of a session as the keyboard drives it. */
export type PlaybackDesk = {
  /** Does it; null, or why nothing was done. */
  ask(command: PlaybackCommand): string | null;
  /** Begins to look back, `ms` before the time shown; only where a session runs. Null, or why it cannot. */
  lookBack?(ms: number): string | null;
};
