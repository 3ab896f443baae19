import { describe, expect, it } from 'vitest';
import type { Section } from '../../src/probes/agent/protocol.ts';
import type { AgentSpec } from '../../src/probes/agent/script.ts';
import { snapshotOf } from '../../src/probes/snapshot.ts';
import { sample } from './samples.ts';

const spec = (over: Partial<AgentSpec> = {}): AgentSpec => ({
  role: 'lb',
  services: { nginx: 'nginx', keepalived: 'keepalived', web: 'auto' },
  checkLog: '/etc/keepalived/check_nginx.log',
  sudo: 'sudo',
  streams: false,
  ...over,
});

type Output = [text: string, rc?: number | null];

/** A snapshot of what the tools printed; status null: it has not ended. */
const look = (outputs: Record<string, Output>, over: Partial<AgentSpec> = {}, complete = true) => {
  const sections = new Map<string, Section>(
    Object.entries(outputs).map(([key, [text, rc = 0]]) => [
      key,
      { lines: text.split('\n').filter(Boolean), ...(rc === null ? {} : { rc }) },
    ]),
  );
  return snapshotOf({ op: 'snap', asked: 0, sections, complete, uptime: 1000 }, spec(over), 'n1');
};

const healthy: Record<string, Output> = {
  ADDR: [sample('lb1.ip-4-o-addr.healthy-master').text],
  UNITS: [sample('lb1.systemctl-show.healthy-master').text],
  PS: [
    'PID PPID STAT COMMAND COMMAND\n91 1 Ss nginx nginx: master process\n98 1 Ss keepalived /usr/sbin/keepalived --dont-fork\n99 98 T keepalived /usr/sbin/keepalived --dont-fork\n200 199 R keepalived keepalived --signum=JSON',
  ],
  LOG: ['54 1795459416\nMon Nov 23 18:43:36 UTC 2026: systemctl restart nginx'],
};

describe('a snapshot of a load balancer', () => {
  it('holds addresses, both services with their own processes, and the check log', () => {
    const snapshot = look(healthy);
    expect(snapshot.addresses.ok && snapshot.addresses.value.length).toBe(5);
    expect(snapshot.services.nginx).toMatchObject({
      unit: { ok: true, value: { id: 'nginx.service', active: 'active' } },
      processes: { ok: true, value: [{ pid: 91 }] },
    });
    expect(snapshot.services.keepalived).toMatchObject({
      unit: { ok: true, value: { id: 'keepalived.service' } },
      processes: {
        ok: true,
        value: [
          { pid: 98, stat: 'Ss' },
          { pid: 99, stat: 'T' },
        ],
      },
    });
    const { processes } = snapshot.services.keepalived!;
    expect(processes.ok && processes.value.length, 'our own question is no process of it').toBe(2);
    expect(snapshot.checkLog).toMatchObject({ ok: true, value: { size: 54 } });
    expect(snapshot.services).not.toHaveProperty('web');
  });

  it('says "no process" only where ps said so', () => {
    const none = look({ ...healthy, PS: ['PID PPID STAT COMMAND COMMAND', 1] });
    expect(none.services.nginx?.processes).toEqual({ ok: true, value: [] });
    const silent = look({ ...healthy, PS: ['sh: ps: not found', 127] });
    expect(silent.services.nginx?.processes).toMatchObject({
      ok: false,
      failure: { step: 'command', hop: 'n1', found: 'ps: not found on the node', blame: 'target' },
    });
    expect(silent.services.nginx?.unit.ok).toBe(true);
  });

  it.each([
    [
      'systemctl',
      'UNITS',
      "System has not been booted with systemd as init system (PID 1). Can't operate.",
      1,
      'command',
    ],
    ['systemctl', 'UNITS', 'sh: 1: systemctl: not found', 127, 'command'],
    ['ip', 'ADDR', 'sh: 1: ip: not found', 127, 'command'],
    ['ip', 'ADDR', 'Option "-o" is unknown, try "ip -help".', 255, 'command'],
    ['the check log', 'LOG', '/etc/x.log: No such file or directory', 2, 'command'],
    ['the check log', 'LOG', '/etc/x.log: Permission denied', 13, 'permission'],
  ])('says why %s could not be read: %s %s', (_tool, key, text, rc, step) => {
    const snapshot = look({ ...healthy, [key]: [text, rc] });
    const reading = { UNITS: snapshot.services.nginx?.unit, ADDR: snapshot.addresses, LOG: snapshot.checkLog }[key];
    expect(reading).toMatchObject({
      ok: false,
      failure: { step, hop: 'n1', blame: 'target', advice: expect.any(String) },
    });
  });

  it('keeps what came before the deadline, and blames the tool that hung', () => {
    const snapshot = look({ ADDR: healthy.ADDR!, UNITS: ['Id=nginx.service', null] }, {}, false);
    expect(snapshot.addresses.ok).toBe(true);
    for (const reading of [snapshot.services.nginx?.unit, snapshot.services.nginx?.processes, snapshot.checkLog])
      expect(reading).toMatchObject({ ok: false, failure: { step: 'timeout', blame: 'target' } });
  });

  it('finds a unit by its alias, and by its place where systemd shows another name', () => {
    const units =
      'Id=openresty.service\nNames=openresty.service\nActiveState=active\n\nId=keepalived.service\nActiveState=active';
    expect(look({ ...healthy, UNITS: [units] }).services.nginx?.unit).toMatchObject({
      ok: true,
      value: { id: 'openresty.service' },
    });
    const one = 'Id=keepalived.service\nNames=keepalived.service nginx.service\nActiveState=failed';
    expect(look({ ...healthy, UNITS: [one] }).services.nginx?.unit).toMatchObject({
      ok: true,
      value: { active: 'failed' },
    });
  });

  it('passes no control characters on in what it says', () => {
    const snapshot = look({
      ADDR: ['\u001b]0;owned\u0007', 1],
      UNITS: ['\u001b[2J', 1],
      PS: ['\u009b2J', 1],
      LOG: ['\u001bc', 13],
    });
    const text = JSON.stringify(snapshot);
    expect(text).not.toMatch(/\\u00[01]|\\u009b|[\u0000-\u001f\u007f-\u009f]/);
  });
});

describe('a snapshot of a web node', () => {
  const block = (name: string, load: string, active: string, pid = 0) =>
    `Id=${name}.service\nNames=${name}.service\nLoadState=${load}\nActiveState=${active}\nMainPID=${pid}`;
  const web = (units: string[], ps: string, name = 'auto') =>
    look(
      { ADDR: healthy.ADDR!, UNITS: [units.join('\n\n')], PS: [`PID PPID STAT COMMAND COMMAND\n${ps}`] },
      { role: 'web', services: { nginx: 'nginx', keepalived: 'keepalived', web: name } },
    ).services.web;

  it('finds the server that runs, with its processes', () => {
    const found = web(
      [
        block('apache2', 'not-found', 'inactive'),
        block('httpd', 'loaded', 'inactive'),
        block('nginx', 'loaded', 'active', 7),
      ],
      '7 1 Ss nginx nginx: master process\n8 1 S httpd stray',
    );
    expect(found).toMatchObject({ unit: { value: { id: 'nginx.service' } }, processes: { value: [{ pid: 7 }] } });
    expect(found?.processes.ok && found.processes.value.length).toBe(1);
  });

  it('finds the server that is installed where none runs: stopped, not missing', () => {
    const found = web([block('apache2', 'masked', 'inactive'), block('httpd', 'not-found', 'inactive')], '');
    expect(found).toMatchObject({
      unit: { value: { id: 'apache2.service', load: 'masked' } },
      processes: { ok: true, value: [] },
    });
  });

  it('says so where none is installed', () => {
    expect(web([block('apache2', 'not-found', 'inactive')], '')?.unit).toMatchObject({
      ok: false,
      failure: {
        step: 'command',
        found: 'none of apache2, httpd, nginx is installed',
        advice: 'name the unit: services.web',
      },
    });
  });

  it('does not call a program of another name than its unit dead', () => {
    expect(web([block('shop', 'loaded', 'active', 77)], '', 'shop')?.processes).toMatchObject({
      ok: false,
      failure: { found: expect.stringContaining('main process is 77') },
    });
    expect(web([block('shop', 'loaded', 'inactive', 0)], '', 'shop')?.processes).toEqual({ ok: true, value: [] });
  });
});
