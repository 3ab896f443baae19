const UNIT = { ms: 1, s: 1000, m: 60_000 } as const;

/** A duration of a drill in ms; a bare number is seconds. The schema has checked the form. */
export const drillMs = (value: number | string): number => {
  if (typeof value === 'number') return Math.round(value * 1000);
  const [, figure = '0', unit = 's'] = /^(\d+(?:\.\d+)?)\s*(ms|s|m)$/.exec(value) ?? [];
  return Math.round(Number(figure) * UNIT[unit as keyof typeof UNIT]);
};

/** `0.61 s`, `4.7 s`, `12 s`: as exact as the figure is worth. */
export const seconds = (ms: number): string => {
  const value = Math.max(0, ms) / 1000;
  if (value >= 20) return `${Math.round(value)} s`;
  return `${value.toFixed(value < 10 ? 2 : 1).replace(/\.?0+$/, '')} s`;
};

/** A short time: `3 ms`, `0.85 s`. */
export const shortly = (ms: number): string => (ms < 100 ? `${Math.round(ms)} ms` : seconds(ms));

/** A measured time with what it is worth: `0.71 s ± 0.05`; below twice the resolution `< 0.10 s`. Nothing lost: `none`. */
export const measured = (ms: number, resolution: number): string => {
  if (ms <= 0) return 'none';
  if (ms < 2 * resolution) return `< ${((2 * resolution) / 1000).toFixed(2)} s`;
  return `${(ms / 1000).toFixed(2)} s ± ${(resolution / 1000).toFixed(2)}`;
};

/** Bounds in words: `0.61 to 0.81 s`, `at most 0.3 s`, `at least 8 s`. */
export const between = ({ least, most }: { least?: number; most?: number }): string => {
  if (most === undefined) return least === undefined ? 'any' : `at least ${seconds(least)}`;
  if (least === undefined || least <= 0) return `at most ${seconds(most)}`;
  return `${seconds(least).replace(/ s$/, '')} to ${seconds(most)}`;
};
