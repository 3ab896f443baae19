import type { Event, Fact, Stamp } from '../cluster/events.ts';
import { closedTable, decodeDelta, emptyTable, encodeDelta, type StringTable } from './delta.ts';
import type { FactLine } from './format.ts';
import { isEvent } from './well-formed.ts';

/** How a kind of fact stands in a file. */
type Kind<K extends Fact['kind']> = {
  /** Name of the series whose last fact the next one is a change of; absent: every one stands in full. */
  series?: (fact: Extract<Fact, { kind: K }>) => string;
  /** On disk at once: what a person or a drill did. */
  urgent?: (fact: Extract<Fact, { kind: K }>) => boolean;
};

const always = () => true;

/** Every kind of fact. A kind that is not here is not read: a later minor version wrote it. */
export const factKinds: { [K in Fact['kind']]: Kind<K> } = {
  topology: {},
  tick: {},
  link: {},
  snapshot: { series: (fact) => fact.node },
  dump: { series: (fact) => fact.node },
  configuration: { series: (fact) => fact.node },
  address: {},
  journal: {},
  'check-log': {},
  stream: {},
  http: { series: (fact) => `${fact.target.kind} ${fact.target.id}` },
  note: { urgent: always },
  action: { urgent: always },
  command: { urgent: always },
  // The samples of the close measurement come many times a second.
  drill: { urgent: ({ fact }) => fact.what !== 'samples' },
  remark: {},
  clear: {},
};

const kindOf = (kind: string): Kind<Fact['kind']> | undefined =>
  Object.hasOwn(factKinds, kind) ? (factKinds[kind as Fact['kind']] as Kind<Fact['kind']>) : undefined;

/** Whether a fact must be on disk before anything else happens. */
export const isUrgent = (fact: Fact): boolean => kindOf(fact.kind)?.urgent?.(fact as never) === true;

/** Both sides of the encoding keep this between two keys. */
type Memory = { base: Stamp; table: StringTable; last: Map<string, unknown> };
const memoryAt = (base: Stamp): Memory => ({ base, table: emptyTable(), last: new Map() });

/** What the wall clock would read at a mono time if it ran with the monotonic one since `base`. */
const expectedWall = (base: Stamp, mono: number): number => base.wall + Math.round(mono - base.mono);

/** How far the wall clock is from that, or, where a sum would not give it back to the last digit, what it reads. */
const wallCode = (base: Stamp, at: Stamp): Pick<FactLine, 'w' | 'wall'> => {
  const expected = expectedWall(base, at.mono);
  if (expected === at.wall) return {};
  return expected + (at.wall - expected) === at.wall ? { w: at.wall - expected } : { wall: at.wall };
};

const checked = (fact: { kind: Fact['kind']; at: Stamp }): Event => {
  if (!isEvent(fact)) throw new Error('a fact that was not recorded');
  return fact;
};

/** Writes events as lines. `restart` at each key. */
export const createFactEncoder = (base: Stamp) => {
  let memory = memoryAt(base);
  return {
    restart: (at: Stamp): void => {
      memory = memoryAt(at);
    },
    encode: (event: Event): string => {
      const { kind, at, ...rest } = event;
      const line: FactLine = { k: kind, m: at.mono, ...wallCode(memory.base, at) };
      const series = kindOf(kind)?.series?.(event as never);
      if (series === undefined) {
        if (Object.keys(rest).length > 0) line.d = encodeDelta(closedTable(), kind, undefined, rest);
      } else {
        const id = `${kind} ${series}`;
        const change = encodeDelta(memory.table, id, memory.last.get(id), rest);
        memory.last.set(id, rest);
        line.n = series;
        if (change !== undefined) line.d = change;
      }
      return JSON.stringify(line);
    },
  };
};

/** Reads events back from lines, in the order they were written, from a key on. */
export const createFactDecoder = (base: Stamp) => {
  const memory = memoryAt(base);
  return {
    /** Undefined: no fact, or of a kind that is not known here. Throws where the line cannot be what was written. */
    decode: (line: FactLine): Event | undefined => {
      const kind = kindOf(line.k);
      if (!kind) return undefined;
      const at: Stamp = { mono: line.m, wall: line.wall ?? expectedWall(memory.base, line.m) + (line.w ?? 0) };
      if (!kind.series) {
        const rest = decodeDelta(emptyTable(), line.k, undefined, line.d) as object | undefined;
        return checked({ ...rest, kind: line.k as Fact['kind'], at });
      }
      const id = `${line.k} ${line.n}`;
      const rest = decodeDelta(memory.table, id, memory.last.get(id), line.d) as object;
      memory.last.set(id, rest);
      return checked({ ...rest, kind: line.k as Fact['kind'], at });
    },
  };
};
