/** systemd's units of time with their length in µs, longest first (time-util.c; a month is a twelfth of 365.25 days). */
const UNITS: readonly (readonly [string, number])[] = [
  ['y', 31_557_600e6],
  ['month', 2_629_800e6],
  ['w', 604_800e6],
  ['d', 86_400e6],
  ['h', 3_600e6],
  ['min', 60e6],
  ['s', 1e6],
  ['ms', 1e3],
  ['us', 1],
];

/** `3h 29min 43.407772s`: a span as systemd prints it to the last µs; `0` for none. */
export const spanText = (micros: number): string => {
  if (micros <= 0) return '0';
  const parts: string[] = [];
  let left = Math.round(micros);
  for (const [unit, length] of UNITS) {
    if (left < length) continue;
    const whole = Math.floor(left / length);
    const rest = left % length;
    const digits = Math.round(Math.log10(length));
    if (left < 60e6 && rest > 0) {
      parts.push(`${whole}.${String(rest).padStart(digits, '0')}${unit}`);
      break;
    }
    parts.push(`${whole}${unit}`);
    left = rest;
  }
  return parts.join(' ');
};

const ALIASES: Record<string, string> = {
  years: 'y',
  year: 'y',
  M: 'month',
  months: 'month',
  weeks: 'w',
  week: 'w',
  days: 'd',
  day: 'd',
  hours: 'h',
  hour: 'h',
  hr: 'h',
  minutes: 'min',
  minute: 'min',
  m: 'min',
  seconds: 's',
  second: 's',
  sec: 's',
  '': 's',
  msec: 'ms',
  usec: 'us',
};

/** A span as systemd reads it (`300`, `5min 30s`, `100ms`), in ms. Undefined when it is none. */
export const readSpan = (text: string): number | undefined => {
  if (!/^\s*(\d+(\.\d+)?\s*[a-zA-Z]*\s*)+$/.test(text)) return undefined;
  let micros = 0;
  for (const [, number, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)\s*([a-zA-Z]*)/g)) {
    const length = UNITS.find(([name]) => name === (ALIASES[unit] ?? unit))?.[1];
    if (length === undefined) return undefined;
    micros += Number(number) * length;
  }
  return micros / 1000;
};
