import { describe, expect, test } from 'vitest';
import { type Advert, masterDown, skew } from '../../src/demo/advert.ts';
import { manualClock } from '../../src/demo/clock.ts';
import type { Router, RouterConfig } from '../../src/demo/router.ts';
import { createRouter } from '../../src/demo/vrrp.ts';

type Options = { priorities?: [number, number]; nopreempt?: boolean };

const configOf = (index: number, options: Options): RouterConfig => ({
  instance: 'VI_1',
  address: `172.16.249.10${index + 1}`,
  ifname: 'eth0',
  vrid: 51,
  priority: (options.priorities ?? [150, 100])[index]!,
  interval: 1000,
  nopreempt: options.nopreempt ?? false,
});

/** Two instances on one segment, on a clock that the test moves. `drop` cuts their adverts. */
const pair = (options: Options = {}) => {
  const clock = manualClock();
  const events: string[] = [];
  const adverts: { at: number; advert: Advert }[] = [];
  const wire = { drop: false };
  const routers: Router[] = [];
  const make = (index: number): Router => {
    const name = `lb${index + 1}`;
    return createRouter(configOf(index, options), {
      clock,
      send: (advert) => {
        adverts.push({ at: clock.now(), advert });
        const peer = routers[1 - index];
        if (peer && !wire.drop) clock.after(0.2, () => peer.receive(advert));
      },
      addVips: () => events.push(`${Math.round(clock.now())} ${name} adds`),
      removeVips: () => events.push(`${Math.round(clock.now())} ${name} removes`),
      announce: () => {},
      log: (message) => events.push(`${Math.round(clock.now())} ${name} ${message}`),
    });
  };
  routers.push(make(0), make(1));
  const [one, two] = routers as [Router, Router];
  return { clock, events, adverts, wire, one, two };
};

/** lb1 master, lb2 backup, ten seconds of peace; the log is emptied. */
const settled = (options: Parameters<typeof pair>[0] = {}) => {
  const scene = pair(options);
  scene.one.settle('MASTER', scene.clock.wall() - 60_000);
  scene.two.settle('BACKUP', scene.clock.wall() - 60_000);
  scene.clock.advance(10_300);
  scene.events.length = 0;
  return scene;
};

/** Runs until `router` is MASTER and says how long that took, ms. */
const untilMaster = (scene: ReturnType<typeof pair>, router: Router, limit = 10_000): number => {
  const from = scene.clock.now();
  while (router.state() !== 'MASTER') {
    if (scene.clock.now() - from > limit) throw new Error(`not MASTER after ${limit} ms`);
    scene.clock.advance(1);
  }
  return scene.clock.now() - from;
};

const lastAdvertOf = (scene: ReturnType<typeof pair>, address: string): number =>
  scene.adverts.findLast(({ advert }) => advert.from === address)!.at;

describe('the timers of the theory', () => {
  test('skew is (256 − priority)/256 s, and the master-down interval is three adverts more', () => {
    expect(skew(100)).toBeCloseTo(609.375, 3);
    expect(skew(150)).toBeCloseTo(414.0625, 3);
    expect(masterDown(150, 1000)).toBeCloseTo(3414.0625, 3);
    expect(masterDown(130, 1000)).toBeCloseTo(3492.1875, 3);
  });
});

describe('a pair in peace', () => {
  test('only the master advertises, once a second, and the backup stays silent', () => {
    const scene = settled();
    scene.adverts.length = 0;
    scene.clock.advance(10_000);
    expect(scene.adverts.map(({ advert }) => advert.from)).toEqual(Array(10).fill('172.16.249.101'));
    expect(scene.events).toEqual([]);
  });

  test('two routers that start together: both wait, and the higher priority becomes master first', () => {
    const scene = pair();
    scene.one.start(true);
    scene.two.start(true);
    expect(untilMaster(scene, scene.one)).toBe(3415);
    scene.clock.advance(20_000);
    expect([scene.one.state(), scene.two.state()]).toEqual(['MASTER', 'BACKUP']);
    expect(scene.events.filter((event) => event.includes('MASTER STATE'))).toEqual([
      '3414 lb1 (VI_1) Entering MASTER STATE',
    ]);
  });
});

describe('failover', () => {
  test('a graceful stop says priority 0, and the backup takes over after its skew alone', () => {
    const scene = settled();
    scene.one.stop();
    const took = untilMaster(scene, scene.two);
    expect(took).toBeGreaterThanOrEqual(609);
    expect(took).toBeLessThanOrEqual(611);
    expect(scene.events[0]).toMatch(/lb1 removes$/);
  });

  test.each([0.1, 0.5, 0.95])('a crash %s s after an advert is noticed 3.61 s after that advert', (phase) => {
    const scene = settled();
    const sent = scene.adverts.length;
    while (scene.adverts.length === sent) scene.clock.advance(1);
    scene.clock.advance(phase * 1000);
    const last = lastAdvertOf(scene, '172.16.249.101');
    scene.one.die();
    const took = untilMaster(scene, scene.two);
    expect(scene.clock.now() - last).toBeGreaterThanOrEqual(3609);
    expect(scene.clock.now() - last).toBeLessThanOrEqual(3611);
    expect(took).toBeGreaterThanOrEqual(2600);
    expect(took).toBeLessThanOrEqual(3612);
    expect(scene.events.some((event) => event.includes('lb1'))).toBe(false);
  });

  test('a restarted higher priority discards three adverts, takes the VIPs after 3.41 s, and no moment is without a holder', () => {
    const scene = settled();
    scene.one.stop();
    untilMaster(scene, scene.two);
    scene.clock.advance(5_000);
    scene.events.length = 0;
    scene.one.start(true);
    expect(untilMaster(scene, scene.one)).toBe(3415);
    scene.clock.advance(5);
    expect(scene.events.filter((event) => event.includes('received lower priority (100)')).length).toBe(3);
    const adds = scene.events.findIndex((event) => event.endsWith('lb1 adds'));
    const removes = scene.events.findIndex((event) => event.endsWith('lb2 removes'));
    expect(adds).toBeGreaterThan(-1);
    expect(removes).toBeGreaterThan(adds);
    expect(scene.events).toContainEqual(
      expect.stringContaining(
        'lb2 (VI_1) Master received advert from 172.16.249.101 with higher priority 150, ours 100',
      ),
    );
  });

  test('with nopreempt the restarted one stays backup', () => {
    const scene = settled({ nopreempt: true });
    scene.one.stop();
    untilMaster(scene, scene.two);
    scene.one.start(true);
    scene.clock.advance(20_000);
    expect([scene.one.state(), scene.two.state()]).toEqual(['BACKUP', 'MASTER']);
  });

  test('equal priorities: the higher address wins when both are master', () => {
    const scene = pair({ priorities: [100, 100] });
    scene.wire.drop = true;
    scene.one.start(true);
    scene.two.start(true);
    scene.clock.advance(5_000);
    expect([scene.one.state(), scene.two.state()]).toEqual(['MASTER', 'MASTER']);
    scene.wire.drop = false;
    scene.clock.advance(1_100);
    expect([scene.one.state(), scene.two.state()]).toEqual(['BACKUP', 'MASTER']);
  });
});

describe('the track script', () => {
  test('a weight of −20 is announced and moves nothing: 130 is still above 100', () => {
    const scene = settled();
    scene.one.script(-20);
    scene.clock.advance(10_000);
    expect(scene.adverts.at(-1)!.advert.priority).toBe(130);
    expect([scene.one.state(), scene.two.state()]).toEqual(['MASTER', 'BACKUP']);
    expect(scene.events).toEqual([expect.stringContaining('Changing effective priority from 150 to 130')]);
  });

  test('a weight of −60 moves the VIPs without a gap, 3.61 s after the last advert that was accepted', () => {
    const scene = settled();
    const last = lastAdvertOf(scene, '172.16.249.101');
    scene.one.script(-60);
    untilMaster(scene, scene.two);
    expect(scene.clock.now() - last).toBeGreaterThanOrEqual(3609);
    expect(scene.clock.now() - last).toBeLessThanOrEqual(3611);
    scene.clock.advance(5);
    const adds = scene.events.findIndex((event) => event.endsWith('lb2 adds'));
    expect(scene.events.findIndex((event) => event.endsWith('lb1 removes'))).toBeGreaterThan(adds);
    scene.one.script(0);
    expect(untilMaster(scene, scene.one)).toBeGreaterThan(2_400);
  });

  test('a failed script of weight 0 is a fault: priority 0, takeover after the skew', () => {
    const scene = settled();
    scene.one.script('fault');
    expect(scene.one.state()).toBe('FAULT');
    expect(untilMaster(scene, scene.two)).toBeLessThanOrEqual(611);
  });
});

describe('faults', () => {
  test('a lost carrier removes the VIPs at once; on return it waits its 3.41 s', () => {
    const scene = settled();
    scene.wire.drop = true;
    scene.one.link(false);
    expect(scene.events.map((event) => event.replace(/^\d+ /, ''))).toEqual([
      'lb1 Netlink reports eth0 down',
      'lb1 (VI_1) Entering FAULT STATE',
      'lb1 removes',
    ]);
    const took = untilMaster(scene, scene.two);
    expect(took).toBeGreaterThan(2_600);
    expect(took).toBeLessThan(3_612);
    scene.wire.drop = false;
    scene.one.link(true);
    expect(untilMaster(scene, scene.one)).toBe(3415);
  });

  test('when adverts are dropped both are master and neither says why; healed, the higher one forces a new election', () => {
    const scene = settled();
    scene.wire.drop = true;
    untilMaster(scene, scene.two);
    scene.clock.advance(40_000);
    expect([scene.one.state(), scene.two.state()]).toEqual(['MASTER', 'MASTER']);
    expect(scene.events.filter((event) => event.includes('lb1'))).toEqual([]);
    scene.wire.drop = false;
    scene.clock.advance(1_100);
    expect([scene.one.state(), scene.two.state()]).toEqual(['MASTER', 'BACKUP']);
  });

  test('a frozen master keeps its VIPs beside the new one, and wins at once when it is thawed', () => {
    const scene = settled();
    scene.one.freeze();
    untilMaster(scene, scene.two);
    scene.clock.advance(16_700);
    scene.events.length = 0;
    scene.one.thaw();
    scene.clock.advance(30);
    expect([scene.one.state(), scene.two.state()]).toEqual(['MASTER', 'BACKUP']);
    expect(scene.events[0]).toMatch(/lb1 A thread timer expired 19\.\d+ seconds ago$/);
    expect(scene.events.filter((event) => event.includes('forcing new election')).length).toBe(17);
  });

  test('a VIP removed by hand: all three go, and come back after the own skew of 0.414 s', () => {
    const scene = settled();
    scene.one.vipLost();
    expect(scene.one.state()).toBe('BACKUP');
    const took = untilMaster(scene, scene.one);
    expect(took).toBeGreaterThanOrEqual(414);
    expect(took).toBeLessThanOrEqual(416);
    expect(scene.two.state()).toBe('BACKUP');
  });

  test('a reload to a lower priority moves the VIPs without a gap', () => {
    const scene = settled();
    scene.one.reconfigure(configOf(0, { priorities: [90, 100] }));
    expect(untilMaster(scene, scene.two)).toBeLessThan(3_700);
    scene.clock.advance(5);
    expect(scene.one.state()).toBe('BACKUP');
  });

  test('adverts with another number of VIPs are not taken, and that is said each time', () => {
    const scene = settled();
    scene.one.reconfigure({ ...configOf(0, {}), vips: 2 });
    const took = untilMaster(scene, scene.two);
    expect(took).toBeGreaterThan(2_600);
    expect(took).toBeLessThan(3_700);
    expect(scene.events.filter((event) => event.includes('unexpected ip number count 2, expected 0!')).length).toBe(3);
    scene.clock.advance(5_000);
    expect(scene.one.state()).toBe('MASTER');
  });

  test('adverts of another virtual router are not heard', () => {
    const scene = settled();
    scene.two.receive({ from: '172.16.249.7', vrid: 52, priority: 0, vips: 0 });
    scene.clock.advance(5_000);
    expect(scene.two.state()).toBe('BACKUP');
    expect(scene.two.stats().pri_zero_rcvd).toBe(0);
  });
});
