import type { Event } from '../cluster/events.ts';
import type { State } from '../cluster/state.ts';
import { createLookBack } from '../recording/look-back.ts';
import { createParts, type Part } from '../recording/parts.ts';
import type { Sink } from '../recording/sink.ts';
import type { Source } from '../recording/source.ts';
import { type Closed, createRecorder, type RecorderStatus } from '../recording/write.ts';
import type { RecordingView } from './store.ts';

/** How long an action waits for the disk before it goes on without, ms. */
const DISK_PATIENCE = 1000;
/** A disk that was too slow is waited for again after this at the latest, ms. */
const DISK_RESTS = 30_000;
const TOO_SLOW = 'recording failed: the disk is too slow';
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
  /** Names the file in which a session that has grown goes on; without it, it stays in one. */
  next?: (wall: number) => Part;
  /** For tests. */
  sink?: Sink;
  most?: number;
};

/** The record of one session as the session sees it. */
export type SessionRecord = {
  /** Takes an event and the state after it. Never throws, never waits. */
  take(event: Event, state: State): void;
  view(): RecordingView;
  /** Why nothing may be begun, as far as that is known without asking the disk: recording is required, and fails. */
  objection(): string | null;
  /** Waits like `saved`, and says why nothing may be begun: recording is required, and what was taken so far is not on disk. */
  cleared(): Promise<string | null>;
  /**
   * Waits, a second at most and not again while the disk is that slow, until what was taken so far is on disk. Null: it is, or nothing
   * is recorded; else why it is not. Nothing that puts something back may depend on the answer.
   */
  saved(): Promise<string | null>;
  /** The newest hours of this session, recorded or not; undefined in its first moments. */
  memory(): Source | undefined;
  /** Seals and closes the file; undefined: none was written. The second call returns what the first did. Never rejects. */
  close(): Promise<Closed | undefined>;
};

/** `why`: what stood in the way when it was closed. */
const viewOf = (status: RecorderStatus, why: string | undefined): RecordingView => {
  const { file, bytes, lost, parts = 0 } = status;
  const of = { file, bytes, lost, parts };
  return why === undefined ? { phase: 'recording', ...of } : { phase: 'failed', why, ...of };
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
  // The fact that met the failure is folded first.
  const say: typeof hear.say = (severity, text) => queueMicrotask(() => hear.say(severity, text));
  const closed = ({ file: name, seal }: Closed) => {
    if (seal === undefined)
      say('bad', `recording: ${name} could not be sealed; haconsole recover saves what is good of it`);
  };
  const file =
    options &&
    (options.next
      ? createParts({ ...options, next: options.next, state, closed })
      : createRecorder({ ...options, state }));
  let closing: Promise<Closed | undefined> | undefined;
  let failing: string | undefined;
  let said = Number.NEGATIVE_INFINITY;
  let told = false;
  let slow = false;

  file?.onStatus((status) => {
    if (status.phase === 'closed') return;
    const fails = status.phase === 'failed' ? (status.why ?? 'unknown') : undefined;
    if (fails !== undefined && failing === undefined && hear.now() - said >= SAID_AGAIN) {
      said = hear.now();
      told = true;
      say('bad', `recording failed: ${fails}; it goes on by itself when it can`);
    }
    if (fails === undefined && failing !== undefined && told) {
      told = false;
      say('info', `recording goes on${status.lost > 0 ? `, ${status.lost} facts are missing` : ''}`);
    }
    failing = fails;
    hear.changed();
  });

  const whyNot = (): string | null => (failing === undefined ? null : `recording failed: ${failing}`);

  const saved = async (): Promise<string | null> => {
    if (!file) return null;
    // A disk that is known to fail is not waited for.
    const why = whyNot();
    if (why !== null || slow) return why ?? TOO_SLOW;
    slow = !(await file.durable(DISK_PATIENCE));
    if (!slow) return null;
    void file.durable(DISK_RESTS).then(() => {
      slow = false;
    });
    return whyNot() ?? TOO_SLOW;
  };

  return {
    take: (event, next) => {
      memory.take(event, next);
      file?.take(event, next);
    },
    view: () => (file ? viewOf(file.status(), failing) : { phase: 'off' }),
    objection: () => (options?.required ? (whyNot() ?? (slow ? TOO_SLOW : null)) : null),
    cleared: async () => {
      const why = await saved();
      return options?.required ? why : null;
    },
    saved,
    memory: () => lookBack.source(),
    close: () => {
      closing ??= Promise.all([file?.close('quit'), memory.close('quit')]).then(([closed]) => closed);
      return closing;
    },
  };
};
