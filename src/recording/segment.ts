import type { Event } from '../cluster/events.ts';
import { reduce } from '../cluster/reduce.ts';
import type { State } from '../cluster/state.ts';
import { createFactDecoder } from './fact-code.ts';
import type { Key } from './file-index.ts';
import type { FactLine } from './format.ts';
import { parsedLine, rawLines } from './lines.ts';
import type { Source } from './source.ts';
import { decodeState } from './state-code.ts';
import { isState } from './well-formed.ts';

/** States kept along a segment, so that going back costs at most this many events. */
const CHECKPOINT_EVERY = 250;

/** The events from one key to the next, and states on the way. */
export type Segment = {
  events(): readonly Event[];
  /** The state after the last event that is not later than `mono`. */
  stateAt(mono: number): State;
  /** The state after all of them. */
  final(): State;
  /** Takes in what was written since, up to this place. */
  extend(to: number): void;
};

/** Reads the facts behind a key, piece by piece. What cannot be read, or is of a kind not known here, is skipped. */
export const createEventReader = (source: Source, key: Key) => {
  const decoder = createFactDecoder(key.at);
  let at = key.offset;
  let number = key.line;
  return (to: number): Event[] => {
    const events: Event[] = [];
    for (const line of rawLines(source, at, to, number)) {
      if (!line.whole) break;
      at = line.offset + line.bytes.length + 1;
      number = line.number + 1;
      const value = line.number === key.line ? undefined : parsedLine(line.bytes);
      if (!value) continue;
      try {
        const event = decoder.decode(value as FactLine);
        if (event) events.push(event);
      } catch {
        // A line that was altered: verify tells; what stands around it is still worth seeing.
      }
    }
    return events;
  };
};

/** The state a key line holds; undefined where it cannot be read. */
export const stateOfKey = (source: Source, key: Key, to: number): State | undefined => {
  const first = rawLines(source, key.offset, to, key.line).next();
  const value = first.done ? undefined : parsedLine(first.value.bytes);
  try {
    const state: unknown = decodeState(String(value?.state));
    return isState(state) ? state : undefined;
  } catch {
    return undefined;
  }
};

/** The state after an event; one that cannot be folded, in a file that was altered, changes nothing. */
export const folded = (state: State, event: Event): State => {
  try {
    return reduce(state, event);
  } catch {
    return state;
  }
};

/** Index of the first event later than `mono`. */
export const after = (events: readonly Event[], mono: number): number => {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle] as Event).at.mono <= mono) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** A segment from its key on; `base` is the state there. */
export const createSegment = (base: State, read: (to: number) => Event[]): Segment => {
  const events: Event[] = [];
  const checkpoints: State[] = [base];
  let cursor = { index: 0, state: base };
  const stateAfter = (count: number): State => {
    const nearest = Math.min(Math.floor(count / CHECKPOINT_EVERY), checkpoints.length - 1);
    let { index, state } = cursor;
    if (index > count || index < nearest * CHECKPOINT_EVERY) {
      index = nearest * CHECKPOINT_EVERY;
      state = checkpoints[nearest] as State;
    }
    while (index < count) {
      state = folded(state, events[index++] as Event);
      if (index === checkpoints.length * CHECKPOINT_EVERY) checkpoints.push(state);
    }
    cursor = { index, state };
    return state;
  };
  return {
    events: () => events,
    stateAt: (mono) => stateAfter(after(events, mono)),
    final: () => stateAfter(events.length),
    extend: (to) => {
      for (const event of read(to)) events.push(event);
    },
  };
};
