import type { Span } from '../recording/playback.ts';

/** So long an idle stretch is watched before the rest of it is left out, and so long before it ends, ms. */
const LOOK_IN = 2000;
const LOOK_OUT = 1000;

/** A length for people: `40 s`, `12 min`, `3 h 05 min`. */
export const lengthText = (ms: number): string => {
  const seconds = Math.round(Math.max(0, ms) / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 || minutes >= 10 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
};

/**
 * Where playing from one time to another comes to: what was not recorded is left out, and the inner part of an idle stretch where that is
 * wished. `over`: what was left out, in words. Mono ms.
 */
export const passOver = (
  spans: readonly Span[],
  from: number,
  to: number,
  skipIdle: boolean,
): { to: number; over?: string } => {
  const gap = spans.find((span) => span.kind === 'gap' && to > span.from && from < span.to);
  if (gap) return { to: gap.to, over: `${lengthText(gap.to - gap.from)} were not recorded` };
  if (!skipIdle) return { to };
  const idle = spans.find(
    (span) => span.kind === 'idle' && to > span.from + LOOK_IN && from < span.to - LOOK_OUT && to < span.to - LOOK_OUT,
  );
  if (!idle) return { to };
  const next = idle.to - LOOK_OUT;
  return { to: next, over: `idle: ${lengthText(next - to)} left out` };
};
