/** Whether what stands in a file has the shape that haconsole writes: a file may come from anywhere, sealed or not. */
import type { Event, Fact, Stamp } from '../cluster/events.ts';
import type { Notice, State } from '../cluster/state.ts';
import type { NodeSpec, Topology } from '../cluster/topology.ts';
import type { GapLine, HeaderLine } from './format.ts';

/** A monotonic clock does not get further, ms: three hundred years. */
const LAST_MONO = 1e13;
/** No wall clock is set later, ms: the end of the year 9999, up to which ISO times have four digits. */
const LAST_WALL = Date.UTC(9999, 11, 31);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isListOf = <T>(value: unknown, is: (one: unknown) => one is T): value is T[] =>
  Array.isArray(value) && value.every(is);

/** A time of the monotonic clock, ms. */
export const isMono = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) <= LAST_MONO;

/** A time of the wall clock, ms. */
export const isWall = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= LAST_WALL;

/** Both. */
export const isStamp = (value: unknown): value is Stamp => isObject(value) && isMono(value.mono) && isWall(value.wall);

const isNode = (value: unknown): value is NodeSpec =>
  isObject(value) &&
  isText(value.name) &&
  (value.role === 'lb' || value.role === 'web') &&
  isText(value.address) &&
  (value.identity === undefined || isText(value.identity));

/** A length of time that can be waited, ms. */
const isLength = (value: unknown): value is number => typeof value === 'number' && value > 0 && value <= 86_400_000;

/** What is watched. */
export const isTopology = (value: unknown): value is Topology =>
  isObject(value) &&
  isText(value.name) &&
  isListOf(value.vips, isText) &&
  isListOf(value.nodes, isNode) &&
  isListOf(value.hops, isText) &&
  isLength(value.interval) &&
  isLength(value.timeout);

/** The first line of a file of this major version; its schema is looked at elsewhere. */
export const asHeader = (value: Record<string, unknown>): HeaderLine | undefined =>
  [value.app, value.id, value.t, value.why, value.by].every(isText) &&
  isMono(value.m) &&
  isWall(value.w) &&
  isTopology(value.topology)
    ? (value as unknown as HeaderLine)
    : undefined;

const LEVELS: unknown[] = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'];
const SEVERITIES: unknown[] = ['info', 'good', 'warn', 'bad'];

/** A line of the event log. */
export const isNotice = (value: unknown): value is Notice =>
  isObject(value) &&
  isStamp(value.at) &&
  isText(value.kind) &&
  isText(value.source) &&
  isText(value.text) &&
  SEVERITIES.includes(value.severity);

/** What was not recorded. */
export const isGap = (value: unknown): value is GapLine['d'] =>
  isObject(value) &&
  isMono(value.from) &&
  isMono(value.to) &&
  value.to >= value.from &&
  Number.isSafeInteger(value.lost) &&
  isText(value.why);

/** The frame of a state; what is in its views is not looked at. */
export const isState = (value: unknown): value is State =>
  isObject(value) &&
  isTopology(value.topology) &&
  isStamp(value.started) &&
  isStamp(value.now) &&
  isObject(value.nodes) &&
  isObject(value.vips) &&
  isObject(value.verdict) &&
  isStamp(value.verdict.since) &&
  LEVELS.includes(value.verdict.level) &&
  [value.verdict.code, value.verdict.reason].every(isText) &&
  [value.hops, value.moves, value.outages, value.evidence, value.actions, value.commands].every(Array.isArray) &&
  isListOf(value.notices, isNotice);

type Check = (value: unknown) => boolean;
const hasText =
  (...names: string[]): Check =>
  (value) =>
    isObject(value) && names.every((name) => isText(value[name]));
const isNumber: Check = (value) => typeof value === 'number';

/** The fields every fact of a kind has, as far as they are relied on: what is in a reading is not looked at. */
const fields: { [K in Fact['kind']]: { [F in keyof Omit<Extract<Fact, { kind: K }>, 'kind'>]: Check } } = {
  topology: { topology: isTopology },
  tick: {},
  link: { node: isText, link: hasText('phase') },
  snapshot: { node: isText, asked: isMono, reading: isObject },
  dump: { node: isText, asked: isMono, reading: isObject },
  configuration: { node: isText, reading: isObject },
  address: { node: isText, op: isText, address: isText, ifname: isText },
  journal: { node: isText, unit: isText, message: isText, nodeTime: isNumber },
  'check-log': { node: isText, line: isText },
  stream: { node: isText, stream: isText, reading: isObject },
  http: { target: hasText('kind', 'id'), asked: isMono, result: hasText('kind') },
  note: { text: isText, node: isText, outcome: isObject },
  action: { id: isNumber, action: hasText('kind'), author: isText, phase: hasText('step') },
  command: { action: isNumber, node: isText, command: isText, result: isObject },
  drill: { id: isNumber, fact: hasText('what') },
  remark: { severity: (value) => SEVERITIES.includes(value), text: isText },
  clear: {},
};

/** A fact with its time. */
export const isEvent = (value: object & { kind: Fact['kind']; at: Stamp }): value is Event =>
  isStamp(value.at) &&
  Object.entries(fields[value.kind]).every(([name, is]) => (is as Check)((value as Record<string, unknown>)[name]));
