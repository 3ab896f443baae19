/** Lossless encoding of JSON values as changes to earlier ones. Both sides keep the same memory; a key line clears it. */

/** Strings from this length on are kept and referred to. */
const LONG = 48;
/** Characters that are kept between two keys; later strings stand in full. */
const KEPT = 2_000_000;
/** Newest strings that a new one is compared with, per name. */
const CANDIDATES = 4;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Table = { strings: string[]; index: Map<string, number>; size: number; recent: Map<string, number[]> };

/** The strings both sides know. */
export const emptyTable = (): Table => ({ strings: [], index: new Map(), size: 0, recent: new Map() });
export type StringTable = Table;

/** Strings that nobody keeps: everything stands in full. */
export const closedTable = (): Table => ({ ...emptyTable(), size: KEPT });

const keep = (table: Table, name: string, text: string): void => {
  if (table.size + text.length > KEPT) return;
  table.size += text.length;
  table.index.set(text, table.strings.length);
  const recent = table.recent.get(name) ?? [];
  recent.push(table.strings.length);
  if (recent.length > CANDIDATES) recent.shift();
  table.recent.set(name, recent);
  table.strings.push(text);
};

const commonPrefix = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return at;
};

const commonSuffix = (a: string, b: string, limit: number): number => {
  let at = 0;
  while (at < limit && a.charCodeAt(a.length - 1 - at) === b.charCodeAt(b.length - 1 - at)) at++;
  return at;
};

const encodeLong = (table: Table, name: string, text: string): Json => {
  const known = table.index.get(text);
  if (known !== undefined) return { '~': known };
  let best: { index: number; head: number; tail: number } | undefined;
  for (const index of table.recent.get(name) ?? []) {
    const old = table.strings[index] as string;
    const head = commonPrefix(old, text);
    const tail = commonSuffix(old, text, Math.min(old.length, text.length) - head);
    if (head + tail > (best ? best.head + best.tail : text.length / 2)) best = { index, head, tail };
  }
  keep(table, name, text);
  if (!best) return text;
  return { '~d': [best.index, best.head, best.tail, text.slice(best.head, text.length - best.tail)] };
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const special = (key: string): boolean => key === '-' || key.startsWith('~');

/** Whether two JSON values are the same. */
export const same = (a: unknown, b: unknown): boolean => {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((one, index) => same(one, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a).filter((key) => a[key] !== undefined);
  return (
    keys.length === Object.keys(b).filter((key) => b[key] !== undefined).length &&
    keys.every((key) => same(a[key], b[key]))
  );
};

const fresh = (table: Table, name: string, value: unknown): Json => {
  if (typeof value === 'string') return value.length >= LONG ? encodeLong(table, name, value) : value;
  // JSON has no infinities and no minus zero.
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { '~n': Object.is(value, -0) ? '-0' : String(value) };
  if (Array.isArray(value)) return value.map((one) => fresh(table, name, one));
  if (!isObject(value)) return value as Json;
  if (Object.keys(value).some(special)) return { '~j': JSON.stringify(value) };
  const result: Record<string, Json> = {};
  for (const [key, one] of Object.entries(value)) if (one !== undefined) result[key] = fresh(table, name, one);
  return result;
};

/**
 * What has changed from `old` to `next`; undefined: nothing. Objects become objects of what is different (`-`: keys that are gone),
 * everything else stands in full. `name` groups strings that look alike.
 */
export const encodeDelta = (table: Table, name: string, old: unknown, next: unknown): Json | undefined => {
  if (!isObject(old) || !isObject(next) || Object.keys(next).some(special))
    return same(old, next) ? undefined : fresh(table, name, next);
  const result: Record<string, Json> = {};
  for (const key of Object.keys(next)) {
    if (next[key] === undefined) continue;
    const change =
      old[key] === undefined ? fresh(table, name, next[key]) : encodeDelta(table, name, old[key], next[key]);
    if (change !== undefined) result[key] = change;
  }
  const gone = Object.keys(old).filter((key) => old[key] !== undefined && next[key] === undefined);
  if (gone.length > 0) result['-'] = gone;
  return Object.keys(result).length > 0 ? result : undefined;
};

const decodeLong = (table: Table, name: string, code: Record<string, unknown>): unknown => {
  if (typeof code['~'] === 'number') {
    const text = table.strings[code['~']];
    if (text === undefined) throw new Error('a string is referred to that was not recorded');
    return text;
  }
  if (Array.isArray(code['~d'])) {
    const [index, head, tail, middle] = code['~d'] as [number, number, number, string];
    const old = table.strings[index];
    if (old === undefined) throw new Error('a string is referred to that was not recorded');
    const text = old.slice(0, head) + middle + old.slice(old.length - tail);
    keep(table, name, text);
    return text;
  }
  if (typeof code['~j'] === 'string') return JSON.parse(code['~j']);
  return Number(code['~n']);
};

const isCode = (value: Record<string, unknown>): boolean => {
  for (const key in value) return key.startsWith('~');
  return false;
};

const decodeFresh = (table: Table, name: string, value: unknown): unknown => {
  if (typeof value === 'string') {
    if (value.length >= LONG && !table.index.has(value)) keep(table, name, value);
    return value;
  }
  if (Array.isArray(value)) return value.map((one) => decodeFresh(table, name, one));
  if (!isObject(value)) return value;
  if (isCode(value)) return decodeLong(table, name, value);
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) result[key] = decodeFresh(table, name, value[key]);
  return result;
};

/** The value that `encodeDelta` was given as `next`. Throws on what it cannot have written. */
export const decodeDelta = (table: Table, name: string, old: unknown, change: unknown): unknown => {
  if (change === undefined) return old;
  if (!isObject(change) || isCode(change) || !isObject(old)) return decodeFresh(table, name, change);
  const result: Record<string, unknown> = { ...old };
  for (const key of Object.keys(change)) {
    if (key === '-') continue;
    result[key] =
      old[key] === undefined ? decodeFresh(table, name, change[key]) : decodeDelta(table, name, old[key], change[key]);
  }
  if (Array.isArray(change['-'])) for (const key of change['-'] as string[]) delete result[key];
  return result;
};
