/**
 * Long lists in less room: a list of objects becomes an object of columns, a list of numbers its differences. Lossless for JSON
 * values. What is left compresses to a fifth of the list itself.
 */

/** Shorter lists stay as they are. */
const LEAST = 8;
/** Measured times have two decimals: as whole numbers their differences are short, and exact. */
const SCALES = [1, 100];

type Columns = { '~c': number; k: Record<string, unknown> };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const scaleOf = (values: number[]): number | undefined =>
  SCALES.find((scale) =>
    values.every(
      (value) => Math.abs(value) < 1e13 && !Object.is(value, -0) && Math.round(value * scale) / scale === value,
    ),
  );

const packNumbers = (values: number[]): unknown => {
  const scale = scaleOf(values);
  if (scale === undefined) return values;
  const whole = values.map((value) => Math.round(value * scale));
  return { '~i': whole.map((value, index) => value - (whole[index - 1] ?? 0)), s: scale };
};

const packObjects = (list: Record<string, unknown>[]): Columns => {
  const columns: Record<string, unknown> = {};
  for (const key of new Set(list.flatMap((one) => Object.keys(one)))) {
    const has = list.map((one) => one[key] !== undefined);
    const values = packed(list.flatMap((one) => (one[key] === undefined ? [] : [one[key]])));
    columns[key] = has.every(Boolean) ? values : { '~m': has.map((one) => (one ? '1' : '0')).join(''), v: values };
  }
  return { '~c': list.length, k: columns };
};

/** The value with its long lists packed. */
export const packed = (value: unknown): unknown => {
  if (Array.isArray(value)) {
    if (value.length >= LEAST && value.every((one) => typeof one === 'number')) return packNumbers(value);
    if (value.length >= LEAST && value.every(isObject)) return packObjects(value);
    return value.map(packed);
  }
  if (!isObject(value)) return value;
  if (Object.keys(value).some((key) => key.startsWith('~'))) return { '~j': JSON.stringify(value) };
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) if (value[key] !== undefined) result[key] = packed(value[key]);
  return result;
};

/** No list of a state is longer. */
const MOST = 1_000_000;

const unpackColumns = ({ '~c': count, k }: Columns): unknown[] => {
  if (!(count >= 0 && count <= MOST)) throw new Error('a list that was not recorded');
  const list = Array.from({ length: count }, (): Record<string, unknown> => ({}));
  for (const [key, column] of Object.entries(k)) {
    const mask = isObject(column) && typeof column['~m'] === 'string' ? column['~m'] : undefined;
    const values = unpacked(mask === undefined ? column : (column as { v: unknown }).v) as unknown[];
    let next = 0;
    for (let index = 0; index < count; index++)
      if (mask === undefined || mask[index] === '1') (list[index] as Record<string, unknown>)[key] = values[next++];
  }
  return list;
};

const unpackNumbers = ({ '~i': differences, s }: { '~i': number[]; s: number }): number[] => {
  let sum = 0;
  return differences.map((difference) => {
    sum += difference;
    return sum / s;
  });
};

/** The value that `packed` was given. */
export const unpacked = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(unpacked);
  if (!isObject(value)) return value;
  if (typeof value['~c'] === 'number') return unpackColumns(value as Columns);
  if (Array.isArray(value['~i'])) return unpackNumbers(value as { '~i': number[]; s: number });
  if (typeof value['~j'] === 'string') return JSON.parse(value['~j']);
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) result[key] = unpacked(value[key]);
  return result;
};
