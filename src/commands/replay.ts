import { basename } from 'node:path';
import { visibleText } from '../cluster/visible-text.ts';
import { momentOf } from '../recording/moment.ts';
import { createPlayback, type Playback } from '../recording/playback.ts';
import { openSource, type Source } from '../recording/source.ts';
import { playClock } from '../session/play-clock.ts';
import type { Trouble } from '../session/playback-view.ts';
import { SPEEDS } from '../session/player.ts';
import { startReplay } from '../session/replay.ts';
import { type CommonFlags, type Io, isTerminal, looksOf } from './io.ts';
import { AskedWrong, inUtc, meantFile, onRecording, progressOn } from './recording.ts';
import { replayLines } from './replay-lines.ts';
import { listRecordings } from './replay-list.ts';
import { troubleOf } from './replay-trouble.ts';
import { refusedStatus } from './report.ts';

export type ReplayOptions = Pick<CommonFlags, 'json' | 'color' | 'ascii'> & {
  words: string[];
  /** Where it begins, as people write times. */
  at?: string;
  speed?: string;
};

const speedOf = (text: string | undefined): number => {
  const speed = text === undefined ? 1 : Number(text.replace(/x$/, ''));
  const [slowest, fastest] = [SPEEDS[0], SPEEDS.at(-1) ?? 1];
  if (!(speed >= slowest && speed <= fastest))
    throw new AskedWrong(`--speed takes a number from ${slowest} to ${fastest}, not ${JSON.stringify(text)}`);
  return speed;
};

const beginOf = (playback: Playback, at: string | undefined): number => {
  if (at === undefined) return playback.from.mono;
  const mono = momentOf(at, { from: playback.from, to: playback.to(), zone: 'utc', monoAt: playback.monoAt });
  if (mono === undefined)
    throw new AskedWrong(
      `--at takes a time (12:03:10 in UTC, an ISO time, +90s, -5m, 50%), not ${JSON.stringify(visibleText(at, 60))}`,
    );
  return mono;
};

/** Shows a session until it is left. */
const show = async (playback: Playback, source: Source, options: ReplayOptions, io: Io): Promise<number> => {
  const at = beginOf(playback, options.at);
  const session = startReplay({ playback, clock: playClock, at, speed: speedOf(options.speed) });
  // Who names a time wants to look at it; who names none, or a speed, wants to see what comes.
  if (options.at === undefined || options.speed !== undefined) session.playback?.ask({ kind: 'play' });
  const looking = new AbortController();
  const seen = (trouble: Trouble | null) => session.trouble(trouble);
  void troubleOf(source, playback, seen, AbortSignal.any([io.signal, looking.signal])).catch(() => {});
  try {
    const { runConsole } = await import('../views/run.tsx');
    return await runConsole({
      store: session,
      stdin: io.stdin,
      stdout: io.stdout,
      options: { ...looksOf(options, io), readOnly: false },
      signal: io.signal,
      farewell: () => {
        const { playback: view } = session.get();
        const time = `${new Date(view?.wall ?? 0).toISOString().slice(0, 19)}Z`;
        return `left at ${time}; to go on there:\nhaconsole replay ${visibleText(basename(source.name), 300)} --at ${time}\n`;
      },
    });
  } finally {
    looking.abort();
    session.stop();
  }
};

/**
 * `haconsole replay`: a recorded session in the panes of the console; without a terminal its event log as lines; without a file a list of
 * what was recorded on this machine. Exit status 0, 2 a wrong question, 4 no usable session, 5 a newer version made it.
 */
export const replayCommand = (options: ReplayOptions, io: Io): Promise<number> =>
  onRecording(
    io,
    'replay',
    async () => {
      inUtc(io);
      if (options.words.length === 0) return listRecordings(options, io);
      speedOf(options.speed);
      const progress = progressOn(io, 'reading');
      let source: Source;
      let playback: Playback;
      try {
        source = await openSource(await meantFile(options.words, 'replay', io), (part) => progress.at(part * 0.4));
        playback = await createPlayback(source, {
          progress: (part) => progress.at(0.4 + part * 0.6),
          signal: io.signal,
        });
      } finally {
        progress.done();
      }
      if (isTerminal(io) && !options.json) return show(playback, source, options, io);
      try {
        return await replayLines(playback, source, { from: beginOf(playback, options.at), json: options.json }, io);
      } finally {
        playback.close();
      }
    },
    refusedStatus,
  );
