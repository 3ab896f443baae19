import { stopSaidAt } from './cause.ts';
import { type DatedText, datedText, zoneOffset } from './check-date.ts';
import { classifyCheckLine, explainCheckLine, GAVE_UP } from './check-words.ts';
import { balancers, processesOf, unitOf } from './select.ts';
import type { NodeView, SeenLine, State } from './state.ts';
import { visibleText } from './visible-text.ts';

/** A line of a node's check log with when it was written. */
export type CheckLine = {
  node: string;
  /** The whole line, fit to be shown. */
  line: string;
  /** By our clock, ms since the epoch: the line's own date without the node's clock offset; without a date that of its neighbour. */
  at: number;
  /** `at` is true within ± this many ms; Infinity: not known. */
  error: number;
  /** The line without its date. */
  text: string;
  explained?: string;
  /** Why `at` is not sure, one phrase. */
  unsure?: string;
};

/** `date` writes whole seconds. */
const RESOLUTION = 1000;
/** A pushed line is here as soon as `tail` has looked and the link has carried it, ms. */
const PUSHED = 2000;
/** A zone is taken from a file's time, or from when a line came, only when they agree as well as this, ms. */
const AGREES = 120_000;
const QUARTER = 15 * 60_000;
/** Zones lie between −12 h and +14 h. */
const WIDEST = 14 * 3600_000;
/** The script kills keepalived at once after it has written its line; its `sleep` and slow systems are allowed for, ms. */
const KILLED_WITHIN = 10_000;

/** The offset (ms east of UTC) by which a written date is ahead of a time that is known otherwise; undefined when they do not fit. */
const fitting = (local: number, known: number): number | undefined => {
  const offset = Math.round((local - known) / QUARTER) * QUARTER;
  return Math.abs(local - known - offset) <= AGREES && Math.abs(offset) <= WIDEST ? offset : undefined;
};

/** Our wall clock at a mono time. */
const wallAt = (state: State, mono: number): number => state.now.wall - (state.now.mono - mono);

type Raw = { seen: SeenLine; parts: DatedText };

/**
 * What an ambiguous zone (`CST`) means on a node: its newest line was written when the file was last written, and a line that was
 * pushed was written when it came.
 */
const learntZones = (state: State, node: NodeView, raws: Raw[]): Map<string, number> => {
  const zones = new Map<string, number>();
  const clock = node.clock.value?.offset ?? 0;
  for (const { seen, parts } of raws) {
    if (!parts.date || seen.by === 'snapshot') continue;
    const offset = fitting(parts.date.local, wallAt(state, seen.at) + clock);
    if (offset !== undefined) zones.set(parts.date.zone, offset);
  }
  const [tail, newest] = [node.checkLog.value, node.checkLog.value?.lines.at(-1)];
  const date = newest === undefined ? undefined : datedText(newest).date;
  const offset = tail && date ? fitting(date.local, tail.mtime * 1000) : undefined;
  if (date && offset !== undefined) zones.set(date.zone, offset);
  return zones;
};

const placed = (state: State, node: NodeView): CheckLine[][] => {
  const raws = node.seenLines.map((seen): Raw => ({ seen, parts: datedText(seen.line) }));
  const zones = learntZones(state, node, raws);
  const clock = node.clock.value;
  const groups: CheckLine[][] = [];
  let leading: CheckLine[] = [];
  /** A line with a time takes those before it that have none. */
  const close = (line: CheckLine) => {
    groups.push([...leading.map((one) => ({ ...one, at: line.at })), line]);
    leading = [];
  };
  for (const { seen, parts } of raws) {
    const explained = explainCheckLine(seen.line);
    const words = {
      node: node.name,
      line: visibleText(seen.line, 1000),
      text: visibleText(parts.text, 1000),
      ...(explained ? { explained } : {}),
    };
    if (!parts.date && seen.by !== 'snapshot') {
      // It was pushed: then it was written a moment before it came.
      close({ ...words, at: wallAt(state, seen.at), error: PUSHED });
      continue;
    }
    if (!parts.date) {
      const last = groups.at(-1);
      const at = last?.[0]?.at ?? wallAt(state, seen.at);
      (last ?? leading).push({ ...words, at, error: Infinity, unsure: 'no date that can be read' });
      continue;
    }
    const { local, zone } = parts.date;
    const minutes = zoneOffset(zone);
    const offset = minutes === undefined ? zones.get(zone) : minutes * 60_000;
    const unsure =
      offset === undefined
        ? zone === ''
          ? 'no zone is written'
          : `zone ${visibleText(zone, 10)} can mean several`
        : clock
          ? undefined
          : 'its clock has not been measured';
    const error = offset === undefined ? WIDEST : clock ? Math.ceil(clock.error) + RESOLUTION : Infinity;
    const at = Math.round(local - (offset ?? 0) - (clock?.offset ?? 0));
    close({ ...words, at, error, ...(unsure ? { unsure } : {}) });
  }
  return leading.length > 0 ? [...groups, leading] : groups;
};

/** Whether keepalived of a node is freshly seen stopped in the way a `killall` leaves it: inactive, no failure, nothing of it running. */
const isGone = (state: State, node: NodeView): boolean => {
  const unit = unitOf(state, node, 'keepalived');
  return (
    unit?.active === 'inactive' && unit.result === 'success' && processesOf(state, node, 'keepalived')?.length === 0
  );
};

/** When it stopped, by our wall clock: by systemd, which forgets it of units that are not enabled, else by keepalived's own word. */
const stoppedAt = (state: State, node: NodeView): number | undefined => {
  const { value: unit, at } = node.services.keepalived?.unit ?? {};
  if (unit?.age !== undefined && at !== undefined) return wallAt(state, at) - unit.age * 1000;
  const said = stopSaidAt(state, node.name);
  return said === undefined ? undefined : wallAt(state, said);
};

/** An action of this console on the node stopped keepalived at about that time (`wall` absent: ever): then it was not the script. */
const byUs = (state: State, node: NodeView, wall?: number): boolean =>
  state.actions.some(({ action, from, until }) => {
    const stops = action.kind === 'out-of-service' || (action.kind === 'service' && action.service === 'keepalived');
    if (!stops || action.node !== node.name) return false;
    if (wall === undefined) return true;
    return wall >= wallAt(state, from) - RESOLUTION && wall <= wallAt(state, until ?? state.now.mono) + RESOLUTION;
  });

/** nginx was started again before keepalived went: then the script had no reason to give up. */
const nginxWasBack = (state: State, node: NodeView, wall: number): boolean => {
  const unit = unitOf(state, node, 'nginx');
  const at = node.services.nginx?.unit.at;
  if (unit?.active !== 'active' || at === undefined) return false;
  return unit.age === undefined || wallAt(state, at) - unit.age * 1000 < wall;
};

const isNginxDown = (state: State, node: NodeView): boolean =>
  unitOf(state, node, 'nginx')?.active !== 'active' && processesOf(state, node, 'nginx')?.length === 0;

/** How sure it is that the script killed keepalived after this restart; undefined: it did not, as far as can be told. */
const killed = (
  state: State,
  node: NodeView,
  restart: CheckLine,
  isNewest: boolean,
): 'surely' | 'probably' | undefined => {
  if (!isGone(state, node)) return undefined;
  const stopped = stoppedAt(state, node);
  if (stopped === undefined) return isNewest && isNginxDown(state, node) && !byUs(state, node) ? 'probably' : undefined;
  const late = stopped - restart.at;
  const near = !restart.unsure && late >= -restart.error && late <= KILLED_WITHIN + restart.error;
  return near && !byUs(state, node, stopped) && !nginxWasBack(state, node, stopped) ? 'surely' : undefined;
};

/** The script never gets to write that it killed keepalived: that is read from what became of keepalived after its last restart. */
const withEnding = (state: State, node: NodeView, lines: CheckLine[]): CheckLine[] => {
  const index = lines.findLastIndex((line) => classifyCheckLine(line.line) === 'restart');
  const restart = lines[index];
  if (!restart || lines.slice(index).some((line) => classifyCheckLine(line.line) === 'killall')) return lines;
  const how = killed(state, node, restart, index === lines.length - 1);
  if (!how) return lines;
  const then = how === 'surely' ? 'then' : 'then probably';
  return lines.with(index, { ...restart, explained: `${restart.explained}, in vain; ${then} ${GAVE_UP}` });
};

/**
 * The check logs of all load balancers as one, by time, with each node's clock offset taken out. Lines without a date that can be
 * read stay next to the line they follow in their file. Dates that go back within a file are believed.
 */
export const checkLogLines = (state: State): CheckLine[] =>
  balancers(state)
    .flatMap((node) => {
      const groups = placed(state, node);
      const lines = withEnding(state, node, groups.flat());
      let next = 0;
      return groups.map((group) => group.map(() => lines[next++] as CheckLine));
    })
    .sort((a, b) => (a[0] as CheckLine).at - (b[0] as CheckLine).at)
    .flat();
