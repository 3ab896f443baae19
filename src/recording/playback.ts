import type { Event, Stamp } from '../cluster/events.ts';
import { initialState } from '../cluster/initial.ts';
import type { State } from '../cluster/state.ts';
import { same } from './delta.ts';
import { emptyIndex, extendIndex, type Happening, type Index, type Key } from './file-index.ts';
import { type HeaderLine, RecordingError, STATE_REVISION } from './format.ts';
import { createEventReader, createSegment, folded, type Segment, stateOfKey } from './segment.ts';
import { openSource, type Source } from './source.ts';
import { monoAt, wallAt } from './wall.ts';

/** A stretch without news from here on is idle, ms. */
export const IDLE_AFTER = 10_000;
/** Segments whose events stay decoded. */
const SEGMENTS_KEPT = 4;
/** ms of work between two pauses for others. */
const SLICE = 12;

/** A stretch of the bar: nothing happened, or nothing was recorded. Mono ms. */
export type Span = { kind: 'idle' | 'gap'; from: number; to: number };

/** A session file to go to and fro in. Times are mono ms of the recording console. */
export type Playback = {
  header: HeaderLine;
  /** First and last moment there is; the last one moves on while the file is written. */
  from: Stamp;
  to(): Stamp;
  /** Whether the file was closed: nothing will follow. */
  ended(): Index['end'];
  /** The state at a time: the fold of every fact up to it. Times outside are taken as the nearest inside. */
  stateAt(mono: number): State;
  /** The wall time shown at that moment, ms. */
  wallAt(mono: number): number;
  /** The moment at which the wall clock showed this, ms; where it did so twice the first, where never the nearest. */
  monoAt(wall: number): number;
  /** Everything worth a tick, in order of time. */
  happenings(): readonly Happening[];
  spans(): Span[];
  index(): Readonly<Index>;
  /** When the next (`1`) or the previous (`-1`) fact is other than a tick; undefined at the ends. */
  sample(mono: number, direction: 1 | -1): number | undefined;
  /** Every fact between two times, with the states before and after it. */
  walk(from: number, to: number): Generator<{ event: Event; before: State; after: State }>;
  /** Takes in what has been written since; whether there was any. */
  refresh(): boolean;
  close(): void;
};

const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Drains a generator in slices, so that the keyboard lives. */
const inSlices = async (work: Generator<number>, progress?: (part: number) => void, signal?: AbortSignal) => {
  let began = performance.now();
  for (const part of work) {
    if (performance.now() - began < SLICE) continue;
    signal?.throwIfAborted();
    progress?.(part);
    await pause();
    began = performance.now();
  }
};

/** Stretches of more than ten seconds in which nothing happened, and the gaps. */
const spansOf = ({ happenings, gaps, last, header }: Index): Span[] => {
  const spans: Span[] = gaps.map(({ from, to }) => ({ kind: 'gap', from, to }));
  let before = header.m;
  const times = happenings.map((one) => one.at.mono).sort((a, b) => a - b);
  for (const time of [...times, last.mono]) {
    if (time - before > IDLE_AFTER) spans.push({ kind: 'idle', from: before, to: time });
    before = Math.max(before, time);
  }
  return spans.sort((a, b) => a.from - b.from);
};

/**
 * Opens a session for playback: one pass over the bytes, then every seek folds from the key before it. Where this version folds
 * facts to another state than the one that recorded did, the states of the keys are not used and everything is folded once.
 * Throws one sentence for what is no session. `progress`: 0 to 1.
 */
export const createPlayback = async (
  from: string | Source,
  options: { progress?: (part: number) => void; signal?: AbortSignal } = {},
): Promise<Playback> => {
  const { progress, signal } = options;
  const source = typeof from === 'string' ? await openSource(from, (part) => progress?.(part * 0.4)) : from;
  try {
    const index = emptyIndex(source);
    await inSlices(extendIndex(index, source), (part) => progress?.(0.4 + part * 0.5), signal);
    if (index.keys.length === 0)
      throw new RecordingError('unreadable', `${source.name} ends before its first state: there is nothing to show`);
    const playback = playbackOf(source, index);
    if (!playback.agrees()) await inSlices(playback.foldAll(), (part) => progress?.(0.9 + part * 0.1), signal);
    progress?.(1);
    return playback;
  } catch (error) {
    source.close();
    throw error;
  }
};

const playbackOf = (source: Source, index: Index) => {
  const segments = new Map<number, Segment>();
  /** States at the keys as folded here; only where those of the file are not used. */
  let foldedHere: State[] | undefined;
  let spans: Span[] | undefined;

  const keyAt = (number: number): Key => index.keys[number] as Key;
  const endOf = (number: number): number => index.keys[number + 1]?.offset ?? index.to;

  const recorded = (number: number): State | undefined => stateOfKey(source, keyAt(number), endOf(number));

  /** The state at a key: as recorded, or, where that is spoilt, as the facts before it lead to. */
  const stateOf = (number: number): State => {
    const state = foldedHere?.[number] ?? recorded(number) ?? (number > 0 ? segment(number - 1).final() : undefined);
    if (!state) throw new RecordingError('unreadable', `the state at line ${keyAt(number).line} cannot be read`);
    return state;
  };

  const segment = (number: number): Segment => {
    const known = segments.get(number);
    segments.delete(number);
    const one = known ?? createSegment(stateOf(number), createEventReader(source, keyAt(number)));
    if (!known) one.extend(endOf(number));
    segments.set(number, one);
    if (segments.size > SEGMENTS_KEPT) segments.delete(segments.keys().next().value as number);
    return one;
  };

  const numberAt = (mono: number): number => {
    let low = 0;
    let high = index.keys.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (keyAt(middle).at.mono <= mono) low = middle;
      else high = middle - 1;
    }
    return low;
  };

  /** Whether this version folds the facts of a stretch to what was recorded at its end. */
  const folds = (number: number): boolean => {
    const next = index.keys[number + 1];
    const then = next && !next.gap ? recorded(number + 1) : undefined;
    return then === undefined || same(segment(number).final(), then);
  };

  const agrees = (): boolean => {
    if (index.keys.some((key) => key.rev !== STATE_REVISION)) return false;
    const busiest = index.keys
      .map((key, number) => ({ number, lines: (index.keys[number + 1]?.line ?? 0) - key.line }))
      .reduce((a, b) => (b.lines > a.lines ? b : a)).number;
    return folds(0) && folds(busiest);
  };

  function* foldAll(): Generator<number> {
    segments.clear();
    const first = stateOf(0);
    const { mono, wall } = first.started;
    // A session that was recorded from its begin needs nothing of the shape that states had then.
    const fresh = mono === index.header.m && wall === index.header.w;
    const states = [fresh ? initialState(index.header.topology, { mono, wall }) : first];
    for (let number = 0; number + 1 < index.keys.length; number++) {
      let state = states[number] as State;
      for (const event of createEventReader(source, keyAt(number))(endOf(number))) state = folded(state, event);
      states.push(state);
      yield number / index.keys.length;
    }
    foldedHere = states;
  }

  const clamp = (mono: number): number => Math.max(index.header.m, Math.min(index.last.mono, mono));

  const sample = (mono: number, direction: 1 | -1): number | undefined => {
    for (let number = numberAt(mono); number >= 0 && number < index.keys.length; number += direction) {
      const events = segment(number).events();
      const found =
        direction === 1
          ? events.find((event) => event.at.mono > mono && event.kind !== 'tick')
          : events.findLast((event) => event.at.mono < mono && event.kind !== 'tick');
      if (found) return found.at.mono;
    }
    return undefined;
  };

  function* walk(from: number, to: number) {
    for (let number = numberAt(from); number < index.keys.length && keyAt(number).at.mono <= to; number++) {
      const { events, stateAt } = segment(number);
      let state = stateAt(Math.min(from, keyAt(number).at.mono) - 1);
      for (const event of events()) {
        if (event.at.mono > to) return;
        const before = state;
        state = folded(state, event);
        if (event.at.mono >= from) yield { event, before, after: state };
      }
    }
  }

  const playback: Playback = {
    header: index.header,
    from: { mono: index.header.m, wall: index.header.w },
    to: () => index.last,
    ended: () => index.end,
    stateAt: (mono) => segment(numberAt(clamp(mono))).stateAt(clamp(mono)),
    wallAt: (mono) => wallAt(index, keyAt(numberAt(clamp(mono))).at, clamp(mono)),
    monoAt: (wall) => monoAt(index, wall),
    happenings: () => index.happenings,
    spans: () => (spans ??= spansOf(index)),
    index: () => index,
    sample,
    walk,
    refresh: () => {
      const before = index.to;
      const keys = index.keys.length;
      for (const _ of extendIndex(index, source));
      if (index.to === before) return false;
      spans = undefined;
      segments.get(keys - 1)?.extend(endOf(keys - 1));
      if (foldedHere)
        for (let number = keys; number < index.keys.length; number++) foldedHere.push(segment(number - 1).final());
      return true;
    },
    close: () => source.close(),
  };
  return { ...playback, agrees, foldAll };
};
