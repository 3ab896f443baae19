import type { Stamp } from '../cluster/events.ts';

/**
 * What a time is relative to. `zone`: how a bare time of day is read. Mono ms inside. `monoAt`: when the wall clock showed a time, where
 * that is known better than by counting from the begin.
 */
export type Frame = { from: Stamp; to: Stamp; zone: 'utc' | 'local'; now?: number; monoAt?: (wall: number) => number };

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const DAY = 86_400_000;
/** Days on which a time of day is looked for. */
const MOST_DAYS = 4000;

/** ms of `90s`, `1m30s`, `500ms`, `2h`; undefined where it is none. */
export const lengthOf = (text: string): number | undefined => {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) return undefined;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit as string] as number), 0);
};

const midnight = (wall: number, zone: Frame['zone']): number => {
  const date = new Date(wall);
  return zone === 'utc'
    ? Math.floor(wall / DAY) * DAY
    : new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
};

/** A time of day on the day of the session on which it lies within it; else the one that is nearest to it. */
const timeOfDay = (text: string, { from, to, zone }: Frame): number | undefined => {
  const match = /^(\d{1,2}):(\d\d)(?::(\d\d(?:\.\d+)?))?$/.exec(text);
  if (!match || Number(match[1]) > 23 || Number(match[2]) > 59 || Number(match[3] ?? 0) >= 60) return undefined;
  const since = (Number(match[1]) * 60 + Number(match[2])) * 60_000 + Number(match[3] ?? 0) * 1000;
  // A wall clock that was set may have ended before it began, or years later.
  const days = Math.max(0, Math.min(MOST_DAYS, Math.ceil((to.wall - from.wall) / DAY))) + 1;
  const far = (wall: number) => Math.max(from.wall - wall, wall - to.wall, 0);
  return Array.from({ length: days + 1 }, (_, day) => midnight(from.wall, zone) + day * DAY + since).reduce((a, b) =>
    far(b) < far(a) ? b : a,
  );
};

/**
 * A moment of a session as people write it, as mono ms within it: `12:03`, `12:03:10.5`, an ISO time, `+90s` from its begin, `-30s` from
 * its end, `50%`. Undefined where it is none of these. Times outside are taken as the nearest inside.
 */
export const momentOf = (text: string, frame: Frame): number | undefined => {
  const { from, to } = frame;
  const inside = (mono: number) => Math.max(from.mono, Math.min(to.mono, mono));
  const wall = (value: number) => inside(frame.monoAt ? frame.monoAt(value) : from.mono + (value - from.wall));
  const length = lengthOf(text.slice(1));
  if (text.startsWith('+') && length !== undefined) return inside((frame.now ?? from.mono) + length);
  if (text.startsWith('-') && length !== undefined) return inside((frame.now ?? to.mono) - length);
  const part = /^(\d{1,3}(?:\.\d+)?)%$/.exec(text)?.[1];
  if (part !== undefined) return inside(from.mono + ((to.mono - from.mono) * Math.min(100, Number(part))) / 100);
  const time = timeOfDay(text, frame);
  if (time !== undefined) return wall(time);
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined;
  const zoned =
    /Z|[+-]\d\d:?\d\d$/.test(text) || frame.zone === 'local' ? text : `${text}${text.includes('T') ? 'Z' : ''}`;
  const iso = Date.parse(zoned);
  return Number.isNaN(iso) ? undefined : wall(iso);
};
