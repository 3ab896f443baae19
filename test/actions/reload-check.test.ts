import { describe, expect, test } from 'vitest';
import { judgeReload, runningFile } from '../../src/actions/reload-check.ts';
import { reloadDifferences } from '../../src/actions/reload-differences.ts';
import type { NodeConfiguration, VrrpInstance } from '../../src/cluster/readings.ts';
import type { NodeView } from '../../src/cluster/state.ts';
import { samples } from '../probes/samples.ts';
import { Scene } from '../support/scene.ts';

/** What `keepalived -t` (2.2.7) said of a file, and what a reload with that file then did to a MASTER with three VIPs. */
const files = samples('keepalived-t').map(({ state: file, text }) => {
  const [, said = '', status = '', reload = ''] = /^(.*?)\[status (\d+)\]\n\[reload: (.*)\]\n$/s.exec(text) ?? [];
  return { file, said, status: Number(status), reload, survived: reload.startsWith('keepalived active') };
});
const judge = (said: string, code: number | null) =>
  judgeReload({ ok: true, value: { code, stdout: '', stderr: said } }, 'lb1');
const of = (name: string) => {
  const found = files.find(({ file }) => file === name);
  if (!found) throw new Error(`no file ${name}`);
  return { ...found, verdict: judge(found.said, found.status) };
};

describe('the file that is read', () => {
  const started = (command: string) => {
    const scene = new Scene().healthy();
    const node = scene.state.nodes.lb1 as NodeView;
    const { keepalived } = node.services;
    if (!keepalived?.unit.value) throw new Error('no keepalived');
    const { mainPid } = keepalived.unit.value;
    const other = { pid: 99_999, ppid: 1, stat: 'S', command: '/tmp/keepalived -f /tmp/of-somebody-else' };
    const processes = { ...keepalived.processes, value: [other, { pid: mainPid, ppid: 1, stat: 'S', command }] };
    return { ...node, services: { ...node.services, keepalived: { ...keepalived, processes } } };
  };

  test.each([
    ['/usr/sbin/keepalived --dont-fork', '/etc/keepalived/keepalived.conf'],
    ['/usr/sbin/keepalived --dont-fork -f /etc/ha/pair.conf', '/etc/ha/pair.conf'],
    ['/usr/sbin/keepalived -f/etc/ha/pair.conf -D', '/etc/ha/pair.conf'],
    ['/usr/sbin/keepalived --use-file=/etc/ha/pair.conf', '/etc/ha/pair.conf'],
    ['/usr/sbin/keepalived --use-file /etc/ha/pair.conf', '/etc/ha/pair.conf'],
    ['/usr/sbin/keepalived -f pair.conf', undefined],
    ['/usr/sbin/keepalived -f /etc/$(id)', undefined],
  ])('is the one that its main process was started with: %s', (command, file) => {
    expect(runningFile(started(command))).toBe(file);
  });

  test('and where it is another one, what it changes is not said from the usual one', () => {
    const { unread, lines } = reloadDifferences(started('/usr/sbin/keepalived -f /etc/ha/pair.conf'));
    expect(unread).toBe(true);
    expect(lines[0]?.text).toContain('keepalived was not started with /etc/keepalived/keepalived.conf');
  });
});

describe('the reading of keepalived -t', () => {
  test.each(files.filter(({ survived }) => !survived))(
    'stands in the way of a reload that ends keepalived: $file',
    ({ said, status }) => {
      const verdict = judge(said, status);
      expect(verdict).toMatchObject({ ok: false, refusal: { reason: 'risk' } });
      expect(verdict.ok ? '' : verdict.refusal.text).toMatch(/VIPs behind/);
    },
  );

  test.each([
    'good',
    'priority-90',
    'vip-removed',
    'vrid-52',
    'advert-3',
    'garp-interval-0',
    'script-writable-no-security',
    'auth-long',
    'nopreempt-master',
  ])('lets a file pass that keepalived takes as it is: %s', (name) => {
    const { survived, verdict } = of(name);
    expect(survived).toBe(true);
    expect(verdict).toMatchObject({ ok: true, unread: false });
  });

  test.each([
    'keyword-instance',
    'vip-bad-number',
    'script-missing',
    'brace-script-missing',
    'priority-word',
    'unicast-peer-bad',
    'file-missing',
    'include-missing',
  ])('stands in the way where something of the file would be left out, and says what: %s', (name) => {
    const { survived, said, verdict } = of(name);
    expect(survived).toBe(true);
    const text = verdict.ok ? '' : verdict.refusal.text;
    expect(text).toContain('would not take all of');
    expect(text).toContain(said.split('\n')[0]?.replace(/^.*Line \d+\) /, ''));
  });

  test('lets the tutorial’s own file pass, whose status is 6', () => {
    const said = [
      "(Line 15) number '0' outside range [0.000001, 4294.967295]",
      "(Line 15) vrrp_garp_interval '0' is invalid",
      'SECURITY VIOLATION - scripts are being executed but script_security not enabled. There are insecure scripts.',
    ].join('\n');
    const verdict = judge(said, 6);
    expect(verdict).toMatchObject({ ok: true, unread: false });
    expect(JSON.stringify(verdict)).toContain('harmless');
  });

  test('takes a message it does not know for something left out', () => {
    expect(judge('(Line 3) the moon is full', 5)).toMatchObject({ ok: false });
  });

  test('of a crash names the crash, whatever sudo makes of it', () => {
    const { said } = of('script-quote-open');
    for (const code of [139, null, 134])
      expect(judge(said, code)).toMatchObject({ ok: false, refusal: { text: expect.stringContaining('crashes') } });
  });

  test.each([
    ["keepalived: invalid option -- 't'\n", 0, 'no -t'],
    ['sudo: a password is required\n', 1, 'a password is required'],
    ['sh: 1: keepalived: not found\n', 127, 'not found'],
    ['Unable to read configuration file /etc/keepalived/keepalived.conf\n', 4, 'Unable to read'],
    ['', 5, 'ended with 5'],
  ])('that could not be made is said: %j', (said, code, words) => {
    const verdict = judge(said, code);
    expect(verdict).toMatchObject({ ok: true, unread: true });
    expect(JSON.stringify(verdict)).toContain(words);
  });

  test('shows no password of the line it quotes, and no control signs', () => {
    const verdict = judge("(Line 9) Unterminated quote 'auth_pass \"s3cret'\n(Line 10) Unknown keyword '\u001b[2J'", 5);
    expect(JSON.stringify(verdict)).not.toMatch(/s3cret|\\u001b/);
  });
});

describe('what a reload changes', () => {
  const configured = { name: 'VI_1', vrid: 51, priority: 150, advertInterval: 1, ifname: 'eth0', nopreempt: false };
  const vips = ['172.16.249.80', '172.16.249.90', '172.16.249.100'];
  const node = (instances: NodeConfiguration['instances'], runs: Partial<VrrpInstance> = {}): NodeView => {
    const scene = new Scene().healthy();
    const view = scene.state.nodes.lb1 as NodeView;
    return {
      ...view,
      configuration: { value: { instances, upstream: [] }, at: 1 },
      dump: { value: [scene.instance('lb1', runs)], at: 1 },
    };
  };
  const texts = (view: NodeView) => reloadDifferences(view).lines.map(({ severity, text }) => `${severity}: ${text}`);

  test('is nothing where the file says what runs', () => {
    expect(texts(node([{ ...configured, vips }]))).toEqual([
      'info: Priority, VRID, advert interval and VIPs in the file are those that run.',
    ]);
  });

  test.each([
    [{ priority: 90 }, 'warn: VI_1: priority 150 becomes 90.'],
    [{ vrid: 52 }, 'bad: VI_1: virtual_router_id 51 becomes 52: a peer with 51 hears it no more.'],
    [{ advertInterval: 3 }, 'bad: VI_1: advert_int 1 becomes 3: it must be the same on its peers.'],
    [{ ifname: 'ens33' }, 'bad: VI_1: interface eth0 becomes ens33.'],
    [{ vips: vips.slice(0, 2) }, 'bad: VI_1: 172.16.249.100 taken off this node.'],
    [{ vips: [...vips, '172.16.249.110'] }, 'warn: VI_1: 172.16.249.110 added.'],
  ])('is told field by field: %j', (over, line) => {
    expect(texts(node([{ ...configured, vips, ...over }]))).toEqual([line]);
  });

  test('is told where the instance itself is gone', () => {
    expect(texts(node([]))).toEqual(['bad: VI_1 is no more in the file: its VIPs are taken off.']);
  });

  test('is not known where the file or what runs could not be read', () => {
    const failure = { step: 'permission', hop: 'lb1', found: 'no', blame: 'target' } as const;
    const view = node([{ ...configured, vips }]);
    expect(reloadDifferences({ ...view, dump: { ...view.dump, failure } })).toMatchObject({ unread: true });
    expect(reloadDifferences({ ...view, configuration: { failure } })).toMatchObject({ unread: true });
  });
});
