import { describe, expect, test } from 'vitest';
import type { Failure } from '../../src/cluster/failure.ts';
import { readiness } from '../../src/cluster/readiness.ts';
import type { VrrpInstance } from '../../src/cluster/readings.ts';
import type { NodeView } from '../../src/cluster/state.ts';
import { judge } from '../../src/cluster/verdict.ts';
import { answer, noAnswer, Scene, VIPS } from '../support/scene.ts';

const refused = noAnswer();
const path: Failure = { step: 'timeout', hop: 'bastion', found: 'no answer for 1 s', blame: 'path' };
const gone: Failure = { step: 'tcp', hop: 'lb1', found: 'No route to host', blame: 'target' };
const down = { active: 'inactive', sub: 'dead', mainPid: 0 };
const everyVip = <T>(value: T) => Object.fromEntries(VIPS.map((vip) => [vip, value]));

const codes = (scene: Scene) => {
  const verdict = judge(scene.state);
  return [verdict.code, ...verdict.also.map((one) => one.code)];
};

describe('a keepalived that was given an empty file', () => {
  const empty = (scene: Scene) => {
    scene.world.instances.lb2 = null;
    scene.send({
      kind: 'configuration',
      node: 'lb2',
      reading: { ok: true, value: { instances: [], upstream: [] } },
    });
    scene.rounds(40);
    return readiness(scene.state, scene.state.nodes.lb2 as NodeView);
  };

  test('is no backup that is proven ready', () => {
    expect(empty(new Scene().healthy())).toEqual({ ready: null, why: ['no VRRP instance in its keepalived.conf'] });
  });

  test('is not ready when its dump says that it runs none', () => {
    const scene = new Scene().healthy();
    scene.send({ kind: 'dump', node: 'lb2', asked: scene.now, reading: { ok: true, value: [] } });
    expect(readiness(scene.state, scene.state.nodes.lb2 as NodeView)).toMatchObject({
      ready: false,
      why: ['keepalived runs no VRRP instance'],
    });
  });
});

describe('the verdict', () => {
  test('is healthy when the MASTER holds all VIPs and all is answered and backed up', () => {
    const scene = new Scene().healthy();
    expect(codes(scene)).toEqual(['healthy']);
    expect(scene.state.verdict).toMatchObject({ code: 'healthy', level: 'OK', reason: '3 VIPs on lb1, lb2 ready' });
  });

  test('is blind, never a dead cluster, when the jump host stops answering', () => {
    const scene = new Scene().healthy();
    scene.world.jump = path;
    scene.send({ kind: 'link', node: 'bastion', link: { phase: 'waiting', failure: path } });
    for (let i = 0; i < 6; i++) {
      scene.round();
      expect(judge(scene.state).level).not.toBe('CRITICAL');
    }
    expect(scene.state.verdict).toMatchObject({ code: 'blind', level: 'UNKNOWN' });
    expect(scene.state.verdict.reason).toContain('bastion: no answer for 1 s');
    expect(scene.state.outages).toEqual([]);
    expect(scene.state.moves).toEqual([]);
  });

  test('recovers from blindness by itself without inventing a move', () => {
    const scene = new Scene().healthy();
    scene.world.jump = path;
    scene.rounds(20);
    scene.world.jump = null;
    scene.rounds(4);
    expect(scene.state.verdict.code).toBe('healthy');
    expect(scene.state.moves).toEqual([]);
  });

  test('is all-down when neither VIPs nor load balancers nor web nodes answer', () => {
    const scene = new Scene().healthy();
    Object.assign(scene.world, {
      web: { web1: refused, web2: refused },
      lb: { lb1: refused, lb2: refused },
      vip: everyVip(refused),
    });
    scene.rounds(2);
    expect(codes(scene)[0]).toBe('all-down');
  });

  test('is split-brain once both load balancers are proven to hold a VIP for more than a second', () => {
    const scene = new Scene().healthy();
    scene.world.held.lb2 = [...VIPS];
    scene.world.instances.lb2 = { state: 'MASTER' };
    for (const address of VIPS) scene.send({ kind: 'address', node: 'lb2', op: 'add', address, ifname: 'eth0' });
    expect(codes(scene)[0]).not.toBe('split-brain');
    scene.rounds(3);
    expect(codes(scene)[0]).toBe('split-brain');
    expect(scene.state.verdict.reason).toContain('adverts do not get through');
    expect(scene.state.notices.filter((line) => line.text.includes('at once'))).toHaveLength(1);
  });

  test('names the stale VIP on the node where keepalived was killed', () => {
    const scene = new Scene().healthy();
    scene.world.held.lb2 = [...VIPS];
    scene.world.units.lb1 = { keepalived: { active: 'failed', sub: 'failed', result: 'signal', mainPid: 0 } };
    scene.rounds(4);
    expect(scene.state.verdict).toMatchObject({ code: 'split-brain' });
    expect(scene.state.verdict.reason).toContain('stale VIP on lb1, where keepalived does not run');
  });

  test('does not call a handover of 20 ms a split brain', () => {
    const scene = new Scene().healthy();
    for (const address of VIPS) scene.send({ kind: 'address', node: 'lb2', op: 'add', address, ifname: 'eth0' });
    scene.now += 20;
    scene.move('lb1', null, 0);
    scene.world.held.lb2 = [...VIPS];
    scene.rounds(3);
    expect(scene.state.notices.some((line) => line.text.includes('at once'))).toBe(false);
    expect(scene.state.moves.map((move) => [move.from, move.to])).toEqual(VIPS.map(() => ['lb1', 'lb2']));
  });

  test('is failing-over at once while the budget lasts, then no-master', () => {
    const scene = new Scene().healthy();
    scene.world.units.lb1 = { keepalived: down };
    scene.world.vip = everyVip(noAnswer({ found: 'no answer for 1 s', step: 'timeout' }));
    scene.move('lb1', null, 0);
    scene.round();
    expect(scene.state.verdict).toMatchObject({ code: 'failing-over', level: 'WARNING' });
    scene.rounds(6);
    expect(scene.state.verdict).toMatchObject({ code: 'no-master', level: 'CRITICAL' });
  });

  test('is no-master at once when keepalived runs on no load balancer', () => {
    const scene = new Scene().healthy();
    scene.world.units = { lb1: { keepalived: down, nginx: down }, lb2: { keepalived: down, nginx: down } };
    scene.world.vip = everyVip(refused);
    scene.world.lb = { lb1: refused, lb2: refused };
    scene.move('lb1', null, 0);
    scene.rounds(2);
    expect(codes(scene)[0]).toBe('no-master');
    expect(judge(scene.state).reason).toContain('keepalived runs on no load balancer');
  });

  test('is vip-unserved when the VIP is held but nginx there does not answer', () => {
    const scene = new Scene().healthy();
    scene.world.units.lb1 = { nginx: { stat: 'T' } };
    scene.world.vip = everyVip(noAnswer({ found: 'no answer for 1 s', step: 'timeout' }));
    scene.rounds(3);
    expect(scene.state.verdict.code).toBe('vip-unserved');
    expect(scene.state.verdict.reason).toContain('nginx on lb1 is frozen');
  });

  test('says all-backends-down and not vip-unserved when the web nodes are what fails', () => {
    const scene = new Scene().healthy();
    scene.world.web = { web1: refused, web2: refused };
    const error = answer('<html><h1>404 Not Found</h1></html>', 404);
    Object.assign(scene.world, { vip: everyVip(error), lb: { lb1: error, lb2: error } });
    scene.rounds(3);
    expect(codes(scene)[0]).toBe('all-backends-down');
    expect(codes(scene)).not.toContain('vip-unserved');
  });

  test('is backend-down when one web node gives no good answer, and warns when it hangs', () => {
    const scene = new Scene().healthy();
    scene.world.web.web1 = noAnswer({ step: 'timeout', found: 'no answer for 1 s' });
    scene.rounds(3);
    expect(scene.state.verdict.code).toBe('backend-down');
    expect(scene.state.verdict.reason).toContain('impatient clients lose every other request');
  });

  test.each([
    ['keepalived is inactive', { keepalived: down }],
    ['keepalived is frozen (STAT T)', { keepalived: { stat: 'T' } }],
    ['nginx is masked', { nginx: { ...down, load: 'masked' } }],
  ])('is no-backup when on the other load balancer %s', (why, units) => {
    const scene = new Scene().healthy();
    scene.world.units.lb2 = units;
    scene.rounds(3);
    expect(scene.state.verdict).toMatchObject({ code: 'no-backup', level: 'WARNING' });
    expect(scene.state.verdict.reason).toContain(why);
  });

  test('does not call a keepalived deaf that has only just become BACKUP', () => {
    const scene = new Scene().healthy();
    const dump = (over: Partial<VrrpInstance>) =>
      scene.send({
        kind: 'dump',
        node: 'lb1',
        asked: scene.now,
        reading: { ok: true, value: [scene.instance('lb1', over)] },
      });
    dump({ state: 'MASTER', advertsReceived: 0 });
    scene.pass(60_000);
    dump({ state: 'BACKUP', advertsReceived: 0 });
    expect(readiness(scene.state, scene.state.nodes.lb1 as NodeView).why).not.toContain(
      'hears no adverts of the master',
    );
    scene.pass(5000);
    dump({ state: 'BACKUP', advertsReceived: 0 });
    expect(readiness(scene.state, scene.state.nodes.lb1 as NodeView).why).toContain('hears no adverts of the master');
  });

  test('is no-backup when the backup hears no adverts though it says BACKUP', () => {
    const scene = new Scene().healthy();
    scene.world.instances.lb2 = { state: 'BACKUP', advertsReceived: 77 };
    scene.rounds(8);
    expect(codes(scene)).toContain('no-backup');
  });

  test('is partly-blind when only the backup cannot be looked at by SSH, though its nginx answers', () => {
    const scene = new Scene().healthy();
    scene.world.unreachable.lb2 = { ...gone, hop: 'lb2', step: 'auth', found: 'all keys refused' };
    scene.rounds(6);
    expect(scene.state.verdict.code).toBe('partly-blind');
    expect(scene.state.verdict.reason).toContain('all keys refused');
  });

  test('is no-backup when the powered-off peer answers neither SSH nor HTTP', () => {
    const scene = new Scene().healthy();
    scene.world.unreachable.lb2 = { ...gone, hop: 'lb2' };
    scene.world.lb.lb2 = noAnswer({ found: 'No route to host' });
    scene.rounds(6);
    expect(codes(scene)[0]).toBe('no-backup');
    expect(codes(scene)).toContain('partly-blind');
  });

  test('takes a power-off of the holder as a failover, not as an outage, while the budget lasts', () => {
    const scene = new Scene().healthy();
    scene.world.unreachable.lb1 = gone;
    scene.world.lb.lb1 = noAnswer({ found: 'No route to host' });
    scene.world.vip = everyVip(noAnswer({ step: 'timeout', found: 'no answer for 1 s' }));
    const seen = new Set<string>();
    for (let i = 0; i < 3; i++) {
      scene.round();
      seen.add(scene.state.verdict.code);
    }
    scene.world.vip = {};
    scene.world.held.lb2 = [...VIPS];
    for (const address of VIPS) scene.send({ kind: 'address', node: 'lb2', op: 'add', address, ifname: 'eth0' });
    scene.rounds(4);
    expect(seen).not.toContain('vip-unserved');
    expect(seen).not.toContain('split-brain');
    expect(scene.state.moves.map((move) => [move.from, move.to])).toEqual(VIPS.map(() => ['lb1', 'lb2']));
    expect(scene.state.verdict.code).toBe('no-backup');
  });

  test('is degraded when the lower priority holds the VIPs though the higher one is back', () => {
    const scene = new Scene().healthy();
    scene.move('lb1', 'lb2', 600);
    scene.world.instances = { lb1: { state: 'BACKUP' }, lb2: { state: 'MASTER' } };
    scene.rounds(4);
    expect(scene.state.verdict.code).toBe('degraded');
    expect(scene.state.verdict.reason).toContain('held by lb2, though lb1 has the higher priority');
  });

  test('is degraded when the effective priority is lowered or the clock is off by more than a second', () => {
    const scene = new Scene().healthy();
    scene.world.instances.lb1 = { state: 'MASTER', effectivePriority: 130 };
    scene.rounds(3);
    expect(scene.state.verdict.reason).toContain('priority of lb1 is 130 instead of 150');
  });

  test('tells a VIP that answers though no load balancer holds it', () => {
    const scene = new Scene().healthy();
    scene.move('lb1', null, 0);
    scene.rounds(5);
    const reasons = judge(scene.state);
    expect([reasons.reason, ...reasons.also.map((one) => one.reason)].join(' ')).toContain('another host has it');
  });

  test('waits for a second look before it shows a worse headline, and for a third before a better one', () => {
    const scene = new Scene().healthy();
    scene.world.web.web1 = refused;
    scene.rounds(1);
    expect(scene.state.verdict.code).toBe('healthy');
    scene.rounds(2);
    expect(scene.state.verdict.code).toBe('backend-down');
    const before = scene.state.notices.filter((line) => line.kind === 'verdict').length;
    scene.world.web.web1 = answer('HTTP WEB NODE 01');
    scene.rounds(4);
    expect(scene.state.verdict.code).toBe('healthy');
    expect(scene.state.notices.filter((line) => line.kind === 'verdict').length).toBe(before + 1);
  });

  test('does not claim that a VIP has just come to its holder when it was there all the time', () => {
    const scene = new Scene();
    scene.world.vip = everyVip(refused);
    // As a one-shot look does it: the first look at the addresses is the first that is known of a holder.
    scene.now += 1000;
    for (const name of ['bastion', 'lb1', 'lb2', 'web1', 'web2'])
      scene.send({ kind: 'link', node: name, link: { phase: 'up', rtt: 1, transport: 'ssh2' } });
    for (const vip of VIPS)
      scene.send({ kind: 'http', target: { kind: 'vip', id: vip }, asked: scene.now - 900, result: refused });
    scene.round();
    expect(codes(scene)[0]).toBe('vip-unserved');
  });

  test('blames a bad page that a web node gives on that web node, not on the load balancer that passes it on', () => {
    const scene = new Scene().healthy();
    const broken = answer('500 Internal Server Error', 500);
    Object.assign(scene.world, {
      web: { ...scene.world.web, web1: broken },
      lb: { lb2: broken },
      vip: everyVip(broken),
    });
    scene.rounds(7);
    expect(codes(scene)).toEqual(['vip-unserved', 'vip-unserved', 'vip-unserved', 'backend-down']);
    expect(scene.state.verdict.reason).toContain('HTTP 500 without the marker of a web node, as web1 itself answers');
  });

  test('is not healthy while nobody is known to hold the VIPs', () => {
    const scene = new Scene().healthy();
    // lb1 was asked long before it answered: the proof that it holds the VIPs is older than the look.
    scene.pass(1500);
    for (const name of ['lb1', 'lb2'])
      scene.send({
        kind: 'snapshot',
        node: name,
        asked: scene.now - (name === 'lb1' ? 2900 : 2),
        reading: { ok: true, value: scene.snapshotOf(name) },
      });
    for (let i = 0; i < 8; i++) {
      scene.pass(250);
      if (scene.state.verdict.code === 'healthy') expect(scene.state.verdict.reason).toContain('on lb1');
    }
  });

  test('tells of a VIP that a web node has, unless it is there on lo by design', () => {
    const scene = new Scene().healthy();
    scene.world.held.web1 = ['172.16.249.80'];
    scene.round();
    expect(scene.state.verdict).toMatchObject({ code: 'degraded' });
    expect(scene.state.verdict.reason).toContain('172.16.249.80 is on web1, a web node');
    const direct = new Scene().healthy();
    const snapshot = direct.snapshotOf('web1');
    const loopback = { ifname: 'lo', address: '172.16.249.80', prefix: 32, family: 4 as const, scope: 'global' };
    direct.send({
      kind: 'snapshot',
      node: 'web1',
      asked: direct.now - 2,
      reading: { ok: true, value: { ...snapshot, addresses: { ok: true, value: [loopback] } } },
    });
    expect(direct.state.verdict.code).toBe('healthy');
  });

  test('is not healthy when the holder keeps the VIPs without a keepalived', () => {
    const scene = new Scene().healthy();
    scene.world.units.lb1 = { keepalived: { ...down, active: 'failed' } };
    scene.round();
    expect(scene.state.verdict).toMatchObject({ code: 'degraded' });
    expect(scene.state.verdict.reason).toContain('lb1 holds the VIPs, though keepalived there is failed');
  });

  test('blames the web node whose bad page comes through the VIP every other time, and stays with that', () => {
    const scene = new Scene().healthy();
    const error = answer('<h1>Internal Server Error</h1>', 500);
    scene.world.web.web1 = error;
    const seen = new Set<string>();
    for (let i = 0; i < 12; i++) {
      scene.world.vip = i % 4 < 2 ? everyVip(error) : {};
      scene.round();
      if (i > 2) seen.add(scene.state.verdict.code);
    }
    expect([...seen]).toEqual(['backend-down']);
  });

  test('is blind, not all-down, when nothing behind the jump host so much as refuses', () => {
    const scene = new Scene().healthy();
    const silent = noAnswer({ step: 'timeout', found: 'no connection within 1000 ms' });
    Object.assign(scene.world, {
      web: { web1: silent, web2: silent },
      lb: { lb1: silent, lb2: silent },
      vip: everyVip(silent),
    });
    for (const node of ['lb1', 'lb2', 'web1', 'web2'])
      scene.world.unreachable[node] = { step: 'timeout', hop: node, found: 'no answer', blame: 'target' };
    scene.rounds(6);
    expect(scene.state.verdict).toMatchObject({ code: 'blind', level: 'UNKNOWN' });
    expect(scene.state.verdict.reason).toContain('nothing at all speaks behind bastion');
    scene.world.lb.lb1 = noAnswer();
    scene.rounds(3);
    expect(scene.state.verdict.code).toBe('all-down');
  });

  test('is healthy without keepalived’s own word, but says that it could not be read', () => {
    const scene = new Scene();
    scene.world.instances = { lb1: null, lb2: null };
    scene.healthy();
    for (const node of ['lb1', 'lb2'])
      scene.send({
        kind: 'dump',
        node,
        asked: scene.now,
        reading: {
          ok: false,
          failure: { step: 'permission', hop: node, found: 'a password is required', blame: 'target' },
        },
      });
    scene.rounds(2);
    expect(scene.state.verdict.reason).toContain('VRRP state of lb1, lb2 cannot be read');
  });
});
