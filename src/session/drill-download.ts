import type { DrillFact } from '../cluster/drill.ts';
import type { HttpTarget } from '../config/cluster-config.ts';
import type { Clock } from '../probes/clock.ts';
import { keepOpen } from '../probes/long-connection.ts';
import type { Network } from '../ssh/remote.ts';

/** Between the end of one connection and the next attempt, ms. */
const AGAIN = 500;

/**
 * One long download through a VIP, begun anew whenever it ends: page after page over one connection, which lives until somebody
 * cuts it. Tells when it is open, and how it ended. Ends with the signal; never rejects for what it finds.
 */
export const pullThrough = async (options: {
  vip: string;
  target: HttpTarget;
  clock: Clock;
  network: Pick<Network, 'dial'>;
  direct: boolean;
  emit(fact: DrillFact): void;
  signal: AbortSignal;
}): Promise<void> => {
  const { vip, target, clock, network, direct, emit, signal } = options;
  let failing = false;
  while (!signal.aborted) {
    const end = await keepOpen(target, {
      clock,
      signal,
      dial: (host, port, dialOptions) => network.dial(host, port, { ...dialOptions, direct }),
      opened: () => emit({ what: 'download', vip, state: 'open', bytes: 0 }),
    });
    if (signal.aborted) return;
    const { state, bytes, why } = end;
    // One line for a way that stays shut, not one for each attempt.
    if (state !== 'failed' || !failing) emit({ what: 'download', vip, state, bytes, why });
    failing = state === 'failed';
    await clock.sleep(AGAIN, signal);
  }
};
