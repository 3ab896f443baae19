const two = (value: number): string => String(value).padStart(2, '0');

/** Wall time as HH:MM:SS in the operator's time zone. */
export const clockTime = (wall: number): string => {
  const date = new Date(wall);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
};

/** How long, for people: `7s`, `12m`, `3h 05m`, `4d 02h`. Coarse on purpose: a line that stands still is a calm line. */
export const howLong = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
};

/** A latency: `0.4 ms`, `12 ms`, `1.25 s`. */
export const latency = (ms: number): string => {
  if (ms < 1) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
};

/** `as of 7 s ago` */
export const asOf = (ms: number): string => `as of ${ms < 60_000 ? `${Math.floor(ms / 1000)} s` : howLong(ms)} ago`;
