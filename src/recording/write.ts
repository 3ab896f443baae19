import type { Event, Stamp } from '../cluster/events.ts';
import type { State } from '../cluster/state.ts';
import { compress } from './compress.ts';
import { createFactEncoder, isUrgent } from './fact-code.ts';
import { type ClockLine, type GapLine, type HeaderLine, isoOf, SCHEMA, STATE_REVISION } from './format.ts';
import { createOutbox, type Entry } from './outbox.ts';
import { withoutSecrets } from './redact.ts';
import { newlySaid, saidLine } from './said.ts';
import { fileSink, type Sink } from './sink.ts';
import { encodeState } from './state-code.ts';

/** A whole state is written this often, ms: the longest way a seek has to go. */
const KEY_EVERY = 60_000;
/** A seal is written this often, ms. */
const SEAL_EVERY = 20_000;
/** A step of the wall clock from here on is a jump, ms. */
const JUMP = 500;

/** Whether it records now. `failed`: it does not, and why; it goes on by itself when it can. `lost`: facts not recorded so far. */
export type RecorderStatus = {
  phase: 'recording' | 'failed' | 'closed';
  file: string;
  bytes: number;
  lost: number;
  why?: string;
  /** Earlier files of this session. */
  parts?: number;
};

/** How a recording ended: the file as it is now called, and its head hash: the seal that names this very content. */
export type Closed = { file: string; seal?: string };

export type Recorder = {
  /** Takes an event and the state after it. Never throws, never waits. */
  take(event: Event, state: State): void;
  /** Resolves when everything taken so far is on disk: true; or when that does not come about within `deadline` ms: false. */
  durable(deadline?: number): Promise<boolean>;
  status(): RecorderStatus;
  /** Called when recording fails or comes back. */
  onStatus(listener: (status: RecorderStatus) => void): () => void;
  /**
   * Seals and closes, and compresses what is not large if that is done soon; with `packing` ms for it whatever is done by then. Never
   * rejects; whatever `why` is (`quit`), it ends within seconds and those.
   */
  close(why: string, packing?: number): Promise<Closed>;
};

export type RecorderOptions = {
  file: string;
  state: State;
  /** Version of the console. */
  app: string;
  id: string;
  /** The recording this one goes on from. */
  after?: string;
  /** The command that records. */
  why: string;
  by: string;
  sink?: Sink;
  /** `false` leaves the file as it is when closed. */
  gzip?: boolean;
  /** For tests: ms between attempts after a failure, bytes that may wait. */
  retry?: number;
  queue?: number;
};

/**
 * Records a session into a new file, from `state` on. Whatever the disk does, the caller goes on: events queue up to a bound, then
 * are counted as lost, and once the disk is back a gap and the state as it then is are written.
 */
export const createRecorder = (options: RecorderOptions): Recorder => {
  const { file } = options;
  let state = options.state;
  let at: Stamp = state.now;
  const encoder = createFactEncoder(at);
  const listeners = new Set<(status: RecorderStatus) => void>();
  let closed = false;
  /** Since the queue ran over nothing is taken: since when, how many facts, and why. */
  let missing: { since: number; facts: number; why: string } | undefined;
  let lost = 0;
  let lastKey = Number.NEGATIVE_INFINITY;
  let lastSeal = Number.NEGATIVE_INFINITY;

  const sink = options.sink ?? fileSink(file);
  const outbox = createOutbox(sink, {
    ...(options.retry === undefined ? {} : { retry: options.retry }),
    ...(options.queue === undefined ? {} : { limit: options.queue }),
    changed: () => tell(),
    overrun: (facts, since, why) => {
      missing = { since: since ?? at.mono, facts, why };
    },
    recovered: () => resume(),
  });

  const status = (): RecorderStatus => {
    const { failure, bytes } = outbox.status();
    const base = { file, bytes, lost: lost + (missing?.facts ?? 0) };
    if (closed) return { phase: 'closed', ...base };
    const why = failure ?? missing?.why;
    return why === undefined ? { phase: 'recording', ...base } : { phase: 'failed', why, ...base };
  };
  let told = 'recording';
  const tell = () => {
    const now = status();
    if (told === `${now.phase}${now.why ?? ''}`) return;
    told = `${now.phase}${now.why ?? ''}`;
    for (const listener of listeners) listener(now);
  };

  const stamp = () => ({ m: at.mono, w: at.wall, t: isoOf(at) });
  const put = (entry: Entry) => outbox.put(entry);
  const line = (value: object, urgent = false) => put({ text: JSON.stringify(value), ...(urgent ? { urgent } : {}) });

  const key = (afterGap = false) => {
    const head = { k: 'key', ...stamp() };
    const tail = { rev: STATE_REVISION, ...(afterGap ? { gap: true } : {}) };
    const kept = state;
    put({
      sealed: true,
      text: (lines) => encodeState(kept).then((text) => JSON.stringify({ ...head, lines, ...tail, state: text })),
    });
    encoder.restart(at);
    lastKey = at.mono;
    lastSeal = at.mono;
  };

  const resume = () => {
    if (!missing) return;
    const { since, facts, why } = missing;
    const gap: GapLine = { k: 'gap', m: at.mono, t: isoOf(at), d: { from: since, to: at.mono, lost: facts, why } };
    lost += facts;
    missing = undefined;
    // What was said meanwhile is known; a line that is in the file already stands for itself.
    for (const notice of state.notices)
      if (notice.at.mono >= since) line(withoutSecrets(saidLine({ notice, replaces: notice.id }, at.mono)));
    line(gap);
    key(true);
    tell();
  };

  const header: HeaderLine = {
    k: 'hdr',
    schema: SCHEMA,
    app: options.app,
    id: options.id,
    t: isoOf(at),
    m: at.mono,
    w: at.wall,
    why: options.why,
    by: options.by,
    ...(options.after === undefined ? {} : { after: options.after }),
    topology: withoutSecrets(state.topology),
  };
  line(header);
  key();

  const take = (event: Event, next: State) => {
    const before = at;
    const said = newlySaid(state, next);
    at = event.at;
    state = next;
    if (missing) {
      missing.facts += 1;
      return;
    }
    const urgent = isUrgent(event);
    put({ text: encoder.encode(withoutSecrets(event)), fact: at.mono, ...(urgent ? { urgent } : {}) });
    for (const one of said) line(withoutSecrets(saidLine(one, at.mono)));
    const jump = at.wall - before.wall - (at.mono - before.mono);
    if (Math.abs(jump) > JUMP) {
      const jumped: ClockLine = { k: 'clock', m: at.mono, t: isoOf(at), derived: true, d: { jump: Math.round(jump) } };
      line(jumped);
    }
    if (at.mono - lastKey >= KEY_EVERY) key();
    else if (at.mono - lastSeal >= SEAL_EVERY) {
      const mark = { k: 'seal', ...stamp() };
      put({ sealed: true, text: (lines) => JSON.stringify({ ...mark, lines }) });
      lastSeal = at.mono;
    }
  };

  return {
    take: (event, next) => {
      if (closed) return;
      try {
        take(event, next);
      } catch (error) {
        // What cannot be written must not stop what is recorded.
        outbox.giveUp(`internal error: ${String(error).slice(0, 200)}`);
      }
    },
    durable: (deadline = 1000) => outbox.durable(deadline),
    status,
    onStatus: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: async (why, packing) => {
      if (closed) return { file };
      closed = true;
      const seal = await outbox.close(() => {
        const mark = { k: 'end', ...stamp() };
        return { sealed: true, urgent: true, text: (lines) => JSON.stringify({ ...mark, lines, d: { why, lost } }) };
      });
      tell();
      if (seal === undefined || options.gzip === false || options.sink) return { file, ...(seal ? { seal } : {}) };
      return { file: await compress(file, packing), seal };
    },
  };
};
