import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ServiceName } from '../../src/cluster/topology.ts';
import type { Acted, Acting } from './act-process.ts';

/** What a node's own systemd says of a unit. */
export type UnitTruth = { active: string; mainPid: number };

/** A cluster under test, and its truth, which is asked of the nodes and of a client's seat, never of haconsole. */
export type ActRig = {
  /** Starts `haconsole ARGS` on the cluster. */
  start(...args: string[]): Acting;
  unit(node: string, service: ServiceName): Promise<UnitTruth>;
  holders(vip: string): Promise<string[]>;
  /** Whether the VIP gives a client a page of a web node. */
  isServed(vip: string): Promise<boolean>;
  checkLog(node: string): Promise<string>;
  /** Whether the restore timer is armed. */
  timer(node: string): Promise<boolean>;
  /** keepalived of a load balancer killed with -9: its VIPs stay behind. */
  leaveStale(node: string): Promise<void>;
  /** A mistake in the file of keepalived that a reload would die of; nothing is reloaded. */
  breakKeepalivedFile(node: string): Promise<void>;
  killJump(): Promise<void>;
  reviveJump(): Promise<void>;
  /** Takes the right to sudo away, or names the cluster file of a user without: what to add to the command line. */
  withoutSudo(): Promise<string[]>;
  /** Everything as it was, the cluster healthy. */
  heal(): Promise<void>;
  stop(): Promise<void>;
};

const VIP = '172.16.249.80';
const VIPS = [VIP, '172.16.249.90', '172.16.249.100'];

/** Asks until it is so; fails with what was seen last. */
const becomes = async <T>(what: string, look: () => Promise<T>, good: (seen: T) => boolean, ms = 8000): Promise<T> => {
  const end = performance.now() + ms;
  for (;;) {
    const seen = await look();
    if (good(seen)) return seen;
    if (performance.now() > end) throw new Error(`${what} did not come within ${ms} ms: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** The same on the real pair and on the embedded one: what is done is done, what is refused is not, and what is told is true. */
export const actCases = (name: string, begin: () => Promise<ActRig>): void => {
  describe(name, { timeout: 60_000 }, () => {
    let rig: ActRig;
    beforeAll(async () => {
      rig = await begin();
      await rig.heal();
    });
    afterEach(() => rig.heal());
    afterAll(async () => rig?.stop());

    const act = async (...args: string[]): Promise<Acted> => {
      const acted = await rig.start('act', ...args, '--json').ended;
      if (!acted.report) throw new Error(`act ${args.join(' ')} printed no object: ${acted.stdout}${acted.stderr}`);
      expect(acted.code, acted.stderr).toBe(acted.report.exit);
      return acted;
    };
    const done = async (...args: string[]): Promise<Acted> => {
      const acted = await act(...args);
      expect(acted.report, `${acted.stdout}${acted.stderr}`).toMatchObject({ outcome: 'done', exit: 0 });
      return acted;
    };
    const runs = async (node: string, service: ServiceName): Promise<boolean> =>
      (await rig.unit(node, service)).active === 'active';

    test('the web server stops, starts, restarts and reloads, and a second stop or start runs nothing', async () => {
      await done('stop', 'web@web1', '--yes');
      expect(await rig.unit('web1', 'web')).toMatchObject({ active: 'inactive', mainPid: 0 });
      const again = await act('stop', 'web@web1', '--yes');
      expect(again.report).toMatchObject({ outcome: 'refused', exit: 2, reason: 'nothing-to-do', ran: [] });
      await done('start', 'web@web1', '--yes');
      const first = await rig.unit('web1', 'web');
      expect(first.active).toBe('active');
      expect((await act('start', 'web@web1', '--yes')).report).toMatchObject({ reason: 'nothing-to-do', ran: [] });
      await done('restart', 'web@web1', '--yes');
      const second = await rig.unit('web1', 'web');
      expect(second).toMatchObject({ active: 'active' });
      expect(second.mainPid).not.toBe(first.mainPid);
      await done('reload', 'web@web1', '--yes');
      expect(await rig.unit('web1', 'web')).toEqual(second);
    });

    test('nginx and keepalived of the backup start, restart, reload and stop', async () => {
      const before = await rig.unit('lb2', 'nginx');
      await done('restart', 'nginx@lb2', '--yes');
      const after = await rig.unit('lb2', 'nginx');
      expect(after.mainPid).not.toBe(before.mainPid);
      await done('reload', 'nginx@lb2', '--yes');
      expect(await rig.unit('lb2', 'nginx')).toEqual(after);
      const old = await rig.unit('lb2', 'keepalived');
      await done('reload', 'keepalived@lb2', '--yes');
      expect(await rig.unit('lb2', 'keepalived')).toEqual(old);
      await done('restart', 'keepalived@lb2', '--yes');
      expect((await rig.unit('lb2', 'keepalived')).mainPid).not.toBe(old.mainPid);
      await done('stop', 'keepalived@lb2', '--yes');
      expect(await rig.unit('lb2', 'keepalived')).toMatchObject({ active: 'inactive', mainPid: 0 });
      await done('stop', 'nginx@lb2', '--yes');
      expect(await rig.unit('lb2', 'nginx')).toMatchObject({ active: 'inactive', mainPid: 0 });
      await done('start', 'nginx@lb2', '--yes');
      expect(await runs('lb2', 'nginx')).toBe(true);
      await done('start', 'keepalived@lb2', '--yes');
      expect(await runs('lb2', 'keepalived')).toBe(true);
      expect(await rig.holders(VIP)).toEqual(['lb1']);
    });

    test('nginx of the MASTER stops, and the check script has it back', async () => {
      const before = await rig.unit('lb1', 'nginx');
      const { stderr, report } = await act('stop', 'nginx@lb1', '--yes');
      // Whoever looks after the check script has been there sees that it did not hold, and says so.
      if (report?.outcome !== 'done')
        expect(report).toMatchObject({ outcome: 'no-effect', seen: expect.stringContaining('was started again') });
      expect(report?.ran).toMatchObject([{ command: 'sudo -n systemctl stop nginx', code: 0 }]);
      expect(stderr).toContain('starts it again');
      const after = await becomes(
        'nginx',
        () => rig.unit('lb1', 'nginx'),
        (unit) => unit.active === 'active',
      );
      expect(after.mainPid).not.toBe(before.mainPid);
    });

    test('a load balancer goes out of service and comes back, and the last one only by its typed name', async () => {
      await done('out-of-service', 'lb1', '--yes');
      expect(await Promise.all(VIPS.map((vip) => rig.holders(vip)))).toEqual([['lb2'], ['lb2'], ['lb2']]);
      expect(await rig.isServed(VIP)).toBe(true);
      expect([await runs('lb1', 'keepalived'), await runs('lb1', 'nginx')]).toEqual([false, false]);

      for (const flags of [[], ['--yes'], ['--confirm', 'lb1'], ['--confirm', 'LB2']]) {
        const refused = await act('out-of-service', 'lb2', ...flags);
        expect(refused.report).toMatchObject({ outcome: 'refused', reason: 'risk', confirm: 'lb2', ran: [] });
        expect(refused.report?.risk).toMatchObject({ step: 3, takesLast: true });
      }
      expect(await rig.holders(VIP)).toEqual(['lb2']);
      await done('out-of-service', 'lb2', '--confirm', 'lb2');
      expect(await rig.holders(VIP)).toEqual([]);
      expect(await rig.isServed(VIP)).toBe(false);

      await done('back-in-service', 'lb1', '--yes');
      expect(await rig.holders(VIP)).toEqual(['lb1']);
      expect(await rig.isServed(VIP)).toBe(true);
      await done('back-in-service', 'lb2', '--yes');
      expect([await runs('lb2', 'keepalived'), await runs('lb2', 'nginx')]).toEqual([true, true]);
    });

    test('both load balancers are not taken out by two who act at the same moment', async () => {
      const ends = await Promise.all(
        ['lb1', 'lb2'].map((node) => rig.start('act', 'out-of-service', node, '--yes', '--json').ended),
      );
      const done = ends.filter(({ report }) => report?.outcome === 'done');
      expect(done.length).toBeLessThan(2);
      for (const { report, code } of ends)
        if (report?.outcome !== 'done') expect({ code, ...report }).toMatchObject({ code: 2, reason: 'risk', ran: [] });
      expect(await rig.isServed(VIP)).toBe(true);
    });

    test('a stale VIP is removed from a node whose keepalived is gone, and from no other', async () => {
      await rig.leaveStale('lb1');
      await becomes(
        'two holders',
        () => rig.holders(VIP),
        (held) => held.length === 2,
      );
      expect((await act('remove-vip', `${VIP}@lb2`, '--yes')).report).toMatchObject({ outcome: 'refused', ran: [] });
      const asked = await act('remove-vip', `${VIP}@lb1`, '--dry-run');
      expect(asked.report).toMatchObject({ outcome: 'dry-run', exit: 0, ran: [] });
      expect(await rig.holders(VIP)).toHaveLength(2);
      await done('remove-vip', `${VIP}@lb1`, '--confirm', 'lb1');
      expect(await rig.holders(VIP)).toEqual(['lb2']);
      expect((await rig.holders(VIPS[1] as string)).sort()).toEqual(['lb1', 'lb2']);
    });

    test('keepalived is not reloaded with a file that would end it', async () => {
      await rig.breakKeepalivedFile('lb2');
      const before = await rig.unit('lb2', 'keepalived');
      const refused = await act('reload', 'keepalived@lb2', '--confirm', 'lb2');
      expect(refused.report).toMatchObject({ outcome: 'refused', exit: 2, ran: [] });
      expect(refused.report?.seen).toMatch(/would end keepalived/);
      expect(await rig.unit('lb2', 'keepalived')).toEqual(before);
    });

    test('a restore timer is armed first, told, and cancelled', async () => {
      const { report } = await done('out-of-service', 'lb2', '--yes', '--restore-after', '5m');
      expect(report?.ran.map(({ command }) => command.replace(/--description=\S+ /, ''))).toEqual([
        'sudo -n systemd-run --unit=haconsole-restore --on-active=300 --timer-property=AccuracySec=100ms -- systemctl start nginx keepalived',
        'sudo -n systemctl stop keepalived',
        'sudo -n systemctl stop nginx',
      ]);
      expect(await rig.timer('lb2')).toBe(true);
      const second = await act('start', 'nginx@lb2', '--yes', '--restore-after', '5m');
      expect(second.report).toMatchObject({ outcome: 'refused', ran: [] });
      await done('cancel-restore', 'lb2', '--yes');
      expect(await rig.timer('lb2')).toBe(false);
      expect((await act('cancel-restore', 'lb2', '--yes')).report).toMatchObject({ reason: 'nothing-to-do' });
      expect(await runs('lb2', 'keepalived')).toBe(false);
    });

    test('a node heals itself in time when the console is killed with -9', async () => {
      const begun = performance.now();
      const acting = rig.start('act', 'out-of-service', 'lb2', '--yes', '--restore-after', '6s');
      await acting.until('sudo -n systemctl stop keepalived\n   ');
      const armed = performance.now();
      acting.kill();
      await acting.ended;
      await becomes(
        'the stop',
        () => rig.unit('lb2', 'keepalived'),
        (unit) => unit.active === 'inactive',
      );
      await becomes(
        'the restore',
        () => rig.unit('lb2', 'keepalived'),
        (unit) => unit.active === 'active',
      );
      const after = performance.now() - armed;
      // Not sooner than was asked for: it was armed some time after the beginning.
      expect(performance.now() - begun).toBeGreaterThan(6000);
      expect(after).toBeLessThan(7500);
      expect(await runs('lb2', 'nginx')).toBe(true);
      expect(await rig.timer('lb2')).toBe(false);
    });

    test('a connection lost midway is said, waited for, and what was done is found out', async () => {
      const acting = rig.start('act', 'stop', 'keepalived@lb2', '--yes', '--json');
      await becomes(
        'the stop',
        () => rig.unit('lb2', 'keepalived'),
        ({ active }) => active === 'deactivating',
        20_000,
      );
      await rig.killJump();
      await acting.until('awaited: the connection to lb2');
      await rig.reviveJump();
      const { report } = await acting.ended;
      expect(report).toMatchObject({ outcome: 'done', exit: 0 });
      expect(report?.ran).toMatchObject([{ command: 'sudo -n systemctl stop keepalived', code: null }]);
      expect(report?.ran[0]?.error).not.toBeNull();
      expect(await runs('lb2', 'keepalived')).toBe(false);
    });

    test('without the right nothing is run, and one sentence says which line of sudoers allows it', async () => {
      const more = await rig.withoutSudo();
      const { report } = await act('stop', 'keepalived@lb2', '--yes', ...more);
      expect(report).toMatchObject({ outcome: 'failed', exit: 3, error: { step: 'permission', hop: 'lb2' }, ran: [] });
      expect(report?.error?.advice).toMatch(/ALL=\(root\) NOPASSWD: \/usr\/bin\/systemctl stop keepalived/);
      expect(await runs('lb2', 'keepalived')).toBe(true);
    });

    test('read-only runs nothing, whatever is asked', async () => {
      const before = await Promise.all([rig.unit('lb2', 'nginx'), rig.unit('lb2', 'keepalived'), rig.checkLog('lb2')]);
      const asked = [
        ['stop', 'nginx@lb2'],
        ['restart', 'keepalived@lb2'],
        ['out-of-service', 'lb2'],
        ['remove-vip', `${VIP}@lb1`],
        ['cancel-restore', 'lb2'],
      ];
      for (const words of asked) {
        const { report } = await act(...words, '--confirm', 'lb2', '--read-only');
        expect(report).toMatchObject({ outcome: 'refused', exit: 2, reason: 'read-only', ran: [] });
      }
      expect((await rig.start('note', 'written?', '--read-only').ended).code).toBe(2);
      const after = await Promise.all([rig.unit('lb2', 'nginx'), rig.unit('lb2', 'keepalived'), rig.checkLog('lb2')]);
      expect(after).toEqual(before);
    });

    test('notes are stored as text on every load balancer, or refused', async () => {
      const texts = [
        '"; rm -rf / #',
        '`touch /tmp/owned` $(touch /tmp/owned)',
        "it's 100% \\n",
        '值班:切换到 lb2',
        'two\nlines \u001b[31mred',
      ];
      for (const text of texts) {
        const { code, stdout } = await rig.start('note', text).ended;
        expect(stdout).toBe('lb1: written\nlb2: written\n');
        expect(code).toBe(0);
      }
      for (const node of ['lb1', 'lb2']) {
        const lines = (await rig.checkLog(node)).trimEnd().split('\n').slice(-texts.length);
        expect(lines.map((line) => line.replace(/^\w{3} \w{3} +\d+ [\d:]+ \w+ \d{4}: note by [^:]+: /, ''))).toEqual([
          ...texts.slice(0, 4),
          'two\\x0alines \\x1b[31mred',
        ]);
      }
      const before = await rig.checkLog('lb1');
      const long = await rig.start('note', 'x'.repeat(10_000)).ended;
      expect(long).toMatchObject({ code: 2, stdout: '' });
      expect(long.stderr).toContain('10000');
      expect((await rig.start('note', '  ').ended).code).toBe(2);
      expect(await rig.checkLog('lb1')).toBe(before);
      const one = await rig.start('note', 'for one', '--node', 'lb2', '--json').ended;
      expect(JSON.parse(one.stdout)).toMatchObject({
        schema: 'haconsole.note/1',
        exit: 0,
        notes: [{ node: 'lb2', written: true }],
      });
      expect(await rig.checkLog('lb1')).toBe(before);
    });
  });
};
