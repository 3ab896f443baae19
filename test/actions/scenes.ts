import fc from 'fast-check';
import { entries } from '../../src/actions/catalog.ts';
import type { Action, RestoreTimer } from '../../src/cluster/action.ts';
import type { NodeConfiguration, Unit } from '../../src/cluster/readings.ts';
import type { Topology } from '../../src/cluster/topology.ts';
import { noAnswer, Scene, tutorialTopology, VIPS } from '../support/scene.ts';

/** How a unit looks that was stopped, or that died. */
export const down = { active: 'inactive', sub: 'dead', mainPid: 0 } satisfies Partial<Unit>;
export const failed = { active: 'failed', sub: 'failed', result: 'exit-code', mainPid: 0 } satisfies Partial<Unit>;

/** What keepalived.conf says in the tutorial; `over` changes the instance. */
export const configuration = (
  priority: number,
  over: Partial<NodeConfiguration['instances'][number]> = {},
  checkInterval: number | null = 5,
): NodeConfiguration => ({
  instances: [
    { name: 'VI_1', vrid: 51, priority, advertInterval: 1, ifname: 'eth0', vips: VIPS, nopreempt: false, ...over },
  ],
  ...(checkInterval === null ? {} : { checkInterval }),
  upstream: [],
});

/** Both nodes' files were read. */
export const readConfiguration = (
  scene: Scene,
  lb1: NodeConfiguration = configuration(150),
  lb2: NodeConfiguration = configuration(100),
): Scene => {
  for (const [node, value] of Object.entries({ lb1, lb2 }))
    scene.send({ kind: 'configuration', node, reading: { ok: true, value } });
  return scene;
};

/** A healthy tutorial cluster whose files were read. */
export const healthy = (topology: Topology = tutorialTopology): Scene =>
  readConfiguration(new Scene(topology).healthy());

/** lb1 was taken out of service: both its services stopped, the VIPs on lb2. */
export const failedOver = (): Scene => {
  const scene = healthy();
  Object.assign(scene.world, {
    units: { lb1: { keepalived: down, nginx: down } },
    instances: { lb1: null, lb2: { state: 'MASTER' } },
    lb: { lb1: noAnswer() },
  });
  scene.move('lb1', 'lb2', 600);
  scene.rounds(4);
  return scene;
};

/** keepalived on lb1 was killed and left its VIPs behind; lb2 holds them too. */
export const staleVips = (): Scene => {
  const scene = healthy();
  scene.world.units = { lb1: { keepalived: { ...failed, result: 'signal' } } };
  scene.world.instances = { lb1: null, lb2: { state: 'MASTER' } };
  scene.world.held.lb2 = [...VIPS];
  scene.rounds(4);
  return scene;
};

/** A snapshot of a node that tells of its restore timer too. */
export const readRestore = (scene: Scene, node: string, timer: RestoreTimer | null): void =>
  scene.send({
    kind: 'snapshot',
    node,
    asked: scene.now - 2,
    reading: { ok: true, value: { ...scene.snapshotOf(node), restore: { ok: true, value: timer } } },
  });

/** Every action there is on the tutorial's cluster, sensible or not. */
export const allActions: Action[] = tutorialTopology.nodes.flatMap(({ name: node, role }) =>
  entries
    .filter((entry) => entry.roles.includes(role))
    .flatMap((entry): Action[] => {
      if (entry.kind === 'remove-vip') return VIPS.map((vip) => ({ kind: 'remove-vip', vip, node }));
      if (entry.kind !== 'service') return [{ kind: entry.kind, node }];
      return entry.verb && entry.service ? [{ kind: 'service', verb: entry.verb, service: entry.service, node }] : [];
    }),
);

const unit = fc.constantFrom(
  {},
  down,
  failed,
  { ...down, load: 'masked', file: 'masked' },
  { ...down, load: 'not-found' },
  { stat: 'T' },
  { active: 'activating', sub: 'start', count: 1 },
  { count: 0 },
  { ...down, count: 1 },
);
const http = fc.constantFrom(undefined, noAnswer(), noAnswer({ step: 'timeout', found: 'no answer for 1 s' }));
const instance = fc.constantFrom(
  null,
  { state: 'MASTER' as const },
  { state: 'BACKUP' as const },
  { state: 'FAULT' as const },
  { state: 'BACKUP' as const, effectivePriority: 90 },
);
const file = fc.constantFrom(
  undefined,
  configuration(150),
  configuration(100),
  configuration(120, { nopreempt: true, state: 'BACKUP' }),
  configuration(120, { nopreempt: true, state: 'MASTER' }),
  configuration(110, { vrid: 52 }),
  configuration(200, {}, null),
  { instances: [], upstream: [] },
);
const gone = fc.option(fc.constant({ step: 'tcp', hop: 'lb1', found: 'No route to host', blame: 'target' } as const), {
  freq: 5,
});

/** Worlds in every condition: what runs, who holds what, who answers, who can be reached, what the files say. */
export const conditions = fc.record({
  units: fc.record({
    lb1: fc.record({ nginx: unit, keepalived: unit }),
    lb2: fc.record({ nginx: unit, keepalived: unit }),
    web1: fc.record({ web: unit }),
    web2: fc.record({ web: unit }),
  }),
  held: fc.record({ lb1: fc.subarray(VIPS), lb2: fc.subarray(VIPS) }),
  instances: fc.record({ lb1: instance, lb2: instance }),
  lb: fc.record({ lb1: http, lb2: http }),
  web: fc.record({ web1: http, web2: http }),
  unreachable: fc.record({ lb1: gone, lb2: gone, web1: gone, web2: gone }),
  files: fc.record({ lb1: file, lb2: file }),
  rounds: fc.integer({ min: 0, max: 7 }),
});

type Condition = typeof conditions extends fc.Arbitrary<infer T> ? T : never;

/** The scene after the world has come into that condition. */
export const sceneIn = ({ units, held, instances, lb, web, unreachable, files, rounds }: Condition): Scene => {
  const scene = new Scene().healthy();
  const { world } = scene;
  for (const node of ['web1', 'web2'] as const) if (web[node]) world.web[node] = web[node];
  const reached = Object.entries(unreachable).flatMap(([node, failure]) => (failure ? [[node, failure] as const] : []));
  Object.assign(world, { units, held, instances, lb, unreachable: Object.fromEntries(reached) });
  for (const node of ['lb1', 'lb2'] as const)
    if (files[node]) scene.send({ kind: 'configuration', node, reading: { ok: true, value: files[node] } });
  scene.rounds(rounds);
  return scene;
};
