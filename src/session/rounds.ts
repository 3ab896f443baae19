import type { Clock } from '../probes/clock.ts';
import { schedule } from '../probes/schedule.ts';
import type { Endpoint } from './targets.ts';

/** Between two questions of one round, ms: enough that they arrive in the order they were asked. */
const STAGGER = 6;

/**
 * Asks every endpoint once an interval, never one twice at a time. The order is turned by one each round: asked in one order
 * and in step with nginx's own counting, each VIP would get the same web node for ever.
 */
export const askInRounds = (options: {
  clock: Clock;
  /** ms */
  interval: number;
  endpoints: readonly Endpoint[];
  signal: AbortSignal;
  ask: (endpoint: Endpoint) => Promise<void>;
  failed: (error: unknown) => void;
}): Promise<void> => {
  const { clock, interval, endpoints, signal, ask, failed } = options;
  const busy = new Set<Endpoint>();
  let round = 0;

  const one = async (endpoint: Endpoint, delay: number) => {
    busy.add(endpoint);
    try {
      if (delay > 0) await clock.sleep(delay, signal);
      await ask(endpoint);
    } catch (error) {
      if (!signal.aborted) failed(error);
    } finally {
      busy.delete(endpoint);
    }
  };

  return schedule({
    clock,
    interval,
    signal,
    run: async () => {
      const first = round++ % Math.max(1, endpoints.length);
      const order = [...endpoints.slice(first), ...endpoints.slice(0, first)].filter((endpoint) => !busy.has(endpoint));
      for (const [place, endpoint] of order.entries()) void one(endpoint, place * Math.min(STAGGER, interval / 20));
    },
  });
};
