import { describe, expect, test } from 'vitest';
import { noteCommand } from '../../src/actions/note.ts';
import { readSpan, spanText } from '../../src/demo/tools/timespan.ts';
import { spanSeconds } from '../../src/probes/parse/restore-timer.ts';
import { LOG, scene } from './act-scene.ts';

describe('a note that cannot be written says why, as on the real machine', () => {
  const root = { root: true, user: 'root', sbin: true, stdin: async () => 'a note' };
  const demo = { stdin: async () => 'a note' };
  test.each([
    ['by root', '', root, LOG, ''],
    ['by sudo', '', demo, LOG, ''],
    ['without sudo', 'no-sudo', demo, LOG, 'sudo: a password is required\n'],
    ['with narrow sudo', 'narrow-sudo', demo, LOG, 'sudo: a password is required\n'],
    ['into a folder that is not there', '', root, '/nowhere/x.log', 'tee: /nowhere/x.log: No such file or directory\n'],
    ['whose folder is gone', 'no-log-folder', demo, LOG, `tee: ${LOG}: No such file or directory\n`],
    ['on a full disk, by root', 'full-disk', root, LOG, '/bin/sh: 1: printf: printf: I/O error\n'],
    ['on a full disk, by sudo', 'full-disk', demo, LOG, `tee: ${LOG}: No space left on device\n`],
    ['on a read-only disk, by root', 'read-only-log', root, LOG, `tee: ${LOG}: Read-only file system\n`],
    ['on a read-only disk, by sudo', 'read-only-log', demo, LOG, `tee: ${LOG}: Read-only file system\n`],
  ])('%s', async (_, name, as, path, stderr) => {
    const { run, fault, machine } = scene();
    if (name !== '') fault(name);
    const before = machine.files.get(path)?.content ?? '';
    const result = await run(noteCommand(path, as === demo), 20, as);
    expect(result).toEqual({ stdout: '', stderr, code: stderr === '' ? 0 : 1 });
    const after = machine.files.get(path)?.content ?? '';
    if (stderr === '') expect(after.slice(before.length)).toMatch(/^\w{3} \w{3} [ \d]\d [\d:]{8} UTC \d{4}: a note\n$/);
    else expect(after).toBe(before);
  });

  test('and the check script loses its line, but not nginx', async () => {
    const { run, fault, machine, host } = scene();
    fault('full-disk');
    await run('sudo -n systemctl stop nginx', 2_500);
    expect(host.web.unit.active).toBe('active');
    expect(machine.files.get(LOG)!.content).toBe('');
  });
});

describe('a restore timer', () => {
  const arm = (seconds: number, accuracy = ' --timer-property=AccuracySec=100ms'): string =>
    `sudo -n systemd-run --unit=haconsole-restore --on-active=${seconds}${accuracy} -- systemctl start nginx keepalived`;

  test('fires between its time and its accuracy later, whatever has become of who armed it', async () => {
    const { run, clock, host } = scene();
    const from = clock.now();
    await run(arm(60), 0);
    await run('sudo -n systemctl stop keepalived', 1_100);
    await run('sudo -n systemctl stop nginx', 100);
    clock.advance(from + 60_000 - clock.now() - 1);
    expect([host.web.unit.active, host.keepalived!.unit.active]).toEqual(['inactive', 'inactive']);
    clock.advance(101 + 50);
    expect([host.web.unit.active, host.keepalived!.unit.active]).toEqual(['active', 'active']);
  });

  test('without AccuracySec may be up to a minute late', async () => {
    const late: number[] = [];
    const { run, clock, host, machine } = scene();
    for (let round = 0; round < 12; round += 1) {
      host.keepalived!.unit.stop();
      clock.advance(2_000);
      await run(arm(5, ''), 0);
      const from = clock.now();
      while (host.keepalived!.unit.active !== 'active' && clock.now() - from < 70_000) clock.advance(100);
      late.push(clock.now() - from - 5_000);
      await run('true', 50);
      expect(machine.transient('haconsole-restore')).toBeUndefined();
    }
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...late)).toBeLessThanOrEqual(60_200);
    expect(Math.max(...late) - Math.min(...late)).toBeGreaterThan(10_000);
  });

  test('is gone after a power loss: /run is empty', async () => {
    const { run, clock, machine, host } = scene();
    await run(arm(20));
    machine.powerOff();
    clock.advance(1_000);
    machine.powerOn();
    clock.advance(5_000);
    host.web.unit.mask(false);
    host.keepalived!.unit.stop();
    clock.advance(60_000);
    expect(host.keepalived!.unit.active).toBe('inactive');
    expect((await run('systemctl show -p LoadState,ActiveState haconsole-restore.timer')).stdout).toBe(
      'LoadState=not-found\nActiveState=inactive\n',
    );
  });

  test('starts what it can: a masked nginx fails it, and keepalived comes up all the same', async () => {
    const { run, clock, host, machine } = scene();
    await run(arm(5));
    await run('sudo -n systemctl stop keepalived', 1_100);
    host.web.unit.mask(true);
    await run('sudo -n systemctl stop nginx', 3_900);
    await run('true', 300);
    clock.advance(100);
    expect(host.keepalived!.unit.active).toBe('active');
    expect(host.web.unit.active).toBe('inactive');
    expect(machine.transient('haconsole-restore')?.service).toMatchObject({ active: 'failed', exec: { status: 1 } });
  });
});

describe('a job that does not end', () => {
  test('is canceled by the stop of its unit, and the command that waits for it says so', async () => {
    const { begin, run, settle, edit, host } = scene();
    edit('check_nginx.sh"', 'check_nginx.sh');
    const reload = begin('sudo -n systemctl reload keepalived');
    await settle(5_000);
    expect(host.keepalived!.unit).toMatchObject({ active: 'reloading', sub: 'reload' });
    expect(await run('sudo -n systemctl stop keepalived', 100)).toEqual({ stdout: '', stderr: '', code: 0 });
    expect(await reload).toEqual({ stdout: '', stderr: 'Job for keepalived.service canceled.\n', code: 1 });
    expect(host.keepalived!.unit).toMatchObject({ active: 'inactive', result: 'success' });

    const start = begin('sudo -n systemctl start keepalived');
    await settle(2_000);
    expect((await run('systemctl is-active keepalived', 0)).stdout).toBe('activating\n');
    await run('sudo -n systemctl stop keepalived', 100);
    expect(await start).toMatchObject({ stderr: 'Job for keepalived.service canceled.\n', code: 1 });
  });

  test('ends with the process that was killed', async () => {
    const { begin, run, settle, edit } = scene('lb2');
    edit('check_nginx.sh"', 'check_nginx.sh');
    const reload = begin('sudo -n systemctl reload keepalived');
    await settle(1_000);
    await run('sudo -n systemctl kill -s KILL keepalived');
    expect(await reload).toMatchObject({
      stderr: expect.stringContaining('failed because a fatal signal was delivered to the control process.'),
      code: 1,
    });
  });
});

describe('a frozen service', () => {
  test('is told to reload at once, and does it when it is thawed', async () => {
    const { run, host, edit, clock } = scene();
    const { unit } = host.keepalived!;
    unit.freeze(true);
    edit('priority 150', 'priority 90');
    expect(await run('sudo -n systemctl reload keepalived', 100)).toEqual({ stdout: '', stderr: '', code: 0 });
    expect(host.keepalived!.settings().priority).toBe(150);
    unit.freeze(false);
    expect(host.keepalived!.settings().priority).toBe(90);
    const nginx = host.web.unit;
    const before = nginx.processes.map(({ pid }) => pid);
    nginx.freeze(true);
    await run('sudo -n systemctl reload nginx', 100);
    expect(nginx.processes.map(({ pid }) => pid)).toEqual(before);
    nginx.freeze(false);
    expect(nginx.processes[0]!.pid).toBe(before[0]);
    expect(before).not.toContain(nginx.processes[1]!.pid);
    clock.advance(1_000);
  });

  test('that is stopped forgets the reload', async () => {
    const { run, host, edit } = scene();
    host.keepalived!.unit.freeze(true);
    edit('interface eth0', 'interface ens33');
    await run('sudo -n systemctl reload keepalived', 100);
    edit('interface ens33', 'interface eth0');
    await run('sudo -n systemctl restart keepalived', 1_200);
    expect(host.keepalived!.unit).toMatchObject({ active: 'active', result: 'success' });
  });
});

describe('spans of time', () => {
  test('are printed as systemd prints them, and read back by the console to the microsecond', () => {
    expect(spanText(12_583_407_772)).toBe('3h 29min 43.407772s');
    expect(spanText(100_000)).toBe('100ms');
    expect(spanText(60e6)).toBe('1min');
    expect(spanText(90e6)).toBe('1min 30s');
    for (let micros = 1; micros < 4e13; micros = Math.floor(micros * 1.37) + 1) {
      expect(spanSeconds(spanText(micros))! * 1e6, spanText(micros)).toBeCloseTo(micros, 0);
    }
  });

  test.each([
    ['300', 300_000],
    ['1min 30s', 90_000],
    ['100ms', 100],
    ['2h', 7_200_000],
    ['1.5', 1_500],
    ['', undefined],
    ['-5', undefined],
    ['bad', undefined],
    ['5 parsecs', undefined],
  ])('%j is read as %s ms', (text, ms) => {
    expect(readSpan(text)).toBe(ms);
  });
});
