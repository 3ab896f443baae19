/** A number of places for sessions; who finds none waits in line. */
export type Slots = {
  /** Resolves with the function that gives the place back (safe to call twice). Rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<() => void>;
};

/**
 * At most `limit` places at once. sshd allows 10 sessions on a connection and frees them a moment after `close`:
 * measured, 6 at once never failed and 7 did, so 4 leaves room.
 */
export const createSlots = (limit: number): Slots => {
  let free = limit;
  const waiting: (() => void)[] = [];
  const release = () => {
    const next = waiting.shift();
    if (next) next();
    else free++;
  };
  const once = (): (() => void) => {
    let given = false;
    return () => {
      if (given) return;
      given = true;
      release();
    };
  };
  return {
    async take(signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free--;
        return once();
      }
      await new Promise<void>((resolve, reject) => {
        const turn = () => {
          signal.removeEventListener('abort', giveUp);
          resolve();
        };
        const giveUp = () => {
          waiting.splice(waiting.indexOf(turn), 1);
          reject(signal.reason);
        };
        waiting.push(turn);
        signal.addEventListener('abort', giveUp, { once: true });
      });
      return once();
    },
  };
};
