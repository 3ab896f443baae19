import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/cluster/events.ts';
import { initialState } from '../../src/cluster/initial.ts';
import { reduce } from '../../src/cluster/reduce.ts';
import { rotation } from '../../src/cluster/rotation.ts';
import { failoverBudgetMs, masterDownMs, skewMs } from '../../src/cluster/vrrp.ts';
import { answer, noAnswer, Scene, tutorialTopology, VIPS } from '../support/scene.ts';

const texts = (scene: Scene, kind: string) =>
  scene.state.notices.filter((line) => line.kind === kind).map((line) => line.text);

describe('a VIP move', () => {
  test('is told once for all VIPs, with who had them and who has them', () => {
    const scene = new Scene().healthy();
    scene.move('lb1', 'lb2', 600);
    expect(texts(scene, 'move')).toEqual([
      '172.16.249.80 .90 .100 left lb1: nobody holds them',
      '172.16.249.80 .90 .100 moved lb1 → lb2',
    ]);
    expect(scene.state.vips[VIPS[0] as string]?.holder?.node).toBe('lb2');
    expect(scene.state.marks).toHaveProperty('vip:172.16.249.80');
  });

  test('gets its cause from the journal line that comes after it', () => {
    const scene = new Scene().healthy();
    scene.move('lb1', 'lb2', 600);
    scene.pass(400);
    scene.send({ kind: 'journal', node: 'lb1', unit: 'keepalived.service', message: 'Stopping', nodeTime: 0 });
    expect(scene.state.moves[0]?.cause).toBe('keepalived on lb1 was stopped');
    expect(texts(scene, 'move').at(-1)).toBe('172.16.249.80 .90 .100 moved lb1 → lb2: keepalived on lb1 was stopped');
  });

  test('is not explained by what was said ten seconds before', () => {
    const scene = new Scene().healthy();
    scene.send({ kind: 'journal', node: 'lb1', unit: 'keepalived.service', message: 'Reloading ...', nodeTime: 0 });
    scene.pass(10_000);
    scene.rounds(1);
    scene.move('lb1', 'lb2', 600);
    expect(scene.state.moves[0]?.cause).toBeUndefined();
  });

  test('is not seen in the very first look', () => {
    expect(new Scene().healthy().state.moves).toEqual([]);
  });

  test('is not undone by a snapshot that was asked before the push came', () => {
    const scene = new Scene().healthy();
    const before = scene.snapshotOf('lb1');
    const asked = scene.now;
    scene.now += 50;
    scene.move('lb1', 'lb2', 10);
    scene.send({ kind: 'snapshot', node: 'lb1', asked, reading: { ok: true, value: before } });
    expect(scene.state.vips[VIPS[0] as string]?.holdings.lb1?.holds).toBe(false);
  });

  test('loses its mark when it is cleared', () => {
    const scene = new Scene().healthy();
    scene.move('lb1', 'lb2', 600);
    scene.send({ kind: 'clear' });
    expect(scene.state.marks).toEqual({});
    expect(scene.state.moves).toHaveLength(3);
  });
});

describe('an outage', () => {
  test('is measured from the first lost answer to the next good one, and unknown answers are not lost', () => {
    const scene = new Scene().healthy();
    const vip = VIPS[0] as string;
    const ask = (result: ReturnType<typeof noAnswer>) => {
      scene.send({ kind: 'http', target: { kind: 'vip', id: vip }, asked: scene.now, result });
      scene.now += 500;
    };
    ask(noAnswer());
    ask(noAnswer({ blame: 'path' }));
    ask(noAnswer());
    ask(answer('HTTP WEB NODE 02'));
    expect(scene.state.outages).toHaveLength(1);
    expect(scene.state.outages[0]).toMatchObject({ vip, lost: 2 });
    expect((scene.state.outages[0]?.until?.mono ?? 0) - (scene.state.outages[0]?.from.mono ?? 0)).toBe(1500);
    expect(scene.state.vips[vip]?.probe).toMatchObject({ bad: 2, unknown: 1 });
  });
});

describe('a good answer', () => {
  const vip = VIPS[0] as string;
  const ask = (scene: Scene, kind: 'vip' | 'web', id: string, result: ReturnType<typeof answer>) => {
    scene.send({ kind: 'http', target: { kind, id }, asked: scene.now, result });
    return kind === 'vip' ? scene.state.vips[id]?.probe.last : scene.state.nodes[id]?.probe.last;
  };

  test('is known by its marker with white space ignored', () => {
    expect(ask(new Scene().healthy(), 'vip', vip, answer('HTTP  WEB NODE01'))).toMatchObject({
      ok: true,
      servedBy: 'web1',
    });
  });

  test('may come with the status 403 that the web node itself gives with that page', () => {
    const scene = new Scene();
    expect(ask(scene, 'vip', vip, answer('HTTP WEB NODE 01', 403))).toMatchObject({ ok: null });
    expect(ask(scene, 'web', 'web1', answer('HTTP WEB NODE 01', 403))).toMatchObject({ ok: true });
    expect(ask(scene, 'vip', vip, answer('HTTP WEB NODE 01', 403))).toMatchObject({ ok: true, servedBy: 'web1' });
  });

  test('is not one with the status 403 when the web node itself gives 200', () => {
    const scene = new Scene();
    ask(scene, 'web', 'web1', answer('HTTP WEB NODE 01', 200));
    expect(ask(scene, 'vip', vip, answer('HTTP WEB NODE 01', 403))).toMatchObject({ ok: false, servedBy: 'web1' });
  });

  test('is not a 200 without the marker of a web node', () => {
    expect(ask(new Scene().healthy(), 'vip', vip, answer('Welcome to nginx!'))).toMatchObject({
      ok: false,
      status: 200,
    });
  });

  test('is learnt from the web nodes where the cluster file is silent', () => {
    const nodes = tutorialTopology.nodes.map(({ identity: _, ...node }) => node);
    const scene = new Scene({ ...tutorialTopology, nodes });
    ask(scene, 'web', 'web1', answer('<html>\n<title>Shop</title>\nserved by alpha\nat 12:00:01'));
    ask(scene, 'web', 'web2', answer('<html>\n<title>Shop</title>\nserved by beta\nat 12:00:02'));
    ask(scene, 'web', 'web1', answer('<html>\n<title>Shop</title>\nserved by alpha\nat 12:00:03'));
    ask(scene, 'web', 'web2', answer('<html>\n<title>Shop</title>\nserved by beta\nat 12:00:04'));
    expect(ask(scene, 'vip', vip, answer('<html>\n<title>Shop</title>\nserved by beta\nat 12:00:05'))).toMatchObject({
      ok: true,
      servedBy: 'web2',
    });
  });

  test('does not name a web node when both pages are the same', () => {
    const nodes = tutorialTopology.nodes.map(({ identity: _, ...node }) => node);
    const scene = new Scene({ ...tutorialTopology, nodes });
    for (const web of ['web1', 'web2']) ask(scene, 'web', web, answer('the same page'));
    const last = ask(scene, 'vip', vip, answer('the same page'));
    expect(last?.ok).toBe(true);
    expect(last?.servedBy).toBeUndefined();
  });

  test('from the wrong web node is a bad answer of that web node', () => {
    expect(ask(new Scene().healthy(), 'web', 'web1', answer('HTTP WEB NODE 02'))).toMatchObject({
      ok: false,
      why: 'answers as web2',
    });
  });
});

describe('the rotation', () => {
  test('counts shares and names a web node that is missing, and calls a broken alternation no fault', () => {
    const scene = new Scene().healthy();
    for (let i = 0; i < 20; i++)
      scene.send({
        kind: 'http',
        target: { kind: 'vip', id: VIPS[0] as string },
        asked: scene.now,
        result: answer('HTTP WEB NODE 02'),
      });
    const turn = rotation(scene.state, VIPS[0]);
    expect(turn.streak).toBeGreaterThanOrEqual(20);
    expect(turn.share.web2).toBeGreaterThan(0.8);
    expect(scene.state.verdict.code).toBe('healthy');
  });
});

describe('the check log', () => {
  const stopped = 'Mon Nov 23 18:18:46 UTC 2026: systemctl restart nginx';
  const tail = (scene: Scene, lines: string[]) => {
    const snapshot = scene.snapshotOf('lb1');
    scene.send({
      kind: 'snapshot',
      node: 'lb1',
      asked: scene.now,
      reading: {
        ok: true,
        value: { ...snapshot, checkLog: { ok: true, value: { lines, size: lines.length, mtime: 0 } } },
      },
    });
  };

  test('tells a restart once, whether the stream or the snapshot was first', () => {
    for (const order of ['stream', 'snapshot']) {
      const scene = new Scene().healthy();
      if (order === 'stream') scene.send({ kind: 'check-log', node: 'lb1', line: stopped });
      tail(scene, [stopped]);
      scene.pass(250);
      if (order === 'snapshot') scene.send({ kind: 'check-log', node: 'lb1', line: stopped });
      tail(scene, [stopped]);
      expect(texts(scene, 'check-log')).toEqual([`check_nginx restarted nginx: ${stopped}`]);
      expect(scene.state.restarts).toHaveLength(1);
    }
  });

  test('does not take what stood in it at the start as news', () => {
    const scene = new Scene();
    tail(scene, [stopped, stopped]);
    expect(texts(scene, 'check-log')).toEqual([]);
    tail(scene, [stopped, stopped, 'Mon Nov 23 18:20:00 UTC 2026: note']);
    expect(texts(scene, 'check-log')).toEqual(['Mon Nov 23 18:20:00 UTC 2026: note']);
  });

  test('makes the last ten minutes degraded when the check script restarted nginx', () => {
    const scene = new Scene().healthy();
    scene.send({ kind: 'check-log', node: 'lb1', line: stopped });
    scene.rounds(3);
    expect(scene.state.verdict.reason).toContain('check_nginx restarted nginx on lb1');
  });
});

describe('VRRP arithmetic', () => {
  test('is that of RFC 3768 and of what keepalived 2.2.7 was measured to do', () => {
    expect(skewMs(100)).toBeCloseTo(609.4, 1);
    expect(masterDownMs(1, 100)).toBeCloseTo(3609.4, 1);
    expect(masterDownMs(1, 150)).toBeCloseTo(3414.1, 1);
    expect(failoverBudgetMs(1, [150, 100])).toBeCloseTo(4609.4, 1);
  });
});

describe('the reducer', () => {
  test('never throws on any prefix or any order of facts, and never changes the state it was given', () => {
    const scene = new Scene().healthy();
    scene.move('lb1', 'lb2', 600);
    scene.rounds(2);
    const events: Event[] = scene.facts.map(({ at, fact }) => ({ ...fact, at: { mono: at, wall: at } }));
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { maxLength: 60 }), (some) => {
        let state = initialState(tutorialTopology, { mono: 0, wall: 0 });
        for (const event of some) {
          const frozen = JSON.stringify(state);
          const next = reduce(state, event);
          expect(JSON.stringify(state)).toBe(frozen);
          state = next;
        }
      }),
      { numRuns: 25 },
    );
  });

  test('gives the same state when the same facts come again', () => {
    const scene = new Scene().healthy();
    scene.move('lb1', 'lb2', 600);
    const again = scene.facts.reduce(
      (state, { at, fact }) =>
        reduce(state, { ...fact, at: { mono: at, wall: Date.UTC(2026, 10, 23, 12) + at - 1000 } }),
      initialState(tutorialTopology, { mono: 1000, wall: Date.UTC(2026, 10, 23, 12) }),
    );
    expect(JSON.parse(JSON.stringify(again))).toEqual(JSON.parse(JSON.stringify(scene.state)));
  });

  test('forgets nothing that was known when a look fails', () => {
    const scene = new Scene().healthy();
    scene.world.unreachable.lb1 = { step: 'lost', hop: 'lb1', found: 'connection lost', blame: 'target' };
    scene.rounds(10);
    expect(scene.state.nodes.lb1?.addresses.value).toBeDefined();
    expect(scene.state.nodes.lb1?.addresses.failure?.step).toBe('lost');
  });

  test('keeps a bounded log', () => {
    const scene = new Scene();
    for (let i = 0; i < 2500; i++) scene.send({ kind: 'remark', severity: 'info', text: `line ${i}` });
    expect(scene.state.notices).toHaveLength(2000);
    expect(scene.state.notices.at(-1)?.text).toBe('line 2499');
  });
});
