const UNIT = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** A duration of the cluster file in ms; a bare number is seconds. NaN when it is none. */
export const durationMs = (text: string | number): number => {
  if (typeof text === 'number') return Math.round(text * 1_000);
  const parts = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/.exec(text.trim());
  return parts ? Math.round(Number(parts[1]) * UNIT[(parts[2] ?? 's') as keyof typeof UNIT]) : Number.NaN;
};

/** What is allowed, in ms: outside it a console would either hammer the nodes or tell yesterday's news. */
export const LIMITS = {
  interval: { min: 200, max: 3_600_000, said: 'a duration from 200ms to 1h' },
  timeout: { min: 50, max: 60_000, said: 'a duration from 50ms to 60s' },
} as const;

/** True when a duration is inside its limits. */
export const withinLimits = (kind: keyof typeof LIMITS, ms: number): boolean =>
  ms >= LIMITS[kind].min && ms <= LIMITS[kind].max;
