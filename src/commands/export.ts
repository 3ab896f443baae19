import { visibleText } from '../cluster/visible-text.ts';
import { createCast, type Frames, isChapter, markerLabel } from '../recording/export/asciicast.ts';
import { csvOf } from '../recording/export/csv.ts';
import { junitXml, sessionSuites } from '../recording/export/junit.ts';
import { openMetricsOf } from '../recording/export/openmetrics.ts';
import type { Playback } from '../recording/playback.ts';
import { analyse } from '../recording/report/analysis.ts';
import type { Verification } from '../recording/verify.ts';
import type { Io } from './io.ts';
import { AskedWrong, boundsOf, inUtc, meantFile, onRecording, openSession, type Stretch } from './recording.ts';
import { deliver, drain, refusedStatus, refuseSession } from './report.ts';

/** What a session can be exported to. */
export const exportForms = ['asciicast', 'asciicast-v3', 'csv', 'junit', 'openmetrics'] as const;
type Form = (typeof exportForms)[number];

export type ExportOptions = Stretch & {
  words: string[];
  to?: string;
  out?: string;
  /** `120x36` */
  size?: string;
  fps?: string;
  /** Seconds of stillness that are kept. */
  idle?: string;
};

type Bounds = { from: number; to: number };

const sizeOf = (text = '120x36'): { columns: number; rows: number } => {
  const match = /^(\d{2,3})x(\d{2,3})$/.exec(text);
  const [columns, rows] = [Number(match?.[1]), Number(match?.[2])];
  if (!match || columns < 40 || rows < 10)
    throw new AskedWrong(`--size takes columns and rows (120x36), not ${JSON.stringify(text)}`);
  return { columns, rows };
};

const numberOf = (flag: string, text: string | undefined, otherwise: number, least: number, most: number): number => {
  const value = text === undefined ? otherwise : Number(text);
  if (!Number.isFinite(value) || value < least || value > most)
    throw new AskedWrong(`--${flag} takes a number from ${least} to ${most}, not ${JSON.stringify(text)}`);
  return value;
};

/** So long after something happened pictures still follow each other, ms. */
const MOMENT = 3000;

/** The screen of each moment as an asciicast: a frame where something changed, a marker at each chapter. */
export function* castOf(
  playback: Playback,
  bounds: Bounds,
  options: {
    version: 2 | 3;
    columns: number;
    rows: number;
    fps: number;
    idle: number;
    frames: Frames;
    seal: string | null;
  },
): Generator<number, string> {
  const { columns, rows, frames, version, idle, fps } = options;
  const cast = createCast({
    version,
    columns,
    rows,
    idle,
    title: `haconsole: ${visibleText(playback.header.topology.name, 200)}`,
    timestamp: playback.wallAt(bounds.from) / 1000,
    haconsole: { id: playback.header.id, seal: options.seal },
  });
  const chapters = playback
    .happenings()
    .filter((one) => isChapter(one) && one.at.mono >= bounds.from && one.at.mono <= bounds.to)
    .sort((a, b) => a.at.mono - b.at.mono);
  let next = 0;
  const pieces = [cast.start()];
  const still = playback.spans().filter((span) => span.kind === 'idle');
  const isIdle = (mono: number) => still.some((span) => mono > span.from + MOMENT && mono < span.to - MOMENT);
  /** ms of whole steps that lead through stillness and past no chapter: a console may have stood still for a year. */
  const passed = (mono: number, step: number): number => {
    const end = still.find((span) => mono > span.from && mono < span.to)?.to ?? mono;
    const until = Math.min(end - MOMENT, chapters[next]?.at.mono ?? end);
    return Math.max(0, Math.floor((until - mono) / step) - 1) * step;
  };
  const frame = (mono: number, anew: boolean) =>
    pieces.push(cast.frame(mono - bounds.from, frames(playback.stateAt(mono), { columns, rows }), anew));
  for (let mono = bounds.from; mono <= bounds.to; mono += 1000 / fps) {
    // What happened since the last picture gets one of its own, at its own time.
    for (let chapter = chapters[next]; chapter && chapter.at.mono <= mono; chapter = chapters[++next]) {
      if (chapter.at.mono !== chapters[next - 1]?.at.mono) frame(chapter.at.mono, true);
      pieces.push(cast.marker(chapter.at.mono - bounds.from, markerLabel(chapter)));
    }
    // Players shorten stillness, so there has to be some.
    if (!isIdle(mono)) frame(mono, false);
    else mono += passed(mono, 1000 / fps);
    yield (mono - bounds.from) / Math.max(1, bounds.to - bounds.from);
  }
  pieces.push(cast.end(bounds.to - bounds.from));
  return pieces.join('');
}

/** `haconsole export`: a session in another form. Exit status as `report`. `frames` draws the screen; see asciicast.ts. */
export const exportCommand = (options: ExportOptions, io: Io, frames: () => Promise<Frames>): Promise<number> =>
  onRecording(
    io,
    'export',
    async () => {
      inUtc(io);
      const form = options.to ?? 'asciicast';
      if (!exportForms.includes(form as Form))
        throw new AskedWrong(`--to takes ${exportForms.join(', ')}, not ${JSON.stringify(form)}`);
      const size = sizeOf(options.size);
      const fps = numberOf('fps', options.fps, 1, 0.1, 30);
      const idle = numberOf('idle', options.idle, 2, 0.1, 3600);
      const { playback, verification, close } = await openSession(await meantFile(options.words, 'export', io), io);
      try {
        const bounds = boundsOf(playback, options);
        await refuseSession(options.out);
        await deliver(await textOf(form as Form, playback, verification, bounds), options.out, io);
        return 0;
      } finally {
        close();
      }

      async function textOf(to: Form, session: Playback, found: Verification, bounds: Bounds): Promise<string> {
        switch (to) {
          case 'csv':
            return [...csvOf(session, bounds.from, bounds.to)].join('');
          case 'openmetrics':
            return openMetricsOf(session, bounds.from, bounds.to);
          case 'junit':
            return junitXml(
              sessionSuites(await drain(analyse(session, { ...bounds, verification: found }), io, 'reading the facts')),
            );
          default:
            return drain(
              castOf(session, bounds, {
                version: to === 'asciicast' ? 2 : 3,
                ...size,
                fps,
                idle,
                frames: await frames(),
                seal: found.seal ?? null,
              }),
              io,
              'drawing',
            );
        }
      }
    },
    refusedStatus,
  );
