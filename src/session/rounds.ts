import type { Clock } from '../probes/clock.ts';
import { schedule } from '../probes/schedule.ts';
import type { Endpoint } from './targets.ts';

/** Between two questions of one round, ms: enough that they arrive in the order they were asked. */
const STAGGER = 6;

/** Where in the interval a round begins: after the snapshots, whose forks would be measured as latency otherwise. */
const PHASE = 0.3;

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
  /** Rounds are left out while this says no. */
  ready: () => boolean;
}): { /** A round out of turn, now. */ now(): void; done: Promise<void> } => {
  const { clock, interval, endpoints, signal, ask, failed, ready } = options;
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

  const askAll = () => {
    if (signal.aborted || !ready()) return;
    const first = round++ % Math.max(1, endpoints.length);
    const order = [...endpoints.slice(first), ...endpoints.slice(0, first)].filter((endpoint) => !busy.has(endpoint));
    for (const [place, endpoint] of order.entries()) void one(endpoint, place * Math.min(STAGGER, interval / 20));
  };
  const done = schedule({ clock, interval, offset: interval * PHASE, signal, run: async () => askAll() });
  return { now: askAll, done };
};
