import type { Fact } from '../cluster/events.ts';
import { withoutSecrets } from './redact.ts';

/** Decimals of a measured millisecond that are kept. */
const DECIMALS = 100;

const rounded = <T>(value: T): T => {
  if (typeof value === 'number')
    return (Number.isInteger(value) || !Number.isFinite(value) ? value : Math.round(value * DECIMALS) / DECIMALS) as T;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const next = value.map(rounded);
    return next.some((one, index) => !Object.is(one, value[index])) ? (next as T) : value;
  }
  let changed: Record<string, unknown> | undefined;
  for (const [key, one] of Object.entries(value)) {
    const next = rounded(one);
    if (Object.is(next, one)) continue;
    changed ??= { ...(value as Record<string, unknown>) };
    changed[key] = next;
  }
  return (changed as T) ?? value;
};

/**
 * A fact as it may enter the state and the record: without secrets, measured times to 0.01 ms. Applied before `reduce`, so that
 * the live state is to the last digit the fold of the file. Applying it twice changes nothing.
 */
export const admit = <T extends Fact>(fact: T): T => rounded(withoutSecrets(fact));
