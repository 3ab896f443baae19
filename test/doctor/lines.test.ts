import { describe, expect, it, test } from 'vitest';
import { sectionText, summaryText } from '../../src/commands/doctor-text.ts';
import type { Answer, Answers } from '../../src/doctor/answers.ts';
import { type Here, hereSection } from '../../src/doctor/here.ts';
import { type Login, loginLines } from '../../src/doctor/login.ts';
import { checkLogLines, journalLine } from '../../src/doctor/reading.ts';
import { bad, type Line, ok, reportOf, type Section, unknown } from '../../src/doctor/report.ts';
import { surveyScript } from '../../src/doctor/script.ts';
import { clockLine, systemLines } from '../../src/doctor/system.ts';
import { TOOLS, toolLines } from '../../src/doctor/tools.ts';
import { cells } from '../../src/views/parts/cells.ts';
import { fixture } from '../render/clusters.ts';

const marks = (lines: readonly Line[]) => lines.map(({ check, mark }) => `${check} ${mark}`);

const answers =
  (given: Record<string, Answer | string>): Answers =>
  (key) => {
    const one = given[key];
    return typeof one === 'string' ? { rc: 0, text: one } : one;
  };

describe('the steps of a login', () => {
  const passed = (...steps: ('name' | 'tcp' | 'host-key' | 'auth')[]) =>
    steps.map((step) => ({ host: 'lb1', step, ms: 1, detail: step }));
  const login = (more: Partial<Login>): Login => ({ host: 'lb1', role: 'lb', passed: [], ...more });
  const failure = (
    step: 'name' | 'tcp' | 'host-key' | 'auth' | 'timeout' | 'lost' | 'config' | 'permission',
    more = {},
  ) => ({ step, hop: 'lb1', found: 'so it was', blame: 'target' as const, ...more });

  it('are ticks with what came of them; an address needs no lookup', () => {
    expect(marks(loginLines(login({ passed: passed('tcp', 'host-key', 'auth') })))).toEqual([
      'SSH port ok',
      'host key ok',
      'login ok',
    ]);
    expect(marks(loginLines(login({ passed: passed('name', 'tcp', 'host-key', 'auth') })))).toHaveLength(4);
  });
  it('end at the cross: what comes after it is not reached', () => {
    const lines = loginLines(login({ passed: passed('tcp'), failure: failure('host-key') }));
    expect(marks(lines)).toEqual(['SSH port ok', 'host key bad', 'login unknown']);
    expect(marks(loginLines(login({ failure: failure('tcp') })))).toEqual([
      'SSH port bad',
      'host key unknown',
      'login unknown',
    ]);
  });
  it('have the cross of a silence where the silence was', () => {
    expect(marks(loginLines(login({ passed: passed('tcp'), failure: failure('timeout') })))[1]).toBe('host key bad');
    expect(marks(loginLines(login({ passed: passed('tcp', 'host-key'), failure: failure('lost') })))[2]).toBe(
      'login bad',
    );
  });
  it('are no crosses where somebody else is in the way, or nothing proved the way alive', () => {
    expect(marks(loginLines(login({ failure: failure('auth', { hop: 'jump' }) })))).toEqual(['login unknown']);
    expect(marks(loginLines(login({ failure: failure('permission', { hop: 'jump' }) })))).toEqual(['login unknown']);
    expect(marks(loginLines(login({ passed: [], failure: failure('tcp', { blame: 'path' }) })))).toEqual([
      'login unknown',
    ]);
    // A jump host's own trouble is always the path's, and still its own.
    expect(marks(loginLines(login({ role: 'jump', failure: failure('tcp', { blame: 'path' }) })))[0]).toBe(
      'SSH port bad',
    );
  });
  it('every cross says what to do', () => {
    for (const step of ['name', 'tcp', 'host-key', 'auth'] as const)
      expect(loginLines(login({ failure: failure(step) })).find(({ mark }) => mark === 'bad')?.advice).toBeTruthy();
  });
});

describe('the programs of a node', () => {
  it('are told by their versions, old and new', () => {
    const said: Record<string, string[]> = {
      ip: ['ip utility, iproute2-6.1.0, libbpf 1.1.2', 'ip utility, iproute2-ss170501'],
      ps: ['ps from procps-ng 4.0.2', 'procps-ng version 3.3.10'],
      systemctl: ['systemd 252 (252.39-1~deb12u1)\n+PAM', 'systemd 219\n+PAM'],
      keepalived: ['Keepalived v2.2.7 (01/16,2022)', 'Keepalived v1.3.5 (03/19,2017)'],
      nginx: ['nginx version: nginx/1.22.1'],
    };
    for (const [tool, versions] of Object.entries(said))
      for (const text of versions) {
        const key = TOOLS.find((one) => one.tool === tool)?.key ?? '';
        expect(toolLines(answers({ [key]: text }), 'lb').find(({ check }) => check === tool)).toMatchObject({
          mark: 'ok',
          found: expect.stringMatching(/^[\d.]+$/),
        });
      }
  });
  it('are crosses where they are missing, with what is lost and how to get them; silence is no proof', () => {
    const gone = toolLines(() => ({ rc: 127, text: 'sh: 1: x: not found' }), 'lb');
    expect(
      gone.every(({ mark, advice, check }) => (check === 'killall' ? mark === 'unknown' : mark === 'bad') && advice),
    ).toBe(true);
    expect(toolLines(() => undefined, 'web').every(({ mark }) => mark === 'unknown')).toBe(true);
  });
});

describe('what can be read', () => {
  const id = 'uid=1000(ops) gid=1000(ops)';
  it('tells an empty journal from one that may not be read', () => {
    const journal = (text: string, rc = 0, who = id) => journalLine(answers({ ID: who, JOURNAL: { rc, text } })).mark;
    expect(journal('Nov 24 lb1 Keepalived[1]: x')).toBe('ok');
    expect(journal('Nov 24 web1 sudo[2]: pam_unix(sudo:session): a password is required')).toBe('ok');
    expect(journal('sudo: a password is required', 1)).toBe('bad');
    expect(journal('No journal files were opened due to insufficient permissions.', 1)).toBe('bad');
    expect(journal('-- No entries --')).toBe('unknown');
    expect(journalLine(answers({ ID: id })).mark).toBe('unknown');
  });
  it('knows a read-only mount over the log itself, a full disk, and a missing log', () => {
    const log = '/etc/keepalived/check_nginx.log';
    const yes = { rc: 0, text: '' };
    const base = {
      ID: id,
      LOGIS: yes,
      LOGREAD: yes,
      LOGWRITE: { rc: 1, text: '' },
      MOUNTS: 'd / ext4 rw 0 0',
      LOGDISK: 'F 1 2 3 4 5\n/dev/v 100 50 50 50% /',
    };
    const lines = (more: Record<string, Answer | string>) => marks(checkLogLines(answers({ ...base, ...more }), log));
    expect(lines({})).toEqual(['check log ok']);
    expect(lines({ LOGWRITE: yes })).toEqual(['check log ok', 'check log writable ok']);
    expect(lines({ MOUNTS: `d / ext4 rw 0 0\nd ${log} ext4 ro,relatime 0 0` })).toEqual([
      'check log ok',
      'check log writable bad',
    ]);
    expect(lines({ MOUNTS: `d / ext4 ro 0 0\nd /etc ext4 rw 0 0\nd /et ext4 ro 0 0`, LOGWRITE: yes })).toEqual([
      'check log ok',
      'check log writable ok',
    ]);
    expect(lines({ LOGDISK: 'F 1 2 3 4 5\n/dev/v 100 100 0 100% /' })).toEqual([
      'check log ok',
      'check log writable bad',
    ]);
    expect(lines({ LOGIS: { rc: 1, text: '' } })).toEqual(['check log unknown']);
    expect(lines({ LOGREAD: { rc: 1, text: '' } })).toEqual(['check log bad']);
  });
});

describe('the preparation of a node', () => {
  const addr = (more = '') =>
    `1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever\n2: eth0    inet 10.0.0.1/24 brd 10.0.0.255 scope global ${more}eth0\\       valid_lft forever`;
  const around = { role: 'lb' as const, address: '10.0.0.1', addresses: ['10.0.0.1', '10.0.0.2', '10.0.0.80'] };
  const unit = (name: string, state: string) =>
    `Id=${name}.service\nNames=${name}.service\nLoadState=loaded\nActiveState=${state}`;
  const sound = {
    ADDR: addr(),
    ROUTE: 'default via 10.0.0.254 dev eth0',
    DNS: 'nameserver 10.0.0.53',
    UNITS: `${unit('chronyd', 'active')}\n\n${unit('firewalld', 'inactive')}`,
    SELINUX: { rc: 1, text: '' },
  };
  const lines = (more: Record<string, Answer | string>, where = around) =>
    systemLines(answers({ ...sound, ...more }), where);
  const mark = (check: string, more: Record<string, Answer | string>, where = around) =>
    lines(more, where).find((line) => line.check === check)?.mark;

  it('is all ticks on a node that is set up as it should be', () => {
    expect(new Set(lines({}).map((line) => line.mark))).toEqual(new Set(['ok']));
  });
  it('asks about what cannot be decided from outside', () => {
    expect(mark('address', { ADDR: addr('dynamic ') })).toBe('unknown');
    expect(mark('address', {}, { ...around, address: '10.9.9.9' })).toBe('unknown');
    expect(mark('firewall', { UNITS: unit('firewalld', 'active') })).toBe('unknown');
    expect(mark('SELinux', { SELINUX: '1' })).toBe('unknown');
    expect(mark('SELinux', { SELINUX: '0' })).toBe('ok');
    expect(mark('time sync', { UNITS: unit('chronyd', 'inactive') })).toBe('unknown');
  });
  it('needs no gateway and no name server where all are in one network and named by addresses', () => {
    expect(mark('gateway', { ROUTE: '' })).toBe('ok');
    expect(mark('gateway', { ROUTE: '' }, { ...around, addresses: ['10.0.1.5'] })).toBe('unknown');
    expect(mark('DNS', { DNS: '' })).toBe('ok');
    expect(mark('DNS', { DNS: '' }, { ...around, addresses: ['web.example.net'] })).toBe('unknown');
  });
  it('is never a cross for silence', () => {
    expect(systemLines(() => undefined, around).every((line) => line.mark === 'unknown')).toBe(true);
  });
  it('calls a clock wrong only where the error of the measurement leaves no doubt', () => {
    expect(clockLine({ offset: 3_600_000, error: 20 }).mark).toBe('bad');
    expect(clockLine({ offset: -3_600_000, error: 20 }).found).toMatch(/behind/);
    expect(clockLine({ offset: 900, error: 20 }).mark).toBe('ok');
    expect(clockLine({ offset: 1500, error: 1200 }).mark).toBe('unknown');
    expect(clockLine(undefined).mark).toBe('unknown');
  });
});

test('the survey asks by keys that the agent can answer, each once, and redirects nothing into a file', () => {
  for (const role of ['lb', 'web'] as const) {
    const script = surveyScript(fixture('tutorial'), role);
    const keys = [...script.matchAll(/^run (\S+)/gm)].map((match) => match[1]!);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.every((key) => /^[A-Z]{1,8}$/.test(key))).toBe(true);
    for (const [, words = ''] of script.matchAll(/^run \S+ (.*)$/gm))
      expect(words.replace(/'[^']*'/g, '')).not.toMatch(/[<>|&;$`]/);
  }
});

describe('the text', () => {
  const section: Section = {
    name: 'lb1',
    role: 'lb',
    address: '172.16.249.101',
    lines: [
      ok('SSH port', '172.16.249.101:22', 12.34),
      bad(
        'host key',
        'THE HOST KEY HAS CHANGED: ssh-ed25519 SHA256:AAAA is not the key in /home/me/.ssh/known_hosts:3',
        'somebody may be listening in. If the host was reinstalled: check the fingerprint on it, then remove the line',
        0.2,
      ),
      unknown('login', 'not reached…'),
    ],
  };
  it('fits every width, with the advice under the cross', () => {
    for (const width of [40, 60, 80, 120]) {
      const text = sectionText(section, { width, ascii: false, color: false });
      for (const row of text.split('\n')) expect(cells(row)).toBeLessThanOrEqual(width);
      expect(text).toMatch(/✗ host key/);
      expect(text.replace(/\s+/g, ' ')).toContain('→ somebody may be listening in.');
    }
  });
  it('has words for signs where there is only ASCII, and colour only where it is wanted', () => {
    const text = sectionText(section, { width: 80, ascii: true, color: false });
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    expect(text).toMatch(/^ {2}ok SSH port/m);
    expect(text).toMatch(/^ {2}XX host key/m);
    expect(text).toMatch(/^ {2}\?\? login/m);
    expect(sectionText(section, { width: 80, ascii: false, color: true })).toContain('\u001b[31m✗');
  });
  it('ends with how much works', () => {
    expect(summaryText(reportOf('c', [section], 2345))).toBe('1 of 3 work, 1 does not, 1 not known (2.3 s)\n');
  });
});

test('this side is told without a cross where there is no terminal, and with one where it is too small', () => {
  const here: Here = {
    isTerminal: false,
    columns: 0,
    rows: 0,
    colorDepth: 1,
    term: 'dumb',
    noColor: false,
    utf8: false,
    locale: '',
    agentKeys: null,
    ssh: false,
    node: 'v24.0.0',
  };
  const config = fixture('tutorial');
  expect(hereSection(here, config).lines.some(({ mark }) => mark === 'bad')).toBe(false);
  const small = hereSection({ ...here, isTerminal: true, columns: 50, rows: 15, colorDepth: 8 }, config);
  expect(small.lines.find(({ check }) => check === 'terminal size')).toMatchObject({ mark: 'bad', found: '50 x 15' });
});
