import type { Event } from '../cluster/events.ts';
import type { State } from '../cluster/state.ts';
import { type Closed, createRecorder, type Recorder, type RecorderOptions, type RecorderStatus } from './write.ts';

/** A file that has grown to this many bytes, about a day of the tutorial's cluster, is closed, and the session goes on in another. */
const MOST = 160 * 1024 * 1024;
/** Nobody waits for a part to be compressed, ms. */
const PACKING = 120_000;

/** The next file of a session, and the id it bears. */
export type Part = { file: string; id: string };

/** A session is not cut in the middle of a drill. */
const isCalm = ({ drill }: State): boolean => drill === undefined || drill.phase === 'over';

/**
 * Records a session like `createRecorder`, into one file after the other: each is whole in itself, closed and sealed in order, and
 * names the one before. `next` gives the name of a new file; `closed` is told how an earlier one ended.
 */
export const createParts = (
  options: RecorderOptions & {
    next: (wall: number) => Part;
    most?: number;
    closed?: (part: Closed) => void;
  },
): Recorder => {
  const { most = MOST } = options;
  const listeners = new Set<(status: RecorderStatus) => void>();
  const closing: Promise<void>[] = [];
  let { id } = options;
  let lost = 0;

  const whole = (status: RecorderStatus): RecorderStatus => ({
    ...status,
    lost: lost + status.lost,
    parts: closing.length,
  });
  const begin = (recorder: Recorder): Recorder => {
    recorder.onStatus((status) => {
      if (recorder === current) for (const listener of listeners) listener(whole(status));
    });
    return recorder;
  };
  let current: Recorder;
  current = begin(createRecorder(options));

  const goOn = (state: State): void => {
    const before = current;
    const part = options.next(state.now.wall);
    lost += before.status().lost;
    current = begin(createRecorder({ ...options, ...part, state, after: id }));
    id = part.id;
    closing.push(before.close(`goes on in ${part.id}`, PACKING).then((one) => options.closed?.(one)));
  };

  return {
    take: (event: Event, state: State) => {
      current.take(event, state);
      const { phase, bytes } = current.status();
      // At a tick, so that nothing waits to be told that it is on disk.
      if (event.kind === 'tick' && phase === 'recording' && bytes >= most && isCalm(state)) goOn(state);
    },
    durable: (deadline) => current.durable(deadline),
    status: () => whole(current.status()),
    onStatus: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: async (why) => {
      const [last] = await Promise.all([current.close(why), ...closing]);
      return last;
    },
  };
};
