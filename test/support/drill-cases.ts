import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ServiceName } from '../../src/cluster/topology.ts';
import type { UnitTruth } from './act-cases.ts';
import type { Acting } from './act-process.ts';
import { openPty } from './pty.ts';

/** A cluster under test, and its truth, which is asked of the nodes, never of haconsole. */
export type DrillRig = {
  /** Its cluster file. */
  file: string;
  /** The command line of `haconsole ARGS` on the cluster. */
  command(...args: string[]): [string, string[]];
  start(...args: string[]): Acting;
  unit(node: string, service: ServiceName): Promise<UnitTruth>;
  holders(vip: string): Promise<string[]>;
  /** Whether the restore timer is armed. */
  timer(node: string): Promise<boolean>;
  /** Files that drills have set aside or not yet put in place. */
  leftOver(node: string): Promise<string[]>;
  /** systemd refuses to stop this unit by hand. */
  refuseStop(node: string, unit: string): Promise<void>;
  killJump(): Promise<void>;
  freezeJump(): Promise<void>;
  reviveJump(): Promise<void>;
  /** Everything as it was, the cluster healthy. */
  heal(): Promise<void>;
  stop(): Promise<void>;
};

/** What the cases look at of `haconsole.drill/1`. */
type Report = {
  schema: string;
  status: string;
  verdict: string;
  restored: boolean | null;
  exit: number;
  summary: string;
  reasons: string[];
  faults: { result: string; text: string }[];
  steps: { text: string; state: string }[];
  expectations: { text: string; result: string; sentence: string }[];
  measurement: { requests: number; period: number } | null;
  restore: { node: string; state: string }[];
  commands: { node: string; command: string }[];
};

const VIPS = ['172.16.249.80', '172.16.249.90', '172.16.249.100'];
const UNITS: [string, ServiceName][] = [
  ['lb1', 'nginx'],
  ['lb1', 'keepalived'],
  ['lb2', 'nginx'],
  ['lb2', 'keepalived'],
  ['web1', 'web'],
  ['web2', 'web'],
];
const NODES = ['lb1', 'lb2', 'web1', 'web2'];

/** Asks until it is so; fails with what was seen last. Resolves with how long it took, ms. */
export const becomes = async <T>(
  what: string,
  look: () => Promise<T>,
  good: (seen: T) => boolean,
  ms: number,
): Promise<number> => {
  const begin = performance.now();
  for (;;) {
    const seen = await look();
    if (good(seen)) return performance.now() - begin;
    if (performance.now() - begin > ms)
      throw new Error(`${what} did not come within ${ms} ms: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

/** Truth of a rig in the terms of these cases. */
export const truthOf = (rig: DrillRig) => {
  const running = async (): Promise<string[]> => {
    const all = await Promise.all(UNITS.map(async ([node, unit]) => ({ node, unit, ...(await rig.unit(node, unit)) })));
    return all.filter((one) => one.active !== 'active').map(({ node, unit, active }) => `${unit}@${node} ${active}`);
  };
  return {
    /** Units that do not run. */
    notRunning: running,
    pids: () => Promise.all(UNITS.map(async ([node, unit]) => (await rig.unit(node, unit)).mainPid)),
    holders: () => Promise.all(VIPS.map((vip) => rig.holders(vip))),
    timers: async () => {
      const armed = await Promise.all(NODES.map((node) => rig.timer(node)));
      return NODES.filter((_, index) => armed[index]);
    },
    leftOver: async () => (await Promise.all(NODES.map((node) => rig.leftOver(node)))).flat(),
  };
};

type Ran = { code: number | null; report: Report; stderr: string };

/** Runs a drill to its end. */
export const drillOn = async (running: Acting): Promise<Ran> => {
  const { code, stdout, stderr } = await running.ended;
  if (!stdout.startsWith('{')) throw new Error(`the drill printed no object: ${stdout}${stderr}`);
  const report = JSON.parse(stdout) as Report;
  expect(code, stderr).toBe(report.exit);
  return { code, report, stderr };
};

/** Begins a suite on one rig, healed before each test. */
const onRig = (begin: () => Promise<DrillRig>) => {
  let rig: DrillRig | undefined;
  beforeAll(async () => {
    rig = await begin();
    await rig.heal();
  });
  afterEach(() => rig?.heal());
  afterAll(async () => rig?.stop());
  return (): DrillRig => rig as DrillRig;
};

/** All is as it was: what ran runs, the same one holds, nothing is armed, nothing is left over. */
const expectWhole = async (rig: DrillRig): Promise<void> => {
  const truth = truthOf(rig);
  expect(await truth.notRunning()).toEqual([]);
  expect(await truth.holders()).toEqual([['lb1'], ['lb1'], ['lb1']]);
  expect(await truth.timers()).toEqual([]);
  expect(await truth.leftOver()).toEqual([]);
};

/** Drills that pass, each with its outage within what was computed, and leave the cluster as it was. */
export const passingCases = (name: string, begin: () => Promise<DrillRig>, drills: readonly string[]): void => {
  describe(name, { timeout: 150_000 }, () => {
    const rig = onRig(begin);
    test.each(drills.map((drill) => [drill]))('%s passes and leaves everything as it was', async (drill) => {
      const { report, stderr } = await drillOn(rig().start('drill', 'run', drill, '--yes', '--json'));
      const bad = report.expectations.filter((one) => one.result !== 'pass').map((one) => one.sentence);
      expect([report.verdict, report.summary, bad], stderr).toEqual(['pass', report.summary, []]);
      expect(report).toMatchObject({ schema: 'haconsole.drill/1', status: 'completed', restored: true, exit: 0 });
      expect(report.measurement?.period).toBe(50);
      await expectWhole(rig());
    });
  });
};

/** The tutorial's five cases in a row, by hand: one word begins all of it. */
export const tourCase = (name: string, begin: () => Promise<DrillRig>): void => {
  describe(name, { timeout: 300_000 }, () => {
    const rig = onRig(begin);
    test('the tour goes from start to end by one confirmation, and tells it as JUnit too', async () => {
      const directory = mkdtempSync(join(tmpdir(), 'drill-'));
      const junit = join(directory, 'drills.xml');
      const [cmd, args] = rig().command('drill', 'run', 'tour', '--junit', junit);
      const pty = openPty({ cmd, args, cols: 160, rows: 50, env: { LC_ALL: 'C.UTF-8', TZ: 'UTC' } });
      try {
        await pty.until(/type yes to begin:/, 60_000);
        expect(await truthOf(rig()).timers()).toEqual([]);
        pty.send('yes\r');
        const { code } = await pty.exit;
        expect(code, pty.screen().join('\n')).toBe(0);
        const xml = readFileSync(junit, 'utf8');
        expect(/<testsuite name="tour" tests="(\d+)" failures="0" errors="0" skipped="0"/.test(xml)).toBe(true);
        for (const part of ['all-normal', 'lb1-down', 'both-down', 'backup-returns', 'master-returns'])
          expect(xml).toContain(`<testcase classname="${part}"`);
        await expectWhole(rig());
      } finally {
        await pty.dispose();
        rmSync(directory, { recursive: true, force: true });
      }
    });
  });
};

/** What keeps a cluster whole: closed gates, faults that do not come, consoles and ways that die. */
export const guardCases = (name: string, begin: () => Promise<DrillRig>): void => {
  describe(name, { timeout: 120_000 }, () => {
    const rig = onRig(begin);
    const drill = (drillName: string, ...more: string[]): Acting =>
      rig().start('drill', 'run', drillName, '--yes', '--json', ...more);

    test('a backup that is down closes the gate, and nothing is touched', async () => {
      expect((await rig().start('act', 'stop', 'keepalived@lb2', '--yes').ended).code).toBe(0);
      const before = await truthOf(rig()).pids();
      const { report, stderr } = await drillOn(drill('lb1-down'));
      expect(report).toMatchObject({ status: 'refused', exit: 2, restored: true, steps: [] });
      expect(report.reasons.join('\n')).toMatch(/no-backup|not ready/);
      expect(stderr).not.toContain('systemctl stop');
      expect(await truthOf(rig()).pids()).toEqual(before);
      expect(await truthOf(rig()).timers()).toEqual([]);
    });

    test('a stop that systemd refuses fails the drill, and nothing else is touched', async () => {
      await rig().refuseStop('lb1', 'keepalived');
      const before = await truthOf(rig()).pids();
      const { report } = await drillOn(drill('lb1-down'));
      expect(report).toMatchObject({ verdict: 'fail', exit: 1, restored: true });
      expect(report.faults.map((one) => one.result)).toContain('fail');
      expect(report.steps.map((one) => one.state)).toEqual(['failed', 'not come to', 'not come to']);
      expect(await truthOf(rig()).pids()).toEqual(before);
      await expectWhole(rig());
    });

    test('of two consoles that begin at once one is refused, and says who was first', async () => {
      const ran = await Promise.all([drillOn(drill('lb1-down')), drillOn(drill('lb1-down'))]);
      const codes = ran.map((one) => one.code).sort();
      expect(codes, ran.map((one) => `${one.report.summary}\n${one.stderr}`).join('\n')).toEqual([0, 2]);
      const loser = ran.find((one) => one.code === 2)?.report;
      expect(loser?.reasons.join('\n')).toMatch(/restore timer is armed on lb1.*by \S+@\S+/);
      await expectWhole(rig());
    });

    test('a console that is killed with -9 in the middle leaves nodes that heal themselves in time', async () => {
      const running = drill('both-down', '--restore-after', '10s');
      await running.until('s  7. watch for 6 s');
      expect(await truthOf(rig()).notRunning()).toHaveLength(4);
      running.kill();
      await running.ended;
      const ms = await becomes(
        'everything to run again',
        () => truthOf(rig()).notRunning(),
        (down) => down.length === 0,
        13_000,
      );
      expect(ms).toBeLessThan(12_000);
      await becomes(
        'lb1 to hold all',
        () => truthOf(rig()).holders(),
        (held) => held.every((one) => one.join() === 'lb1'),
        10_000,
      );
      await expectWhole(rig());
    });
  });
};
