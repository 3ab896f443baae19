import { visibleText } from '../cluster/visible-text.ts';
import type { Playback } from '../recording/playback.ts';
import type { Source } from '../recording/source.ts';
import { verify } from '../recording/verify.ts';
import type { Io } from './io.ts';

/** Prints the event log of a recording as lines: time, sign, kind, source, text; or as JSON lines like those of `watch --json`. */
export const replayLines = async (
  playback: Playback,
  source: Source,
  { from, json }: { from: number; json: boolean },
  io: Io,
): Promise<number> => {
  const happenings = playback.happenings().toSorted((a, b) => a.at.mono - b.at.mono);
  for (const { at, kind, source: who, severity, text } of happenings) {
    if (at.mono < from) continue;
    if (io.signal.aborted) break;
    const iso = new Date(at.wall).toISOString();
    io.stdout.write(
      json
        ? `${JSON.stringify({
            at: iso,
            mono: Math.round(at.mono * 10) / 10,
            kind,
            source: visibleText(who),
            severity,
            text: visibleText(text),
          })}\n`
        : `${iso.slice(0, 10)} ${iso.slice(11, 21)}Z  ${severity.padEnd(4)}  ${kind.padEnd(9)}  ${visibleText(who, 40).padEnd(14)}  ${visibleText(text)}\n`,
    );
  }
  const found = verify(source);
  if (found.outcome !== 'sealed') io.stderr.write(`haconsole replay: the record is not whole: ${found.reason}\n`);
  return 0;
};
