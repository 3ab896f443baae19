import type { Playback } from '../recording/playback.ts';
import type { Source } from '../recording/source.ts';
import { verifying } from '../recording/verify.ts';
import type { Trouble } from '../session/playback-view.ts';

/** ms of work between two pauses for the keyboard. */
const SLICE = 10;
/** A file that grows is looked at again after this long, ms: one that was not closed may still be written. */
const GROWING = 1500;

const time = (wall: number | undefined): string =>
  wall === undefined || !Number.isFinite(wall) ? '' : `, after ${new Date(wall).toISOString().slice(11, 19)}Z`;

/**
 * Holds the file against its seals while it is shown already, and says what is wrong with it. One that is still being written is not
 * wrong. Ends early when `signal` fires.
 */
export const troubleOf = async (
  source: Source,
  playback: Playback,
  seen: (trouble: Trouble | null) => void,
  signal: AbortSignal,
): Promise<void> => {
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms).unref());
  const size = source.size();
  const work = verifying(source);
  let step = work.next();
  for (let began = performance.now(); !step.done; step = work.next()) {
    if (performance.now() - began < SLICE) continue;
    await pause(5);
    if (signal.aborted) return;
    began = performance.now();
  }
  const { outcome, reason, where } = step.value;
  if (outcome === 'sealed') return;
  const place = where ? ` (line ${where.line}${time(where.wall)})` : '';
  if (outcome === 'altered')
    return seen({ level: 'bad', word: 'ALTERED', text: `not what was recorded: ${reason}${place}; do not rely on it` });
  await pause(GROWING);
  if (signal.aborted || playback.ended() || source.size() > size) return;
  if (source.damage !== undefined || reason.startsWith('torn'))
    return seen({ level: 'warn', word: 'TORN', text: `${reason}${place}: what stands before it is shown` });
  seen({ level: 'warn', word: 'UNSEALED', text: 'it was not closed: its end may be missing; f waits for more' });
};
