import { describe, expect, it } from 'vitest';
import { schedule } from '../../src/probes/schedule.ts';
import { FakeClock } from '../support/fake-clock.ts';

const start = (clock: FakeClock, interval: number, work: (at: number) => Promise<unknown>, offset?: number) => {
  const stop = new AbortController();
  const done = schedule({
    clock,
    interval,
    ...(offset === undefined ? {} : { offset }),
    signal: stop.signal,
    run: () => work(clock.now()),
  });
  return { stop, done };
};

describe('a schedule', () => {
  it('runs at once and then on the grid of the clock, without drift', async () => {
    const clock = new FakeClock(350);
    const runs: number[] = [];
    const { stop, done } = start(clock, 1000, async (at) => {
      runs.push(at);
      await clock.sleep(70);
    });
    await clock.advance(4000);
    expect(runs).toEqual([350, 1000, 2000, 3000, 4000]);
    stop.abort();
    await clock.advance(100);
    await done;
  });

  it('leaves out a grid point that follows the first run too closely', async () => {
    const clock = new FakeClock(990);
    const runs: number[] = [];
    const { stop, done } = start(clock, 1000, async (at) => runs.push(at));
    await clock.advance(1500);
    expect(runs).toEqual([990, 2000]);
    stop.abort();
    await done;
  });

  it('skips what it missed and never runs twice at a time', async () => {
    const clock = new FakeClock();
    const runs: number[] = [];
    let inFlight = 0;
    const { stop, done } = start(clock, 100, async (at) => {
      expect(++inFlight).toBe(1);
      runs.push(at);
      await clock.sleep(runs.length === 2 ? 250 : 10);
      inFlight--;
    });
    await clock.advance(500);
    expect(runs).toEqual([0, 100, 400, 500]);
    stop.abort();
    await clock.advance(10);
    await done;
  });

  it('with an offset keeps that distance to those without', async () => {
    const clock = new FakeClock(1050);
    const runs: number[] = [];
    const { stop, done } = start(clock, 1000, async (at) => runs.push(at), 300);
    await clock.advance(2900);
    expect(runs).toEqual([1300, 2300, 3300]);
    stop.abort();
    await done;
  });

  it('ends while it sleeps, and passes on what its run throws', async () => {
    const clock = new FakeClock();
    const first = start(clock, 1000, async () => {});
    await clock.advance(10);
    first.stop.abort();
    await first.done;
    expect(clock.sleeping).toBe(0);
    const second = start(clock, 1000, () => Promise.reject(new Error('a fault of ours')));
    await expect(second.done).rejects.toThrow('a fault of ours');
  });
});
