import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckReport } from '../../src/commands/check-report.ts';

/** One line of `watch --json`. */
export type Line = {
  at: string;
  mono: number;
  kind: string;
  source: string;
  severity: string;
  text: string;
  verdict?: string;
  level?: string;
};

/** Faults both the lab and the embedded cluster know. */
export type RigFault =
  | { fault: 'stop' | 'mask' | 'kill9' | 'freeze'; service: 'nginx' | 'keepalived' | 'web'; node: string }
  | { fault: 'break-nginx' | 'power-off' | 'cut' | 'silent-cut' | 'kill-sshd'; node: string }
  | { fault: 'drop-vrrp' | 'freeze-jump' | 'kill-jump' | 'cut-jump' };

/** A cluster under test: the real one of the lab or the embedded one. `heal` resolves when the cluster itself is healthy. */
export type Rig = {
  check(): Promise<{ report: CheckReport; code: number }>;
  /** Starts `watch --json`; `lines` grows. */
  watch(): Promise<{ lines: Line[]; stop(): Promise<void> }>;
  apply(fault: RigFault): Promise<void>;
  heal(): Promise<void>;
  holders(vip: string): Promise<string[]>;
  stop(): Promise<void>;
};

const VIP = '172.16.249.80';

type Case = {
  title: string;
  faults: RigFault[];
  verdict: CheckReport['verdict'];
  code: number;
  /** Part of the first reason. */
  reason?: string;
  /** Who holds the VIPs in the end, by the cluster's own word. */
  holders?: string[];
  /** Verdicts that must not be given on the way. */
  never?: CheckReport['verdict'][];
};

const both = (fault: 'stop', service: 'nginx' | 'keepalived'): RigFault[] =>
  ['lb1', 'lb2'].map((node) => ({ fault, service, node }));
const dead: CheckReport['verdict'][] = ['all-down', 'no-master', 'vip-unserved', 'all-backends-down', 'split-brain'];

const cases: Case[] = [
  {
    title: 'keepalived stopped on the MASTER',
    faults: [{ fault: 'stop', service: 'keepalived', node: 'lb1' }],
    verdict: 'no-backup',
    code: 1,
    reason: 'keepalived is inactive',
    holders: ['lb2'],
    never: ['split-brain'],
  },
  {
    title: 'keepalived and nginx stopped on both load balancers',
    faults: [...both('stop', 'keepalived'), ...both('stop', 'nginx')],
    verdict: 'no-master',
    code: 2,
    holders: [],
  },
  {
    title: 'keepalived killed with -9: its VIPs stay behind',
    faults: [{ fault: 'kill9', service: 'keepalived', node: 'lb1' }],
    verdict: 'split-brain',
    code: 2,
    reason: 'stale VIP on lb1',
    holders: ['lb1', 'lb2'],
  },
  {
    title: 'keepalived frozen on the MASTER',
    faults: [{ fault: 'freeze', service: 'keepalived', node: 'lb1' }],
    verdict: 'split-brain',
    code: 2,
    reason: 'frozen',
    holders: ['lb1', 'lb2'],
  },
  {
    title: 'VRRP dropped between the load balancers',
    faults: [{ fault: 'drop-vrrp' }],
    verdict: 'split-brain',
    code: 2,
    reason: 'adverts do not get through',
    holders: ['lb1', 'lb2'],
  },
  {
    title: 'nginx masked on the backup',
    faults: [{ fault: 'mask', service: 'nginx', node: 'lb2' }],
    verdict: 'no-backup',
    code: 1,
    reason: 'lb2 is not ready',
    holders: ['lb1'],
  },
  {
    title: 'nginx frozen on the MASTER: the check lowers the priority',
    faults: [{ fault: 'freeze', service: 'nginx', node: 'lb1' }],
    verdict: 'no-backup',
    code: 1,
    reason: 'lb1 is not ready',
    holders: ['lb2'],
  },
  {
    title: 'nginx broken on the MASTER, then stopped',
    faults: [
      { fault: 'break-nginx', node: 'lb1' },
      { fault: 'stop', service: 'nginx', node: 'lb1' },
    ],
    verdict: 'no-backup',
    code: 1,
    reason: 'lb1 is not ready',
    holders: ['lb2'],
  },
  {
    title: 'the MASTER cut off silently, its carrier up',
    faults: [{ fault: 'silent-cut', node: 'lb1' }],
    verdict: 'no-backup',
    code: 1,
    reason: 'lb1',
    holders: ['lb1', 'lb2'],
    never: ['blind', 'all-down'],
  },
  {
    title: 'one web node stopped',
    faults: [{ fault: 'stop', service: 'web', node: 'web1' }],
    verdict: 'backend-down',
    code: 1,
    reason: 'web1',
    holders: ['lb1'],
    never: dead,
  },
  {
    title: 'one web node frozen',
    faults: [{ fault: 'freeze', service: 'web', node: 'web2' }],
    verdict: 'backend-down',
    code: 1,
    reason: 'web2',
    holders: ['lb1'],
  },
  {
    title: 'both web nodes stopped',
    faults: [
      { fault: 'stop', service: 'web', node: 'web1' },
      { fault: 'stop', service: 'web', node: 'web2' },
    ],
    verdict: 'all-backends-down',
    code: 2,
    holders: ['lb1'],
    never: ['all-down'],
  },
  {
    title: 'the MASTER powered off',
    faults: [{ fault: 'power-off', node: 'lb1' }],
    verdict: 'no-backup',
    code: 1,
    reason: 'lb1',
    never: ['split-brain', 'blind'],
  },
  {
    title: 'the backup powered off',
    faults: [{ fault: 'power-off', node: 'lb2' }],
    verdict: 'no-backup',
    code: 1,
    reason: 'lb2',
    never: dead,
  },
  {
    title: 'the wire of the MASTER pulled',
    faults: [{ fault: 'cut', node: 'lb1' }],
    verdict: 'no-backup',
    code: 1,
    reason: 'lb1',
    never: ['split-brain', 'blind'],
  },
  {
    title: 'everything stopped on every node',
    faults: [
      ...both('stop', 'keepalived'),
      ...both('stop', 'nginx'),
      { fault: 'stop', service: 'web', node: 'web1' },
      { fault: 'stop', service: 'web', node: 'web2' },
    ],
    verdict: 'all-down',
    code: 2,
    never: ['healthy', 'blind'],
  },
  {
    title: 'everything powered off but the jump host: the same silence as when that is cut off',
    faults: ['lb1', 'lb2', 'web1', 'web2'].map((node): RigFault => ({ fault: 'power-off', node })),
    verdict: 'blind',
    code: 3,
    reason: 'nothing at all speaks behind',
    never: ['healthy'],
  },
  {
    title: 'the jump host cut off silently from the cluster',
    faults: [{ fault: 'cut-jump' }],
    verdict: 'blind',
    code: 3,
    holders: ['lb1'],
    never: dead,
  },
  {
    title: 'SSH of the backup gone, all else well',
    faults: [{ fault: 'kill-sshd', node: 'lb2' }],
    verdict: 'partly-blind',
    code: 1,
    reason: 'lb2',
    holders: ['lb1'],
    never: dead,
  },
  {
    title: 'the jump host frozen',
    faults: [{ fault: 'freeze-jump' }],
    verdict: 'blind',
    code: 3,
    holders: ['lb1'],
    never: dead,
  },
  {
    title: 'the SSH server of the jump host gone',
    faults: [{ fault: 'kill-jump' }],
    verdict: 'blind',
    code: 3,
    holders: ['lb1'],
    never: dead,
  },
];

const until = async <T>(what: string, look: () => Promise<T>, good: (seen: T) => boolean, ms: number): Promise<T> => {
  const end = performance.now() + ms;
  for (;;) {
    const seen = await look();
    if (good(seen)) return seen;
    if (performance.now() > end)
      throw new Error(`${what} did not come within ${ms} ms; last seen: ${JSON.stringify(seen).slice(0, 3000)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** Waits until a watch has seen the whole cluster: what it has not seen before it cannot tell to have moved. */
const seesAll = (lines: Line[]): Promise<Line[]> =>
  until(
    'healthy or degraded',
    async () => lines,
    () => lines.some((line) => line.verdict === 'healthy' || line.verdict === 'degraded'),
    15_000,
  );

/** Puts the cluster right after the work, whatever came of it. What failed first is what is told. */
const thenHealed = async (rig: Rig, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    await rig.heal().catch((later: unknown) => console.error('nor could the cluster be healed:', later));
    throw error;
  }
  await rig.heal();
};

/** A cluster that is there once is shared by all tests, one after the other. Others are started for each test, side by side. */
export type Supply = { of: 'one' | 'each'; start: () => Promise<Rig> };

/** The same tests on the real pair and on the embedded cluster: same faults, same verdicts, failover times within the theory. */
export const conformance = (name: string, supply: Supply): void => {
  const tests = supply.of === 'one' ? describe : describe.concurrent;
  // Each test waits for bounded conditions of a real cluster.
  tests(name, { timeout: 90_000 }, () => {
    let shared: Rig | undefined;
    beforeAll(async () => {
      if (supply.of === 'each') return;
      shared = await supply.start();
      await shared.heal();
    });
    afterAll(async () => {
      await shared?.heal();
      await shared?.stop();
    });
    const onRig =
      <T extends unknown[]>(work: (rig: Rig, ...args: T) => Promise<void>) =>
      async (...args: T): Promise<void> => {
        if (shared) return work(shared, ...args);
        const own = await supply.start();
        try {
          await own.heal();
          await work(own, ...args);
        } finally {
          await own.stop();
        }
      };

    test(
      'is healthy: the VIPs on lb1, lb2 ready, both web nodes in turn',
      onRig(async (rig) => {
        const { report, code } = await rig.check();
        expect(report).toMatchObject({ schema: 'haconsole.check/1', status: 'OK', verdict: 'healthy' });
        expect(code).toBe(0);
        expect(report.vips.map((vip) => vip.holders)).toEqual([['lb1'], ['lb1'], ['lb1']]);
        expect(report.vips.every((vip) => vip.http.ok && vip.http.servedBy?.startsWith('web'))).toBe(true);
        expect(report.nodes.find((node) => node.name === 'lb1')).toMatchObject({ vrrpState: 'MASTER', priority: 150 });
        expect(report.nodes.find((node) => node.name === 'lb2')).toMatchObject({ vrrpState: 'BACKUP', priority: 100 });
        const services = report.nodes.flatMap((node) => Object.values(node.services));
        expect(services).toHaveLength(6);
        expect(
          services.every((one) => one.active === 'active' && (one.processes ?? 0) >= 1 && one.since !== null),
        ).toBe(true);
      }),
    );

    test.each(cases)(
      '$title: $verdict',
      onRig(async (rig, { faults, verdict, code, reason, holders, never }: Case) => {
        await thenHealed(rig, async () => {
          for (const fault of faults) await rig.apply(fault);
          const last = await until(
            verdict,
            async () => {
              const seen = await rig.check();
              expect(never ?? []).not.toContain(seen.report.verdict);
              return seen;
            },
            (seen) => seen.report.verdict === verdict,
            20_000,
          );
          expect(last.code).toBe(code);
          if (reason) expect(last.report.reasons.join('\n')).toContain(reason);
          if (holders) expect((await rig.holders(VIP)).sort()).toEqual(holders);
        });
        const healed = await until(
          'healthy or degraded',
          () => rig.check(),
          (seen) => ['healthy', 'degraded'].includes(seen.report.verdict),
          20_000,
        );
        expect(healed.report.vips.every((vip) => vip.holders[0] === 'lb1' && vip.http.ok)).toBe(true);
      }),
    );

    test(
      'a clean stop moves the VIPs after the skew of the backup, and says why',
      onRig(async (rig) => {
        const watch = await rig.watch();
        await thenHealed(rig, async () => {
          try {
            const moved = (line: Line) => line.kind === 'move' && line.text.includes('moved lb1 → lb2');
            const left = (line: Line) => line.kind === 'move' && line.text.includes('left lb1');
            await seesAll(watch.lines);
            const asked = Date.now();
            await rig.apply({ fault: 'stop', service: 'keepalived', node: 'lb1' });
            await until(
              'the move and its cause',
              async () => watch.lines,
              (lines) => lines.some((line) => moved(line) && line.text.includes('stopped')),
              10_000,
            );
            const [away, back] = [watch.lines.find(left), watch.lines.find(moved)];
            // A busy machine tells both late, and not by as much: that it was not too soon is measured from our own word.
            expect(Date.parse(back?.at ?? '') - asked).toBeGreaterThan(600);
            expect((back?.mono ?? 0) - (away?.mono ?? 0)).toBeGreaterThan(0);
            expect((back?.mono ?? 0) - (away?.mono ?? 0)).toBeLessThan(900);
          } finally {
            await watch.stop();
          }
        });
      }),
    );

    test(
      'a lost MASTER is replaced within three adverts and the skew, and a failing-over pair is never called dead meanwhile',
      onRig(async (rig) => {
        const watch = await rig.watch();
        await thenHealed(rig, async () => {
          try {
            await seesAll(watch.lines);
            const before = watch.lines.length;
            await rig.apply({ fault: 'power-off', node: 'lb1' });
            await until(
              'the move',
              async () => watch.lines,
              (lines) => lines.some((line) => line.text.includes('→ lb2')),
              10_000,
            );
            await until(
              'no-backup',
              async () => watch.lines,
              (lines) => lines.some((line) => line.verdict === 'no-backup'),
              10_000,
            );
            const verdicts = watch.lines.slice(before).flatMap((line) => line.verdict ?? []);
            expect(
              verdicts.filter((one) => one !== 'failing-over' && one !== 'no-backup' && one !== 'partly-blind'),
            ).toEqual([]);
          } finally {
            await watch.stop();
          }
        });
      }),
    );
  });
};
