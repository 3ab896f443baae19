const two = (value: number): string => String(value).padStart(2, '0');

/** Wall time as HH:MM:SS in the operator's time zone. */
export const clockTime = (wall: number): string => {
  const date = new Date(wall);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
};

/** How long, for people: `7s`, `40s`, `12m`, `3h 05m`, `4d 02h`. Coarse on purpose: a line that stands still is a calm line. */
export const howLong = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 10) return `${seconds}s`;
  if (seconds < 60) return `${Math.floor(seconds / 10) * 10}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${two(hours % 24)}h`;
};

const steps = [1, 1.5, 2, 3, 5, 7, 10];

/**
 * A latency: `<10 ms`, `20 ms`, `150 ms`, `1.5 s`, in steps of about a third. Below `least` ms nothing is to be learnt from a
 * digit, and one that flickers every second is read by nobody and paid for by everybody on a slow line. `check` has it exact.
 */
export const latency = (ms: number, least = 10): string => {
  if (ms < 0.95 * least) return `<${least} ms`;
  const scale = 10 ** Math.floor(Math.log10(ms));
  const nearest = steps.reduce((best, step) =>
    Math.abs(step - ms / scale) < Math.abs(best - ms / scale) ? step : best,
  );
  const rounded = nearest * scale;
  return rounded < 1000 ? `${Math.round(rounded)} ms` : `${Number((rounded / 1000).toFixed(1))} s`;
};

/** `as of 7 s ago` */
export const asOf = (ms: number): string => `as of ${ms < 60_000 ? `${Math.floor(ms / 1000)} s` : howLong(ms)} ago`;
