import type { Tick } from './playback-view.ts';

/** In order of time. */
export const byTime = (a: Tick, b: Tick): number => a.at.mono - b.at.mono;

/** The last item that `holds`, of items for which it holds up to some place. */
export const lastThat = <T>(items: readonly T[], holds: (one: T) => boolean): T | undefined => {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(items[middle] as T)) low = middle + 1;
    else high = middle;
  }
  return items[low - 1];
};

const weights = { info: 0, good: 1, warn: 2, bad: 3 } as const;
/** A move says more than a warning, and bad news more than a move. */
const weight = ({ kind, severity }: Tick): number =>
  kind === 'move' ? Math.max(2.5, weights[severity]) : weights[severity];

/** What was said last at a time (mono ms); of what was said at the same moment the worst: the rest stands in the log. */
export const saidAt = (ticks: readonly Tick[], mono: number): Tick | undefined => {
  const last = lastThat(ticks, (tick) => tick.at.mono <= mono);
  if (!last) return undefined;
  let worst = last;
  for (let index = ticks.lastIndexOf(last); ticks[index]?.at.mono === last.at.mono; index--)
    if (weight(ticks[index] as Tick) > weight(worst)) worst = ticks[index] as Tick;
  return worst;
};

/** The ticks whose source, kind or text contain this, whatever the case. */
export const ticksWith = (ticks: readonly Tick[], text: string): Tick[] => {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  return ticks.filter(({ source, kind, text: said }) => `${source} ${kind} ${said}`.toLowerCase().includes(wanted));
};
