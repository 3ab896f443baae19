import type { Fact, HttpResult, Target } from '../../src/cluster/events.ts';
import type { Failure } from '../../src/cluster/failure.ts';
import { initialState } from '../../src/cluster/initial.ts';
import type { Process, Snapshot, Unit, VrrpInstance } from '../../src/cluster/readings.ts';
import { reduce } from '../../src/cluster/reduce.ts';
import type { State } from '../../src/cluster/state.ts';
import type { ServiceName, Topology } from '../../src/cluster/topology.ts';

export const VIPS = ['172.16.249.80', '172.16.249.90', '172.16.249.100'];
const WALL = Date.UTC(2026, 10, 23, 12, 0, 0);

export const tutorialTopology: Topology = {
  name: 'tutorial',
  vips: VIPS,
  nodes: [
    { name: 'lb1', role: 'lb', address: '172.16.249.101' },
    { name: 'lb2', role: 'lb', address: '172.16.249.102' },
    { name: 'web1', role: 'web', address: '172.16.249.201', identity: 'HTTP WEB NODE 01' },
    { name: 'web2', role: 'web', address: '172.16.249.202', identity: 'HTTP WEB NODE 02' },
  ],
  hops: ['bastion'],
  via: 'jump',
  interval: 1000,
  timeout: 1000,
  checkLog: '/etc/keepalived/check_nginx.log',
  protected: false,
  readOnly: false,
};

export const unit = (id: string, over: Partial<Unit> = {}): Unit => ({
  id: `${id}.service`,
  load: 'loaded',
  file: 'enabled',
  active: 'active',
  sub: 'running',
  result: 'success',
  mainPid: 91,
  restarts: 0,
  age: 600,
  ...over,
});

export const processes = (service: string, count = 2, stat = 'S'): Process[] =>
  Array.from({ length: count }, (_, index) => ({
    pid: 91 + index,
    ppid: index === 0 ? 1 : 91,
    stat,
    command: index === 0 ? `${service}: master process` : `${service}: worker process`,
  }));

export const answer = (body: string, status = 200, server = 'nginx/1.22.1'): HttpResult => ({
  kind: 'answer',
  status,
  body,
  server,
  truncated: false,
  phases: { dial: 1, headers: 2, body: 3 },
});

export const noAnswer = (over: Partial<Failure> = {}): HttpResult => ({
  kind: 'none',
  failure: { step: 'tcp', hop: 'bastion', found: 'Connection refused', blame: 'target', ...over },
});

/** What the world is like; a round of looks at it is turned into facts. Change fields to make faults. */
export class World {
  held: Record<string, string[]> = { lb1: [...VIPS], lb2: [] };
  units: Record<string, Partial<Record<ServiceName, Partial<Unit> & { count?: number; stat?: string }>>> = {};
  instances: Record<string, Partial<VrrpInstance> | null> = { lb1: { state: 'MASTER' }, lb2: { state: 'BACKUP' } };
  web: Record<string, HttpResult> = {
    web1: answer('HTTP WEB NODE 01\n', 200, 'Apache/2.4.62'),
    web2: answer('HTTP WEB NODE 02\n', 200, 'Apache/2.4.62'),
  };
  lb: Record<string, HttpResult | undefined> = {};
  vip: Record<string, HttpResult | undefined> = {};
  /** Nodes whose SSH does not come through, and why. */
  unreachable: Record<string, Failure> = {};
  /** The way there: a broken jump host makes every look fail with blame path. */
  jump: Failure | null = null;
}

/** A clock, a world and a state: facts go in by time, the state is always the fold of them. */
export class Scene {
  readonly world = new World();
  readonly facts: { at: number; fact: Fact }[] = [];
  state: State;
  now = 1000;
  #turn = 0;
  #adverts = 100;

  constructor(topology: Topology = tutorialTopology) {
    this.state = initialState(topology, { mono: this.now, wall: WALL });
  }

  send(fact: Fact): void {
    this.facts.push({ at: this.now, fact });
    this.state = reduce(this.state, { ...fact, at: { mono: this.now, wall: WALL + this.now - 1000 } });
  }

  /** Lets time pass with a tick each 250 ms. */
  pass(ms: number): void {
    for (const end = this.now + ms; this.now < end; ) {
      this.now += Math.min(250, end - this.now);
      this.send({ kind: 'tick' });
    }
  }

  snapshotOf(node: string): Snapshot {
    const address = this.state.topology.nodes.find((one) => one.name === node)?.address ?? '';
    const service = (name: ServiceName) => {
      const { count, stat, ...over } = this.world.units[node]?.[name] ?? {};
      const gone = over.active !== undefined && over.active !== 'active';
      return {
        unit: { ok: true as const, value: unit(name === 'web' ? 'apache2' : name, over) },
        processes: { ok: true as const, value: processes(name, count ?? (gone ? 0 : 2), stat ?? 'S') },
      };
    };
    const lb = this.state.topology.nodes.find((one) => one.name === node)?.role === 'lb';
    return {
      addresses: {
        ok: true,
        value: [address, ...(this.world.held[node] ?? [])].map((one) => ({
          ifname: 'eth0',
          address: one,
          prefix: 32,
          family: 4,
          scope: 'global',
        })),
      },
      services: lb ? { nginx: service('nginx'), keepalived: service('keepalived') } : { web: service('web') },
      ...(lb ? { checkLog: { ok: true as const, value: { lines: [], size: 0, mtime: 0 } } } : {}),
      clock: { offset: 0, error: 1 },
    };
  }

  #http(target: Target, result: HttpResult): void {
    const failure = this.world.jump;
    this.send({ kind: 'http', target, asked: this.now - 3, result: failure ? { kind: 'none', failure } : result });
  }

  /** One interval: every node and every endpoint is looked at once, then the rest of the interval passes. */
  round(): void {
    const { world } = this;
    for (const node of this.state.topology.nodes) {
      const failure = world.jump ?? world.unreachable[node.name];
      this.send({
        kind: 'snapshot',
        node: node.name,
        asked: this.now - 2,
        reading: failure ? { ok: false, failure } : { ok: true, value: this.snapshotOf(node.name) },
      });
      const instance = world.instances[node.name];
      if (node.role === 'lb' && !failure && instance) {
        this.#adverts += 1;
        this.send({
          kind: 'dump',
          node: node.name,
          asked: this.now - 2,
          reading: { ok: true, value: [this.instance(node.name, instance)] },
        });
      }
    }
    const body = () => answer(this.#turn++ % 2 ? 'HTTP WEB NODE 01\n' : 'HTTP WEB NODE 02\n');
    for (const [name, result] of Object.entries(world.web)) this.#http({ kind: 'web', id: name }, result);
    for (const name of ['lb1', 'lb2']) this.#http({ kind: 'lb', id: name }, world.lb[name] ?? body());
    for (const vip of this.state.topology.vips) this.#http({ kind: 'vip', id: vip }, world.vip[vip] ?? body());
    this.pass(1000);
  }

  instance(node: string, over: Partial<VrrpInstance> = {}): VrrpInstance {
    const priority = node === 'lb1' ? 150 : 100;
    return {
      name: 'VI_1',
      state: 'MASTER',
      vrid: 51,
      ifname: 'eth0',
      basePriority: priority,
      effectivePriority: priority,
      advertInterval: 1,
      vips: VIPS,
      advertsReceived: this.#adverts,
      advertsSent: this.#adverts,
      ...over,
    };
  }

  rounds(count: number): void {
    for (let i = 0; i < count; i++) this.round();
  }

  /** Connects everything and looks for some rounds: a healthy cluster. */
  healthy(): this {
    for (const name of ['bastion', 'lb1', 'lb2', 'web1', 'web2'])
      this.send({ kind: 'link', node: name, link: { phase: 'up', rtt: 1, transport: 'ssh2' } });
    this.rounds(3);
    return this;
  }

  /** All VIPs leave `from` and, when `to` is named, come up there `gap` ms later, as the monitor stream pushes it. */
  move(from: string, to: string | null, gap: number): void {
    for (const address of VIPS) this.send({ kind: 'address', node: from, op: 'delete', address, ifname: 'eth0' });
    this.world.held[from] = [];
    this.pass(5);
    // A push wakes an immediate look at every load balancer.
    for (const node of ['lb1', 'lb2'])
      this.send({ kind: 'snapshot', node, asked: this.now, reading: { ok: true, value: this.snapshotOf(node) } });
    this.pass(gap);
    if (to === null) return;
    for (const address of VIPS) this.send({ kind: 'address', node: to, op: 'add', address, ifname: 'eth0' });
    this.world.held[to] = [...VIPS];
  }
}
