import { describe, expect, test } from 'vitest';
import { parseAction } from '../../src/actions/catalog.ts';
import { riskOf } from '../../src/actions/risk.ts';
import type { Action } from '../../src/cluster/action.ts';
import type { State } from '../../src/cluster/state.ts';
import { noAnswer, type Scene, tutorialTopology, VIPS } from '../support/scene.ts';
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

const action = (words: string): Action => parseAction(words.split(' '), tutorialTopology) as Action;
const risk = ({ state }: { state: State }, words: string, restoreAfter?: number) =>
  riskOf(state, action(words), restoreAfter === undefined ? {} : { restoreAfter });
const said = (scene: Scene, words: string, restoreAfter?: number) =>
  risk(scene, words, restoreAfter)
    .lines.map(({ severity, text }) => `${severity} ${text}`)
    .join('\n');
const unreachable = (hop: string) => ({ step: 'tcp', hop, found: 'No route to host', blame: 'target' }) as const;

describe('stopping keepalived', () => {
  test('of the master says who takes over and in which time, and asks for `yes`', () => {
    const scene = healthy();
    expect(risk(scene, 'stop keepalived@lb1')).toMatchObject({ step: 2, takesLast: false });
    expect(said(scene, 'stop keepalived@lb1')).toBe(
      [
        'warn 172.16.249.80 .90 .100 move to lb2 in about 0.6 s.',
        'warn Requests fail for that time; long downloads and open connections are cut.',
        'warn Afterwards nobody stands by: the next fault is an outage.',
        'info It stays stopped until somebody starts it.',
      ].join('\n'),
    );
  });

  test('counts the skew from the priority of the heir', () => {
    const scene = healthy();
    readConfiguration(scene, configuration(250), configuration(200));
    scene.world.instances = { lb1: null, lb2: { state: 'BACKUP', effectivePriority: 10, basePriority: 200 } };
    scene.rounds(1);
    expect(said(scene, 'stop keepalived@lb1')).toContain('move to lb2 in about 1 s');
  });

  test('of the backup moves nothing and leaves nobody standing by', () => {
    const scene = healthy();
    expect(risk(scene, 'stop keepalived@lb2')).toMatchObject({ step: 2, takesLast: false });
    expect(said(scene, 'stop keepalived@lb2')).toContain('lb2 holds no VIP: nothing moves.');
    expect(said(scene, 'stop keepalived@lb2')).toContain('nobody stands by');
  });

  test('of the last ready load balancer needs its name, and says why the other cannot help', () => {
    const scene = failedOver();
    expect(risk(scene, 'stop keepalived@lb2')).toMatchObject({ step: 3, takesLast: true });
    expect(risk(scene, 'out-of-service lb2')).toMatchObject({ step: 3, takesLast: true });
    expect(said(scene, 'stop keepalived@lb2')).toContain(
      'bad Nobody will hold 172.16.249.80 .90 .100: all requests fail',
    );
    expect(said(scene, 'stop keepalived@lb2')).toContain('bad lb1 is not ready: keepalived is inactive');
  });

  test('counts a peer that cannot be looked at as no heir, and says so', () => {
    const scene = healthy();
    scene.world.unreachable = { lb2: unreachable('lb2') };
    scene.rounds(5);
    expect(risk(scene, 'stop keepalived@lb1')).toMatchObject({ step: 4, takesLast: true });
    expect(said(scene, 'stop keepalived@lb1')).toContain(
      'warn Not known now: lb2 cannot be looked at (No route to host). It may cost more than said here.',
    );
  });

  test('on one of two holders leaves the VIPs with the other', () => {
    const scene = healthy();
    scene.world.held.lb2 = [...VIPS];
    scene.world.instances.lb2 = { state: 'MASTER' };
    scene.rounds(3);
    expect(said(scene, 'stop keepalived@lb1')).toContain('172.16.249.80 .90 .100 stay on lb2 too.');
    expect(risk(scene, 'stop keepalived@lb1').step).toBe(2);
  });

  test('that is frozen may leave the VIPs behind', () => {
    const scene = healthy();
    scene.world.units.lb1 = { keepalived: { stat: 'T' } };
    scene.rounds(1);
    expect(said(scene, 'stop keepalived@lb1')).toContain('the VIPs stay here as stale ones');
  });

  test('with a restore timer says what comes back and when', () => {
    const scene = healthy();
    expect(said(scene, 'out-of-service lb1', 300)).toContain(
      'info lb1 itself starts nginx and keepalived again after 5 min, unless that is cancelled.',
    );
    expect(said(scene, 'out-of-service lb1', 300)).not.toContain('until somebody starts it');
    expect(said(scene, 'stop web@web1', 90)).toContain('web1 itself starts the web server again after 90 s');
  });
});

describe('a restore timer that is armed already', () => {
  test.each(['stop keepalived@lb2', 'stop nginx@lb2', 'out-of-service lb2'])(
    'is said with %s: it does not stay so',
    (words) => {
      const scene = healthy();
      readRestore(scene, 'lb2', { left: 250, units: ['nginx', 'keepalived'], by: 'anna@desk' });
      expect(said(scene, words)).toContain(
        'warn A restore timer is armed on lb2 (anna@desk): it starts nginx, keepalived again.',
      );
      expect(said(scene, words)).not.toContain('until somebody starts it');
    },
  );
});

describe('taking out a load balancer whose keepalived left its VIPs behind', () => {
  test('says that they stay, unserved, and nothing of a move', () => {
    const text = said(staleVips(), 'out-of-service lb1');
    expect(text).toContain(
      'bad keepalived does not run here, so 172.16.249.80 .90 .100 stay here as stale: without nginx clients that come here are refused.',
    );
    expect(text).not.toMatch(/ move to /);
    expect(risk(staleVips(), 'out-of-service lb1')).toMatchObject({ step: 2, takesLast: false });
  });

  test('needs its name where nobody else holds them', () => {
    const scene = staleVips();
    scene.world.held.lb2 = [];
    scene.world.instances.lb2 = { state: 'BACKUP' };
    scene.rounds(5);
    expect(risk(scene, 'out-of-service lb1').step).toBe(3);
    expect(said(scene, 'out-of-service lb1')).toContain(
      'bad Nobody else holds 172.16.249.80 .90 .100: all requests fail.',
    );
  });
});

describe('nginx that is frozen', () => {
  test.each(['stop nginx@lb1', 'restart nginx@lb1'])('may take long to %s', (words) => {
    const scene = healthy();
    scene.world.units.lb1 = { nginx: { stat: 'T' } };
    scene.rounds(1);
    expect(said(scene, words)).toContain('warn nginx here is frozen and answers nobody. To stop it takes longer');
    expect(said(healthy(), words)).not.toContain('frozen');
  });
});

describe('restarting keepalived', () => {
  test('of the master is two moves', () => {
    const text = said(healthy(), 'restart keepalived@lb1');
    expect(text).toContain('172.16.249.80 .90 .100 move to lb2 in about 0.6 s.');
    expect(text).toContain('172.16.249.80 .90 .100 come back to lb1 after about 4.5 s: two moves.');
    expect(risk(healthy(), 'restart keepalived@lb1').step).toBe(2);
  });

  test('of the master is one move where nobody preempts', () => {
    const quiet = { nopreempt: true, state: 'BACKUP' };
    const scene = readConfiguration(healthy(), configuration(150, quiet), configuration(100, quiet));
    expect(said(scene, 'restart keepalived@lb1')).toContain('The VIPs then stay on lb2.');
    // keepalived clears nopreempt where the initial state is MASTER.
    readConfiguration(scene, configuration(150, { nopreempt: true, state: 'MASTER' }));
    expect(said(scene, 'restart keepalived@lb1')).toContain('two moves');
  });

  test('on the only ready load balancer costs 4.7 s and needs its name', () => {
    const scene = failedOver();
    expect(risk(scene, 'restart keepalived@lb2')).toMatchObject({ step: 3, takesLast: true });
    expect(said(scene, 'restart keepalived@lb2')).toContain(
      'bad Nobody holds 172.16.249.80 .90 .100 for about 4.7 s: all requests fail for that time.',
    );
  });

  test('takes longer with a longer advert interval', () => {
    const scene = failedOver();
    scene.world.instances.lb2 = { state: 'MASTER', advertInterval: 3 };
    scene.rounds(1);
    expect(said(scene, 'restart keepalived@lb2')).toContain('for about 11 s');
  });

  test('of the backup moves nothing', () => {
    expect(risk(healthy(), 'restart keepalived@lb2')).toMatchObject({ step: 1, takesLast: false });
    expect(said(healthy(), 'restart keepalived@lb2')).toContain('lb2 holds no VIP: nothing moves.');
  });
});

describe('starting keepalived', () => {
  test('with the higher priority takes the VIPs back after 3.4 s', () => {
    const scene = failedOver();
    expect(risk(scene, 'back-in-service lb1').step).toBe(2);
    expect(said(scene, 'back-in-service lb1')).toBe(
      [
        'warn 172.16.249.80 .90 .100 come back from lb2 to lb1 about 3.4 s after the start.',
        'warn Short requests lose nothing; long downloads and open connections are cut.',
      ].join('\n'),
    );
    expect(said(scene, 'start keepalived@lb1')).toContain('warn nginx does not run here.');
  });

  test('leaves them where they are without preemption, or with a lower priority', () => {
    const scene = failedOver();
    readConfiguration(scene, configuration(150, { nopreempt: true, state: 'BACKUP' }));
    expect(said(scene, 'back-in-service lb1')).toBe('info 172.16.249.80 .90 .100 stay on lb2 (nopreempt).');
    expect(risk(scene, 'back-in-service lb1').step).toBe(1);
    readConfiguration(scene, configuration(90));
    expect(said(scene, 'back-in-service lb1')).toContain('stay on lb2 (priority 90 here, 100 there)');
  });

  test('says which figures are assumed', () => {
    const scene = failedOver();
    for (const node of ['lb1', 'lb2'])
      scene.send({ kind: 'configuration', node, reading: { ok: true, value: { instances: [], upstream: [] } } });
    const { lb1, lb2 } = scene.state.nodes;
    const state = {
      ...scene.state,
      nodes: { ...scene.state.nodes, lb1: { ...lb1!, dump: {} }, lb2: { ...lb2!, dump: {} } },
    };
    const text = riskOf(state, action('start keepalived@lb1')).lines.map((line) => line.text);
    expect(text).toContain('The priority of lb1 is not known: 100 is assumed.');
    expect(text).toContain('Whether nopreempt is set is not known: preemption is assumed.');
  });

  test('brings VIPs up that nobody holds', () => {
    const scene = failedOver();
    scene.world.units.lb2 = { keepalived: down };
    scene.world.instances.lb2 = null;
    scene.move('lb2', null, 0);
    scene.rounds(3);
    expect(said(scene, 'start keepalived@lb2')).toContain('come up on lb2 about 3.6 s after the start.');
    expect(risk(scene, 'start keepalived@lb2').step).toBe(1);
  });

  test('that would take the VIPs from a node that serves to one that does not needs the name', () => {
    const scene = failedOver();
    scene.world.units.lb1 = { keepalived: down, nginx: { ...down, load: 'masked' } };
    scene.rounds(1);
    expect(said(scene, 'start keepalived@lb1')).toContain('bad The VIPs would come to a node that does not serve');
    expect(risk(scene, 'start keepalived@lb1').step).toBe(3);
  });

  test('with another VRID than the master’s would make two holders', () => {
    const scene = failedOver();
    readConfiguration(scene, configuration(150, { vrid: 52 }));
    expect(said(scene, 'back-in-service lb1')).toContain(
      'bad Both may hold the VIPs afterwards: virtual_router_id 52 here',
    );
    expect(risk(scene, 'back-in-service lb1').step).toBe(3);
  });

  test('beside a stale holder says that the stale one stays', () => {
    const scene = staleVips();
    scene.world.units.lb2 = { keepalived: down };
    scene.world.held.lb2 = [];
    scene.world.instances.lb2 = null;
    scene.rounds(4);
    expect(said(scene, 'start keepalived@lb2')).toContain('and stay on lb1 as stale: remove it there');
  });
});

describe('nginx', () => {
  test('does not stay stopped where the check script runs, and is refused meanwhile', () => {
    const scene = healthy();
    expect(risk(scene, 'stop nginx@lb1')).toMatchObject({ step: 2, takesLast: false });
    const text = said(scene, 'stop nginx@lb1');
    expect(text).toContain('bad 172.16.249.80 .90 .100 stay here, and every request is refused for up to 6 s.');
    expect(text).toContain('warn It does not stay stopped: check_nginx starts it again within 5 s.');
    expect(text).toContain('take the node out of service');
    expect(text).toContain(
      'check_nginx gives this node up: lb2 takes over within 7.6 s, or 11 s if only the priority is lowered.',
    );
  });

  test('stays stopped, with every request refused, where no check script is set', () => {
    const scene = readConfiguration(healthy(), configuration(150, {}, null), configuration(100, {}, null));
    expect(risk(scene, 'stop nginx@lb1')).toMatchObject({ step: 3, takesLast: false });
    expect(said(scene, 'stop nginx@lb1')).toContain('every request is refused until nginx is started');
    expect(said(scene, 'stop nginx@lb1')).not.toContain('does not stay stopped');
  });

  test('stays stopped where keepalived does not run', () => {
    const scene = failedOver();
    scene.world.units.lb1 = { keepalived: down };
    scene.world.lb = {};
    scene.rounds(1);
    expect(said(scene, 'stop nginx@lb1')).toContain('keepalived does not run here, so nothing starts nginx again.');
    expect(risk(scene, 'stop nginx@lb1').step).toBe(1);
  });

  test('on the last ready load balancer is not stopped or restarted without its name', () => {
    const scene = failedOver();
    for (const verb of ['stop', 'restart'])
      expect(risk(scene, `${verb} nginx@lb2`)).toMatchObject({ step: 3, takesLast: true });
  });

  test('is told apart: a restart keeps a broken file down, a reload does not take it', () => {
    const scene = healthy();
    expect(said(scene, 'restart nginx@lb1')).toContain('A broken nginx.conf keeps nginx down');
    expect(risk(scene, 'restart nginx@lb1').step).toBe(2);
    expect(risk(scene, 'restart nginx@lb2').step).toBe(1);
    expect(risk(scene, 'reload nginx@lb1')).toMatchObject({ step: 1, takesLast: false });
    expect(said(scene, 'reload nginx@lb1')).toContain('the old configuration stays');
  });
});

describe('a web server', () => {
  test('is replaced by the other while it is away', () => {
    expect(risk(healthy(), 'stop web@web1')).toMatchObject({ step: 2, takesLast: false });
    expect(said(healthy(), 'stop web@web1')).toContain('nginx sends the requests to web2');
  });

  test('that is the last good one takes every VIP with it', () => {
    const scene = healthy();
    scene.world.web.web2 = noAnswer();
    scene.rounds(3);
    expect(risk(scene, 'stop web@web1').step).toBe(3);
    expect(said(scene, 'stop web@web1')).toContain(
      'bad web1 is the last web node that may answer: every VIP gives errors',
    );
    expect(risk(scene, 'stop web@web2').step).toBe(1);
  });

  test('is not called bad for one lost answer of the other', () => {
    const scene = healthy();
    const before = risk(scene, 'stop web@web1');
    scene.send({ kind: 'http', target: { kind: 'web', id: 'web2' }, asked: scene.now, result: noAnswer() });
    expect(risk(scene, 'stop web@web1')).toEqual(before);
  });
});

describe('repairs', () => {
  test('take a stale VIP off a node while another holds it', () => {
    const scene = staleVips();
    expect(risk(scene, `remove-vip ${VIPS[0]}@lb1`)).toMatchObject({ step: 2, takesLast: false });
    expect(said(scene, `remove-vip ${VIPS[0]}@lb1`)).toContain('lb2 holds 172.16.249.80 too');
  });

  test('take the only holder’s VIP away only by its name', () => {
    const scene = staleVips();
    scene.world.held.lb2 = [];
    scene.world.units.lb2 = { keepalived: failed };
    scene.world.instances.lb2 = null;
    scene.rounds(4);
    expect(risk(scene, `remove-vip ${VIPS[0]}@lb1`)).toMatchObject({ step: 3, takesLast: true });
    expect(said(scene, `remove-vip ${VIPS[0]}@lb1`)).toContain('Nobody else is proven to hold 172.16.249.80');
  });

  test('cancel a timer with what then stays down, and with its words cleaned', () => {
    const scene = failedOver();
    readRestore(scene, 'lb1', { left: 100, units: ['nginx', 'keepalived'], by: 'ops@seat \u001b[2J since 12:00' });
    expect(risk(scene, 'cancel-restore lb1').step).toBe(2);
    expect(said(scene, 'cancel-restore lb1')).toContain(
      'On lb1 nginx and keepalived do not run: nothing will start them again.',
    );
    expect(said(scene, 'cancel-restore lb1')).toContain('ops@seat \\x1b[2J since 12:00');
    readRestore(scene, 'lb2', { left: 100, units: ['nginx'], by: 'x' });
    expect(risk(scene, 'cancel-restore lb2').step).toBe(1);
  });
});

describe('the basis', () => {
  test('changes with what the risk rests on, and with nothing else', () => {
    const scene = healthy();
    const basis = (words: string) => risk(scene, words).basis;
    const [stop, web, reload] = [basis('stop keepalived@lb1'), basis('stop web@web1'), basis('reload nginx@lb1')];
    scene.world.lb.lb2 = noAnswer();
    scene.world.units.lb2 = { nginx: down };
    scene.rounds(3);
    expect(basis('stop keepalived@lb1')).not.toBe(stop);
    expect(basis('stop web@web1')).toBe(web);
    expect(basis('reload nginx@lb1')).toBe(reload);
  });

  test('changes when the heir is not ready any more, though all of it runs', () => {
    const scene = healthy();
    const before = risk(scene, 'stop keepalived@lb1').basis;
    scene.world.instances.lb2 = { state: 'FAULT' };
    scene.rounds(1);
    expect(risk(scene, 'stop keepalived@lb1').basis).not.toBe(before);
    expect(risk(scene, 'stop keepalived@lb1')).toMatchObject({ step: 3, takesLast: true });
  });

  test('changes when the holder does, when a node goes out of sight, and when a timer is armed anew', () => {
    const scene = healthy();
    const seen = new Set([risk(scene, 'stop keepalived@lb1').basis]);
    scene.world.unreachable = { lb2: unreachable('lb2') };
    scene.rounds(5);
    seen.add(risk(scene, 'stop keepalived@lb1').basis);
    seen.add(risk(failedOver(), 'stop keepalived@lb1').basis);
    expect(seen.size).toBe(3);
    readRestore(scene, 'lb1', { left: 100, units: ['nginx'], by: 'ops@seat since 12:00' });
    const before = risk(scene, 'cancel-restore lb1').basis;
    readRestore(scene, 'lb1', { left: 90, units: ['nginx'], by: 'ops@seat since 12:00' });
    expect(risk(scene, 'cancel-restore lb1').basis).toBe(before);
    readRestore(scene, 'lb1', { left: 90, units: ['nginx'], by: 'eve@elsewhere since 12:01' });
    expect(risk(scene, 'cancel-restore lb1').basis).not.toBe(before);
  });
});

describe('a protected cluster', () => {
  test('asks for one step more, at most the cluster’s name', () => {
    const scene = healthy({ ...tutorialTopology, protected: true });
    expect(risk(scene, 'reload nginx@lb1').step).toBe(2);
    expect(risk(scene, 'stop keepalived@lb1').step).toBe(3);
    scene.world.units.lb2 = { keepalived: down };
    scene.rounds(1);
    expect(risk(scene, 'stop keepalived@lb1').step).toBe(4);
    expect(said(scene, 'reload nginx@lb1')).toContain('tutorial is protected');
  });
});
