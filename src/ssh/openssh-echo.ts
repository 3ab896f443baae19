import type { ChildProcessWithoutNullStreams } from 'node:child_process';

/** A round trip over a session that stays open; undefined when this host does not echo (no shell, no cat). */
export type Echo = { ping(signal: AbortSignal): Promise<number | undefined> };

/**
 * Measures round trips with one long-lived `cat`: a new session each time would start a login shell on the host every
 * few seconds. `start` opens the session; it is opened again when it ended, but not where it never answered.
 */
export const createEcho = (start: () => ChildProcessWithoutNullStreams): Echo => {
  let child: ChildProcessWithoutNullStreams | undefined;
  let answered = false;
  let unusable = false;
  const waiting: ((answered: boolean) => void)[] = [];

  const opened = (): ChildProcessWithoutNullStreams => {
    if (child) return child;
    const fresh = start();
    child = fresh;
    fresh.stdout.on('data', (chunk: Buffer) => {
      for (const byte of chunk) {
        if (byte !== 0x0a) continue;
        answered = true;
        waiting.shift()?.(true);
      }
    });
    fresh.stderr.resume();
    const ended = () => {
      child = undefined;
      unusable ||= !answered;
      for (const waiter of waiting.splice(0)) waiter(false);
    };
    fresh.on('error', ended);
    fresh.on('close', ended);
    return fresh;
  };

  const once = (signal: AbortSignal): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (unusable) return resolve(undefined);
      const asked = performance.now();
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      // An abandoned question keeps its turn: its answer still comes, in order.
      waiting.push((good) => {
        signal.removeEventListener('abort', onAbort);
        resolve(good ? performance.now() - asked : undefined);
      });
      opened().stdin.write('\n');
    });

  return {
    async ping(signal) {
      // The first answer includes the start of the login shell: it is waited for and not counted.
      if (child === undefined && !unusable) await once(signal);
      return await once(signal);
    },
  };
};
