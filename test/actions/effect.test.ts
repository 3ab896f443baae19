import { describe, expect, test } from 'vitest';
import { parseAction } from '../../src/actions/catalog.ts';
import { effectOf } from '../../src/actions/effect.ts';
import type { Action } from '../../src/cluster/action.ts';
import type { Process } from '../../src/cluster/readings.ts';
import type { State } from '../../src/cluster/state.ts';
import { answer, noAnswer, Scene, tutorialTopology, VIPS } from '../support/scene.ts';
import {
  configuration,
  down,
  failed,
  failedOver,
  healthy,
  readConfiguration,
  readRestore,
  staleVips,
} from './scenes.ts';

const every = <T>(value: T) => Object.fromEntries(VIPS.map((vip) => [vip, value]));
const all = '172.16.249.80 .90 .100';

/** The action's last command returns now: what is seen from here on decides. */
const acted = (scene: Scene, words: string) => {
  scene.pass(10);
  const effect = effectOf(scene.state, parseAction(words.split(' '), tutorialTopology) as Action, scene.now);
  scene.pass(10);
  return { scene, now: (state: State = scene.state) => effect(state) };
};

/** One look at a node, as it is now. */
const look = (scene: Scene, node: string, processes?: Process[]) => {
  const value = scene.snapshotOf(node);
  const nginx = value.services.nginx;
  if (processes && nginx) value.services.nginx = { ...nginx, processes: { ok: true, value: processes } };
  scene.send({ kind: 'snapshot', node, asked: scene.now - 2, reading: { ok: true, value } });
};

describe('the effect of an action', () => {
  test('is not claimed from what was seen before its command returned', () => {
    const scene = healthy();
    scene.world.units.lb1 = { nginx: down };
    scene.world.lb.lb1 = noAnswer();
    scene.rounds(2);
    const { now } = acted(scene, 'stop nginx@lb1');
    expect(now()).toMatchObject({ is: 'blind', seen: 'nginx not seen since' });
    look(scene, 'lb1');
    expect(now()).toEqual({
      is: 'done',
      seen: 'nginx is stopped; check_nginx will start it again within 5 s',
    });
  });

  test('is unknown, with why, when the node cannot be looked at any more', () => {
    const { scene, now } = acted(healthy(), 'stop keepalived@lb1');
    scene.world.jump = { step: 'lost', hop: 'bastion', found: 'the connection broke', blame: 'path' };
    scene.rounds(2);
    expect(now()).toMatchObject({ is: 'blind', failure: { hop: 'bastion', found: 'the connection broke' } });
    scene.world.jump = null;
    scene.world.units.lb1 = { keepalived: down };
    scene.move('lb1', 'lb2', 600);
    scene.rounds(1);
    expect(now()).toMatchObject({ is: 'done' });
  });
});

describe('nginx that listens on the VIPs alone', () => {
  const refused = noAnswer({ found: '172.16.249.102:80 from bastion: connection refused' });

  test('has started on a node without a VIP when its unit and its processes say so', () => {
    const scene = healthyWithout();
    const { now } = acted(scene, 'start nginx@lb2');
    scene.world.units.lb2 = {};
    scene.rounds(1);
    expect(now()).toMatchObject({ is: 'awaited' });
    scene.rounds(3);
    expect(now()).toMatchObject({
      is: 'done',
      seen: expect.stringContaining('nothing listens on lb2’s own address'.replace('’', "'")),
    });
  });

  test('but not where the node did answer on its own address before', () => {
    const scene = healthy();
    scene.world.units.lb2 = { nginx: down };
    scene.world.lb.lb2 = refused;
    scene.rounds(3);
    const { now } = acted(scene, 'start nginx@lb2');
    scene.world.units.lb2 = {};
    scene.rounds(5);
    expect(now()).toMatchObject({ is: 'awaited', seen: expect.stringContaining('lb2 gives no good answer') });
  });

  /** A pair whose lb2 has never answered on its own address, and whose nginx is stopped. */
  const healthyWithout = (): Scene => {
    const scene = new Scene(tutorialTopology);
    scene.world.units.lb2 = { nginx: down };
    scene.world.lb.lb2 = refused;
    scene.rounds(6);
    return scene;
  };
});

describe('a stopped nginx', () => {
  test('is seen by its unit and its processes', () => {
    const { scene, now } = acted(healthy(), 'stop nginx@lb1');
    look(scene, 'lb1');
    expect(now()).toEqual({ is: 'awaited', awaited: 'nginx to stop', seen: 'nginx is active with 2 processes' });
    scene.world.units.lb1 = { nginx: { ...down, count: 1 } };
    look(scene, 'lb1');
    expect(now()).toMatchObject({ is: 'awaited', seen: 'nginx is inactive with 1 process' });
    scene.world.units.lb1 = { nginx: down };
    look(scene, 'lb1');
    expect(now()).toMatchObject({ is: 'done' });
  });

  test('that the check script has started again did not stay stopped', () => {
    const { scene, now } = acted(healthy(), 'stop nginx@lb1');
    scene.world.units.lb1 = { nginx: { mainPid: 4711 } };
    look(scene, 'lb1');
    expect(now()).toMatchObject({
      is: 'awaited',
      seen: 'nginx was started again with a new main process (check_nginx does that)',
    });
  });

  test('is contradicted by a good answer that was asked for afterwards', () => {
    const { scene, now } = acted(healthy(), 'stop web@web1');
    scene.world.units.web1 = { web: down };
    scene.rounds(1);
    expect(now()).toMatchObject({
      is: 'awaited',
      seen: 'apache2 is stopped; web1 still answers: something serves there',
    });
    scene.world.web.web1 = noAnswer();
    scene.rounds(1);
    expect(now()).toEqual({ is: 'done', seen: 'apache2 is stopped' });
  });
});

describe('a started or restarted service', () => {
  test('runs when its unit is active, its processes live and the node answers', () => {
    const scene = failedOver();
    const { now } = acted(scene, 'start nginx@lb1');
    scene.world.units.lb1 = { keepalived: down, nginx: { active: 'activating', sub: 'start', count: 1 } };
    look(scene, 'lb1');
    expect(now()).toMatchObject({ is: 'awaited', awaited: 'nginx to run', seen: 'nginx is activating' });
    scene.world.units.lb1 = { keepalived: down };
    look(scene, 'lb1');
    expect(now()).toMatchObject({ is: 'blind', seen: 'nginx runs; an answer of lb1 not seen since' });
    scene.rounds(1);
    expect(now()).toMatchObject({ is: 'awaited', awaited: 'an answer of lb1' });
    scene.world.lb.lb1 = answer('<h1>404</h1>', 404);
    scene.rounds(1);
    expect(now()).toEqual({ is: 'done', seen: 'nginx runs; lb1 answers with HTTP 404' });
  });

  test('did not come up when its unit failed, with systemd’s word for it', () => {
    const scene = failedOver();
    const { now } = acted(scene, 'start nginx@lb1');
    scene.world.units.lb1 = { keepalived: down, nginx: failed };
    scene.rounds(1);
    expect(now()).toMatchObject({ is: 'awaited', seen: expect.stringContaining('nginx is failed (exit-code)') });
  });

  test('was restarted only if its main process is another', () => {
    const { scene, now } = acted(healthy(), 'restart nginx@lb1');
    scene.rounds(1);
    expect(now()).toMatchObject({ is: 'awaited', awaited: 'a new main process of nginx' });
    scene.world.units.lb1 = { nginx: { mainPid: 4711 } };
    scene.rounds(1);
    expect(now()).toEqual({ is: 'done', seen: 'nginx has a new main process; nginx runs; lb1 answers' });
  });

  test('was reloaded only if the same main process has new workers', () => {
    const { scene, now } = acted(healthy(), 'reload nginx@lb1');
    const worker = (pid: number): Process => ({ pid, ppid: 91, stat: 'S', command: 'nginx: worker process' });
    const master = { ...worker(91), ppid: 1 };
    scene.rounds(1);
    expect(now()).toMatchObject({ is: 'awaited', seen: expect.stringContaining('still has its old workers') });
    look(scene, 'lb1', [master, worker(92), worker(93)]);
    expect(now()).toEqual({ is: 'done', seen: 'nginx has new workers; nginx runs; lb1 answers' });
    scene.world.units.lb1 = { nginx: { mainPid: 4711 } };
    look(scene, 'lb1');
    expect(now()).toMatchObject({ is: 'awaited', seen: expect.stringContaining('it was restarted') });
  });
});

describe('a stopped keepalived', () => {
  test('has given its VIPs to the heir, who answers', () => {
    const { scene, now } = acted(healthy(), 'stop keepalived@lb1');
    scene.world.units.lb1 = { keepalived: down };
    scene.move('lb1', null, 0);
    expect(now()).toMatchObject({
      is: 'awaited',
      awaited: `${all} on another load balancer`,
      seen: `keepalived is stopped; no VIP on lb1; nobody holds ${all}`,
    });
    scene.move('lb1', 'lb2', 600);
    scene.rounds(1);
    expect(now()).toEqual({ is: 'done', seen: `keepalived is stopped; no VIP on lb1; ${all} on lb2` });
  });

  test('is not done while a VIP gives no good answer', () => {
    const { scene, now } = acted(healthy(), 'stop keepalived@lb1');
    scene.world.units.lb1 = { keepalived: down };
    scene.world.vip = { [VIPS[0] as string]: noAnswer() };
    scene.move('lb1', 'lb2', 600);
    scene.rounds(1);
    expect(now()).toMatchObject({ is: 'awaited', seen: expect.stringContaining('172.16.249.80 gives no good answer') });
  });

  test('that left its VIPs behind is not done', () => {
    const { scene, now } = acted(healthy(), 'out-of-service lb1');
    scene.world.units.lb1 = { keepalived: { ...failed, result: 'timeout' }, nginx: down };
    scene.world.lb.lb1 = noAnswer();
    scene.world.held.lb2 = [...VIPS];
    scene.rounds(2);
    expect(now()).toMatchObject({
      is: 'awaited',
      awaited: `${all} to leave lb1`,
      seen: expect.stringContaining(`${all} still on lb1`),
    });
  });

  test('of the last load balancer is done when nobody holds the VIPs', () => {
    const scene = failedOver();
    const { now } = acted(scene, 'stop keepalived@lb2');
    scene.world.units.lb2 = { keepalived: down };
    scene.world.vip = every(noAnswer());
    scene.move('lb2', null, 0);
    scene.rounds(1);
    expect(now()).toEqual({ is: 'done', seen: 'keepalived is stopped; no VIP on lb2' });
  });

  test('is done by the answers alone where the heir cannot be looked at', () => {
    const { scene, now } = acted(healthy(), 'stop keepalived@lb1');
    scene.world.unreachable.lb2 = { step: 'tcp', hop: 'lb2', found: 'No route to host', blame: 'target' };
    scene.world.units.lb1 = { keepalived: down };
    scene.world.held = { lb1: [], lb2: [...VIPS] };
    look(scene, 'lb1');
    expect(now().is).toBe('blind');
    scene.rounds(1);
    expect(now()).toEqual({ is: 'done', seen: `keepalived is stopped; no VIP on lb1; ${all} answered elsewhere` });
  });
});

describe('a started keepalived', () => {
  const started = (scene: Scene) => {
    scene.world.units.lb1 = {};
    scene.world.lb = {};
    scene.world.instances.lb1 = { state: 'BACKUP' };
  };

  test('with the higher priority is done when the VIPs are back and answer', () => {
    const { scene, now } = acted(failedOver(), 'back-in-service lb1');
    started(scene);
    scene.rounds(2);
    expect(now()).toMatchObject({ is: 'awaited', awaited: `${all} on lb1` });
    scene.move('lb2', 'lb1', 0);
    scene.world.instances = { lb1: { state: 'MASTER' }, lb2: { state: 'BACKUP' } };
    scene.rounds(1);
    expect(now()).toEqual({ is: 'done', seen: `nginx runs; lb1 answers; keepalived runs; ${all} on lb1` });
  });

  test('that must not preempt is done as soon as it says BACKUP', () => {
    const scene = failedOver();
    readConfiguration(scene, configuration(150, { nopreempt: true, state: 'BACKUP' }));
    const { now } = acted(scene, 'start keepalived@lb1');
    started(scene);
    scene.rounds(1);
    expect(now()).toEqual({ is: 'done', seen: `keepalived runs; lb1 stands by; ${all} on lb2` });
  });

  test('is taken for standing by without its word only after the time in which it would have taken over', () => {
    const scene = failedOver();
    readConfiguration(scene, configuration(90));
    const { now } = acted(scene, 'start keepalived@lb1');
    started(scene);
    scene.world.instances.lb1 = null;
    scene.rounds(2);
    expect(now()).toMatchObject({ is: 'awaited', seen: expect.stringContaining('lb1 has not settled yet') });
    scene.rounds(3);
    expect(now()).toMatchObject({ is: 'done' });
  });

  test('in FAULT is not done', () => {
    const { scene, now } = acted(failedOver(), 'start keepalived@lb1');
    started(scene);
    scene.world.instances.lb1 = { state: 'FAULT' };
    scene.rounds(6);
    expect(now()).toMatchObject({ is: 'awaited', seen: expect.stringContaining('FAULT') });
  });

  test('or restarted one has a new main process and, where it preempts, its VIPs again', () => {
    const { scene, now } = acted(healthy(), 'restart keepalived@lb1');
    scene.rounds(1);
    expect(now()).toMatchObject({ is: 'awaited', awaited: 'a new main process of keepalived' });
    scene.world.units.lb1 = { keepalived: { mainPid: 4711 } };
    scene.move('lb1', 'lb2', 600);
    scene.rounds(1);
    expect(now()).toMatchObject({ is: 'awaited', awaited: `${all} on lb1` });
    scene.move('lb2', 'lb1', 0);
    scene.rounds(1);
    expect(now()).toMatchObject({ is: 'done', seen: expect.stringContaining(`${all} on lb1`) });
  });
});

describe('a reloaded keepalived', () => {
  test('is judged a second later, with the same main process and its VIPs', () => {
    const { scene, now } = acted(healthy(), 'reload keepalived@lb1');
    look(scene, 'lb1');
    expect(now()).toMatchObject({ is: 'awaited', awaited: 'keepalived to settle' });
    scene.rounds(2);
    expect(now()).toEqual({ is: 'done', seen: `keepalived runs; ${all} on lb1` });
  });

  test('that ended over a broken file is not done', () => {
    const { scene, now } = acted(healthy(), 'reload keepalived@lb1');
    scene.world.units.lb1 = { keepalived: failed };
    scene.rounds(2);
    expect(now()).toMatchObject({ is: 'awaited', seen: expect.stringContaining('keepalived is failed (exit-code)') });
  });
});

describe('repairs', () => {
  test('are done when the VIP, and only it, is gone from the node', () => {
    const { scene, now } = acted(staleVips(), `remove-vip ${VIPS[0]}@lb1`);
    look(scene, 'lb1');
    expect(now()).toMatchObject({ is: 'awaited', seen: '172.16.249.80 still on lb1' });
    scene.world.held.lb1 = VIPS.slice(1);
    look(scene, 'lb1');
    expect(now()).toEqual({ is: 'done', seen: '172.16.249.80 is gone from lb1; 172.16.249.80 on lb2 alone' });
  });

  test('are done when no timer is armed any more', () => {
    const scene = healthy();
    const timer = { left: 60, units: ['nginx'], by: 'ops@seat' };
    readRestore(scene, 'lb1', timer);
    const { now } = acted(scene, 'cancel-restore lb1');
    expect(now().is).toBe('blind');
    readRestore(scene, 'lb1', timer);
    expect(now()).toMatchObject({ is: 'awaited', seen: 'the restore timer of lb1 is still armed' });
    readRestore(scene, 'lb1', null);
    expect(now()).toEqual({ is: 'done', seen: 'no restore timer on lb1' });
  });
});
