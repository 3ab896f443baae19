import { visibleText } from '../../cluster/visible-text.ts';
import type { PlaybackView, Tick } from '../../session/playback-view.ts';
import { fieldRow } from '../parts/field.ts';
import { ends, joined, type Row, rowCells, span } from '../parts/rows.ts';
import { howLong } from '../parts/times.ts';
import type { Look, Role } from '../theme.ts';
import type { Ui } from '../ui.ts';

const two = (value: number): string => String(value).padStart(2, '0');

/** A wall time in the zone of the view: `12:03:10Z`; with tenths of a second where they are asked for. */
const timeText = (wall: number, zone: PlaybackView['zone'], tenths = false): string => {
  if (zone === 'utc') return `${new Date(wall).toISOString().slice(11, tenths ? 21 : 19)}Z`;
  const date = new Date(wall);
  const text = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return tenths ? `${text}.${Math.floor(date.getMilliseconds() / 100)}` : text;
};

const dayText = (wall: number, zone: PlaybackView['zone']): string => {
  if (zone === 'utc') return new Date(wall).toISOString().slice(0, 10);
  const date = new Date(wall);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

/** `3:10`, `1:04:10` */
const elapsed = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
};

type Sign = { rank: number; glyph: (look: Look) => string; role: Role };

/** How a tick stands on the bar. Of several in one cell the first of these is shown. */
const signs = {
  bad: { rank: 6, glyph: ({ glyphs }) => glyphs.bad, role: 'bad' },
  move: { rank: 5, glyph: ({ glyphs }) => glyphs.moved, role: 'accent' },
  deed: { rank: 4, glyph: ({ glyphs }) => glyphs.changed, role: 'accent' },
  warn: { rank: 3, glyph: ({ glyphs }) => glyphs.warn, role: 'warn' },
  good: { rank: 2, glyph: ({ glyphs }) => glyphs.good, role: 'good' },
  info: { rank: 1, glyph: ({ glyphs }) => glyphs.dot, role: 'dim' },
} satisfies Record<string, Sign>;

const signOf = ({ kind, severity }: Tick): Sign => {
  if (severity === 'bad') return signs.bad;
  if (kind === 'move') return signs.move;
  if (kind === 'action' || kind === 'note') return signs.deed;
  return signs[severity];
};

type Cell = { sign?: Sign; found?: boolean; under: 'track' | 'idle' | 'gap' | 'drill' };

/** What stands in each cell of the bar; drawn anew only when something has come or the width is another. */
const cellsOf = (view: PlaybackView, width: number): Cell[] => {
  const { ticks, spans, chapters, from, to, search } = view;
  const length = Math.max(1, to.mono - from.mono);
  const column = (mono: number): number =>
    Math.max(0, Math.min(width - 1, Math.floor(((mono - from.mono) / length) * width)));
  const row = Array.from({ length: width }, (): Cell => ({ under: 'track' }));
  const lay = (under: Cell['under'], begin: number, end: number): void => {
    for (let at = column(begin); at <= column(end); at++) (row[at] as Cell).under = under;
  };
  const wide = length / width;
  // A cell is idle where all of it is.
  for (const span of spans)
    if (span.kind === 'idle' && span.to - span.from > wide) lay('idle', span.from + wide * 0.99, span.to - wide * 0.99);
  for (const { kind, from: begin, until } of chapters) if (kind === 'drill') lay('drill', begin, until ?? to.mono);
  for (const span of spans) if (span.kind === 'gap') lay('gap', span.from, span.to);
  const wanted = search?.text.trim().toLowerCase() ?? '';
  for (const tick of ticks) {
    const cell = row[column(tick.at.mono)] as Cell;
    const sign = signOf(tick);
    if (sign.rank > (cell.sign?.rank ?? 0)) cell.sign = sign;
    if (wanted !== '' && `${tick.source} ${tick.kind} ${tick.text}`.toLowerCase().includes(wanted)) cell.found = true;
  }
  return row;
};

const cache = new WeakMap<readonly Tick[], { key: string; cells: Cell[] }>();
const keptCells = (view: PlaybackView, width: number): Cell[] => {
  const key = `${width} ${view.to.mono} ${view.search?.text ?? ''}`;
  const kept = cache.get(view.ticks);
  if (kept?.key === key) return kept.cells;
  const cells = cellsOf(view, width);
  cache.set(view.ticks, { key, cells });
  return cells;
};

const barRow = (view: PlaybackView, width: number, look: Look): Row => {
  const { bar, unknown } = look.glyphs;
  const { from, to, position } = view;
  const part = (position - from.mono) / Math.max(1, to.mono - from.mono);
  const here = Math.max(0, Math.min(width - 1, Math.floor(part * width)));
  return keptCells(view, width).map(({ sign, found, under }, index) => {
    if (index === here) return span(bar.here, 'accent');
    if (under === 'gap') return span(unknown, 'unknown');
    if (sign) return span(sign.glyph(look), sign.role, { lit: found === true });
    if (under === 'drill') return span(bar.drill, 'accent');
    if (under === 'idle') return span(bar.idle, 'dim');
    return index < here ? span(bar.played) : span(bar.track, 'dim');
  });
};

/** The bar between its two times. */
const lineRow = (view: PlaybackView, width: number, look: Look): Row => {
  const begin: Row = [span(` ${timeText(view.from.wall, view.zone)} `, 'dim')];
  const growing = view.closed ? '' : look.glyphs.ellipsis;
  const end: Row = [span(` ${timeText(view.to.wall, view.zone)}${growing} `, 'dim')];
  return [...begin, ...barRow(view, Math.max(1, width - rowCells(begin) - rowCells(end)), look), ...end];
};

const speedText = (speed: number): string => (speed >= 1 ? `${speed}x` : `1/${Math.round(1 / speed)}x`);

const placeRow = (view: PlaybackView, width: number, look: Look): Row => {
  const { position, from, to, wall, zone } = view;
  const sign = view.playing ? look.glyphs.play : look.glyphs.frozen;
  const day = width >= 100 ? `${dayText(wall, zone)} ` : '';
  return [
    span(` ${sign} `, 'accent'),
    span(`${day}${timeText(wall, zone, true)}`, 'strong'),
    ...(width >= 76 ? [span(` +${elapsed(position - from.mono)} of ${elapsed(to.mono - from.mono)}`, 'dim')] : []),
    span(` ${speedText(view.speed)}`, view.speed === 1 ? 'plain' : 'accent'),
    ...(view.following ? [span(' following', 'accent')] : view.skipIdle ? [] : [span(' idle too', 'dim')]),
  ];
};

const severities: Record<Tick['severity'], Role> = { info: 'plain', good: 'plain', warn: 'plain', bad: 'bad' };

/** What was said last before the position, and how long ago. */
const hereRow = (view: PlaybackView, look: Look): Row => {
  const { here, position } = view;
  if (view.spans.some((one) => one.kind === 'gap' && position > one.from && position < one.to))
    return [span(` ${look.glyphs.unknown} nothing was recorded here `, 'blind')];
  if (!here) return [];
  const sign = signOf(here);
  const age = position - here.at.mono;
  return [
    span(`${sign.glyph(look)} `, sign.role),
    ...(age >= 1000 ? [span(`${howLong(age)} ago `, 'dim')] : []),
    span(here.text.startsWith(here.source) ? '' : `${visibleText(here.source, 40)} `, 'dim'),
    span(visibleText(here.text, 300), severities[here.severity]),
  ];
};

const foundText = ({ search }: PlaybackView): string =>
  search ? `/${visibleText(search.text, 30)} ${search.found === 0 ? 'nothing' : search.found} found` : '';

const typedRow = (view: PlaybackView, line: NonNullable<Ui['line']>, width: number, look: Look): Row => {
  const asks =
    line.kind === 'go'
      ? ` go to (12:03:10${view.zone === 'utc' ? ' UTC' : ''}, +90s, -5m, 50%): `
      : ' search the events: ';
  const found = line.kind === 'search' ? `${foundText(view)} ` : '';
  const room = Math.max(10, width - asks.length - found.length - 1);
  return ends([span(asks, 'accent'), ...fieldRow(line.field, room, look)], [span(found, 'dim')], width, look);
};

/** The rows of a playback above the footer: the bar, then where it is and what was said there. One row has the place and the bar alone. */
export const playbackRows = (
  view: PlaybackView,
  line: Ui['line'],
  width: number,
  height: number,
  look: Look,
): Row[] => {
  const typed = line && typedRow(view, line, width, look);
  const place = placeRow(view, width, look);
  if (height < 2) {
    if (typed) return [typed];
    const rest: Row = [span(' '), ...barRow(view, Math.max(1, width - rowCells(place) - 2), look)];
    return [[...place, ...rest]];
  }
  const found = foundText(view);
  const said = joined(
    [place, ...(found === '' ? [] : [[span(found, 'accent')]]), hereRow(view, look)].filter((row) => row.length > 0),
    span('  '),
  );
  return [lineRow(view, width, look), typed ?? ends(said, [], width, look)];
};
