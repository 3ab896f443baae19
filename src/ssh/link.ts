import type { Link } from '../cluster/events.ts';
import type { Failure } from '../cluster/failure.ts';
import { backoffDelay } from './backoff.ts';
import type { Connection, Via } from './connection.ts';
import { failureOf, isDeadline, needsPerson, remoteError } from './failures.ts';
import { RemoteError } from './remote.ts';
import type { Timings } from './timings.ts';

/** The way to one host, kept alive: connects, watches, connects again; waits where only a person can help. */
export type HostLink = {
  readonly name: string;
  state(): Link;
  /** Waits while connecting; rejects at once with the link's failure while it is down, or when the signal fires. */
  up(signal: AbortSignal): Promise<Connection>;
  /** Called on every change of state, after it. Returns the unsubscriber. */
  watch(listener: () => void): () => void;
  start(): void;
  /** Tries again now, also where a person was needed. */
  retry(): void;
  close(): void;
};

export type LinkOptions = {
  name: string;
  /** The hop before this host, found out on the first attempt; null is this machine. */
  via(): Promise<HostLink | null>;
  connect(via: Via, signal: AbortSignal): Promise<Connection>;
  publish(link: Link): void;
  timings: Timings;
  now(): number;
};

/** Creates a link; nothing happens before `start`. */
export const createLink = (options: LinkOptions): HostLink => {
  const { name, timings } = options;
  const closing = new AbortController();
  const watchers = new Set<() => void>();
  let link: Link = { phase: 'connecting' };
  let connection: Connection | undefined;
  let attempts = 0;
  let started = false;
  let published: Link | undefined;
  let wake = () => {};

  const set = (next: Link) => {
    if (closing.signal.aborted || JSON.stringify(next) === JSON.stringify(published)) return;
    link = next;
    published = next;
    options.publish(next);
    for (const watcher of [...watchers]) watcher();
  };

  /** Why the last attempt failed stays readable during the next one, unless it was the hop's own trouble. */
  const reconnecting = () =>
    set({ phase: 'connecting', ...(link.failure && link.failure.hop === name ? { failure: link.failure } : {}) });

  /** Resolves after `ms`, on retry, on close, or when `also` says so. */
  const sleep = (ms: number | undefined, also?: (wake: () => void) => () => void): Promise<void> =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        undo?.();
        closing.signal.removeEventListener('abort', done);
        wake = () => {};
        resolve();
      };
      const timer = ms === undefined ? undefined : setTimeout(done, ms);
      const undo = also?.(done);
      closing.signal.addEventListener('abort', done, { once: true });
      wake = done;
    });

  /** While the hop before is not up there is nothing to try: this link shows the hop's own trouble. */
  const waitForVia = async (via: HostLink): Promise<Connection | undefined> => {
    while (!closing.signal.aborted) {
      const { phase, failure, retryAt } = via.state();
      if (phase === 'up') {
        const ready = await via.up(closing.signal).catch(() => undefined);
        if (ready) return ready;
        continue;
      }
      // While the hop tries again, what it last suffered from still stands here, unless a person asked for the attempt.
      if (failure && phase !== 'connecting') set(blocked(failure, phase === 'failed' ? 'failed' : 'waiting', retryAt));
      else if (!failure && link.phase !== 'connecting') set({ phase: 'connecting' });
      await sleep(undefined, (changed) => via.watch(changed));
    }
    return undefined;
  };

  const watchRoundTrip = (current: Connection) => {
    let told: { rtt: number; at: number } | undefined;
    let measuring = false;
    const measure = async () => {
      if (measuring) return;
      measuring = true;
      const rtt = await current.ping(AbortSignal.timeout(10 * timings.rtt)).catch(() => undefined);
      measuring = false;
      if (rtt === undefined || connection !== current || current.lost()) return;
      const now = performance.now();
      const differs = told === undefined || Math.abs(rtt - told.rtt) > Math.max(1, told.rtt * 0.2);
      // Every publication is a fact that gets recorded: small changes are not worth one.
      if (!differs && now - (told?.at ?? 0) < 10 * timings.rtt) return;
      told = { rtt, at: now };
      set({ phase: 'up', transport: current.transport, rtt: Math.round(rtt * 100) / 100 });
    };
    void measure();
    const timer = setInterval(() => void measure(), timings.rtt);
    void current.closed.then(() => clearInterval(timer));
  };

  const attempt = async (via: Via): Promise<Failure | undefined> => {
    reconnecting();
    let current: Connection;
    try {
      current = await options.connect(via, closing.signal);
    } catch (error) {
      return failureOf(error, name);
    }
    if (closing.signal.aborted) {
      current.close();
      return undefined;
    }
    connection = current;
    const since = performance.now();
    set({ phase: 'up', transport: current.transport });
    watchRoundTrip(current);
    const failure = await current.closed;
    connection = undefined;
    if (performance.now() - since > timings.stable) attempts = 0;
    return failure;
  };

  const run = async () => {
    let viaLink: HostLink | null | undefined;
    while (!closing.signal.aborted) {
      let failure: Failure | undefined;
      let via: Via = null;
      try {
        viaLink ??= await options.via();
        via = viaLink ? ((await waitForVia(viaLink)) ?? null) : null;
        if (closing.signal.aborted) return;
        failure = await attempt(via);
      } catch (error) {
        failure = failureOf(error, name);
      }
      if (closing.signal.aborted) return;
      // The hop broke, not this host: back to waiting for the hop, at no cost to the back-off.
      const hopFailure = via?.lost();
      if (hopFailure) {
        set(blocked(hopFailure, 'waiting', undefined));
        continue;
      }
      failure ??= remoteError('lost', name, 'the connection ended').failure;
      if (needsPerson(failure)) {
        set({ phase: 'failed', failure });
        await sleep(undefined);
        attempts = 0;
      } else {
        const delay = backoffDelay(attempts++, Math.random(), limitsFor(failure, timings.backoff));
        set({ phase: 'waiting', failure, retryAt: options.now() + delay });
        await sleep(delay, (wakeUp) => (viaLink ? whenDown(viaLink, wakeUp) : () => {}));
      }
    }
  };

  return {
    name,
    state: () => link,
    async up(signal) {
      const late = () =>
        link.failure
          ? new RemoteError(link.failure)
          : remoteError('timeout', name, 'not connected yet when the time was up');
      for (;;) {
        if (signal.aborted) throw isDeadline(signal) ? late() : signal.reason;
        if (connection && !connection.lost()) return connection;
        if (closing.signal.aborted) throw remoteError('lost', name, 'the console is closing');
        if (link.phase !== 'connecting' && link.failure) throw new RemoteError(link.failure);
        await changed(watchers, signal, late);
      }
    },
    watch(listener) {
      watchers.add(listener);
      return () => watchers.delete(listener);
    },
    start() {
      if (started) return;
      started = true;
      set({ phase: 'connecting' });
      void run();
    },
    retry() {
      attempts = 0;
      // At once, so that a command given right after this one waits for the new attempt.
      if (started && (link.phase === 'failed' || link.phase === 'waiting')) reconnecting();
      wake();
    },
    close() {
      closing.abort(new Error('closed'));
      connection?.close();
      for (const watcher of [...watchers]) watcher();
    },
  };
};

/** What never reached the other side's sshd cannot be counted there: such a host is asked again sooner. */
const harmlessMax = 5_000;

const limitsFor = ({ step }: Failure, limits: Timings['backoff']): Timings['backoff'] =>
  step === 'tcp' || step === 'name' ? { ...limits, max: Math.min(limits.max, harmlessMax) } : limits;

/** Calls back when the hop is no longer up: then its return, not our back-off, decides when to try. */
const whenDown = (via: HostLink, callback: () => void): (() => void) =>
  via.watch(() => {
    if (via.state().phase !== 'up') callback();
  });

const blocked = (failure: Failure, phase: 'waiting' | 'failed', retryAt: number | undefined): Link => ({
  phase,
  failure: { ...failure, blame: 'path' },
  ...(retryAt === undefined ? {} : { retryAt }),
});

/** Resolves at the next change; rejects with the signal's reason, or with `late()` when time was up. */
const changed = (watchers: Set<() => void>, signal: AbortSignal, late: () => Error): Promise<void> =>
  new Promise((resolve, reject) => {
    const finish = (error?: unknown) => {
      watchers.delete(listener);
      signal.removeEventListener('abort', onAbort);
      if (error === undefined) resolve();
      else reject(error);
    };
    const listener = () => finish();
    const onAbort = () => finish(isDeadline(signal) ? late() : signal.reason);
    watchers.add(listener);
    signal.addEventListener('abort', onAbort, { once: true });
  });
