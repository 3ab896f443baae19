import { freshness } from '../../cluster/aged.ts';
import type { NodeView, State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import type { Look } from '../theme.ts';
import { joined, type Row, span } from './rows.ts';
import { asOf, clockTime } from './times.ts';

const two = (value: number): string => String(value).padStart(2, '0');

/** Seconds left as `4:12` or `1:04:12`; never less than nothing. */
export const countdown = (seconds: number): string => {
  const left = Math.max(0, Math.ceil(seconds));
  const [hours, minutes] = [Math.floor(left / 3600), Math.floor(left / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(left % 60)}` : `${minutes}:${two(left % 60)}`;
};

/** Who armed a timer, and when: `ops@desk, 2026-11-23 12:00:03 UTC` is `ops@desk since 12:00:03`; anything else stays as it is. */
const armedBy = (by: string): string => {
  const found = /^(.*), (\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d) UTC$/.exec(by);
  if (!found) return visibleText(by, 60);
  const [, who = '', ...parts] = found;
  const [year = 0, month = 1, day = 1, hours = 0, minutes = 0, seconds = 0] = parts.map(Number);
  return `${visibleText(who, 60)} since ${clockTime(Date.UTC(year, month - 1, day, hours, minutes, seconds))}`;
};

type Countdown = { left: string; by: string; units: string; fresh: boolean; age: number };

/** The restore timer of a node as it stands now; undefined when none is known to be armed. */
const countdownOf = (state: State, node: NodeView): Countdown | undefined => {
  const { value, at } = node.restore;
  if (!value || at === undefined) return undefined;
  const age = state.now.mono - at;
  return {
    left: countdown(value.left - age / 1000),
    by: armedBy(value.by),
    units: visibleText(value.units.join(', '), 100),
    fresh: freshness(node.restore, state.now.mono, state.topology.interval) === 'fresh',
    age,
  };
};

/** `◔ restore in 4:12 by ops@desk`, of an old reading with its age; null when no timer is known. */
export const restoreRow = (state: State, node: NodeView, look: Look): Row | null => {
  const timer = countdownOf(state, node);
  if (!timer) return null;
  const words = `restore in ${timer.left}`;
  const by = timer.by === '' ? '' : ` by ${timer.by}`;
  const units = timer.units === '' ? '' : ` (${timer.units})`;
  if (!timer.fresh)
    return [
      span(`${look.glyphs.stale} ${words}`, 'plain', { faded: true }),
      span(` ${asOf(timer.age)}`, 'dim'),
      span(`${by}${units}`, 'dim'),
    ];
  return [span(`${look.glyphs.timer} ${words}`, 'warn'), span(by), span(units, 'dim')];
};

/** `◔ 4:12`, for the title of a narrow pane. */
export const restoreBadge = (state: State, node: NodeView, look: Look): Row => {
  const timer = countdownOf(state, node);
  if (!timer) return [];
  const sign = timer.fresh ? look.glyphs.timer : look.glyphs.stale;
  return [span(`${sign} ${timer.left} `, timer.fresh ? 'warn' : 'dim')];
};

/** `◔ restore lb1 4:12, lb2 4:13`, for the header; null when no timer is known. */
export const restoresRow = (state: State, look: Look): Row | null => {
  const timers = Object.values(state.nodes).flatMap((node): { name: string; timer: Countdown }[] => {
    const timer = countdownOf(state, node);
    return timer ? [{ name: visibleText(node.name, 40), timer }] : [];
  });
  if (timers.length === 0) return null;
  const pieces = timers.map(
    ({ name, timer }): Row => [
      span(`${name} ${timer.fresh ? '' : look.glyphs.stale}${timer.left}`, timer.fresh ? 'warn' : 'dim'),
    ],
  );
  return [span(`${look.glyphs.timer} restore `, 'warn'), ...joined(pieces, span(', ', 'dim'))];
};
