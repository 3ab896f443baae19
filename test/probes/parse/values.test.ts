import { describe, expect, it } from 'vitest';
import { parseFileTail } from '../../../src/probes/parse/check-log.ts';
import { parseIpAddr } from '../../../src/probes/parse/ip-addr.ts';
import { parseMonitorLine } from '../../../src/probes/parse/ip-monitor.ts';
import { isDumpEcho, parseJournalLine } from '../../../src/probes/parse/journal.ts';
import { parseKeepalivedDump } from '../../../src/probes/parse/keepalived-dump.ts';
import type { Parsed } from '../../../src/probes/parse/parsed.ts';
import { parsePs } from '../../../src/probes/parse/ps.ts';
import { parseSystemctlShow } from '../../../src/probes/parse/systemctl-show.ts';
import { parseVrrpMessage } from '../../../src/probes/parse/vrrp-message.ts';
import { sample, samples } from '../samples.ts';

const value = <T>(result: Parsed<T>): T => {
  expect(result).toMatchObject({ ok: true });
  return (result as { value: T }).value;
};
const VIPS = ['172.16.249.80', '172.16.249.90', '172.16.249.100'];

describe('ip addr', () => {
  it.each(samples('ip-4-o-addr'))('tells the VIPs on $node when $state', ({ node, state, text }) => {
    const own = node === 'lb1' ? '172.16.249.101' : '172.16.249.102';
    const holds: Record<string, boolean> = {
      'lb1.fault-link-down': false,
      'lb1.healthy-master': true,
      'lb1.keepalived-kill9-stale-vip': true,
      'lb1.keepalived-stopped': false,
      'lb1.nginx-config-broken-killall': false,
      'lb1.nginx-masked': false,
      'lb1.nginx-stopped': true,
      'lb1.script-failed-prio-130': true,
      'lb1.split-brain': true,
      'lb2.both-hold-vip': true,
      'lb2.failed-over-master': true,
      'lb2.healthy-backup': false,
      'lb2.peer-link-down': true,
      'lb2.split-brain': true,
    };
    const addresses = value(parseIpAddr(text)).map(({ address }) => address);
    expect(addresses).toEqual(['127.0.0.1', own, ...(holds[`${node}.${state}`] ? VIPS : [])]);
  });

  it('reads interface, prefix, family and scope, with peers, labels, VLAN names and IPv6', () => {
    const text = String.raw`2: eth0    inet 10.0.0.1/24 brd 10.0.0.255 scope global secondary eth0:1\       valid_lft forever preferred_lft forever
7: wg0    inet 10.9.0.1 peer 10.9.0.2/32 scope global wg0\       valid_lft forever preferred_lft forever
3: bond0.10@bond0    inet6 2001:DB8::80/128 scope global nodad deprecated \       valid_lft forever preferred_lft 0sec
1: lo    inet 127.0.0.1 scope host lo`;
    expect(value(parseIpAddr(text))).toEqual([
      { ifname: 'eth0', address: '10.0.0.1', prefix: 24, family: 4, scope: 'global' },
      { ifname: 'wg0', address: '10.9.0.1', prefix: 32, family: 4, scope: 'global' },
      { ifname: 'bond0.10', address: '2001:db8::80', prefix: 128, family: 6, scope: 'global' },
      { ifname: 'lo', address: '127.0.0.1', prefix: 32, family: 4, scope: 'host' },
    ]);
  });

  it.each([
    ['a line cut in the middle', '1: lo    inet 127.0.0.1/8 scope host lo\n2: host0    inet 172.16.249.8'],
    ['an error message', 'Option "-o" is unknown, try "ip -help".'],
    ['an address that is none', '1: lo    inet 127.0.0.999/8 scope host lo'],
    ['nothing', ''],
  ])('takes %s for no answer rather than for "not held"', (_title, text) => {
    expect(parseIpAddr(text)).toMatchObject({ ok: false, failure: { step: 'parse' } });
  });
});

describe('ip monitor', () => {
  it('tells every VIP that went and came back', () => {
    const changes = sample('lb1.ip-ts-o-monitor-address.failover-and-failback')
      .text.split('\n')
      .map(parseMonitorLine)
      .filter((change) => change !== undefined);
    expect(changes.map(({ op, address }) => `${op} ${address.address} ${address.ifname}`)).toEqual([
      ...VIPS.map((vip) => `delete ${vip} host0`),
      ...VIPS.map((vip) => `add ${vip} host0`),
    ]);
  });

  it('passes over links, neighbours and overruns', () => {
    expect(parseMonitorLine('[2026-11-23T18:42:48.998024] 3: eth1: <BROADCAST,UP> mtu 1500')).toBeUndefined();
    expect(parseMonitorLine('netlink receive error No buffer space available (105)')).toBeUndefined();
  });
});

describe('systemctl show', () => {
  const units = (text: string, uptime?: number) => value(parseSystemctlShow(text, uptime)).map(({ unit }) => unit);

  it('reads both units of a healthy balancer', () => {
    expect(units(sample('lb1.systemctl-show.healthy-master').text)).toEqual([
      {
        id: 'nginx.service',
        load: 'loaded',
        file: 'enabled',
        active: 'active',
        sub: 'running',
        result: 'success',
        mainPid: 91,
        restarts: 0,
      },
      {
        id: 'keepalived.service',
        load: 'loaded',
        file: 'enabled',
        active: 'active',
        sub: 'running',
        result: 'success',
        mainPid: 98,
        restarts: 0,
      },
    ]);
  });

  it('tells a masked unit, a clean end and a violent one apart', () => {
    expect(units(sample('lb1.systemctl-show.nginx-masked').text)[0]).toMatchObject({
      load: 'masked',
      active: 'inactive',
    });
    expect(units(sample('lb1.systemctl-show.nginx-config-broken-killall').text)).toMatchObject([
      { active: 'failed', result: 'exit-code' },
      { active: 'inactive', result: 'success' },
    ]);
    expect(units(sample('lb1.systemctl-show.keepalived-kill9-stale-vip').text)[1]).toMatchObject({
      active: 'failed',
      result: 'signal',
    });
  });

  const block = (lines: string[]) => ['Id=nginx.service', 'LoadState=loaded', ...lines].join('\n');

  it.each([
    ['active', 'ActiveEnterTimestampMonotonic', 40],
    ['failed', 'InactiveEnterTimestampMonotonic', 30],
    ['inactive', 'InactiveEnterTimestampMonotonic', 30],
    ['activating', 'StateChangeTimestampMonotonic', 20],
  ])('counts the age of an %s unit from %s', (active, _property, age) => {
    const text = block([
      `ActiveState=${active}`,
      'ActiveEnterTimestampMonotonic=60000000',
      'InactiveEnterTimestampMonotonic=70000000',
      'StateChangeTimestampMonotonic=80000000',
    ]);
    expect(units(text, 100)[0]?.age).toBeCloseTo(age);
  });

  it('gives no age where it was never told, is in the future, or the uptime is unknown', () => {
    const at = (stamp: string, uptime?: number) =>
      units(block(['ActiveState=active', `ActiveEnterTimestampMonotonic=${stamp}`]), uptime)[0];
    expect(at('0', 100)).not.toHaveProperty('age');
    expect(at('200000000', 100)).not.toHaveProperty('age');
    expect(at('60000000')).not.toHaveProperty('age');
    expect(at('100050000', 100)?.age).toBe(0);
  });

  it('knows no restarts of systemd 219, all names of an alias, and units that are not there', () => {
    const text =
      'Names=httpd.service apache2.service\nId=apache2.service\nActiveState=active\n\nId=nginx.service\nLoadState=not-found\nActiveState=inactive\n';
    const shown = value(parseSystemctlShow(text));
    expect(shown[0]?.names).toEqual(['apache2.service', 'httpd.service']);
    expect(shown[0]?.unit).not.toHaveProperty('restarts');
    expect(shown[1]?.unit).toMatchObject({ load: 'not-found', active: 'inactive', mainPid: 0 });
  });

  it('keeps blocks apart also where the blank line between them was lost', () => {
    const { text } = sample('lb1.systemctl-show.healthy-master');
    expect(units(text.replace(/\n\n/g, '\n'))).toEqual(units(text));
  });

  it.each([
    'Id=nginx.service\nActiveState=\u001b[31mactive',
    'ActiveState=active',
    'Failed to connect to bus: Host is down',
  ])('does not make a unit of %j', (text) => {
    const result = parseSystemctlShow(text);
    expect(result).toMatchObject({ ok: false, failure: { step: 'parse' } });
    expect(JSON.stringify(result)).not.toContain('\\u001b');
  });
});

describe('ps', () => {
  it('reads the heading to know the columns', () => {
    expect(value(parsePs(sample('lb1.ps-C-nginx.healthy-master').text))).toEqual([
      {
        pid: 91,
        ppid: 1,
        stat: 'Ss',
        name: 'nginx',
        command: 'nginx: master process /usr/sbin/nginx -g daemon on; master_process on;',
      },
      { pid: 92, ppid: 91, stat: 'S', name: 'nginx', command: 'nginx: worker process' },
      { pid: 93, ppid: 91, stat: 'S', name: 'nginx', command: 'nginx: worker process' },
    ]);
    expect(value(parsePs(sample('web1.ps-apache2.healthy').text))[0]).toMatchObject({ name: 'apache2', ppid: 1 });
  });

  it('takes a heading without lines for "no such process"', () => {
    expect(value(parsePs(sample('lb1.ps-C-nginx.nginx-stopped').text))).toEqual([]);
  });

  it('reads what busybox prints, with and without -o', () => {
    const withOptions =
      '  PID  PPID STAT COMMAND          COMMAND\n   12     1 S    keepalived       {keepalived} /usr/sbin/keepalived -n\n   13    12 T    keepalived       keepalived\n';
    expect(value(parsePs(withOptions)).map(({ name, stat }) => [name, stat])).toEqual([
      ['keepalived', 'S'],
      ['keepalived', 'T'],
    ]);
    const plain =
      '  PID USER       VSZ STAT COMMAND\n   12 root      1234 S    nginx: master process nginx\n   14 root      1234 S    {httpd} /usr/sbin/httpd -D\n';
    expect(value(parsePs(plain))).toMatchObject([
      { pid: 12, ppid: 0, name: 'nginx' },
      { pid: 14, name: 'httpd' },
    ]);
  });

  it.each(["ps: invalid option -- 'C'\nBusyBox v1.35.0 multi-call binary.", '', 'PID PPID STAT COMMAND\nnonsense'])(
    'does not take %j for "no such process"',
    (text) => expect(parsePs(text)).toMatchObject({ ok: false, failure: { step: 'parse' } }),
  );
});

describe('the journal', () => {
  it('reads unit, message and the node’s time from every captured line', () => {
    for (const { text } of samples('journal-keepalived-json'))
      for (const line of text.trim().split('\n')) {
        const entry = value(parseJournalLine(line));
        expect(entry.unit).toBe('keepalived');
        expect(entry.message).toBe(JSON.parse(line).MESSAGE);
        expect(new Date(entry.nodeTime).getUTCFullYear()).toBe(2026);
      }
  });

  const line = (message: unknown) =>
    JSON.stringify({ MESSAGE: message, __REALTIME_TIMESTAMP: '1795459349994645', _SYSTEMD_UNIT: 'nginx.service' });

  it.each([
    ['bytes', [0xff, 0x1b, 0x5b, 0x41], '\ufffd\u001b[A'],
    ['null', null, '(a message too long for journalctl to show)'],
    ['several values', ['first', 'second'], 'first'],
    ['a very long text', 'x'.repeat(50_000), 'x'.repeat(2000)],
  ])('takes a message of %s', (_title, message, text) => {
    expect(value(parseJournalLine(line(message)))).toEqual({
      unit: 'nginx',
      identifier: '',
      message: text,
      nodeTime: 1795459349994.645,
    });
  });

  it('knows the echo of its own looks', () => {
    expect(isDumpEcho('Printing VRRP as json for process(4414) on signal')).toBe(true);
    expect(isDumpEcho('Printing parent data for process(4413) on signal')).toBe(true);
    expect(isDumpEcho('(VI_1) Entering MASTER STATE')).toBe(false);
  });
});

describe('a VRRP message', () => {
  it.each([
    ['(VI_1) Entering MASTER STATE', 'MASTER', false],
    ['(VI_1) Entering BACKUP STATE (init)', 'BACKUP', true],
    ['(VI_1) Entering FAULT STATE', 'FAULT', false],
    ['VRRP_Instance(VI_1) Entering BACKUP STATE', 'BACKUP', false],
    ['VRRP_Instance(VI_1) Transition to MASTER STATE', 'MASTER', false],
    ['VRRP_Instance(VI_1) Now in FAULT state', 'FAULT', false],
    ['VRRP_Instance(VI_1): Entering MASTER STATE', 'MASTER', false],
    ['(VI_1) entering FAULT state', 'FAULT', false],
  ])('%s', (message, state, initial) => {
    expect(parseVrrpMessage(message)).toEqual({ instance: 'VI_1', state, initial });
  });

  it.each(['VRRP_Script(check_nginx) succeeded', '(VI_1) Changing effective priority from 150 to 130', 'Stopping'])(
    '%s is none',
    (message) => expect(parseVrrpMessage(message)).toBeUndefined(),
  );
});

describe('keepalived’s dump', () => {
  const expected: Record<string, object> = {
    'lb1.healthy-master': {
      state: 'MASTER',
      basePriority: 150,
      effectivePriority: 150,
      advertsReceived: 0,
      advertsSent: 3,
    },
    'lb1.fault-link-down': { state: 'FAULT', basePriority: 150 },
    'lb1.script-failed-prio-130': { state: 'MASTER', basePriority: 150, effectivePriority: 130, advertsSent: 16 },
    'lb1.split-brain': { state: 'MASTER' },
    'lb2.healthy-backup': { state: 'BACKUP', basePriority: 100, effectivePriority: 100 },
    'lb2.failed-over-master': { state: 'MASTER', basePriority: 100 },
    'lb2.both-hold-vip': { state: 'MASTER' },
    'lb2.peer-link-down': { state: 'MASTER' },
    'lb2.split-brain': { state: 'MASTER' },
  };

  it.each(samples('keepalived.json'))(
    'as JSON and as DATA with STATS tells the same of $node when $state',
    ({ node, state, text }) => {
      const data = sample(`${node}.keepalived.data.${state}`).text;
      const stats = sample(`${node}.keepalived.stats.${state}`).text;
      const [json] = value(parseKeepalivedDump(text));
      const [old] = value(parseKeepalivedDump(`${data}\n---STATS---\n${stats}`));
      expect(json).toMatchObject({
        name: 'VI_1',
        vrid: 51,
        ifname: 'host0',
        advertInterval: 1,
        vips: VIPS,
        ...expected[`${node}.${state}`],
      });
      const { scriptsGood, ...rest } = old!;
      expect(rest).toEqual(json);
      expect(scriptsGood).toBe(state !== 'script-failed-prio-130');
    },
  );

  it('never passes a password on', () => {
    const texts = [
      sample('lb1.keepalived.json.healthy-master').text,
      sample('lb1.keepalived.data.healthy-master').text,
    ];
    for (const text of texts) {
      expect(text).toContain('1111');
      expect(JSON.stringify(parseKeepalivedDump(text))).not.toContain('1111');
    }
  });

  it('reads the JSON of several instances, of keepalived 2.3’s shape, and an interval in fractions', () => {
    const instance = (iname: string, state: number) => ({
      data: { iname, state, vrid: 1, base_priority: 9, adver_int: 0.5, vips: ['2001:db8::1/64 dev eth0 scope global'] },
    });
    expect(value(parseKeepalivedDump(JSON.stringify({ vrrp: [instance('A', 1), instance('B', 0)] })))).toEqual([
      {
        name: 'A',
        state: 'BACKUP',
        vrid: 1,
        ifname: '',
        basePriority: 9,
        effectivePriority: 9,
        advertInterval: 0.5,
        vips: ['2001:db8::1'],
      },
      expect.objectContaining({ name: 'B', state: 'INIT' }),
    ]);
    expect(parseKeepalivedDump(JSON.stringify([instance('A', 98)]))).toMatchObject({ ok: false });
  });

  it('reads DATA as keepalived 1.3 wrote it', () => {
    const text = `------< VRRP Topology >------
 VRRP Instance = VI_1
   State               = BACKUP
   Last transition     = 1795459353 (Mon Nov 23 18:42:33 2026)
   Listening device    = ens33
   Virtual Router ID   = 51
   Priority            = 100
   Advert interval     = 1 sec
   Virtual IP          = 2
     172.16.249.80/32 dev ens33 scope global
     172.16.249.90/32 dev ens33 scope global
`;
    expect(value(parseKeepalivedDump(text))).toEqual([
      {
        name: 'VI_1',
        state: 'BACKUP',
        vrid: 51,
        ifname: 'ens33',
        basePriority: 100,
        effectivePriority: 100,
        advertInterval: 1,
        vips: ['172.16.249.80', '172.16.249.90'],
        lastTransition: 1795459353,
      },
    ]);
  });
});

describe('the check log', () => {
  it('keeps the last lines raw, with size and time', () => {
    expect(value(parseFileTail('1234 1795459416\none\n\ntwo \u001b[1m\nthree', 2))).toEqual({
      size: 1234,
      mtime: 1795459416,
      lines: ['two \u001b[1m', 'three'],
    });
    expect(value(parseFileTail('0 1795459416', 5)).lines).toEqual([]);
    expect(parseFileTail('cat: not a size', 5)).toMatchObject({ ok: false });
  });
});
