import type { Event } from '../cluster/events.ts';
import type { Clock } from '../probes/clock.ts';

/** What a wait needs of the session. */
export type Waiting = {
  clock: Clock;
  signal: AbortSignal;
  onEvent(listener: (event: Event) => void): () => void;
};

/** Resolves with true as soon as `holds` does after some fact came in (ticks come every 250 ms), false after `ms` or at the end. */
export const until = (waiting: Waiting, holds: (event?: Event) => boolean, ms: number): Promise<boolean> =>
  new Promise((resolve) => {
    if (holds()) return resolve(true);
    const timer = new AbortController();
    const finish = (result: boolean) => {
      timer.abort();
      stopListening();
      waiting.signal.removeEventListener('abort', giveUp);
      resolve(result);
    };
    const giveUp = () => finish(false);
    const stopListening = waiting.onEvent((event) => {
      if (holds(event)) finish(true);
    });
    if (waiting.signal.aborted) return giveUp();
    waiting.signal.addEventListener('abort', giveUp, { once: true });
    waiting.clock.sleep(ms, timer.signal).then(giveUp, () => {});
  });

/**
 * Asks for a look at each of these nodes and waits, at most `ms`, for looks that were asked for after now. Resolves to the names
 * that gave none: what is known of them is as old as it was.
 */
export const lookAfresh = async (
  waiting: Waiting & { refresh(node: string): void },
  nodes: readonly string[],
  ms: number,
): Promise<string[]> => {
  const asked = waiting.clock.now();
  const missing = new Set(nodes);
  for (const node of nodes) waiting.refresh(node);
  await until(
    waiting,
    (event) => {
      if (event?.kind === 'snapshot' && event.reading.ok && event.asked >= asked) missing.delete(event.node);
      return missing.size === 0;
    },
    ms,
  );
  return [...missing];
};

/** keepalived has 0.65 s to write its dump, and its file is read beside it, ms. */
const DEEP = 4000;

/** Asks for keepalived's own view and its file, and waits until both have come, or cannot. */
export const readDeep = async (waiting: Waiting & { readDeep(node: string): void }, node: string): Promise<void> => {
  const missing = new Set(['dump', 'configuration']);
  waiting.readDeep(node);
  await until(
    waiting,
    (event) => {
      if ((event?.kind === 'dump' || event?.kind === 'configuration') && event.node === node)
        missing.delete(event.kind);
      return missing.size === 0;
    },
    DEEP,
  );
};
