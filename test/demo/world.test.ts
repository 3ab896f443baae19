import { describe, expect, test } from 'vitest';
import { type ManualClock, manualClock } from '../../src/demo/clock.ts';
import type { Flavour } from '../../src/demo/configuration.ts';
import { VIPS } from '../../src/demo/topology.ts';
import { createWorld, type Host, type World } from '../../src/demo/world.ts';

const VIP = VIPS[0];

type Scene = { clock: ManualClock; world: World; lb1: Host; lb2: Host };

/** A cluster at peace for seven seconds. */
const scene = (flavour: Flavour, seed = 1): Scene => {
  const clock = manualClock();
  const world = createWorld(clock, flavour, seed);
  clock.advance(7_000);
  return { clock, world, lb1: world.host('lb1')!, lb2: world.host('lb2')! };
};

/** Who held the VIP, sampled every 10 ms for `ms`: runs of equal holders with their length, ms. */
const watch = ({ clock, world }: Scene, ms: number): { holders: string; ms: number }[] => {
  const runs: { holders: string; ms: number }[] = [];
  for (let at = 0; at < ms; at += 10) {
    clock.advance(10);
    const holders = world.holders(VIP).join('+');
    const last = runs.at(-1);
    if (last?.holders === holders) last.ms += 10;
    else runs.push({ holders, ms: 10 });
  }
  return runs;
};

const timeOf = (runs: { holders: string; ms: number }[], holders: string): number =>
  runs.filter((run) => run.holders === holders).reduce((sum, run) => sum + run.ms, 0);

const checkLog = (host: Host): string[] =>
  (host.machine.files.get('/etc/keepalived/check_nginx.log')?.content ?? '').split('\n').filter((line) => line !== '');
const journal = (host: Host): string[] => host.machine.journal.entries().map((entry) => entry.message);
const breakNginx = (host: Host): void => {
  const text = host.machine.files.get('/etc/nginx/nginx.conf')!.content;
  host.machine.files.write('/etc/nginx/nginx.conf', text.replace('proxy_pass ', 'proxy_pas  '));
};

describe.each<Flavour>(['fixed', 'tutorial'])('the %s pair', (flavour) => {
  test('stands in peace: lb1 holds all VIPs, everything runs, and nothing is logged', () => {
    const { clock, world, lb1, lb2 } = scene(flavour);
    const before = lb1.machine.journal.entries().length;
    clock.advance(60_000);
    expect(VIPS.map((vip) => world.holders(vip))).toEqual([['lb1'], ['lb1'], ['lb1']]);
    expect(lb1.machine.journal.entries().length).toBe(before);
    expect([lb1.keepalived!.router()!.state(), lb2.keepalived!.router()!.state()]).toEqual(['MASTER', 'BACKUP']);
    expect(journal(lb1).at(-1)).toBe('(VI_1) Entering MASTER STATE');
  });

  test('keepalived stopped first, then nginx: 0.61 s without a holder, and nginx stays stopped', () => {
    const stage = scene(flavour);
    stage.lb1.keepalived!.unit.stop();
    stage.lb1.web.unit.stop();
    const runs = watch(stage, 20_000);
    expect(runs.map((run) => run.holders)).toEqual(['', 'lb2']);
    expect(timeOf(runs, '')).toBeGreaterThanOrEqual(600);
    expect(timeOf(runs, '')).toBeLessThanOrEqual(630);
    expect(stage.lb1.web.unit.active).toBe('inactive');
    expect(stage.lb1.keepalived!.unit).toMatchObject({ active: 'inactive', sub: 'dead', result: 'success' });
    expect(journal(stage.lb2).at(-1)).toBe('(VI_1) Entering MASTER STATE');
  });

  test('failback: the VIPs come back 3.4 s after the start, and at no sample is nobody holding them', () => {
    const stage = scene(flavour);
    stage.lb1.keepalived!.unit.stop();
    watch(stage, 5_000);
    stage.lb1.keepalived!.unit.start();
    const runs = watch(stage, 10_000);
    expect(runs[0]).toMatchObject({ holders: 'lb2' });
    expect(runs[0]!.ms).toBeGreaterThan(3_380);
    expect(runs[0]!.ms).toBeLessThan(3_500);
    expect(timeOf(runs, '')).toBe(0);
    expect(runs.at(-1)!.holders).toBe('lb1');
  });

  test('keepalived killed with -9 leaves its VIPs behind: two holders until it is started again', () => {
    const stage = scene(flavour);
    stage.lb1.keepalived!.unit.kill('all');
    const runs = watch(stage, 30_000);
    expect(runs.map((run) => run.holders)).toEqual(['lb1', 'lb1+lb2']);
    expect(runs[0]!.ms).toBeGreaterThan(2_600);
    expect(runs[0]!.ms).toBeLessThan(3_630);
    expect(stage.lb1.keepalived!.unit).toMatchObject({ active: 'failed', result: 'signal', mainPid: 0 });
    expect(stage.lb1.keepalived!.unit.exec).toMatchObject({ code: 2, status: 9 });
    stage.lb1.keepalived!.unit.start();
    expect(watch(stage, 10_000).at(-1)!.holders).toBe('lb1');
  });

  test('the VRRP child killed: respawned without VIPs, nobody for three seconds, back on lb1', () => {
    const stage = scene(flavour);
    stage.lb1.keepalived!.killChild();
    const runs = watch(stage, 15_000);
    expect(timeOf(runs, '')).toBeGreaterThan(2_400);
    expect(timeOf(runs, '')).toBeLessThan(3_600);
    expect(runs.at(-1)!.holders).toBe('lb1');
    expect(journal(stage.lb1)).toContainEqual(expect.stringMatching(/^VRRP child process\(\d+\) died: Respawning$/));
  });

  test('a reload of a broken file ends keepalived and leaves the VIPs', () => {
    const stage = scene(flavour);
    const path = '/etc/keepalived/keepalived.conf';
    const text = stage.lb1.machine.files.get(path)!.content;
    stage.lb1.machine.files.write(path, text.replace(/virtual_router_id \d+/, 'virtual_router_id 999'));
    stage.lb1.keepalived!.unit.reload();
    expect(watch(stage, 10_000).at(-1)!.holders).toBe('lb1+lb2');
    expect(stage.lb1.keepalived!.unit).toMatchObject({ active: 'failed', result: 'exit-code' });
  });

  test('power lost: lb2 within 2.6 to 3.6 s; power back: lb1 again about four seconds after', () => {
    const stage = scene(flavour);
    stage.lb1.machine.powerOff();
    const away = watch(stage, 15_000);
    expect(away.map((run) => run.holders)).toEqual(['', 'lb2']);
    expect(away[0]!.ms).toBeGreaterThan(2_590);
    expect(away[0]!.ms).toBeLessThan(3_630);
    stage.lb1.machine.powerOn();
    const back = watch(stage, 10_000);
    expect(back[0]!.ms).toBeGreaterThan(3_800);
    expect(back[0]!.ms).toBeLessThan(4_150);
    expect(timeOf(back, '')).toBe(0);
    expect(back.at(-1)!.holders).toBe('lb1');
  });

  test('a pulled wire drops the VIPs on the node and puts it in FAULT', () => {
    const stage = scene(flavour);
    stage.lb1.machine.wire.set({ cut: true, carrier: false });
    const runs = watch(stage, 10_000);
    expect(runs.map((run) => run.holders)).toEqual(['', 'lb2']);
    expect(stage.lb1.keepalived!.router()!.state()).toBe('FAULT');
    stage.lb1.machine.wire.set({ cut: false, carrier: true });
    expect(watch(stage, 10_000).at(-1)!.holders).toBe('lb1');
  });

  test('a silent cut is an isolated split brain that ends by itself when the wire heals', () => {
    const stage = scene(flavour);
    stage.lb1.machine.wire.set({ cut: true });
    expect(watch(stage, 10_000).at(-1)!.holders).toBe('lb1+lb2');
    expect(stage.world.lan.owner(VIP)?.name).toBe('lb2');
    stage.lb1.machine.wire.set({ cut: false });
    expect(watch(stage, 3_000).at(-1)!.holders).toBe('lb1');
    expect(stage.world.lan.owner(VIP)?.name).toBe('lb1');
  });

  test('keepalived restarted on the only holder: its slow stop and its wait, 4.6 s without a holder', () => {
    const stage = scene(flavour);
    stage.lb1.keepalived!.unit.stop();
    watch(stage, 5_000);
    stage.lb2.keepalived!.unit.restart();
    const runs = watch(stage, 10_000);
    expect(timeOf(runs, '')).toBeGreaterThan(4_550);
    expect(timeOf(runs, '')).toBeLessThan(4_750);
  });
});

describe('the check script of the tutorial', () => {
  test('restarts a stopped nginx within its 5 s, writes its line 2 s later, and the VIPs stay', () => {
    const stage = scene('tutorial');
    const stopped = stage.clock.now();
    stage.lb1.web.unit.stop();
    stage.clock.advance(100);
    while (stage.lb1.web.unit.active !== 'active') stage.clock.advance(10);
    const restarted = stage.clock.now() - stopped;
    expect(restarted).toBeLessThan(5_100);
    expect(checkLog(stage.lb1)).toEqual([]);
    const runs = watch(stage, 2_050);
    expect(runs.map((run) => run.holders)).toEqual(['lb1']);
    expect(checkLog(stage.lb1)).toEqual([
      expect.stringMatching(/^\w{3} Nov 23 \d\d:\d\d:\d\d UTC 2026: systemctl restart nginx$/),
    ]);
    expect(stage.lb1.web.unit.restarts).toBe(0);
  });

  test('gives up on a broken nginx by stopping keepalived, and never writes that line', () => {
    const stage = scene('tutorial');
    breakNginx(stage.lb1);
    stage.lb1.web.unit.stop();
    const runs = watch(stage, 15_000);
    expect(runs.map((run) => run.holders)).toEqual(['lb1', '', 'lb2']);
    expect(runs[0]!.ms).toBeGreaterThan(2_000);
    expect(runs[0]!.ms).toBeLessThan(7_200);
    expect(runs[1]!.ms).toBeLessThanOrEqual(630);
    expect(checkLog(stage.lb1)).toHaveLength(1);
    expect(stage.lb1.keepalived!.unit).toMatchObject({ active: 'inactive', result: 'success' });
    expect(stage.lb1.web.unit).toMatchObject({ active: 'failed', result: 'exit-code' });
    expect(journal(stage.lb1)).toContainEqual(expect.stringContaining('[emerg]'));
  });

  test('at human speed it fights the operator: nginx runs again when keepalived is stopped 6 s later', () => {
    const stage = scene('tutorial');
    stage.lb1.web.unit.stop();
    stage.clock.advance(6_000);
    stage.lb1.keepalived!.unit.stop();
    stage.clock.advance(10_000);
    expect(stage.lb1.web.unit.active).toBe('active');
    expect(stage.world.holders(VIP)).toEqual(['lb2']);
  });

  test('does not see a frozen nginx', () => {
    const stage = scene('tutorial');
    stage.lb1.web.unit.freeze(true);
    expect(watch(stage, 30_000).map((run) => run.holders)).toEqual(['lb1']);
  });
});

describe('the corrected check script', () => {
  test('restarts a killed nginx within a second and says so before', () => {
    const stage = scene('fixed');
    stage.lb1.web.unit.kill('all');
    stage.clock.advance(1_100);
    expect(stage.lb1.web.unit.active).toBe('active');
    expect(checkLog(stage.lb1)).toHaveLength(1);
    expect(watch(stage, 10_000).map((run) => run.holders)).toEqual(['lb1']);
  });

  test('hands the VIPs over without a gap when nginx cannot start, stops trying, and takes them back when it can', () => {
    const stage = scene('fixed');
    breakNginx(stage.lb1);
    stage.lb1.web.unit.stop();
    const runs = watch(stage, 20_000);
    expect(timeOf(runs, '')).toBe(0);
    expect(runs.at(-1)!.holders).toBe('lb2');
    expect(stage.lb1.keepalived!.unit.active).toBe('active');
    expect(stage.lb1.keepalived!.router()!.effectivePriority()).toBe(90);
    expect(checkLog(stage.lb1).map((line) => line.slice(30))).toEqual([
      'systemctl restart nginx',
      'systemctl restart nginx',
      'systemctl restart nginx',
      'systemctl restart nginx',
      'nginx does not come up, no more restarts for 120 s',
    ]);
    const text = stage.lb1.machine.files.get('/etc/nginx/nginx.conf')!.content;
    stage.lb1.machine.files.write('/etc/nginx/nginx.conf', text.replace('proxy_pas  ', 'proxy_pass '));
    stage.lb1.web.unit.start();
    expect(watch(stage, 15_000).at(-1)!.holders).toBe('lb1');
  });

  test('sees a frozen nginx and lowers the priority', () => {
    const stage = scene('fixed');
    stage.lb1.web.unit.freeze(true);
    expect(watch(stage, 15_000).at(-1)!.holders).toBe('lb2');
    stage.lb1.web.unit.freeze(false);
    expect(watch(stage, 15_000).at(-1)!.holders).toBe('lb1');
  });

  test('leaves a masked nginx alone', () => {
    const stage = scene('fixed');
    stage.lb2.web.unit.mask(true);
    stage.lb2.web.unit.stop();
    stage.clock.advance(10_000);
    expect(stage.lb2.web.unit).toMatchObject({ active: 'inactive', load: 'masked' });
    expect(checkLog(stage.lb2)).toEqual([]);
    expect(stage.lb2.keepalived!.router()!.effectivePriority()).toBe(40);
  });
});

test('the same seed gives the same cluster, another seed another one', () => {
  const pids = (seed: number): number[] =>
    createWorld(manualClock(), 'fixed', seed).hosts.flatMap(({ machine }) =>
      [...machine.units.values()].flatMap((unit) => unit.processes.map((process) => process.pid)),
    );
  expect(pids(5)).toEqual(pids(5));
  expect(pids(5)).not.toEqual(pids(6));
});

test('a machine that is powered off leaves no timer of its own behind', () => {
  const clock = manualClock();
  const world = createWorld(clock, 'fixed', 1);
  clock.advance(5_000);
  expect(clock.pending()).toBeGreaterThan(0);
  for (const { machine } of world.hosts) machine.powerOff();
  clock.advance(1_000);
  expect(clock.pending()).toBe(0);
});
