import { describe, expect, test } from 'vitest';
import type { DrillPlan } from '../../src/cluster/drill.ts';
import { builtInDrills, findDrill } from '../../src/drills/catalog/built-in.ts';
import { FILES } from '../../src/drills/deed.ts';
import { type Drill, drillSchema } from '../../src/drills/drill.ts';
import { makePlan, type Planned } from '../../src/drills/plan.ts';
import { FakePair } from './support/fake-pair.ts';

const plan = (pair: FakePair, drill: Drill, restoreAfter = 300): Planned =>
  makePlan(drill, {
    find: (name) => findDrill(name),
    state: pair.state,
    author: 'ops@seat',
    restoreAfter,
    context: (node) => ({
      units: { nginx: 'nginx', keepalived: 'keepalived', ...(node.startsWith('web') ? { web: 'apache2' } : {}) },
      files: FILES,
    }),
  });
const planned = (pair: FakePair, name: string): DrillPlan => {
  const result = plan(pair, findDrill(name) as Drill);
  if (!result.ok) throw new Error(result.reasons.join('; '));
  return result.plan;
};
const own = (over: object): Drill =>
  drillSchema.parse({ name: 'own', title: 'own', shows: 'own', method: [{ hold: '1s' }], ...over });

describe('a plan', () => {
  test('speaks of the present master and backup, not of lb1 and lb2', async () => {
    const pair = await new FakePair().healthy();
    expect(planned(pair, 'lb1-down').roles).toEqual({
      master: 'lb1',
      backup: 'lb2',
      'web.first': 'web1',
      'web.second': 'web2',
      'web.last': 'web2',
    });
    await pair.type('lb1', 'systemctl stop keepalived');
    await pair.pass(3000);
    await pair.type('lb1', 'systemctl start keepalived');
    pair.lb('lb1').priority = 90;
    await pair.pass(3000);
    const turned = planned(pair, 'lb1-down');
    expect(turned.roles).toMatchObject({ master: 'lb2', backup: 'lb1' });
    expect(turned.steps[0]?.text).toBe('stop keepalived, then nginx on lb2');
    expect(turned.expectations[0]?.text).toMatch(/^lb1 holds all VIPs within/);
  });

  test('of every built-in drill can be made, written down and read back', async () => {
    const pair = await new FakePair().healthy();
    for (const drill of builtInDrills()) {
      const one = planned(pair, drill.name);
      expect(JSON.parse(JSON.stringify(one))).toEqual(one);
      for (const step of one.steps) expect(step.text).not.toMatch(/undefined|NaN|the master|web\./);
      for (const wanted of one.expectations) expect(wanted.text).not.toMatch(/undefined|NaN/);
    }
  });

  test('of a tour is its parts in a row: a gate for each, no setup, one restore for all', async () => {
    const tour = planned(await new FakePair().healthy(), 'tour');
    const gates = tour.steps.filter((step) => step.kind === 'gate');
    expect(gates.map((step) => step.part)).toEqual(['lb1-down', 'both-down', 'backup-returns', 'master-returns']);
    expect(tour.steps.every((step) => step.stage === 'method')).toBe(true);
    expect(tour.steps.flatMap((step) => (step.kind === 'act' ? [`${step.part} ${step.node}`] : []))).toEqual([
      'lb1-down lb1',
      'both-down lb2',
      'backup-returns lb2',
      'backup-returns lb2',
      'master-returns lb1',
    ]);
    for (const wanted of tour.expectations) {
      expect(tour.steps[wanted.after]?.part).toBe(wanted.part);
      const end = wanted.until === undefined ? tour.steps.length : wanted.until;
      for (let index = wanted.after; index < end; index += 1) expect(tour.steps[index]?.part).toBe(wanted.part);
    }
    expect(tour.arm.map((one) => one.node)).toEqual(['lb1', 'lb2']);
  });

  test('brings about its own starting state when it runs alone', async () => {
    const alone = planned(await new FakePair().healthy(), 'master-returns');
    expect(alone.steps.map((step) => `${step.stage} ${step.kind}`)).toEqual([
      'setup act',
      'setup wait',
      'setup hold',
      'method gate',
      'method act',
      'method wait',
      'method hold',
    ]);
    expect(alone.expectations.find((one) => one.kind === 'blip')?.after).toBe(4);
  });

  test('arms what it touches in the order of the cluster file, and the first load balancer as the lock', async () => {
    const pair = await new FakePair().healthy();
    expect(planned(pair, 'web-node-hung').arm).toEqual([
      { node: 'lb1', undo: ['systemctl', 'start', 'nginx', 'keepalived'], running: ['nginx', 'keepalived'] },
      {
        node: 'web1',
        undo: ['/bin/sh', '-c', 'systemctl kill -s CONT apache2; systemctl start apache2'],
        running: ['apache2'],
      },
    ]);
    expect(planned(pair, 'all-normal').arm).toEqual([]);
  });

  test('starts again only what ran', async () => {
    const pair = await new FakePair().healthy();
    await pair.type('lb2', 'systemctl stop keepalived');
    await pair.pass(1500);
    expect(planned(pair, 'both-down').arm[1]?.undo).toEqual(['systemctl', 'start', 'nginx']);
  });

  test('takes the expectations that fit the check script', async () => {
    const kinds = async (flavour: FakePair['flavour']) => {
      const pair = new FakePair();
      pair.flavour = flavour;
      return planned(await pair.healthy(), 'nginx-hung').expectations.map((one) => one.kind);
    };
    expect(await kinds('kills')).toEqual(['service', 'service', 'verdict', 'lost', 'outage', 'moves']);
    expect(await kinds('moves')).toEqual(['service', 'service', 'verdict', 'holder', 'outage']);
  });

  test('carries its budgets as figures with the sentence they come from', async () => {
    const { expectations, budgets } = planned(await new FakePair().healthy(), 'lb1-down');
    expect(expectations.find((one) => one.kind === 'outage')).toMatchObject({
      bounds: { least: 609, most: 809 },
      basis: expect.stringContaining('0.61 s (skew of lb2, priority 100)'),
    });
    expect(budgets).toMatchObject([{ name: 'failover', least: 609, most: 809 }]);
  });
});

describe('there is no plan', () => {
  test('when nobody plays master', async () => {
    const pair = await new FakePair().healthy();
    for (const node of ['lb2', 'lb1']) await pair.type(node, 'systemctl stop keepalived');
    await pair.pass(3000);
    expect(plan(pair, findDrill('lb1-down') as Drill)).toMatchObject({
      ok: false,
      reasons: ['nobody plays backup', 'nobody plays master'].sort().reverse(),
    });
  });

  test('when a node of that name, its service, or a part is missing', async () => {
    const pair = await new FakePair().healthy();
    const reasons = (drill: Drill) => {
      const result = plan(pair, drill);
      return result.ok ? [] : result.reasons;
    };
    expect(reasons(own({ method: [{ act: 'stop nginx', on: 'lb9' }] }))).toEqual(['nobody plays lb9']);
    expect(reasons(own({ method: [{ act: 'stop web', on: 'lb1' }] }))).toEqual([
      'stop web on lb1: there is no such service',
    ]);
    const { method: _, ...bare } = own({});
    expect(reasons({ ...bare, method: [], parts: ['lb1-down', 'nothing', 'tour'] })).toEqual([
      'no drill is named nothing',
      'no drill is named tour',
    ]);
  });
});
