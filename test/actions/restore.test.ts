import { describe, expect, test } from 'vitest';
import { lineOf } from '../../src/actions/ask.ts';
import {
  armableOf,
  armCommand,
  canArm,
  extendCommands,
  runningUnits,
  startCommand,
} from '../../src/actions/restore.ts';
import { BY_LENGTH, readBy, writeBy } from '../../src/cluster/restore-by.ts';
import type { NodeView } from '../../src/cluster/state.ts';
import { sample } from '../probes/samples.ts';
import { Scene } from '../support/scene.ts';
import { scriptedRemote } from '../support/scripted-remote.ts';

const WALL = Date.UTC(2026, 10, 23, 18, 42, 48);
const how = { signal: new AbortController().signal, timeout: 1000 };
const shown = (state: string): string => sample(`lb2.systemctl-show-restore.${state}`).text;

describe('arming', () => {
  test('is one command of plain words', () => {
    expect(lineOf(armCommand(300, writeBy('ops@laptop', WALL), startCommand(['nginx', 'keepalived'])))).toBe(
      'systemd-run --unit=haconsole-restore --on-active=300 --timer-property=AccuracySec=100ms --description=ops@laptop:20261123T184248Z..................... -- systemctl start nginx keepalived',
    );
  });

  test.each(['ops@laptop', 'x', 'a very long name with "quotes" and $(more)@host.example.com.somewhere', '字@字'])(
    'says who in one word of always as many signs: %s',
    (author) => {
      const by = writeBy(author, WALL);
      expect(by).toHaveLength(BY_LENGTH);
      expect(by).toMatch(/^[A-Za-z0-9@._-]+:20261123T184248Z\.*$/);
      expect(readBy(by)).toMatch(/^[A-Za-z0-9@._-]+, 2026-11-23 18:42:48 UTC$/);
    },
  );

  test('leaves the words of others as they are', () => {
    expect(readBy('my own timer...')).toBe('my own timer...');
  });
});

describe('whether one can be armed', () => {
  test.each([
    ['absent', []],
    ['failed', [['systemctl', 'reset-failed', 'haconsole-restore.service']]],
  ])('yes, after what an earlier one left is cleared: %s', (state, before) => {
    expect(armableOf(shown(state), 'lb2')).toEqual({ ok: true, before });
  });

  test('no, while one is: it says whose', () => {
    expect(armableOf(shown('armed'), 'lb2')).toEqual({
      ok: false,
      refusal: {
        reason: 'disabled',
        text: 'a restore timer is armed on lb2 already (ops@laptop, 2026-11-23 18:42:48 UTC): cancel it first',
      },
    });
  });

  test('no, while what it starts is still starting', () => {
    expect(armableOf(shown('running-foreign'), 'lb2')).toMatchObject({ ok: false, refusal: { reason: 'disabled' } });
  });

  test('yes, where one ran into systemd’s start limit, or stayed loaded after it fired', () => {
    const dead = shown('absent').replace(
      /(haconsole-restore\.timer\n(?:.*\n)*?)ActiveState=inactive/,
      '$1ActiveState=failed',
    );
    expect(armableOf(dead, 'lb2')).toEqual({
      ok: true,
      before: [['systemctl', 'reset-failed', 'haconsole-restore.timer']],
    });
    const old = shown('armed').replace('SubState=waiting', 'SubState=elapsed');
    expect(armableOf(old, 'lb2')).toEqual({ ok: true, before: [['systemctl', 'stop', 'haconsole-restore.timer']] });
  });

  test('no, where that cannot be read', () => {
    expect(armableOf('System has not been booted with systemd as init system (PID 1).', 'lb2')).toMatchObject({
      ok: false,
    });
  });

  test.each([
    ['systemd 252 (252.39-1~deb12u1)\n+PAM', 0, true],
    ['systemd 219\n+PAM', 0, true],
    ['systemd 215\n', 0, false],
    ['', 127, false],
  ])('depends on the version: %j', async (stdout, code, ok) => {
    const remote = scriptedRemote([
      [/^systemd-run --version$/, { stdout, code }],
      [/^systemctl show /, { stdout: shown('absent') }],
    ]);
    const found = await canArm(remote, how);
    expect(found.ok).toBe(ok);
    if (!ok) expect(found).toMatchObject({ refusal: { reason: 'no-timer' } });
  });
});

describe('what it starts', () => {
  const context = { units: { nginx: 'nginx', keepalived: 'keepalived', web: 'httpd' }, vipPlaces: [] };
  const units = (change: (scene: Scene) => void, name = 'lb1') => {
    const scene = new Scene();
    change(scene);
    scene.healthy();
    return runningUnits(scene.state.nodes[name] as NodeView, context);
  };

  test('is what runs, nginx before keepalived', () => {
    expect(units(() => {})).toEqual(['nginx', 'keepalived']);
    expect(units(() => {}, 'web1')).toEqual(['httpd']);
  });

  test('is nothing that does not run', () => {
    expect(
      units(({ world }) => {
        world.units.lb1 = { nginx: { active: 'failed', mainPid: 0 } };
      }),
    ).toEqual(['keepalived']);
  });
});

test('a timer is extended past systemd’s limit of five starts in ten seconds', () => {
  expect(extendCommands().map(lineOf)).toEqual([
    'systemctl reset-failed haconsole-restore.timer',
    'systemctl restart haconsole-restore.timer',
  ]);
});
