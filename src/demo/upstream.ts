import type { DemoClock } from './clock.ts';
import type { Machine } from './machine.ts';
import type { Answerer, Outcome, Reply } from './web-answer.ts';

/** One upstream server as a load balancer sees it. */
export type Peer = { machine: Machine; answer: Answerer };

/** How nginx treats its upstream. Times in ms. */
export type ProxySettings = {
  failTimeout: number;
  connectTimeout: number;
  readTimeout: number;
  /** No further server is tried this long after the request came (proxy_next_upstream_timeout). */
  tryingTimeout: number;
  /** A client that gives up does not end the request (proxy_ignore_client_abort). */
  ignoreAbort: boolean;
  /** Each worker counts for itself where the upstream has no `zone`. */
  workers: number;
};

/** What is left when every upstream server was tried: nobody lived, or the last one was too slow. */
export type NoUpstream = { error: 'none' | 'timeout' };

/** After this long without an answer the LB's kernel gives a silent neighbour up (measured 38.8 s), ms. */
const FIRST_SILENCE = 38_800;
/** A neighbour once given up is found missing in this time, ms. */
const LATER_SILENCE = 3_050;
/** nginx's clock for fail_timeout counts whole seconds, so 10 s are 11 (measured). */
const COARSE = 1_000;

/** Round robin with passive failure handling, as nginx 1.22 does it with `max_fails=1`. */
export const createUpstream = (
  clock: DemoClock,
  peers: readonly Peer[],
  settings: ProxySettings,
  chooseWorker: () => number,
  log: (message: string) => void,
): ((path: string, done: (outcome: Reply | NoUpstream) => void) => () => void) => {
  const workers = Array.from({ length: settings.workers }, () => ({
    next: 0,
    failedUntil: peers.map(() => 0),
  }));

  /** One attempt; `done` with what the server said, or 'timeout'. */
  const attempt = (peer: Peer, path: string, done: (outcome: Outcome | { error: 'timeout' }) => void): (() => void) => {
    const since = peer.machine.unreachableSince();
    if (since !== undefined) {
      const wait = Math.max(LATER_SILENCE, since + FIRST_SILENCE - clock.wall());
      return wait > settings.connectTimeout
        ? clock.after(settings.connectTimeout, () => done({ error: 'timeout' }))
        : clock.after(wait, () => done({ error: 'unreachable' }));
    }
    let over = false;
    let cancelTimeout = (): void => {};
    let giveUp = (): void => {};
    const finish = (outcome: Outcome | { error: 'timeout' }): void => {
      if (over) return;
      over = true;
      cancelTimeout();
      done(outcome);
    };
    giveUp = peer.answer(path, finish);
    if (!over) {
      cancelTimeout = clock.after(settings.readTimeout, () => {
        giveUp();
        finish({ error: 'timeout' });
      });
    }
    return () => {
      over = true;
      cancelTimeout();
      giveUp();
    };
  };

  return (path, done) => {
    const worker = workers[chooseWorker() % workers.length]!;
    const tried = new Set<number>();
    const came = clock.now();
    let given = true;
    const reply = (outcome: Reply | NoUpstream): void => {
      if (given) done(outcome);
    };
    let cancel = (): void => {};
    let last: 'none' | 'timeout' = 'none';
    const tryNext = (): void => {
      const now = clock.now();
      const index = peers
        .map((_, offset) => (worker.next + offset) % peers.length)
        .find((candidate) => !tried.has(candidate) && worker.failedUntil[candidate]! <= now);
      if (index === undefined) {
        if (tried.size === 0) log('no live upstreams while connecting to upstream');
        reply({ error: last });
        return;
      }
      worker.next = (index + 1) % peers.length;
      tried.add(index);
      cancel = attempt(peers[index]!, path, (outcome) => {
        if (!('error' in outcome)) return reply(outcome);
        worker.failedUntil[index] = clock.now() + settings.failTimeout + COARSE;
        last = outcome.error === 'timeout' ? 'timeout' : 'none';
        log(
          outcome.error === 'refused'
            ? 'connect() failed (111: Connection refused) while connecting to upstream'
            : outcome.error === 'unreachable'
              ? 'connect() failed (113: No route to host) while connecting to upstream'
              : 'upstream timed out (110: Connection timed out) while reading response header from upstream',
        );
        if (clock.now() - came >= settings.tryingTimeout) return reply({ error: last });
        tryNext();
      });
    };
    tryNext();
    return () => {
      given = false;
      // Else (499) the slow server is never counted as failed.
      if (!settings.ignoreAbort) cancel();
    };
  };
};
