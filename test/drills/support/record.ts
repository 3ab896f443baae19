import type { DrillFact, DrillPlan, DrillSample, PlannedExpectation, PlannedStep } from '../../../src/cluster/drill.ts';
import type { Event, Fact } from '../../../src/cluster/events.ts';
import type { Process, Unit } from '../../../src/cluster/readings.ts';
import type { ServiceName } from '../../../src/cluster/topology.ts';
import { processes, unit } from '../../support/scene.ts';

export const VIP = '172.16.249.80';
const WALL = Date.UTC(2026, 10, 23, 12);

type Bare = PlannedExpectation extends infer T
  ? T extends unknown
    ? Omit<T, 'text' | 'after' | 'tolerance'> & Partial<Pick<PlannedExpectation, 'after' | 'tolerance'>>
    : never
  : never;

/** A drill's record written by hand: one VIP, an act at 1 s, a watch from 2 s, the restore at 10 s. Times are ms. */
export class Recorded {
  readonly events: Event[] = [];
  readonly #facts: { at: number; fact: Fact }[] = [];
  #steps: PlannedStep[] = [
    { kind: 'act', deed: { kind: 'out-of-service' }, node: 'lb1', stage: 'method', text: 'the act' },
    { kind: 'hold', ms: 8000, stage: 'method', text: 'the watch' },
  ];
  ends = 10_000;
  whole = true;

  add(at: number, fact: Fact): this {
    this.#facts.push({ at, fact });
    return this;
  }

  drill(at: number, fact: DrillFact): this {
    return this.add(at, { kind: 'drill', id: 1, fact });
  }

  /** lb1 holds the VIP from the beginning; then what `moves` says: at, node, whether it came or went. */
  held(moves: readonly [at: number, node: string, op: 'add' | 'delete'][] = []): this {
    for (const node of ['lb1', 'lb2']) this.look(0, node, { holds: node === 'lb1' });
    for (const [at, node, op] of moves) this.add(at, { kind: 'address', node, op, address: VIP, ifname: 'eth0' });
    return this;
  }

  look(
    at: number,
    node: string,
    {
      holds,
      units = {},
      lines,
    }: {
      holds?: boolean;
      units?: Partial<Record<ServiceName, Partial<Unit> & { stat?: string; count?: number }>>;
      lines?: string[];
    },
  ): this {
    const services = Object.fromEntries(
      Object.entries(units).map(([name, { stat = 'S', count, ...over }]) => [
        name,
        {
          unit: { ok: true as const, value: unit(name, over) },
          processes: {
            ok: true as const,
            value: processes(name, count ?? (over.active === 'active' ? 2 : 0), stat) as Process[],
          },
        },
      ]),
    );
    return this.add(at, {
      kind: 'snapshot',
      node,
      asked: at - 5,
      reading: {
        ok: true,
        value: {
          addresses:
            holds === undefined
              ? { ok: false, failure: { step: 'parse', hop: node, found: 'nothing', blame: 'path' } }
              : {
                  ok: true,
                  value: [
                    { ifname: 'eth0', address: holds ? VIP : '10.0.0.1', prefix: 32, family: 4, scope: 'global' },
                  ],
                },
          services,
          ...(lines ? { checkLog: { ok: true, value: { lines, size: 1, mtime: 1 } } } : {}),
        },
      },
    });
  }

  /** A request each 50 ms from 0 to the end of the record; those for which `lost` holds are lost. */
  asked(lost: (at: number) => boolean = () => false, over: (at: number) => Partial<DrillSample> = () => ({})): this {
    const list: DrillSample[] = [];
    for (let at = 0; at < this.ends + 2000; at += 50)
      list.push({
        vip: VIP,
        asked: at,
        answered: at + (lost(at) ? 40 : 3),
        ok: !lost(at),
        ...(lost(at) ? { loss: 'refused' } : { servedBy: (at / 50) % 2 ? 'web1' : 'web2' }),
        ...over(at),
      });
    return this.drill(this.ends + 1900, { what: 'samples', list });
  }

  /** The events, with a plan that has these expectations. */
  of(...expectations: Bare[]): Event[] {
    const plan: DrillPlan = {
      name: 'own',
      title: 'A drill',
      shows: '',
      author: 'ops@seat',
      roles: { master: 'lb1', backup: 'lb2' },
      vips: [VIP],
      balancers: ['lb1', 'lb2'],
      webs: ['web1', 'web2'],
      steps: this.#steps,
      expectations: expectations.map(
        (one) => ({ text: one.kind, after: 0, tolerance: 100, ...one }) as PlannedExpectation,
      ),
      tolerates: [],
      steady: { verdicts: ['healthy'], rotation: true },
      arm: [],
      restoreAfter: 300,
      restore: [],
      download: false,
      budgets: [],
    };
    this.drill(10, { what: 'plan', plan });
    this.drill(20, { what: 'measuring', period: 50, deadline: 1000, via: 'jump' });
    this.drill(1000, { what: 'step', index: 0, at: 'begun' });
    this.drill(1500, { what: 'step', index: 0, at: 'done', seen: '' });
    this.drill(2000, { what: 'step', index: 1, at: 'begun' });
    if (this.whole) this.drill(this.ends - 1, { what: 'step', index: 1, at: 'done', seen: '' });
    else this.drill(this.ends - 1, { what: 'abort', by: 'operator', reason: 'a person ended it', leave: false });
    this.drill(this.ends, { what: 'phase', phase: 'restore' });
    return this.#facts
      .map(({ at, fact }, index) => ({ at, index, fact }))
      .sort((a, b) => a.at - b.at || a.index - b.index)
      .map(({ at, fact }) => ({ ...fact, at: { mono: at, wall: WALL + at } }));
  }
}
