/** `ok`: it works, or is not needed. `bad`: it does not, and something can be done. `unknown`: it was not reached, or cannot be decided from here. */
export type Mark = 'ok' | 'bad' | 'unknown';

/** One thing that was looked at. Text in it is free of control characters. */
export type Line = {
  /** What was looked at, in a word or two: the same words for the same check everywhere. */
  check: string;
  mark: Mark;
  /** How long it took, ms; absent where nothing was waited for. */
  ms?: number;
  found: string;
  /** What to do about it. */
  advice?: string;
};

/** What was looked at in one place, in the order of looking. */
export type Section = {
  name: string;
  role: 'here' | 'jump' | 'lb' | 'web' | 'vips';
  address?: string;
  lines: Line[];
};

/** Everything that doctor saw, schema haconsole.doctor/1. */
export type Report = {
  schema: 'haconsole.doctor/1';
  cluster: string;
  /** No line is bad. */
  ok: boolean;
  counts: Record<Mark, number>;
  /** From the first look to the last, ms. */
  ms: number;
  sections: Section[];
};

/** A line of each kind, for short tables. */
export const ok = (check: string, found: string, ms?: number): Line => line(check, 'ok', found, undefined, ms);
/** It does not work: what was found and what to do. */
export const bad = (check: string, found: string, advice?: string, ms?: number): Line =>
  line(check, 'bad', found, advice, ms);
/** It cannot be decided: why, and what would decide it. */
export const unknown = (check: string, found: string, advice?: string, ms?: number): Line =>
  line(check, 'unknown', found, advice, ms);

const line = (check: string, mark: Mark, found: string, advice: string | undefined, ms: number | undefined): Line => ({
  check,
  mark,
  ...(ms === undefined ? {} : { ms: Math.round(ms * 10) / 10 }),
  found,
  ...(advice === undefined || advice === '' ? {} : { advice }),
});

/** How many lines there are of each mark. */
export const count = (sections: readonly Section[]): Record<Mark, number> => {
  const counts = { ok: 0, bad: 0, unknown: 0 };
  for (const { lines } of sections) for (const { mark } of lines) counts[mark] += 1;
  return counts;
};

/** The whole report from its sections. */
export const reportOf = (cluster: string, sections: Section[], ms: number): Report => {
  const counts = count(sections);
  return {
    schema: 'haconsole.doctor/1',
    cluster,
    ok: counts.bad === 0,
    counts,
    ms: Math.round(ms),
    sections,
  };
};
