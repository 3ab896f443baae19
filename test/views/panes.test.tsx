import { Box } from 'ink';
import { cleanup, render } from 'ink-testing-library';
import { afterEach, describe, expect, test } from 'vitest';
import type { Failure } from '../../src/cluster/failure.ts';
import type { PaneId } from '../../src/views/layout.ts';
import { Pane } from '../../src/views/panes/pane.tsx';
import { lookFor } from '../../src/views/theme.ts';
import { initialUi, type Ui } from '../../src/views/ui.ts';
import { Scene, VIPS } from '../support/scene.ts';

afterEach(cleanup);

const strip = (text: string): string => text.replace(/\u001b\[[\d;]*m/g, '');

/** A pane as it is drawn on a terminal of this many columns, without its attributes. */
const pane = (scene: Scene, id: PaneId, columns: number, height: number, ui: Partial<Ui> = {}): string => {
  const { lastFrame } = render(
    // Panes are placed absolutely, so the box around them gives the size.
    <Box width={columns} height={height}>
      <Pane
        id={id}
        state={scene.state}
        stance={{
          rect: { left: 0, top: 0, width: columns, height },
          frame: 'rule',
          columns,
          number: 1,
          focused: false,
          scroll: 0,
        }}
        log={{ ...initialUi, ...ui }}
        look={lookFor({ color: false })}
      />
    </Box>,
  );
  const lines = strip(lastFrame() ?? '').split('\n');
  return `\n${lines.map((line) => line.trimEnd()).join('\n')}\n`;
};

const noRight: Failure = { step: 'permission', hop: 'lb1', found: 'sudo needs a password', blame: 'target' };
const noRoute: Failure = { step: 'tcp', hop: 'web2', found: 'no route to host', blame: 'target' };
const jumpLost: Failure = { step: 'lost', hop: 'bastion', found: 'the connection was closed', blame: 'path' };

const blind = (rounds: number): Scene => {
  const scene = new Scene().healthy();
  scene.world.jump = jumpLost;
  for (const node of ['bastion', 'lb1', 'lb2', 'web1', 'web2'])
    scene.send({ kind: 'link', node, link: { phase: 'waiting', retryAt: scene.now + 60_000, failure: jumpLost } });
  scene.rounds(rounds);
  return scene;
};

describe('the VIPs', () => {
  test('have a holder, an age and an answer', () => {
    expect(pane(new Scene().healthy(), 'vips', 80, 4)).toMatchInlineSnapshot(`
      "
      ─ 1 VIPs ───────────────────────────────────────────────────────────────────────
         172.16.249.80   lb1     3s       ● web2 200 <50 ms   not moved
         172.16.249.90   lb1     3s       ● web1 200 <50 ms   not moved
         172.16.249.100  lb1     3s       ● web2 200 <50 ms   not moved
      "
    `);
  });

  test('that moved show from where to where and when, and keep a mark', () => {
    const scene = new Scene().healthy();
    scene.move('lb1', 'lb2', 600);
    scene.rounds(3);
    expect(pane(scene, 'vips', 80, 4)).toMatchInlineSnapshot(`
      "
      ─ 1 VIPs ───────────────────────────────────────────────────────────── 3 moves ─
      ▲  172.16.249.80   lb2     3s       ● web1 200 <50 ms   lb1 → lb2 12:00:03
      ▲  172.16.249.90   lb2     3s       ● web2 200 <50 ms   lb1 → lb2 12:00:03
      ▲  172.16.249.100  lb2     3s       ● web1 200 <50 ms   lb1 → lb2 12:00:03
      "
    `);
  });

  test('are told short where columns are few', () => {
    const scene = new Scene().healthy();
    scene.move('lb1', 'lb2', 600);
    scene.rounds(3);
    expect(pane(scene, 'vips', 60, 4)).toMatchInlineSnapshot(`
      "
      ─ 1 VIPs 172.16.249 ────────────────────────────── 3 moves ─
      ▲  .80   lb2     3s      ● web1 200 <50 ms   → lb2 12:00:03
      ▲  .90   lb2     3s      ● web2 200 <50 ms   → lb2 12:00:03
      ▲  .100  lb2     3s      ● web1 200 <50 ms   → lb2 12:00:03
      "
    `);
  });

  test('that nobody holds are loud', () => {
    const scene = new Scene().healthy();
    scene.move('lb1', null, 2000);
    expect(pane(scene, 'vips', 80, 4)).toMatchInlineSnapshot(`
      "
      ─ 1 VIPs ───────────────────────────────────────────────────────────────────────
      ▲  172.16.249.80   ✗ nobody  2s       ~ web2 200 <50 ms as …  not moved
      ▲  172.16.249.90   ✗ nobody  2s       ~ web1 200 <50 ms as …  not moved
      ▲  172.16.249.100  ✗ nobody  2s       ~ web2 200 <50 ms as …  not moved
      "
    `);
  });

  test('that two hold name both', () => {
    const scene = new Scene().healthy();
    scene.world.held.lb2 = [...VIPS];
    scene.rounds(3);
    expect(pane(scene, 'vips', 80, 4)).toMatchInlineSnapshot(`
      "
      ─ 1 VIPs ───────────────────────────────────────────────────────────────────────
      ▲  172.16.249.80   ✗ lb1 + lb2           ● web1 200 <50 ms   not moved
      ▲  172.16.249.90   ✗ lb1 + lb2           ● web2 200 <50 ms   not moved
      ▲  172.16.249.100  ✗ lb1 + lb2           ● web1 200 <50 ms   not moved
      "
    `);
  });

  test('behind a broken jump host are unknown, never down', () => {
    const text = pane(blind(8), 'vips', 80, 4);
    expect(text).toMatchInlineSnapshot(`
      "
      ─ 1 VIPs ───────────────────────────────────────────────────────────────────────
         172.16.249.80   ? was lb1  9s ago   ? was web2 9s ago, t…  not moved
         172.16.249.90   ? was lb1  9s ago   ? was web1 9s ago, t…  not moved
         172.16.249.100  ? was lb1  9s ago   ? was web2 9s ago, t…  not moved
      "
    `);
    expect(text).not.toMatch(/✗|nobody/);
  });

  test('that give no good answer say why and since when', () => {
    const scene = new Scene().healthy();
    scene.world.vip[VIPS[0] as string] = { kind: 'none', failure: { ...noRoute, found: 'Connection refused' } };
    scene.rounds(3);
    expect(pane(scene, 'vips', 100, 4)).toMatchInlineSnapshot(`
      "
      ─ 1 VIPs ───────────────────────────────────────────────────────────────────────────────────────────
         172.16.249.80   lb1     6s       ✗ Connection refused good 4s ago  not moved
         172.16.249.90   lb1     6s       ● web1 200 <50 ms                 not moved
         172.16.249.100  lb1     6s       ● web2 200 <50 ms                 not moved
      "
    `);
  });
});

describe('a load balancer', () => {
  test('shows VRRP, VIPs, its services, the check log and its answer', () => {
    const scene = new Scene().healthy();
    scene.send({
      kind: 'check-log',
      node: 'lb1',
      line: 'Mon Nov 23 18:18:46 UTC 2026: systemctl restart nginx',
    });
    expect(pane(scene, 'node:lb1', 60, 10)).toMatchInlineSnapshot(`
      "
      ─ 1 LB1 172.16.249.101 ────────────────────── ● ssh <10 ms ─
      VRRP       ● MASTER prio 150
      VIPs       3/3 .80 .90 .100
      nginx      ● active 2 proc 10m
      keepalived ● active 2 proc 10m
      check log •18:18:46 systemctl restart nginx
      answer     ● web2 200 <50 ms
      streams    ○ addresses ○ journal ○ check-log
      clock      as ours, within 0.1 s

      "
    `);
    expect(pane(scene, 'node:lb2', 60, 10)).toMatchInlineSnapshot(`
      "
      ─ 1 LB2 172.16.249.102 ────────────────────── ● ssh <10 ms ─
      VRRP       ● BACKUP prio 100
      VIPs       none, ready
      nginx      ● active 2 proc 10m
      keepalived ● active 2 proc 10m
      check log  empty
      answer     ● web1 200 <50 ms
      streams    ○ addresses ○ journal ○ check-log
      clock      as ours, within 0.1 s

      "
    `);
  });

  test('shows a frozen service as frozen, whatever systemd says', () => {
    const scene = new Scene().healthy();
    scene.world.units.lb1 = { nginx: { stat: 'T' } };
    scene.rounds(2);
    expect(pane(scene, 'node:lb1', 60, 5)).toContain('✗ FROZEN (STAT T), systemd says active');
  });

  test('shows a failed service with its result, and that nothing else runs for it', () => {
    const scene = new Scene().healthy();
    scene.world.units.lb1 = { keepalived: { active: 'failed', result: 'signal' } };
    scene.rounds(2);
    const text = pane(scene, 'node:lb1', 60, 6);
    expect(text).toContain('VRRP       ✗ not running');
    expect(text).toContain('keepalived•✗ failed (signal) 0 proc');
  });

  test('says why its VRRP state and its journal cannot be read', () => {
    const scene = new Scene().healthy();
    scene.world.instances.lb1 = null;
    scene.send({ kind: 'dump', node: 'lb1', asked: scene.now, reading: { ok: false, failure: noRight } });
    scene.send({
      kind: 'stream',
      node: 'lb1',
      stream: 'journal',
      reading: { ok: false, failure: { ...noRight, found: 'not in group systemd-journal' } },
    });
    scene.rounds(30);
    const text = pane(scene, 'node:lb1', 90, 12);
    expect(text).toMatch(/VRRP +\? unknown, was MASTER, as of \d+ s ago: no right: sudo needs a password/);
    expect(text).toContain('? journal no right: not in group systemd-journal');
  });

  test('that cannot be looked at keeps its last values with their age, then calls them unknown', () => {
    expect(pane(blind(6), 'node:lb1', 60, 8)).toMatchInlineSnapshot(`
      "
      ─ 1 LB1 172.16.249.101 ─────────────────── ? not connected ─
      link      •? lost: the connection was closed, retry in 54s
      VRRP       ~ MASTER prio 150, as of 7 s ago
      VIPs       ? unknown, was 3/3, as of 7 s ago
      nginx      ~ active as of 7 s ago
      keepalived ~ active as of 7 s ago
      check log  empty as of 7 s ago
      answer     ? was web2 7s ago, the connection was closed
      "
    `);
    expect(pane(blind(30), 'node:lb1', 60, 8)).toMatchInlineSnapshot(`
      "
      ─ 1 LB1 172.16.249.101 ─────────────────── ? not connected ─
      link      •? lost: the connection was closed, retry in 30s
      VRRP       ? unknown, was MASTER, as of 31 s ago
      VIPs       ? unknown, was 3/3, as of 31 s ago
      nginx      ? unknown was active, as of 31 s ago
      keepalived ? unknown was active, as of 31 s ago
      check log  empty as of 31 s ago
      answer     ? was web2 30s ago, the connection was closed
      "
    `);
  });

  test('whose own word the addresses have overtaken shows it as old', () => {
    const scene = new Scene().healthy();
    scene.move('lb1', 'lb2', 600);
    expect(pane(scene, 'node:lb1', 60, 3)).toMatch(/VRRP +~ MASTER prio 150, as of \d s ago/);
  });

  test('whose words disagree with its addresses says so', () => {
    const scene = new Scene().healthy();
    scene.world.held = { lb1: [], lb2: [...VIPS] };
    scene.rounds(2);
    expect(pane(scene, 'node:lb1', 60, 3)).toContain('! MASTER but holds no VIP');
    expect(pane(scene, 'node:lb2', 60, 3)).toContain('! BACKUP but holds VIPs');
  });

  test('that could not take over says why', () => {
    const scene = new Scene().healthy();
    scene.world.units.lb2 = { nginx: { active: 'inactive', load: 'masked' } };
    scene.rounds(3);
    expect(pane(scene, 'node:lb2', 60, 6)).toContain('none ✗ not ready: nginx is masked');
  });
});

describe('a web node', () => {
  test('shows its service, its answer and its share', () => {
    expect(pane(new Scene().healthy(), 'node:web1', 60, 5)).toMatchInlineSnapshot(`
      "
      ─ 1 WEB1 172.16.249.201 ───────────────────── ● ssh <10 ms ─
      apache2    ● active 2 proc 10m
      answer     ● 200 <50 ms
      share      ████████░░░░░░░░░░░░  40 % of last 9
      clock      as ours, within 0.1 s
      "
    `);
  });

  test.each([1, 3, 5, 7, 9, 11, 13, 15, 17, 19])('two shares are 100 %% together: %i of 20 and the rest', (first) => {
    const scene = new Scene().healthy();
    for (const view of Object.values(scene.state.vips)) view.probe.history = [];
    const view = scene.state.vips[VIPS[0] ?? ''];
    const one = new Scene().healthy().state.vips[VIPS[0] ?? '']?.probe.history[0];
    if (!view || !one) throw new Error('the scene has no answer');
    view.probe.history = Array.from({ length: 20 }, (_, i) => ({ ...one, servedBy: i < first ? 'web1' : 'web2' }));
    const shown = ['web1', 'web2'].map((web) => Number(/(\d+) % of/.exec(pane(scene, `node:${web}`, 60, 5))?.[1]));
    expect((shown[0] ?? 0) + (shown[1] ?? 0)).toBe(100);
  });

  test('fits into twenty columns', () => {
    expect(pane(new Scene().healthy(), 'node:web1', 20, 4)).toMatchInlineSnapshot(`
      "
      ─ 1 WEB1 ─────── ● ─
      apache2 ● active
      answer  ● 200 <50 ms
      share   ██░░░░  40 %
      "
    `);
  });

  test('that is missing from the rotation for long says for how many answers', () => {
    const scene = new Scene().healthy();
    for (const vip of VIPS)
      scene.world.vip[vip] = {
        kind: 'answer',
        status: 200,
        body: 'HTTP WEB NODE 01',
        truncated: false,
        phases: { dial: 1, headers: 2, body: 3 },
      };
    scene.rounds(40);
    expect(pane(scene, 'node:web2', 60, 5)).toContain('! none of the last 100');
  });
});

describe('the rotation', () => {
  test('shows who answered, bad answers and unknown ones apart', () => {
    const scene = new Scene().healthy();
    const vip = VIPS[0] as string;
    scene.world.vip[vip] = { kind: 'none', failure: { ...noRoute, found: 'Connection refused' } };
    scene.rounds(2);
    scene.world.vip[vip] = { kind: 'none', failure: jumpLost };
    scene.rounds(2);
    expect(pane(scene, 'rotation', 40, 4)).toMatchInlineSnapshot(`
      "
      ─ 1 Rotation ────────── 1 web1  2 web2 ─
      .80  212✗✗??
      .90  1211111
      .100 2122222
      "
    `);
  });
});

describe('the event log', () => {
  test('has wall time, source, sign and text, newest last', () => {
    const scene = new Scene().healthy();
    scene.move('lb1', 'lb2', 600);
    expect(pane(scene, 'log', 80, 5)).toMatchInlineSnapshot(`
      "
      ─ 1 Events ─────────────────────────────────────────────────────────────────────
      12:00:00 console ● healthy: 3 VIPs on lb1, lb2 ready
      12:00:03 lb1     ✗ 172.16.249.80 .90 .100 left lb1: nobody holds them
      12:00:03 console ! failing-over: 172.16.249.80 .90 .100 held by nobody, another…
      12:00:03 lb2     ! 172.16.249.80 .90 .100 moved lb1 → lb2
      "
    `);
  });

  test('keeps only what the filter says, in any case', () => {
    const scene = new Scene().healthy();
    scene.move('lb1', 'lb2', 600);
    const text = pane(scene, 'log', 80, 8, { filter: { text: 'MOVED', cursor: 5 } });
    expect(text).toContain('moved lb1 → lb2');
    expect(text).not.toContain('connected');
    expect(text).toMatch(/\d of \d+/);
  });

  test('shows long lines whole when it is zoomed', () => {
    const scene = new Scene().healthy();
    scene.send({ kind: 'remark', severity: 'warn', text: `${'word '.repeat(30)}end` });
    expect(pane(scene, 'log', 60, 10)).not.toContain('end');
    expect(pane(scene, 'log', 60, 10, { zoom: true })).toContain('end');
  });
});

describe('a pane', () => {
  test('that cannot be drawn says so instead of taking the console down', () => {
    const scene = new Scene().healthy();
    const broken = { ...scene.state, vips: { ...scene.state.vips, [VIPS[0] as string]: { address: VIPS[0] } } };
    Object.assign(scene, { state: broken });
    expect(pane(scene, 'vips', 80, 4)).toContain('✗ this pane cannot be drawn');
  });
});
