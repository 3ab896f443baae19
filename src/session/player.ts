import type { State } from '../cluster/state.ts';
import { visibleText } from '../cluster/visible-text.ts';
import { type Chapter, chaptersOf } from '../recording/chapters.ts';
import { momentOf } from '../recording/moment.ts';
import type { Playback } from '../recording/playback.ts';
import type { PlayClock } from './play-clock.ts';
import type { PlaybackCommand, PlaybackView, Tick, Trouble } from './playback-view.ts';
import { passOver } from './playback-words.ts';
import { byTime, lastThat, saidAt, ticksWith } from './ticks.ts';

/** How often the position moves on while it plays, ms. */
const BEAT = 100;
/** Pictures follow each other no faster than this, ms: while a key is held, what is between two is left out. */
const FRAME = 33;
/** A process that was stopped for a while goes on where it was: no beat counts for more, ms. */
const LONGEST_BEAT = 1000;
/** How often a file that is still written is looked at, ms. */
const LOOK_AGAIN = 500;
/** What a beat or a jump said stays this long, ms. */
const SAID_FOR = 4000;
/** While it plays, the previous event is the one before the one that was just passed, ms. */
const JUST_PASSED = 1000;
/** Jumps that can be undone. */
const UNDONE = 100;

/** Seconds of the recording in a second, from the slowest to the fastest. */
export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64] as const;

/** A picture of the past: the state at the position, and what the bar shows. */
export type PastPicture = { state: State; view: PlaybackView };

/** A playback that is driven by commands. */
export type Player = {
  get(): PastPicture;
  /** Does it; null, or why nothing was done. */
  ask(command: PlaybackCommand): string | null;
  /** Something is wrong with the file, or no more. */
  trouble(trouble: Trouble | null): void;
  /** No more pictures. */
  stop(): void;
};

/**
 * A virtual clock over a recording. `changed` is called with each new picture, at most thirty times a second: seeks in between leave no
 * picture. `ended` is called when it has come to the newest moment while looking back.
 */
export const createPlayer = (parts: {
  playback: Playback;
  kind: PlaybackView['kind'];
  zone: PlaybackView['zone'];
  clock: PlayClock;
  changed: (picture: PastPicture) => void;
  ended?: () => void;
  at?: number;
  speed?: number;
}): Player => {
  const { playback, kind, zone, clock } = parts;
  let position = parts.at ?? playback.from.mono;
  let playing = false;
  let speed = parts.speed ?? 1;
  let skipIdle = true;
  let following = false;
  let said = '';
  let saidUntil = Number.NEGATIVE_INFINITY;
  let search: { text: string; matches: Tick[] } | null = null;
  let trouble: Trouble | null = null;
  const undone: number[] = [];
  let ticks: Tick[] = [];
  let chapters: Chapter[] = [];
  let spans = playback.spans();
  let beaten = 0;
  let drawn = Number.NEGATIVE_INFINITY;
  let stopped = false;
  let cancelBeat: (() => void) | undefined;
  let cancelDraw: (() => void) | undefined;

  const takeIn = (): void => {
    ticks = playback.happenings().toSorted(byTime);
    chapters = chaptersOf(ticks);
    spans = playback.spans();
    if (search) search = { ...search, matches: ticksWith(ticks, search.text) };
  };
  takeIn();

  const make = (): PastPicture => ({
    state: playback.stateAt(position),
    view: {
      kind,
      zone,
      position,
      wall: playback.wallAt(position),
      from: playback.from,
      to: playback.to(),
      playing,
      speed,
      skipIdle,
      following,
      closed: playback.ended() !== undefined,
      ticks,
      spans,
      chapters,
      here: saidAt(ticks, position),
      said: clock.now() < saidUntil ? said : '',
      search: search && { text: search.text, found: search.matches.length },
      trouble,
    },
  });
  let picture = make();

  const draw = (): void => {
    cancelDraw = undefined;
    if (stopped) return;
    drawn = clock.now();
    picture = make();
    parts.changed(picture);
  };
  const offer = (): void => {
    if (!stopped) cancelDraw ??= clock.after(Math.max(0, drawn + FRAME - clock.now()), draw);
  };

  const say = (text: string): void => {
    said = text;
    saidUntil = clock.now() + SAID_FOR;
    clock.after(SAID_FOR + 1, offer);
  };

  const end = (): number => playback.to().mono;
  const clamp = (mono: number): number => Math.max(playback.from.mono, Math.min(end(), mono));

  const beat = (): void => {
    cancelBeat = undefined;
    if (!playing || stopped) return;
    const now = clock.now();
    const passed = Math.min(LONGEST_BEAT, now - beaten) * speed;
    beaten = now;
    if (following) position = end();
    else {
      const step = passOver(spans, position, position + passed, skipIdle);
      position = clamp(step.to);
      if (step.over) say(step.over);
      if (position >= end()) arrive();
    }
    offer();
    if (playing) cancelBeat = clock.after(BEAT, beat);
  };

  const play = (): void => {
    playing = true;
    beaten = clock.now();
    cancelBeat ??= clock.after(BEAT, beat);
  };

  const arrive = (): void => {
    if (parts.ended) parts.ended();
    else if (playback.ended()) {
      playing = false;
      say('the end of the recording');
    }
  };

  const jump = (mono: number, text = ''): null => {
    undone.push(position);
    if (undone.length > UNDONE) undone.shift();
    following = false;
    position = clamp(mono);
    beaten = clock.now();
    saidUntil = Number.NEGATIVE_INFINITY;
    if (text !== '') say(text);
    offer();
    return null;
  };

  /** The times of these, before or after the position; each time once. */
  const nextOf = <T>(items: readonly T[], timeOf: (one: T) => number, step: 1 | -1): T | undefined => {
    if (step === 1) return items.find((one) => timeOf(one) > position);
    const from = playing ? position - JUST_PASSED * Math.max(1, speed) : position;
    return lastThat(items, (one) => timeOf(one) < from);
  };

  const toEvent = (step: 1 | -1): string | null => {
    const next = nextOf(ticks, (tick) => tick.at.mono, step);
    return next ? jump(next.at.mono) : step === 1 ? 'nothing happens after this' : 'nothing happened before this';
  };

  const toChapter = (step: 1 | -1): string | null => {
    const next = nextOf(chapters, (chapter) => chapter.from, step);
    const where = step === 1 ? 'after' : 'before';
    return next
      ? jump(next.from, `${next.kind} ${visibleText(next.name, 60)}`)
      : `no drill and no incident begins ${where} this`;
  };

  const toFound = (step: 1 | -1): string | null => {
    if (!search) return 'nothing is searched for: / begins';
    const { matches, text } = search;
    const [first, last] = [matches[0], matches.at(-1)];
    if (!first || !last) return `nothing in the event log contains ${visibleText(text, 60)}`;
    const next = nextOf(matches, (tick) => tick.at.mono, step);
    const round = step === 1 ? 'from the begin again' : 'from the end again';
    return next ? jump(next.at.mono) : jump((step === 1 ? first : last).at.mono, round);
  };

  const toSample = (step: 1 | -1): string | null => {
    playing = false;
    const next = playback.sample(position, step);
    if (next !== undefined) return jump(next);
    offer();
    return step === 1 ? 'this is the last fact' : 'this is the first fact';
  };

  const go = (text: string): string | null => {
    const mono = momentOf(text.trim(), {
      from: playback.from,
      to: playback.to(),
      zone,
      now: position,
      monoAt: playback.monoAt,
    });
    return mono === undefined ? `${visibleText(text, 40)} is no time: 12:03:10, +90s, -5m, 50%` : jump(mono);
  };

  const setSpeed = (step: 1 | 0 | -1): string | null => {
    const at = SPEEDS.findLastIndex((one) => one <= speed);
    const next = step === 0 ? 1 : SPEEDS[Math.max(0, at + step)];
    if (next === undefined) return `${speed}x is the fastest`;
    if (next === speed) return step === 0 ? 'it is 1x already' : `${speed}x is the slowest`;
    speed = next;
    return null;
  };

  const togglePlay = (): string | null => {
    following = false;
    if (playing) playing = false;
    else if (position >= end() && playback.ended()) {
      jump(playback.from.mono, 'from the begin');
      play();
    } else play();
    return null;
  };

  const follow = (): string | null => {
    if (playback.ended()) return 'the recording was closed: nothing will follow';
    if (following) {
      following = false;
      return null;
    }
    jump(end(), 'waiting for what comes');
    following = true;
    speed = 1;
    play();
    return null;
  };

  const does = (command: PlaybackCommand): string | null => {
    switch (command.kind) {
      case 'play':
        return togglePlay();
      case 'by': {
        if (command.ms < 0 && position <= playback.from.mono) return 'this is the begin';
        if (command.ms > 0 && position >= end() && !parts.ended) return 'this is the end';
        jump(position + command.ms);
        if (position >= end() && parts.ended) parts.ended();
        return null;
      }
      case 'sample':
        return toSample(command.step);
      case 'event':
        return toEvent(command.step);
      case 'chapter':
        return toChapter(command.step);
      case 'found':
        return toFound(command.step);
      case 'speed':
        return setSpeed(command.step);
      case 'begin':
        return jump(playback.from.mono);
      case 'end':
        if (!parts.ended) return jump(end());
        parts.ended();
        return null;
      case 'undo': {
        const back = undone.pop();
        if (back === undefined) return 'there is no jump to undo';
        following = false;
        position = clamp(back);
        return null;
      }
      case 'skip-idle':
        skipIdle = !skipIdle;
        return null;
      case 'follow':
        return follow();
      case 'go':
        return go(command.text);
      case 'search':
        search = command.text.trim() === '' ? null : { text: command.text, matches: ticksWith(ticks, command.text) };
        return null;
      case 'leave':
        if (!parts.ended) return 'this is a recording: q leaves';
        parts.ended();
        return null;
    }
  };

  /** A file that is still written grows; one that was closed does not. */
  const lookAgain = (): void => {
    if (stopped || playback.ended()) return;
    if (playback.refresh()) {
      takeIn();
      offer();
    }
    clock.after(LOOK_AGAIN, lookAgain);
  };
  clock.after(LOOK_AGAIN, lookAgain);

  return {
    get: () => picture,
    ask: (command) => {
      const why = does(command);
      offer();
      return why;
    },
    trouble: (next) => {
      trouble = next;
      offer();
    },
    stop: () => {
      stopped = true;
      cancelBeat?.();
      cancelDraw?.();
    },
  };
};
