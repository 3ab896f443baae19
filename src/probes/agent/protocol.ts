import type { ClockReading } from '../../cluster/readings.ts';
import type { Clock } from '../clock.ts';

/** What can be asked: a snapshot, keepalived's dump, the configuration files, or nothing but the time. */
export type Operation = 'snap' | 'dump' | 'conf' | 'ping';
/** Pushed streams: A addresses, J journal, L check log. */
export type StreamTag = 'A' | 'J' | 'L';

/** Output of one tool call, stdout and stderr merged, and its exit status; no status: it has not ended yet. */
export type Section = { lines: string[]; rc?: number };

/** What came back for one request. */
export type Reply = {
  op: Operation;
  /** mono ms */
  asked: number;
  sections: Map<string, Section>;
  /** False where the deadline came first: what is there is true all the same. */
  complete: boolean;
  clock?: ClockReading;
  /** Seconds, first field of the node's /proc/uptime. */
  uptime?: number;
};

/** What the lines of the agent mean to whom they concern. */
export type Listener = {
  hello(): void;
  reply(id: number, reply: Reply): void;
  line(stream: StreamTag, text: string): void;
  end(stream: StreamTag, rc: number): void;
  /** What came before the hello: banners, complaints of the login shell. */
  noise(text: string): void;
};

type Open = Reply & { askedWall: number; bytes: number; pieces: Map<string, string> };
type NodeTime = { ms: number; coarse: boolean };

/** Bytes of one reply, and of one line in pieces, that are kept. */
const MOST = 1024 * 1024;
const LONGEST = 64 * 1024;

const timeOf = (text: string | undefined): NodeTime | undefined => {
  const match = /^(\d{9,11})(?:\.(\d{1,9}))?/.exec(text ?? '');
  return match ? { ms: Number(`${match[1]}.${match[2] ?? 0}`) * 1000, coarse: match[2] === undefined } : undefined;
};

/**
 * Reads the agent's lines. Each line says by its tag what it belongs to, never by its place: replies and pushed lines come
 * mixed. A line that is nothing of ours is passed over.
 */
export const createReader = (clock: Clock, listener: Listener) => {
  const open = new Map<number, Open>();
  const pushed: Record<string, string> = {};
  let greeted = false;

  const take = (entry: Open, key: string, text: string, whole: boolean) => {
    entry.bytes += text.length;
    if (entry.bytes > MOST) return;
    const begun = (entry.pieces.get(key) ?? '') + text;
    entry.pieces.set(key, whole ? '' : begun);
    const section = entry.sections.get(key) ?? { lines: [] };
    entry.sections.set(key, section);
    if (whole) section.lines.push(begun);
  };

  const finish = (id: number, entry: Open) => {
    open.delete(id);
    entry.complete = true;
    listener.reply(id, entry);
  };

  const answerLine = (line: string): boolean => {
    const match = /^([TSsRE]) (\d{1,10}) ?(.*)$/s.exec(line);
    const entry = match && open.get(Number(match[2]));
    if (!match || !entry) return match !== null;
    const rest = match[3]!;
    const [first = '', ...others] = rest.split(' ');
    if (match[1] === 'E') finish(Number(match[2]), entry);
    else if (match[1] === 'T') {
      const [began, uptime] = [timeOf(first), Number.parseFloat(others[0] ?? '')];
      if (began) entry.clock = offsetOf(entry, began, clock.now());
      if (Number.isFinite(uptime)) entry.uptime = uptime;
    } else if (!/^[A-Z]{1,8}$/.test(first)) return true;
    else if (match[1] === 'R') {
      const section = entry.sections.get(first) ?? { lines: [] };
      entry.sections.set(first, { ...section, rc: Number.parseInt(others[0] ?? '', 10) || 0 });
    } else take(entry, first, rest.slice(first.length + 1), match[1] === 'S');
    return true;
  };

  const pushedLine = (line: string) => {
    const match = /^([AJLajl]) (.*)$/s.exec(line);
    const end = /^X ([AJL]) (\d{1,3})$/.exec(line);
    if (end) return listener.end(end[1] as StreamTag, Number(end[2]));
    if (!match) return;
    const tag = match[1]!.toUpperCase() as StreamTag;
    const text = ((pushed[tag] ?? '') + match[2]!).slice(0, LONGEST);
    pushed[tag] = match[1] === tag ? '' : text;
    if (match[1] === tag) listener.line(tag, text);
  };

  return {
    /** To be called in the moment the request is written. */
    expect: (id: number, op: Operation): Reply => {
      const entry: Open = {
        op,
        asked: clock.now(),
        askedWall: clock.wall(),
        sections: new Map(),
        complete: false,
        bytes: 0,
        pieces: new Map(),
      };
      open.set(id, entry);
      return entry;
    },
    line: (line: string) => {
      if (greeted) return void (answerLine(line) || pushedLine(line));
      greeted = /^H \d{9,11}\S* \d+$/.test(line);
      return greeted ? listener.hello() : listener.noise(line);
    },
  };
};

/**
 * The node's clock against ours: it was read after the request left and before the first line came, so half of that time is
 * the error. Our wall clock is read once, so that a step of it in between does no harm.
 */
const offsetOf = (entry: Open, told: NodeTime, now: number): ClockReading => {
  const half = (now - entry.asked) / 2;
  // A clock of whole seconds is half a second behind on average, give or take as much.
  const coarse = told.coarse ? 500 : 0;
  return { offset: told.ms + coarse - (entry.askedWall + half), error: half + coarse };
};
