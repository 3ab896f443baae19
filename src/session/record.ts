import type { Event } from '../cluster/events.ts';
import type { State } from '../cluster/state.ts';
import { createLookBack } from '../recording/look-back.ts';
import type { Sink } from '../recording/sink.ts';
import type { Source } from '../recording/source.ts';
import { type Closed, createRecorder, type RecorderStatus } from '../recording/write.ts';
import type { RecordingView } from './store.ts';

/** How long an action waits for the disk before it goes on without, ms. */
const DISK_PATIENCE = 1000;
/** A disk that fails again and again is said once in this time, ms. */
const SAID_AGAIN = 60_000;

/** How a session is recorded. */
export type RecordOptions = {
  /** A new file. */
  file: string;
  /** Version of the console. */
  app: string;
  id: string;
  /** The command that records: `watch`. */
  why: string;
  /** `user@host` */
  by: string;
  /** Whether the file is compressed when it is closed. */
  gzip: boolean;
  /** Actions and drills are refused while recording fails. */
  required: boolean;
  /** For tests. */
  sink?: Sink;
};

/** The record of one session as the session sees it. */
export type SessionRecord = {
  /** Takes an event and the state after it. Never throws, never waits. */
  take(event: Event, state: State): void;
  view(): RecordingView;
  /** Why nothing may be begun now: recording is required, and fails. */
  objection(): string | null;
  /**
   * Waits, a second at most, until what was taken so far is on disk. Null: it is, or nothing is recorded; else why it is not. Nothing
   * that puts something back may depend on it.
   */
  saved(): Promise<string | null>;
  /** The newest hours of this session, recorded or not; undefined in its first moments. */
  memory(): Source | undefined;
  /** Seals and closes the file; undefined: none was written. The second call returns what the first did. Never rejects. */
  close(): Promise<Closed | undefined>;
};

const viewOf = (status: RecorderStatus): RecordingView => {
  const { file, bytes, lost } = status;
  return status.phase === 'failed'
    ? { phase: 'failed', why: status.why ?? 'unknown', file, bytes, lost }
    : { phase: 'recording', file, bytes, lost };
};

/**
 * Records a session from `state` on: into a file, where one is asked for, and into memory to look back. `changed`: recording failed or
 * came back; `say`: what the event log is to tell of it.
 */
export const recordSession = (
  state: State,
  options: RecordOptions | undefined,
  hear: { changed: () => void; say: (severity: 'info' | 'bad', text: string) => void; now: () => number },
): SessionRecord => {
  const lookBack = createLookBack();
  const memory = createRecorder({
    file: 'memory',
    app: '',
    id: '',
    why: 'watch',
    by: '',
    ...options,
    state,
    sink: lookBack.sink,
    gzip: false,
  });
  const file = options && createRecorder({ ...options, state });
  let closing: Promise<Closed | undefined> | undefined;
  let failing = false;
  let said = Number.NEGATIVE_INFINITY;
  let told = false;
  // The fact that met the failure is folded first.
  const say: typeof hear.say = (severity, text) => queueMicrotask(() => hear.say(severity, text));

  file?.onStatus((status) => {
    if (status.phase === 'closed') return;
    const fails = status.phase === 'failed';
    if (fails && !failing && hear.now() - said >= SAID_AGAIN) {
      said = hear.now();
      told = true;
      say('bad', `recording failed: ${status.why}; it goes on by itself when it can`);
    }
    if (!fails && failing && told) {
      told = false;
      say('info', `recording goes on${status.lost > 0 ? `, ${status.lost} facts are missing` : ''}`);
    }
    failing = fails;
    hear.changed();
  });

  const whyNot = (): string | null => {
    const status = file?.status();
    return status?.phase === 'failed' ? `recording failed: ${status.why}` : null;
  };

  return {
    take: (event, next) => {
      memory.take(event, next);
      file?.take(event, next);
    },
    view: () => (file ? viewOf(file.status()) : { phase: 'off' }),
    objection: () => (options?.required ? whyNot() : null),
    saved: async () => {
      if (!file) return null;
      // A disk that is known to fail is not waited for.
      const why = whyNot();
      if (why !== null) return why;
      return (await file.durable(DISK_PATIENCE)) ? null : (whyNot() ?? 'recording failed: the disk is too slow');
    },
    memory: () => lookBack.source(),
    close: () => {
      closing ??= Promise.all([file?.close('quit'), memory.close('quit')]).then(([closed]) => closed);
      return closing;
    },
  };
};
