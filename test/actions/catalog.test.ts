import { describe, expect, test } from 'vitest';
import {
  budgetOf,
  type CommandContext,
  commandsOf,
  contextOf,
  disabledNow,
  entries,
  entryOf,
  parseAction,
  refusalNow,
} from '../../src/actions/catalog.ts';
import type { Action, Verb } from '../../src/cluster/action.ts';
import { initialState } from '../../src/cluster/initial.ts';
import type { NodeView } from '../../src/cluster/state.ts';
import type { ServiceName } from '../../src/cluster/topology.ts';
import { tutorialTopology, VIPS } from '../support/scene.ts';
import { allActions, down, failedOver, healthy, readRestore, staleVips } from './scenes.ts';

const context: CommandContext = {
  units: { nginx: 'nginx', keepalived: 'keepalived', web: 'apache2' },
  vipPlaces: [{ address: '172.16.249.80', prefix: 32, ifname: 'eth0' }],
};
const services = { nginx: 'nginx', keepalived: 'keepalived', web: 'auto' };
const on = (verb: Verb, service: ServiceName, node: string): Action => ({ kind: 'service', verb, service, node });
const lines = (action: Action, given = context) => commandsOf(action, given).map((words) => words.join(' '));

describe('the catalog', () => {
  test('has one row for every action, and every row an id of its own', () => {
    expect(allActions.map((action) => entryOf(action))).not.toContain(undefined);
    expect(new Set(entries.map((entry) => entry.id)).size).toBe(entries.length);
    expect(entries).toHaveLength(16);
  });

  test('starts and stops with different keys, and only `o` takes away in lower case', () => {
    const key = (id: string) => entries.find((entry) => entry.id === id)?.key;
    expect(['start', 'stop', 'restart', 'reload'].map((verb) => key(`${verb}-nginx`))).toEqual(['s', 'X', 'R', 'L']);
    expect(entries.filter((entry) => entry.destroys && /[a-z]/.test(entry.key)).map((entry) => entry.id)).toEqual([
      'out-of-service',
    ]);
  });

  test('tells rows of one key apart by the chooser’s key, the role, or out and back', () => {
    const same = new Map<string, string[]>();
    for (const { key, choice, roles, id } of entries)
      for (const role of roles)
        same.set(`${key}${choice ?? ''}@${role}`, [...(same.get(`${key}${choice ?? ''}@${role}`) ?? []), id]);
    expect([...same.values()].filter((ids) => ids.length > 1)).toEqual([['out-of-service', 'back-in-service']]);
  });

  test.each<[Action, string[]]>([
    [on('stop', 'nginx', 'lb1'), ['systemctl stop nginx']],
    [on('restart', 'keepalived', 'lb1'), ['systemctl restart keepalived']],
    [on('reload', 'web', 'web1'), ['systemctl reload apache2']],
    [{ kind: 'out-of-service', node: 'lb1' }, ['systemctl stop keepalived', 'systemctl stop nginx']],
    [{ kind: 'back-in-service', node: 'lb1' }, ['systemctl start nginx', 'systemctl start keepalived']],
    [{ kind: 'remove-vip', vip: '172.16.249.80', node: 'lb1' }, ['ip addr del 172.16.249.80/32 dev eth0']],
    [{ kind: 'cancel-restore', node: 'web1' }, ['systemctl stop haconsole-restore.timer']],
  ])('runs for %j exactly %j', (action, expected) => expect(lines(action)).toEqual(expected));

  test('runs nothing where a name it needs is not known', () => {
    const { web: _, ...units } = context.units;
    expect(lines(on('stop', 'web', 'web1'), { ...context, units })).toEqual([]);
    expect(lines({ kind: 'remove-vip', vip: '172.16.249.90', node: 'lb1' })).toEqual([]);
  });

  test('takes the web unit from the node, and not when its name could be more than a name', () => {
    const scene = healthy();
    const stop = on('stop', 'web', 'web1');
    expect(lines(stop, contextOf(scene.state, stop, services))).toEqual(['systemctl stop apache2']);
    expect(lines(stop, contextOf(scene.state, stop, { ...services, web: 'httpd' }))).toEqual(['systemctl stop httpd']);
    scene.world.units.web1 = { web: { id: 'a; reboot.service' } };
    scene.round();
    expect(lines(stop, contextOf(scene.state, stop, services))).toEqual([]);
    scene.world.units.web1 = { web: { id: '--now.service' } };
    scene.round();
    expect(lines(stop, contextOf(scene.state, stop, services))).toEqual([]);
  });

  test('takes prefix and interface of a VIP as the node showed them', () => {
    const action: Action = { kind: 'remove-vip', vip: VIPS[1] as string, node: 'lb1' };
    expect(lines(action, contextOf(staleVips().state, action, services))).toEqual([
      'ip addr del 172.16.249.90/32 dev eth0',
    ]);
  });

  test('waits longer for VRRP than for nginx, and as long as the timers of the nodes demand', () => {
    const scene = healthy();
    const [nginx, keepalived] = [on('stop', 'nginx', 'lb1'), on('stop', 'keepalived', 'lb1')];
    const before = budgetOf(scene.state, keepalived);
    expect(before - budgetOf(scene.state, nginx)).toBeCloseTo(3000 + 609 + 1000, 0);
    scene.world.instances = { lb1: { advertInterval: 3 }, lb2: { advertInterval: 3, state: 'BACKUP' } };
    scene.round();
    expect(budgetOf(scene.state, keepalived) - before).toBe(6000);
  });
});

describe('words on the command line', () => {
  test.each<[string, Action]>([
    ['stop nginx@lb1', on('stop', 'nginx', 'lb1')],
    ['reload web@web2', on('reload', 'web', 'web2')],
    ['out-of-service lb2', { kind: 'out-of-service', node: 'lb2' }],
    ['back-in-service lb1', { kind: 'back-in-service', node: 'lb1' }],
    ['remove-vip 172.16.249.90@lb1', { kind: 'remove-vip', vip: '172.16.249.90', node: 'lb1' }],
    ['cancel-restore web1', { kind: 'cancel-restore', node: 'web1' }],
  ])('%s', (words, action) => expect(parseAction(words.split(' '), tutorialTopology)).toEqual(action));

  test('name an IPv6 address in any of its spellings', () => {
    const topology = { ...tutorialTopology, vips: ['fd00::80'] };
    expect(parseAction(['remove-vip', 'FD00:0:0:0:0:0:0:80@lb1'], topology)).toMatchObject({ vip: 'fd00::80' });
  });

  test.each<[string, RegExp]>([
    ['', /^what to do\? one of start, stop, .*cancel-restore$/],
    ['kill nginx@lb1', /^kill is nothing that can be done; there is start, stop/],
    ['stop', /^stop what\? act stop SERVICE@NODE$/],
    ['stop nginx', /^nginx names no node: act stop SERVICE@NODE$/],
    ['stop nginx@', /^nginx@ names no node/],
    ['stop nginx@lb9', /^no node is named lb9; there is lb1, lb2, web1, web2$/],
    ['stop web@lb1', /^lb1 has no service web; there is nginx, keepalived$/],
    ['stop nginx@web1', /^web1 has no service nginx; there is web$/],
    ['stop nginx@lb1 now', /^too many words after nginx@lb1/],
    ['out-of-service web1', /^web1 is no load balancer; there is lb1, lb2$/],
    ['remove-vip 10.0.0.1@lb1', /^10\.0\.0\.1 is no VIP of tutorial; there is 172\.16\.249\.80, /],
    ['remove-vip lb1', /^lb1 names no node: act remove-vip ADDRESS@NODE$/],
  ])('that are wrong say what exists: %j', (words, message) =>
    expect(parseAction(words.split(' ').filter(Boolean), tutorialTopology)).toEqual({
      error: expect.stringMatching(message),
    }),
  );
});

describe('an action', () => {
  const stop = on('stop', 'nginx', 'lb1');

  test('is never disabled by what is not known', () => {
    const blank = initialState(tutorialTopology, { mono: 0, wall: 0 });
    const whys = allActions.map((action) => disabledNow(blank, action)).filter((why) => why !== null);
    // Two need a fact to be possible at all: the unit's name, and the proof that no keepalived owns the VIP.
    expect(new Set(whys.map((why) => why.replace(/(lb|web)\d/, 'N')))).toEqual(
      new Set(['which unit serves on N is not known yet', 'whether keepalived runs on N is not known now']),
    );
  });

  test('is disabled in every case by read-only', () => {
    const { state } = healthy({ ...tutorialTopology, readOnly: true });
    for (const action of allActions) expect(disabledNow(state, action)).toMatch(/^read-only/);
  });

  test('is disabled on a node that is none, or of the other kind', () => {
    const { state } = healthy();
    expect(disabledNow(state, on('stop', 'nginx', 'lb9'))).toBe('no node is named lb9');
    expect(disabledNow(state, on('stop', 'nginx', 'web1'))).toMatch(/^web1 is a web node/);
  });

  test('is nothing to do when it is so already, and is again possible when that is not fresh any more', () => {
    const scene = failedOver();
    const already: [Action, RegExp][] = [
      [stop, /does not run on lb1 already/],
      [on('start', 'nginx', 'lb2'), /runs on lb2 already/],
      [{ kind: 'out-of-service', node: 'lb1' }, /out of service already/],
      [{ kind: 'back-in-service', node: 'lb2' }, /in service already/],
    ];
    for (const [action, why] of already) expect(disabledNow(scene.state, action)).toMatch(why);
    scene.pass(4000);
    for (const [action] of already) expect(disabledNow(scene.state, action)).toBeNull();
  });

  test('is of a kind of its own, whatever words stand in the names of nodes', () => {
    const topology = {
      ...tutorialTopology,
      nodes: tutorialTopology.nodes.map((node) => (node.name === 'lb1' ? { ...node, name: 'already' } : node)),
    };
    const state = { ...healthy().state, topology };
    const lb1 = state.nodes.lb1 as NodeView;
    const named = { ...state, nodes: { ...state.nodes, already: { ...lb1, name: 'already' } } };
    const vip = VIPS[0] as string;
    expect(refusalNow(named, { kind: 'remove-vip', vip, node: 'already' })).toMatchObject({ reason: 'disabled' });
    expect(refusalNow(named, { kind: 'remove-vip', vip, node: 'lb2' })).toMatchObject({ reason: 'nothing-to-do' });
    expect(refusalNow(named, on('start', 'nginx', 'already'))).toMatchObject({ reason: 'nothing-to-do' });
    expect(refusalNow(named, on('start', 'nginx', 'web1'))).toMatchObject({ reason: 'disabled' });
  });

  test('is possible on a stopped unit that left processes behind, and on one that is only half in service', () => {
    const scene = healthy();
    scene.world.units.lb1 = { nginx: { ...down, count: 2 }, keepalived: down };
    scene.rounds(1);
    expect(disabledNow(scene.state, stop)).toBeNull();
    expect(disabledNow(scene.state, { kind: 'out-of-service', node: 'lb1' })).toBeNull();
    expect(disabledNow(scene.state, { kind: 'back-in-service', node: 'lb1' })).toBeNull();
  });

  test.each<[string, object, Verb, RegExp | null]>([
    ['masked', { ...down, load: 'masked', file: 'masked' }, 'start', /masked on lb1/],
    ['masked', { ...down, load: 'masked', file: 'masked' }, 'stop', /already/],
    ['masked but running', { load: 'masked', file: 'masked' }, 'stop', null],
    ['not installed', { ...down, load: 'not-found' }, 'restart', /not installed on lb1/],
    ['frozen', { stat: 'T' }, 'start', /frozen .*restart it/],
    ['frozen', { stat: 'T' }, 'restart', null],
    ['frozen', { stat: 'T' }, 'reload', /frozen/],
    ['stopped', down, 'reload', /nothing to reload/],
    ['stopped', down, 'restart', null],
  ])('on a unit that is %s (%j): %s', (_, unit, verb, why) => {
    const scene = healthy();
    scene.world.units.lb1 = { nginx: unit };
    scene.rounds(1);
    const found = disabledNow(scene.state, on(verb, 'nginx', 'lb1'));
    if (why === null) expect(found).toBeNull();
    else expect(found).toMatch(why);
  });

  test('removes a VIP only where keepalived is proven not to run', () => {
    const remove = (node: string): Action => ({ kind: 'remove-vip', vip: VIPS[0] as string, node });
    expect(disabledNow(healthy().state, remove('lb1'))).toMatch(/keepalived runs on lb1/);
    expect(disabledNow(healthy().state, remove('lb2'))).toMatch(/is not on lb2/);
    const scene = staleVips();
    expect(disabledNow(scene.state, remove('lb1'))).toBeNull();
    scene.world.units.lb1 = { keepalived: { stat: 'T' } };
    scene.round();
    expect(disabledNow(scene.state, remove('lb1'))).toMatch(/frozen, not gone/);
    scene.world.units.lb1 = { keepalived: { ...down, count: 1 } };
    scene.round();
    expect(disabledNow(scene.state, remove('lb1'))).not.toBeNull();
    scene.pass(4000);
    expect(disabledNow(scene.state, remove('lb1'))).toMatch(/not known now/);
  });

  test('cancels a timer only while one may be armed', () => {
    const scene = healthy();
    const cancel: Action = { kind: 'cancel-restore', node: 'lb1' };
    readRestore(scene, 'lb1', null);
    expect(disabledNow(scene.state, cancel)).toBe('no restore timer is armed on lb1');
    readRestore(scene, 'lb1', { left: 60, units: ['nginx'], by: 'ops@seat' });
    expect(disabledNow(scene.state, cancel)).toBeNull();
  });
});
