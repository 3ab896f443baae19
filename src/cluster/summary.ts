import { actionText, isOver } from './action-facts.ts';
import type { Stamp } from './events.ts';
import type { Outage, State } from './state.ts';
import { visibleText } from './visible-text.ts';

/** Verdict changes and moves that are listed; the rest is counted. */
const LISTED = 12;

const two = (value: number): string => String(value).padStart(2, '0');

const clock = ({ wall }: Stamp): string => {
  const date = new Date(wall);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
};

/** `0.6 s`, `4 min 10 s`, `3 h 05 min` */
const duration = (ms: number): string => {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
};

const several = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

const lengthOf = (outage: Outage, state: State): number => (outage.until ?? state.now).mono - outage.from.mono;

const vipLine = (state: State, address: string): string => {
  const vip = state.vips[address];
  const outages = state.outages.filter((outage) => outage.vip === address);
  const lost = outages.reduce((sum, outage) => sum + outage.lost, 0);
  const { good = 0, bad = 0, unknown = 0 } = vip?.probe ?? {};
  const longest = Math.max(0, ...outages.map((outage) => lengthOf(outage, state)));
  const lasts = outages.some((outage) => outage.until === undefined) ? ', one still lasts' : '';
  return [
    `${address}: ${several(good + bad, 'request')}`,
    outages.length === 0
      ? 'none lost'
      : `${lost} lost in ${several(outages.length, 'outage')} (longest ${duration(longest)}${lasts})`,
    several(vip?.moves ?? 0, 'move'),
    ...(unknown === 0 ? [] : [`${unknown} not known (the way there was broken)`]),
  ].join(', ');
};

/** The newest of a list, with a line that counts the older ones. */
const newest = (title: string, lines: string[]): string[] => {
  if (lines.length === 0) return [];
  const left = lines.length - LISTED;
  return [title, ...(left > 0 ? [`  (${left} earlier)`] : []), ...lines.slice(-LISTED).map((line) => `  ${line}`)];
};

const moveLines = (state: State): string[] => {
  const lines = new Map<string, { head: string; vips: string[]; tail: string }>();
  for (const move of state.moves) {
    const head = `${clock(move.at)} ${move.from ?? 'nobody'} -> ${move.to ?? 'nobody'}`;
    const line = lines.get(head) ?? { head, vips: [], tail: '' };
    line.vips.push(move.vip);
    if (move.cause) line.tail = ` (${move.cause})`;
    lines.set(head, line);
  }
  return [...lines.values()].map(({ head, vips, tail }) => `${head}: ${vips.join(', ')}${tail}`);
};

/** Actions whose end was not seen: their commands may have been run, their effect was not looked at. */
const unfinished = (state: State): string[] =>
  state.actions
    .filter(({ phase }) => !isOver(phase))
    .map(({ action, phase }) =>
      phase.step === 'verifying'
        ? `${actionText(action)}: its commands have run, its effect was not seen before the console was left`
        : `${actionText(action)}: was under way when the console was left, whether it was done is unknown`,
    );

/**
 * What a session was, in plain lines for the screen that comes back after leaving: its length, the verdicts, the moves,
 * the outages of each VIP and the requests lost. Ends with a line break.
 */
export const summary = (state: State): string => {
  const length = state.now.mono - state.started.mono;
  const verdicts = state.notices
    .filter((notice) => notice.kind === 'verdict')
    .map((notice) => `${clock(notice.at)} ${notice.text}`);
  const { verdict } = state;
  const lines = [
    `haconsole: ${state.topology.name}, ${clock(state.started)} to ${clock(state.now)}, ${duration(length)}`,
    ...unfinished(state),
    `Now: ${verdict.level} ${verdict.code}: ${verdict.reason}`,
    ...state.topology.vips.map((address) => `  ${vipLine(state, address)}`),
    ...newest('Verdicts', verdicts),
    ...newest(`Moves (outages are as seen by a request every ${state.topology.interval} ms)`, moveLines(state)),
  ];
  return `${lines.map((line) => visibleText(line, 500)).join('\n')}\n`;
};
