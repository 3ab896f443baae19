import type { DrillFact, DrillSample, LossKind } from '../../../src/cluster/drill.ts';
import type { Event, Fact } from '../../../src/cluster/events.ts';
import type { Failure } from '../../../src/cluster/failure.ts';
import { initialState } from '../../../src/cluster/initial.ts';
import type { Snapshot } from '../../../src/cluster/readings.ts';
import { reduce } from '../../../src/cluster/reduce.ts';
import type { State } from '../../../src/cluster/state.ts';
import type { ServiceName, Topology } from '../../../src/cluster/topology.ts';
import { asideOf, type DrillCommand, FILES } from '../../../src/drills/deed.ts';
import type { Ports } from '../../../src/drills/ports.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { answer, noAnswer, processes, tutorialTopology, unit, VIPS } from '../../support/scene.ts';

/** One daemon of the fake pair. */
type Daemon = {
  active: 'active' | 'inactive' | 'failed';
  frozen: boolean;
  pid: number;
  since: number;
  refusesStop: boolean;
};

/** One load balancer: its VRRP state and timers, by RFC 3768's rules. */
type Balancer = {
  name: string;
  base: number;
  priority: number;
  vrrp: 'off' | 'BACKUP' | 'MASTER';
  /** When it will take over, and when it sends the next advert; mono ms. */
  takeover: number;
  advert: number;
  vips: boolean;
  announced: number;
  check: { next: number; failed: number };
};

/** The close measurement of one console. */
type Measure = {
  vips: readonly string[];
  period: number;
  next: number;
  samples: DrillSample[];
  pending: { due: number; sample: () => DrillSample }[];
};

const CONF = (priority: number): string => `vrrp_instance VI_1 {\n    priority ${priority}\n    advert_int 1\n}\n`;
const KEYS = { nginx: 'nginx', keepalived: 'keepalived', web: 'apache2' } as const;

/** A pair with VRRP's own timing, a check script, files, restore timers and clients, on a clock that stands still. */
export class FakePair {
  readonly clock = new FakeClock(1000);
  readonly events: Event[] = [];
  readonly ran: { node: string; words: string[]; at: number }[] = [];
  readonly daemons = new Map<string, Daemon>();
  readonly balancers: Balancer[];
  readonly files = new Map<string, string>();
  readonly timers = new Map<string, { due: number; seconds: number; undo: readonly string[]; by: string }>();
  /** Nodes whose restore timer has fired, in order. */
  readonly fired: string[] = [];
  readonly lines = new Map<string, string[]>();
  /** The way to the nodes: down, nothing is seen and nothing can be run. */
  link = true;
  /** Which console has the turn to take a load balancer out. */
  turnOf: number | undefined;
  flavour: 'kills' | 'moves' = 'kills';
  state: State;
  #listeners = new Set<(event: Event) => void>();
  #pid = 100;
  #turn = 0;
  #measures = new Map<number, Measure>();
  #next = { look: 0, probe: 0, flush: 0 };

  constructor(topology: Topology = tutorialTopology) {
    this.state = initialState(topology, { mono: this.clock.now(), wall: this.clock.wall() });
    for (const node of topology.nodes)
      for (const service of node.role === 'lb' ? (['nginx', 'keepalived'] as const) : (['web'] as const))
        this.daemons.set(`${node.name} ${service}`, this.#daemon('active'));
    this.balancers = (['lb1', 'lb2'] as const).map((name, index) => ({
      name,
      base: index === 0 ? 150 : 100,
      priority: index === 0 ? 150 : 100,
      vrrp: index === 0 ? 'MASTER' : 'BACKUP',
      takeover: this.clock.now() + 3609,
      advert: this.clock.now() + 500,
      vips: index === 0,
      announced: 0,
      check: { next: this.clock.now() + 700 * (index + 1), failed: 0 },
    }));
    for (const lb of this.balancers) {
      this.files.set(`${lb.name} ${FILES.nginx}`, 'http {}');
      this.files.set(`${lb.name} ${FILES.keepalived}`, CONF(lb.base));
      this.lines.set(lb.name, []);
    }
  }

  #newPid(): number {
    this.#pid += 10;
    return this.#pid;
  }

  #daemon(active: Daemon['active']): Daemon {
    return { active, frozen: false, pid: this.#newPid(), since: this.clock.now() - 600_000, refusesStop: false };
  }

  daemon(node: string, service: ServiceName): Daemon {
    return this.daemons.get(`${node} ${service}`) as Daemon;
  }

  lb(name: string): Balancer {
    return this.balancers.find((one) => one.name === name) as Balancer;
  }

  // --- facts ---

  send(fact: Fact): void {
    const event: Event = { ...fact, at: { mono: this.clock.now(), wall: this.clock.wall() } };
    this.events.push(event);
    this.state = reduce(this.state, event);
    for (const listener of [...this.#listeners]) listener(event);
  }

  #failure: Failure = { step: 'lost', hop: 'bastion', found: 'connection lost', blame: 'path' };

  #snapshot(node: string): Snapshot {
    const spec = this.state.topology.nodes.find((one) => one.name === node);
    const lb = spec?.role === 'lb' ? this.lb(node) : undefined;
    const reading = (service: ServiceName) => {
      const one = this.daemon(node, service);
      const gone = one.active !== 'active';
      const age = (this.clock.now() - one.since) / 1000;
      return {
        unit: {
          ok: true as const,
          value: unit(KEYS[service], {
            active: one.active,
            sub: gone ? 'dead' : 'running',
            mainPid: gone ? 0 : one.pid,
            age,
          }),
        },
        processes: { ok: true as const, value: processes(service, gone ? 0 : 2, one.frozen ? 'T' : 'S') },
      };
    };
    const timer = this.timers.get(node);
    return {
      addresses: {
        ok: true,
        value: [spec?.address ?? '', ...(lb?.vips ? VIPS : [])].map((address) => ({
          ifname: 'eth0',
          address,
          prefix: 32,
          family: 4,
          scope: 'global',
        })),
      },
      services: lb ? { nginx: reading('nginx'), keepalived: reading('keepalived') } : { web: reading('web') },
      ...(lb
        ? { checkLog: { ok: true as const, value: { lines: [...(this.lines.get(node) ?? [])], size: 1, mtime: 1 } } }
        : {}),
      clock: { offset: 0, error: 1 },
      restore: {
        ok: true,
        value: timer ? { left: (timer.due - this.clock.now()) / 1000, units: ['nginx'], by: timer.by } : null,
      },
    };
  }

  #look(names: readonly string[]): void {
    for (const node of names) {
      const reading = this.link
        ? { ok: true as const, value: this.#snapshot(node) }
        : { ok: false as const, failure: this.#failure };
      this.send({ kind: 'snapshot', node, asked: this.clock.now(), reading });
    }
  }

  #dumps(): void {
    if (!this.link) return;
    for (const lb of this.balancers) {
      if (this.daemon(lb.name, 'keepalived').active !== 'active') continue;
      this.send({
        kind: 'dump',
        node: lb.name,
        asked: this.clock.now(),
        reading: {
          ok: true,
          value: [
            {
              name: 'VI_1',
              state: lb.vrrp === 'MASTER' ? 'MASTER' : 'BACKUP',
              vrid: 51,
              ifname: 'eth0',
              basePriority: lb.base,
              effectivePriority: lb.priority,
              advertInterval: 1,
              vips: VIPS,
              advertsReceived: Math.floor(this.clock.now() / 1000),
              advertsSent: 1,
            },
          ],
        },
      });
    }
  }

  // --- what clients get ---

  /** How a request to a VIP goes that is put now. `ms`: when its result is known. */
  request(vip: string): { ok: boolean; servedBy?: string; loss?: LossKind; ms: number } {
    const holders = this.balancers.filter((one) => one.vips).sort((a, b) => b.announced - a.announced);
    const [holder] = holders;
    if (!holder) return { ok: false, loss: 'timeout', ms: 1000 };
    return this.serve(holder.name, vip);
  }

  serve(node: string, _vip: string): { ok: boolean; servedBy?: string; loss?: LossKind; ms: number } {
    const nginx = this.daemon(node, 'nginx');
    if (nginx.active !== 'active') return { ok: false, loss: 'refused', ms: 2 };
    if (nginx.frozen) return { ok: false, loss: 'timeout', ms: 1000 };
    const webs = ['web1', 'web2'];
    const first = webs[this.#turn++ % 2] as string;
    const other = webs.find((one) => one !== first) as string;
    const chosen = this.daemon(first, 'web').active === 'active' ? first : other;
    const web = this.daemon(chosen, 'web');
    if (web.active !== 'active') return { ok: false, loss: 'wrong', ms: 3 };
    return web.frozen ? { ok: false, loss: 'timeout', ms: 1000 } : { ok: true, servedBy: chosen, ms: 3 };
  }

  #bodies = { web1: 'HTTP WEB NODE 01\n', web2: 'HTTP WEB NODE 02\n' } as Record<string, string>;

  #probes(): void {
    const give = (kind: 'vip' | 'lb' | 'web', id: string, got: ReturnType<FakePair['request']>) => {
      const asked = this.clock.now() - Math.min(3, got.ms);
      if (!this.link)
        return this.send({
          kind: 'http',
          target: { kind, id },
          asked,
          result: { kind: 'none', failure: this.#failure },
        });
      const result = got.ok
        ? answer(this.#bodies[got.servedBy ?? ''] ?? '')
        : noAnswer({ step: got.loss === 'timeout' ? 'timeout' : 'tcp', found: got.loss ?? 'wrong' });
      this.send({ kind: 'http', target: { kind, id }, asked, result });
    };
    for (const name of ['web1', 'web2']) {
      const web = this.daemon(name, 'web');
      give(
        'web',
        name,
        web.active === 'active' && !web.frozen
          ? { ok: true, servedBy: name, ms: 1 }
          : { ok: false, loss: 'refused', ms: 1 },
      );
    }
    for (const name of ['lb1', 'lb2']) give('lb', name, this.serve(name, ''));
    for (const vip of VIPS) give('vip', vip, this.request(vip));
  }

  // --- VRRP ---

  #skew = (lb: Balancer): number => ((256 - lb.priority) / 256) * 1000;

  #hold(lb: Balancer, vips: boolean): void {
    if (lb.vips === vips) return;
    lb.vips = vips;
    if (vips) lb.announced = this.clock.now();
    if (!this.link) return;
    for (const address of VIPS)
      this.send({ kind: 'address', node: lb.name, op: vips ? 'add' : 'delete', address, ifname: 'eth0' });
  }

  #others(lb: Balancer): Balancer[] {
    return this.balancers.filter(
      (one) => one !== lb && one.vrrp !== 'off' && !this.daemon(one.name, 'keepalived').frozen,
    );
  }

  #advertise(lb: Balancer): void {
    lb.advert = this.clock.now() + 1000;
    for (const other of this.#others(lb)) {
      if (other.vrrp === 'BACKUP' && lb.priority >= other.priority)
        other.takeover = this.clock.now() + 3000 + this.#skew(other);
      if (other.vrrp === 'MASTER' && lb.priority > other.priority) {
        other.vrrp = 'BACKUP';
        other.takeover = this.clock.now() + 3000 + this.#skew(other);
        this.#hold(other, false);
      }
    }
  }

  /** What keepalived does by its own timers up to now. */
  #vrrp(): void {
    for (const lb of this.balancers) {
      if (lb.vrrp === 'off' || this.daemon(lb.name, 'keepalived').frozen) continue;
      const now = this.clock.now();
      if (lb.vrrp === 'BACKUP' && now >= lb.takeover) {
        lb.vrrp = 'MASTER';
        this.#hold(lb, true);
        lb.announced = now;
        this.#advertise(lb);
      } else if (lb.vrrp === 'MASTER' && now >= lb.advert) this.#advertise(lb);
      this.#check(lb);
    }
  }

  #check(lb: Balancer): void {
    const now = this.clock.now();
    if (now < lb.check.next) return;
    const every = this.flavour === 'kills' ? 5000 : 1000;
    lb.check.next = now + every;
    const nginx = this.daemon(lb.name, 'nginx');
    const dead = nginx.active !== 'active';
    const bad = dead || (this.flavour === 'moves' && nginx.frozen);
    if (!bad) {
      lb.check.failed = 0;
      if (this.flavour === 'moves') lb.priority = this.#configured(lb);
      return;
    }
    const broken = !this.files.has(`${lb.name} ${FILES.nginx}`);
    if (dead && !broken) this.#start(lb.name, 'nginx');
    if (this.flavour === 'moves') {
      if (dead) this.#line(lb.name, 'systemctl restart nginx');
      if (dead && !broken) return;
      lb.check.failed += 1;
      if (lb.check.failed >= 2) lb.priority = this.#configured(lb) - 60;
      return;
    }
    void this.clock.sleep(2000).then(() => {
      if (this.daemon(lb.name, 'keepalived').active !== 'active') return;
      this.#line(lb.name, 'systemctl restart nginx');
      if (this.daemon(lb.name, 'nginx').active !== 'active') this.#stop(lb.name, 'keepalived');
    });
  }

  #configured(lb: Balancer): number {
    return Number(/priority (\d+)/.exec(this.files.get(`${lb.name} ${FILES.keepalived}`) ?? '')?.[1] ?? lb.base);
  }

  #line(node: string, text: string): void {
    const line = `${new Date(this.clock.wall()).toUTCString()}: ${text}`;
    this.lines.get(node)?.push(line);
    if (this.link) this.send({ kind: 'check-log', node, line });
  }

  // --- what commands do ---

  #start(node: string, service: ServiceName): boolean {
    const one = this.daemon(node, service);
    if (one.active === 'active') return true;
    if (service === 'nginx' && !this.files.has(`${node} ${FILES.nginx}`)) {
      Object.assign(one, { active: 'failed', since: this.clock.now() });
      return false;
    }
    Object.assign(one, { active: 'active', frozen: false, pid: this.#newPid(), since: this.clock.now() });
    if (service === 'keepalived') {
      const lb = this.lb(node);
      lb.priority = this.#configured(lb);
      lb.base = lb.priority;
      lb.vrrp = 'BACKUP';
      lb.takeover = this.clock.now() + 3000 + this.#skew(lb);
      lb.check = { next: this.clock.now() + 30, failed: 0 };
      this.#hold(lb, false);
    }
    return true;
  }

  #stop(node: string, service: ServiceName): boolean {
    const one = this.daemon(node, service);
    if (one.refusesStop) return false;
    if (one.active !== 'active') return true;
    Object.assign(one, { active: 'inactive', frozen: false, since: this.clock.now() });
    if (service !== 'keepalived') return true;
    const lb = this.lb(node);
    const was = lb.vrrp;
    lb.vrrp = 'off';
    this.#hold(lb, false);
    if (was === 'MASTER')
      for (const other of this.#others(lb))
        if (other.vrrp === 'BACKUP') other.takeover = this.clock.now() + this.#skew(other);
    return true;
  }

  #signal(node: string, service: ServiceName, signal: string): void {
    const one = this.daemon(node, service);
    if (signal === 'STOP' || signal === 'CONT') one.frozen = signal === 'STOP';
    if (signal !== 'KILL') return;
    Object.assign(one, { active: 'failed', frozen: false, since: this.clock.now() });
    if (service === 'keepalived') this.lb(node).vrrp = 'off';
  }

  #serviceOf(node: string, name: string): ServiceName {
    const role = this.state.topology.nodes.find((one) => one.name === node)?.role;
    return role === 'web' ? 'web' : (name as ServiceName);
  }

  async command(node: string, { words, input }: DrillCommand): Promise<{ code: number; text: string; stdout: string }> {
    const [tool, ...args] = words;
    const good = { code: 0, text: '', stdout: '' };
    const bad = (text: string) => ({ code: 1, text, stdout: '' });
    const key = (path: string | undefined) => `${node} ${path}`;
    if (tool === 'systemctl') {
      const [verb = '', ...rest] = args;
      if (verb === 'kill') {
        this.#signal(node, this.#serviceOf(node, rest.at(-1) ?? ''), rest[1] ?? '');
        return good;
      }
      for (const name of rest) {
        const service = this.#serviceOf(node, name);
        if (verb === 'stop' || verb === 'restart') {
          const fine = this.#stop(node, service);
          if (!fine) return bad(`Failed to stop ${name}.service: refused`);
          if (service === 'keepalived') await this.clock.sleep(1000);
        }
        if ((verb === 'start' || verb === 'restart') && !this.#start(node, service))
          return bad(`Job for ${name} failed`);
        if (verb === 'reload') {
          if (this.daemon(node, service).active !== 'active') return bad('not active');
          if (service === 'keepalived') {
            const lb = this.lb(node);
            lb.base = lb.priority = this.#configured(lb);
            if (lb.vrrp === 'BACKUP') lb.takeover = this.clock.now() + 3000 + this.#skew(lb);
          }
        }
      }
      return good;
    }
    const paths = args.filter((arg) => !arg.startsWith('-'));
    const [from, to] = paths.map((path) => key(path));
    if (tool === 'test') return this.files.has(key(args.at(-1))) ? good : { ...good, code: 1 };
    if (tool === 'cat') return { ...good, stdout: this.files.get(from ?? '') ?? '' };
    if (tool === 'sha256sum')
      return {
        ...good,
        stdout: paths
          .filter((path) => this.files.has(key(path)))
          .map(
            (path) =>
              `${Buffer.from(this.files.get(key(path)) ?? '')
                .toString('hex')
                .padEnd(64, '0')
                .slice(0, 64)}  ${path}\n`,
          )
          .join(''),
      };
    if (tool === 'tee' && from) this.files.set(from, input ?? '');
    else if (tool === 'rm' && from) this.files.delete(from);
    else if ((tool === 'cp' || tool === 'ln' || tool === 'mv') && from && to) {
      const text = this.files.get(from);
      if (text === undefined) return bad(`${tool}: cannot stat '${paths[0]}': No such file or directory`);
      if ((tool === 'ln' || args.includes('-n')) && this.files.has(to))
        return tool === 'ln' ? bad('ln: File exists') : good;
      this.files.set(to, text);
      if (tool === 'mv') this.files.delete(from);
    } else return bad(`${tool}: unexpected in the fake pair`);
    return good;
  }

  /** Types a command on a node and waits for its end. */
  async type(node: string, line: string): Promise<void> {
    await this.through(this.command(node, { words: line.split(' ') }));
  }

  /** What a restore timer runs: `systemctl start …`, or the parts of its `/bin/sh -c` one after the other. */
  async fire(node: string): Promise<void> {
    const timer = this.timers.get(node);
    if (!timer) return;
    this.timers.delete(node);
    this.fired.push(node);
    const parts = timer.undo[0] === '/bin/sh' ? (timer.undo[2] ?? '').split('; ') : [timer.undo.join(' ')];
    for (const part of parts) {
      const guarded = /^test ! -e (\S+) \|\| (.*)$/.exec(part);
      if (guarded && !this.files.has(`${node} ${guarded[1]}`)) continue;
      await this.command(node, { words: (guarded?.[2] ?? part).split(' ') });
    }
  }

  // --- time ---

  #step(): void {
    const now = this.clock.now();
    this.#vrrp();
    for (const [node, timer] of this.timers) if (now >= timer.due) void this.fire(node);
    for (const measure of this.#measures.values()) this.#ask(measure, now);
    if (now >= this.#next.flush) {
      this.#next.flush = now + 250;
      for (const [id, { samples }] of this.#measures)
        if (samples.length > 0) this.send({ kind: 'drill', id, fact: { what: 'samples', list: samples.splice(0) } });
    }
    if (now >= this.#next.look) {
      this.#next.look = now + 1000;
      this.#look(this.state.topology.nodes.map((node) => node.name));
      this.#dumps();
    }
    if (now >= this.#next.probe) {
      this.#next.probe = now + 1000;
      this.#probes();
    }
    if (now % 250 < 10) this.send({ kind: 'tick' });
  }

  #ask(measure: Measure, now: number): void {
    if (now >= measure.next) {
      measure.next += measure.period;
      for (const vip of measure.vips) {
        const got = this.request(vip);
        const way = this.link;
        measure.pending.push({
          due: now + got.ms,
          sample: () => ({
            vip,
            asked: now,
            answered: now + got.ms,
            ok: way && this.link ? got.ok : null,
            ...(got.servedBy === undefined ? {} : { servedBy: got.servedBy }),
            ...(got.loss === undefined ? {} : { loss: got.loss }),
          }),
        });
      }
    }
    measure.samples.push(...measure.pending.filter((one) => one.due <= now).map((one) => one.sample()));
    measure.pending = measure.pending.filter((one) => one.due > now);
  }

  /** Lets time pass in steps of 10 ms, which is how exact this world is. */
  async pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 10) {
      await this.#tick();
    }
  }

  async #tick(): Promise<void> {
    this.#step();
    await this.clock.advance(10);
  }

  /** Lets time pass until a promise is settled, at most `most` ms. */
  async through<T>(promise: Promise<T>, most = 600_000): Promise<T> {
    let result: { value: T } | { error: unknown } | undefined;
    promise.then(
      (value) => {
        result = { value };
      },
      (error: unknown) => {
        result = { error };
      },
    );
    for (let at = 0; !result; at += 10) {
      if (at > most) throw new Error(`not settled after ${most} ms`);
      await this.#tick();
      await settleOnce();
    }
    if ('error' in result) throw result.error;
    return result.value;
  }

  /** Connects everything and watches for a while. */
  async healthy(ms = 6000): Promise<this> {
    for (const name of ['bastion', 'lb1', 'lb2', 'web1', 'web2'])
      this.send({ kind: 'link', node: name, link: { phase: 'up', rtt: 1, transport: 'ssh2' } });
    for (const lb of this.balancers)
      this.send({
        kind: 'configuration',
        node: lb.name,
        reading: {
          ok: true,
          value: {
            instances: [
              {
                name: 'VI_1',
                vrid: 51,
                priority: lb.base,
                advertInterval: 1,
                ifname: 'eth0',
                vips: VIPS,
                nopreempt: false,
              },
            ],
            checkInterval: this.flavour === 'kills' ? 5 : 1,
            check: { weight: this.flavour === 'kills' ? -20 : -60, fall: 2 },
            upstream: [],
          },
        },
      });
    await this.pass(ms);
    return this;
  }

  // --- ports ---

  /** The ports of one console on this pair. Several consoles share the pair, its files and its timers. */
  ports({ author = 'test', id = 1 }: { author?: string; id?: number } = {}): Ports {
    const lost = { ok: false as const, failure: this.#failure };
    const reach = async (): Promise<boolean> => {
      await this.clock.sleep(10);
      return this.link;
    };
    return {
      now: () => this.clock.now(),
      state: () => this.state,
      listen: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      emit: (fact: DrillFact) => this.send({ kind: 'drill', id, fact }),
      until: (holds, ms, signal) =>
        new Promise((resolve) => {
          if (holds()) return resolve(true);
          if (signal.aborted) return resolve(false);
          const done = new AbortController();
          const end = (value: boolean) => {
            if (done.signal.aborted) return;
            done.abort();
            this.#listeners.delete(listener);
            signal.removeEventListener('abort', no);
            resolve(value);
          };
          const no = () => end(false);
          const listener = () => {
            if (holds()) end(true);
          };
          this.#listeners.add(listener);
          signal.addEventListener('abort', no, { once: true });
          this.clock.sleep(ms, done.signal).then(no, () => {});
        }),
      refresh: (nodes) => void this.clock.sleep(5).then(() => this.#look(nodes)),
      context: (node) => ({
        units: node.startsWith('web')
          ? { nginx: 'nginx', keepalived: 'keepalived', web: 'apache2' }
          : { nginx: 'nginx', keepalived: 'keepalived' },
        files: FILES,
      }),
      ask: async (node, words) => {
        if (!(await reach())) return lost;
        const { code, text, stdout } = await this.command(node, { words: [...words] });
        return { ok: true, value: { code, stdout, stderr: text } };
      },
      turn: async () => {
        if (!(await reach())) return { release: () => {} };
        if (this.turnOf !== undefined && this.turnOf !== id) return { taken: 'lb1', release: () => {} };
        this.turnOf = id;
        return {
          release: () => {
            if (this.turnOf === id) this.turnOf = undefined;
          },
        };
      },
      rights: async () => ((await reach()) ? { ok: true, value: true } : lost),
      reloadable: async () => ((await reach()) ? { ok: true, value: null } : lost),
      run: async (node, commands) => {
        for (const command of commands) {
          if (!(await reach())) return { end: 'lost', text: 'the connection was lost' };
          this.ran.push({ node, words: command.words, at: this.clock.now() });
          const { code, text } = await this.command(node, command);
          if (!this.link) return { end: 'lost', text: 'the connection was lost' };
          if (code !== 0) return { end: 'failed', command: command.words.join(' '), text };
        }
        return { end: 'all-ran' };
      },
      arm: async (node, seconds, undo) => {
        if (!(await reach())) return { ok: false, taken: false, text: 'the connection was lost' };
        const old = this.timers.get(node);
        if (old) return { ok: false, taken: true, text: `a restore timer is armed on ${node} already (by ${old.by})` };
        this.timers.set(node, { due: this.clock.now() + seconds * 1000, seconds, undo, by: author });
        return { ok: true };
      },
      extend: async (node) => {
        if (!(await reach())) return { is: 'unknown', text: 'the connection was lost' };
        const timer = this.timers.get(node);
        if (timer?.by !== author) return { is: 'gone' };
        timer.due = this.clock.now() + timer.seconds * 1000;
        return { is: 'done' };
      },
      disarm: async (node) => {
        if (!(await reach())) return { is: 'unknown', text: 'the connection was lost' };
        return this.timers.delete(node) ? { is: 'done' } : { is: 'gone' };
      },
      measure: ({ vips, period, download }) => {
        this.#measures.set(id, { vips, period, next: this.clock.now(), samples: [], pending: [] });
        this.send({ kind: 'drill', id, fact: { what: 'measuring', period, deadline: 1000, via: 'jump', rtt: 1 } });
        if (download) this.#download(id, vips[0] as string);
      },
      endMeasuring: async () => {
        const list = this.#measures.get(id)?.samples ?? [];
        this.#measures.delete(id);
        if (list.length > 0) this.send({ kind: 'drill', id, fact: { what: 'samples', list } });
      },
    };
  }

  /** A long download is cut when the node that serves it gives the VIP up, and begun anew. */
  #download(id: number, vip: string): void {
    let from: string | undefined;
    const say = (state: 'open' | 'cut') =>
      this.send({ kind: 'drill', id, fact: { what: 'download', vip, state, bytes: 0 } });
    const watch = () => {
      const now = this.balancers.find((one) => one.vips)?.name;
      if (now === from) return;
      if (from !== undefined) say('cut');
      from = now;
      if (from !== undefined) say('open');
    };
    const listener = (event: Event) => {
      if (!this.#measures.has(id)) this.#listeners.delete(listener);
      else if (event.kind === 'tick') watch();
    };
    this.#listeners.add(listener);
    watch();
  }

  /** All that a drill must leave as it was. */
  standing(): unknown {
    return {
      daemons: Object.fromEntries(
        [...this.daemons].map(([name, one]) => [name, `${one.active}${one.frozen ? ' frozen' : ''}`]),
      ),
      files: Object.fromEntries([...this.files].sort()),
      vips: this.balancers.filter((one) => one.vips).map((one) => one.name),
      priorities: this.balancers.map((one) => one.priority),
    };
  }

  asideOn(node: string, file: string): boolean {
    return this.files.has(`${node} ${asideOf(file)}`);
  }
}

const settleOnce = (): Promise<void> => settle();
