import { describe, expect, test } from 'vitest';
import type { DrillFact, DrillSample } from '../../src/cluster/drill.ts';
import type { HttpResult } from '../../src/cluster/events.ts';
import { initialState } from '../../src/cluster/initial.ts';
import { realClock } from '../../src/probes/clock.ts';
import { startMeasuring } from '../../src/session/drill-measure.ts';
import { RemoteError } from '../../src/ssh/remote.ts';

const VIPS = ['192.0.2.80', '192.0.2.90'];
const good: HttpResult = {
  kind: 'answer',
  status: 200,
  body: 'page',
  truncated: false,
  phases: { dial: 0, headers: 0, body: 0 },
};
const state = initialState(
  {
    name: 'paper',
    hops: ['jump'],
    nodes: [{ name: 'lb1', role: 'lb', address: '192.0.2.1' }],
    vips: VIPS,
    interval: 1000,
    timeout: 1000,
    via: 'jump',
    readOnly: false,
    protected: false,
  } as never,
  { mono: 0, wall: 0 },
);

/** A measurement of both VIPs every 10 ms; `until` resolves when what was told is as wanted. */
const measure = (ask: (vip: string, signal: AbortSignal) => Promise<HttpResult>, ping = async () => 3, busy = 0) => {
  const facts: DrillFact[] = [];
  const waiting = new Set<() => void>();
  const end = startMeasuring(
    { vips: VIPS, period: 10, download: false },
    {
      clock: realClock,
      network: { ping, dial: () => Promise.reject(new Error('nobody dials here')) },
      via: 'jump',
      deadline: 1000,
      targetOf: (address) => ({ address, port: 80, path: '/', scheme: 'http' }),
      ask: (vip, _, signal) => ask(vip, signal),
      state: () => state,
      loadSince: () => () => busy,
      emit: (fact) => {
        facts.push(fact);
        for (const look of waiting) look();
      },
    },
  );
  const samples = (): DrillSample[] => facts.flatMap((fact) => (fact.what === 'samples' ? fact.list : []));
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = () => {
        if (!holds()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return { facts, samples, until, end };
};

describe('the close measurement', () => {
  test('tells how it measures first, with the round trip of the tunnel, then what each VIP answered', async () => {
    const { facts, samples, until, end } = measure(async () => good);
    await until(() => samples().length >= 20);
    await end();
    expect(facts[0]).toEqual({ what: 'measuring', period: 10, deadline: 1000, via: 'jump', rtt: 3 });
    for (const vip of VIPS) expect(samples().some((one) => one.vip === vip && one.ok)).toBe(true);
  });

  test('goes on where the tunnel gives no round trip', async () => {
    const failure = { step: 'timeout', hop: 'jump', found: 'silent', blame: 'path' } as const;
    const { facts, samples, until, end } = measure(
      async () => good,
      () => Promise.reject(new RemoteError(failure)),
    );
    await until(() => samples().length > 0);
    await end();
    expect(facts[0]).toEqual({ what: 'measuring', period: 10, deadline: 1000, via: 'jump' });
  });

  test('has no more than a bounded number of requests under way, and drops them at its end', async () => {
    let underWay = 0;
    let most = 0;
    const full = Promise.withResolvers<void>();
    const { samples, end } = measure(
      (_, signal) =>
        new Promise((resolve) => {
          underWay += 1;
          most = Math.max(most, underWay);
          if (underWay >= 60) full.resolve();
          signal.addEventListener('abort', () => {
            underWay -= 1;
            resolve({ kind: 'none', failure: { step: 'lost', hop: 'x', found: 'abandoned', blame: 'path' } });
          });
        }),
    );
    await full.promise;
    await realClock.sleep(100);
    await end();
    expect(most).toBe(60);
    expect(underWay).toBe(0);
    expect(samples()).toEqual([]);
  });

  test.each([
    [0.5, { ok: false, loss: 'timeout' }],
    [0.99, { ok: null, loss: 'path' }],
  ])('a console that was busy for %d of the time blames silence on itself or not', async (busy, wanted) => {
    const failure = { step: 'timeout', hop: 'vip', found: 'no answer within 1000 ms', blame: 'target' } as const;
    const { samples, until, end } = measure(async () => ({ kind: 'none', failure }), undefined, busy);
    await until(() => samples().length >= 4);
    await end();
    for (const sample of samples()) expect(sample).toMatchObject(wanted);
  });
});
