import type { State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import type { Happening } from '../file-index.ts';

/** Draws a state as the lines of a screen, with their colours as SGR sequences: what the panes would show. No line breaks inside. */
export type Frames = (state: State, size: { columns: number; rows: number }) => string[];

export type CastOptions = {
  version: 2 | 3;
  columns: number;
  rows: number;
  /** Seconds of stillness that players keep at most. */
  idle: number;
  title: string;
  /** Unix time of the begin, s. */
  timestamp: number;
  /** Session id and head hash; players ignore it. */
  haconsole: { id: string; seal: string | null };
};

/** All of the screen is drawn anew this often, s, and at each marker: players seek to such places. */
const REPAINT_EVERY = 60;

const header = (options: CastOptions): string => {
  const { columns, rows, idle, title, timestamp, haconsole } = options;
  const common = { timestamp: Math.floor(timestamp), idle_time_limit: idle, title, haconsole };
  return JSON.stringify(
    options.version === 2
      ? { version: 2, width: columns, height: rows, ...common }
      : { version: 3, term: { cols: columns, rows, type: 'xterm-256color' }, ...common },
  );
};

const whole = (lines: string[]): string =>
  `\u001b[0m\u001b[2J${lines.map((line, index) => `\u001b[${index + 1};1H${line}\u001b[0m`).join('')}`;

const changes = (before: string[], lines: string[]): string =>
  Array.from({ length: Math.max(before.length, lines.length) }, (_, index) =>
    before[index] === lines[index] ? '' : `\u001b[${index + 1};1H\u001b[2K${lines[index] ?? ''}\u001b[0m`,
  ).join('');

/**
 * An asciicast writer. v2 has absolute times and is what asciinema 2 of the distributions plays; v3 has intervals. Only `o` and `m` events,
 * three elements each, string data: other codes stop some players. Times are ms from the begin and never go back.
 */
export const createCast = (options: CastOptions) => {
  const { version } = options;
  let before: string[] | undefined;
  let painted = Number.NEGATIVE_INFINITY;
  /** Where the previous event stands, in whole ms: intervals are differences of these, so they do not drift. */
  let last = 0;

  const event = (ms: number, code: 'o' | 'm' | 'x', data: string): string => {
    const at = Math.max(last, Math.round(ms));
    const time = version === 2 ? at / 1000 : (at - last) / 1000;
    last = at;
    return `${JSON.stringify([time, code, data])}\n`;
  };

  return {
    start: (): string => `${header(options)}\n${event(0, 'o', '\u001b[?25l')}`,
    /** What draws this screen; empty where nothing has changed. */
    frame: (ms: number, lines: string[], anew = false): string => {
      const fit = lines.slice(0, options.rows);
      const full = anew || before === undefined || ms - painted >= REPAINT_EVERY * 1000;
      const data = full || before === undefined ? whole(fit) : changes(before, fit);
      before = fit;
      if (full) painted = ms;
      return data === '' ? '' : event(ms, 'o', data);
    },
    marker: (ms: number, label: string): string => event(ms, 'm', visibleText(label, 200)),
    end: (ms: number): string => {
      const last = event(ms, 'o', '\u001b[0m\u001b[?25h\r\n');
      return version === 3 ? `${last}${event(ms, 'x', '0')}` : last;
    },
  };
};

/** Whether a happening gets a marker: moves, verdicts, actions, notes, drills, and what is about the record. */
export const isChapter = ({ kind, severity }: Happening): boolean =>
  ['move', 'verdict', 'action', 'note', 'drill', 'gap', 'clock'].includes(kind) ||
  (severity === 'bad' && kind !== 'journal');

/** A marker’s label: `12:03:10Z lb2 VIPs moved lb1 → lb2`. */
export const markerLabel = ({ at, source, text }: Happening): string =>
  `${new Date(at.wall).toISOString().slice(11, 19)}Z ${text.startsWith(source) ? '' : `${source} `}${text}`;
