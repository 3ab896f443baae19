import { judgeAnswer } from '../cluster/answer.ts';
import type { DrillFact, DrillSample } from '../cluster/drill.ts';
import type { HttpResult } from '../cluster/events.ts';
import type { State } from '../cluster/state.ts';
import type { HttpTarget } from '../config/cluster-config.ts';
import type { Measuring } from '../drills/ports.ts';
import { sampleOf } from '../drills/sample.ts';
import type { Clock } from '../probes/clock.ts';
import type { Network } from '../ssh/remote.ts';
import { pullThrough } from './drill-download.ts';

/** Requests to one VIP that may be under way at a time; more would only be more of the same silence. */
const MOST = 30;
/** How long answers are gathered into one fact, ms. */
const GATHER = 250;
/** Questions that measure the tunnel, and how long all of them may take, ms. */
const PINGS = 5;
const PINGING = 600;

/** A console that did nothing but work for so large a part of a request's time is itself why no answer was heard in time. */
const SATURATED = 0.95;

/** Begins to measure how busy this process is; what it returns tells the part of the time since then, 0 to 1 (`eventLoopUtilization`). */
const loadSince = (): (() => number) => {
  const begin = performance.eventLoopUtilization();
  return () => performance.eventLoopUtilization(begin).utilization;
};

/** What the close measurement needs of the session. */
export type MeasureOptions = {
  clock: Clock;
  network: Pick<Network, 'ping' | 'dial'>;
  via: 'jump' | 'direct';
  /** Deadline of one request, ms. */
  deadline: number;
  /** How a VIP is asked; undefined: no such VIP. */
  targetOf(vip: string): HttpTarget | undefined;
  /** One request. Never rejects. */
  ask(name: string, target: HttpTarget, signal: AbortSignal): Promise<HttpResult>;
  state(): State;
  emit(fact: DrillFact): void;
  /** For tests: how busy the console is. */
  loadSince?: typeof loadSince;
};

const median = (values: readonly number[]): number | undefined =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** The tunnel's round trip, ms: the middle one of a few; undefined where it does not answer. */
const roundTrip = async (network: MeasureOptions['network']): Promise<number | undefined> => {
  const signal = AbortSignal.timeout(PINGING);
  const found: number[] = [];
  while (found.length < PINGS && !signal.aborted)
    try {
      found.push(await network.ping({ signal }));
    } catch {
      break;
    }
  return median(found);
};

/**
 * The close measurement: each VIP is asked every `period` ms by a request of its own with its own deadline, the VIPs one after the other
 * within the period. Emits `measuring`, then `samples`. Returns what ends it, which resolves when the last answers are told.
 */
export const startMeasuring = (what: Measuring, options: MeasureOptions): (() => Promise<void>) => {
  const { clock, emit, state, deadline, via } = options;
  const ended = new AbortController();
  const { signal } = ended;
  let gathered: DrillSample[] = [];
  const tell = (): void => {
    if (gathered.length === 0) return;
    const list = gathered;
    gathered = [];
    emit({ what: 'samples', list });
  };

  const askOnce = async (vip: string, target: HttpTarget): Promise<void> => {
    const asked = clock.now();
    const load = (options.loadSince ?? loadSince)();
    const result = await options.ask(vip, target, signal);
    if (signal.aborted) return;
    const at = { mono: clock.now(), wall: clock.wall() };
    const sample = sampleOf(vip, asked, judgeAnswer(state(), { kind: 'vip', id: vip }, asked, result, at));
    const isOwnFault = sample.loss === 'timeout' && load() >= SATURATED;
    gathered.push(isOwnFault ? { ...sample, ok: null, loss: 'path' } : sample);
  };

  /** Asks one VIP at a fixed rate, beginning `offset` ms from now; what was missed is left out, not made up for. */
  const askAtRate = async (vip: string, offset: number): Promise<void> => {
    const target = options.targetOf(vip);
    if (!target) return;
    const begin = clock.now() + offset;
    let underWay = 0;
    for (let next = 0; !signal.aborted; next = Math.max(next + 1, Math.ceil((clock.now() - begin) / what.period))) {
      await clock.sleep(begin + next * what.period - clock.now(), signal);
      if (underWay >= MOST) continue;
      underWay += 1;
      void askOnce(vip, target).finally(() => {
        underWay -= 1;
      });
    }
  };

  const tellAtRate = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(GATHER, signal);
      tell();
    }
  };

  const measure = async (): Promise<void> => {
    const rtt = via === 'jump' ? await roundTrip(options.network) : undefined;
    if (signal.aborted) return;
    emit({ what: 'measuring', period: what.period, deadline, via, ...(rtt === undefined ? {} : { rtt }) });
    const [first] = what.vips;
    const target = what.download && first !== undefined ? options.targetOf(first) : undefined;
    await Promise.all([
      ...what.vips.map((vip, place) => askAtRate(vip, (place * what.period) / what.vips.length)),
      tellAtRate(),
      ...(target && first !== undefined
        ? [pullThrough({ vip: first, target, clock, network: options.network, direct: via === 'direct', emit, signal })]
        : []),
    ]);
  };
  // Everything in it ends by the signal, which rejects the sleeps.
  const running = measure().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });

  return async () => {
    ended.abort(new Error('the measurement was ended'));
    await running.catch(() => {});
    tell();
  };
};
