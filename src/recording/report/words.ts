const two = (value: number): string => String(value).padStart(2, '0');

/** `12:03:10.250`, in UTC. */
export const clockUtc = (wall: number): string => new Date(wall).toISOString().slice(11, 23);

/** `2026-11-23 12:03:10 UTC` */
export const dateUtc = (wall: number): string => `${new Date(wall).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** `0.65 s`, `42.1 s`, `4 min 10 s`, `3 h 05 min` */
export const lengthWords = (ms: number): string => {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(2)} s`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
};

/** A measured length with what the measurement resolves: `0.71 s ± 0.05`. */
export const measured = (ms: number, resolution: number): string => {
  const digits = resolution < 100 || (ms < 10_000 && resolution < 1000) ? 2 : 1;
  return `${(ms / 1000).toFixed(digits)} s ± ${(resolution / 1000).toFixed(digits)}`;
};

/** Time into the session: `T+0:01:30.2`. */
export const sinceStart = (ms: number): string => {
  const sign = ms < 0 ? '-' : '+';
  const tenths = Math.round(Math.abs(ms) / 100);
  const seconds = Math.floor(tenths / 10);
  return `T${sign}${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${tenths % 10}`;
};

/** `99.52 %`; never rounded up to 100. */
export const share = (part: number, whole: number): string => {
  if (whole === 0) return 'not measured';
  const percent = (100 * part) / whole;
  return `${percent < 100 ? Math.min(99.99, Math.floor(percent * 100) / 100).toFixed(2) : '100'} %`;
};

/** `1 move`, `2 moves` */
export const several = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
