import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type ManualClock, manualClock } from '../../src/demo/clock.ts';
import type { Flavour } from '../../src/demo/configuration.ts';
import { runLine } from '../../src/demo/shell.ts';
import { follow } from '../../src/demo/tools/table.ts';
import type { ToolContext, ToolResult } from '../../src/demo/tools/tool.ts';
import { createWorld, type Host, type World } from '../../src/demo/world.ts';

/** A captured output of the real tool, without the command line at its head and the status that the capture adds. */
const captured = (path: string): string =>
  readFileSync(new URL(`../../fixtures/captured/${path}`, import.meta.url), 'utf8')
    .replace(/^\$ .*\n/, '')
    .replace(/^\[?status \d+\]?\n/m, '');

/** The form of an output: what differs from machine to machine and from minute to minute is taken out, columns stay. */
const form = (text: string): string =>
  text
    .replace(/fe80::[\da-f:]+/g, 'LINK-LOCAL')
    .replace(/\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}/g, 'WEEKDAY MON DD HH:MM:SS YYYY')
    .replace(/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/g, 'YYYY/MM/DD HH:MM:SS')
    .replace(/\d+#\d+/g, 'PID#PID')
    .replace(/:\d+$/gm, ':LINE')
    .replace(/\(Line \d+\)/g, '(Line N)')
    .replace(/^ *\d+ +\d+ (?=[A-Z])/gm, (columns) =>
      columns.replace(/\d+/g, (number) => '#'.repeat(number.length)).replace(/[ #]*#/g, (cell) => `<${cell.length}>`),
    )
    .replace(/^(MainPID)=[1-9]\d*$/gm, '$1=PID')
    .replace(/Monotonic=\d+$/gm, 'Monotonic=US');

/** The processes of a `ps` output in an order that does not hang on which service started first. */
const sorted = (text: string): string => {
  const [head = '', ...rows] = form(text).trimEnd().split('\n');
  return [head, ...rows.sort()].join('\n');
};

type Scene = {
  clock: ManualClock;
  world: World;
  lb1: Host;
  web1: Host;
  run(line: string, as?: Partial<ToolContext>): Promise<ToolResult>;
};

const scene = (flavour: Flavour = 'fixed', on = 'lb1'): Scene => {
  const clock = manualClock();
  const world = createWorld(clock, flavour, 3);
  clock.advance(5_000);
  const host = world.host(on)!;
  return {
    clock,
    world,
    lb1: world.host('lb1')!,
    web1: world.host('web1')!,
    run: (line, as = {}) =>
      runLine(
        {
          machine: host.machine,
          keepalived: host.keepalived,
          root: false,
          user: 'demo',
          sbin: true,
          shell: 'bash',
          stdin: async () => '',
          ...as,
        },
        line,
      ),
  };
};

const SHOW =
  'systemctl show --no-pager -p Id,LoadState,UnitFileState,ActiveState,SubState,Result,MainPID,NRestarts,ActiveEnterTimestampMonotonic,InactiveEnterTimestampMonotonic';
const PS = 'ps -ww -C nginx,keepalived,apache2 -o pid,ppid,stat,lstart,args';

describe('outputs have the form of the real tools', () => {
  test('ip -o addr of a holder, and of a node whose cable was pulled', async () => {
    const { run, lb1 } = scene();
    expect(form((await run('ip -o addr')).stdout)).toBe(form(captured('iproute2-6.1.0/lb1.ip-o-addr.healthy.txt')));
    lb1.machine.wire.set({ cut: true, carrier: false });
    expect(form((await run('ip -o addr')).stdout)).toBe(
      form(captured('iproute2-6.1.0/lb1.ip-o-addr.cable-pulled.txt')),
    );
  });

  test('ip -j addr', async () => {
    const plain = (text: string): unknown =>
      JSON.parse(text, (key, value) => (['link_index', 'link_netnsid', 'link'].includes(key) ? undefined : value));
    const names = (text: string): unknown =>
      (plain(text) as { ifname: string; flags: string[]; addr_info: object[] }[]).map(
        ({ ifname, flags, addr_info }) => ({
          ifname,
          flags,
          addr_info: addr_info.map((entry) => form(JSON.stringify(entry))),
        }),
      );
    const { run } = scene();
    expect(names((await run('ip -j addr')).stdout)).toEqual(
      names(captured('iproute2-6.1.0/lb1.ip-j-addr.healthy.txt')),
    );
  });

  test('ip -ts -o monitor address of a move', () => {
    const stage = scene();
    const lines: string[] = [];
    const context = {
      machine: stage.lb1.machine,
      keepalived: stage.lb1.keepalived,
      root: false,
      user: 'demo',
      sbin: false,
      shell: 'sh' as const,
      stdin: async () => '',
    };
    const end = follow(
      context,
      ['ip', '-o', '-ts', 'monitor', 'address'],
      (line) => lines.push(line),
      () => {},
    );
    stage.lb1.keepalived!.unit.stop();
    stage.clock.advance(5_000);
    stage.lb1.keepalived!.unit.start();
    stage.clock.advance(5_000);
    end();
    const stampless = (text: string): string[] =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => line.replace(/^\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\] /, '[STAMP] '));
    expect(stampless(lines.join('\n'))).toEqual(
      stampless(captured('iproute2-6.1.0/lb1.ip-ts-o-monitor-address.move-and-back.txt')),
    );
  });

  test('ps of a load balancer, with a frozen nginx, and of a web node', async () => {
    const { run, lb1 } = scene();
    expect(sorted((await run(PS)).stdout)).toBe(sorted(captured('procps-4.0.2/lb1.ps.healthy.txt')));
    lb1.web.unit.freeze(true);
    expect(sorted((await run(PS)).stdout)).toBe(sorted(captured('procps-4.0.2/lb1.ps.nginx-frozen.txt')));
    const web = scene('fixed', 'web1');
    expect(sorted((await web.run(PS)).stdout)).toBe(sorted(captured('procps-4.0.2/web1.ps.healthy.txt')));
    expect((await web.run('ps -C nginx -o pid')).code).toBe(1);
  });

  test('systemctl show: running, broken, masked, stopped', async () => {
    const { run, lb1, clock } = scene();
    const shown = async (): Promise<string> => form((await run(`${SHOW} nginx keepalived`)).stdout).trimEnd();
    const real = (name: string): string => form(captured(`systemd-252.39/${name}`)).trimEnd();
    expect(await shown()).toBe(real('lb1.systemctl-show.healthy.txt'));
    const text = lb1.machine.files.get('/etc/nginx/nginx.conf')!.content;
    lb1.machine.files.write('/etc/nginx/nginx.conf', text.replace('proxy_pass ', 'proxy_pas  '));
    lb1.web.unit.restart();
    // Past systemd's limit of starts, which the check script has used up.
    clock.advance(11_000);
    expect(await shown()).toBe(real('lb1.systemctl-show.nginx-broken.txt'));
    lb1.machine.files.write('/etc/nginx/nginx.conf', text);
    lb1.web.unit.start();
    clock.advance(1_000);
    lb1.web.unit.mask(true);
    lb1.web.unit.stop();
    clock.advance(3_000);
    expect(await shown()).toBe(real('lb1.systemctl-show.nginx-masked.txt'));
    const web = scene('fixed', 'web1');
    web.web1.web.unit.stop();
    web.clock.advance(1_000);
    expect(form((await web.run(`${SHOW} apache2`)).stdout).trimEnd()).toBe(
      real('web1.systemctl-show.web1-stopped.txt'),
    );
  });

  test('a unit that is not there', async () => {
    const { run } = scene('fixed', 'web1');
    const { stdout, code } = await run('systemctl show -p Id,LoadState,ActiveState,SubState,UnitFileState httpd');
    expect(stdout).toBe('Id=httpd.service\nLoadState=not-found\nActiveState=inactive\nSubState=dead\nUnitFileState=\n');
    expect(code).toBe(0);
  });

  test('the JSON dump of keepalived has the fields of the real one, in their order', async () => {
    const { run, clock } = scene();
    const dump = run('keepalived_dump keepalived sudo');
    await Promise.resolve();
    clock.advance(200);
    const [mine] = JSON.parse((await dump).stdout);
    const [real] = JSON.parse(captured('keepalived-2.2.7/lb1.json.healthy.txt'));
    expect(Object.keys(mine.data)).toEqual(Object.keys(real.data));
    expect(Object.keys(mine.stats)).toEqual(Object.keys(real.stats));
    const steady = ({
      last_transition: _,
      vrid: __,
      auth_type: ___,
      auth_data: ____,
      ...rest
    }: Record<string, unknown>) => rest;
    expect(steady(mine.data)).toEqual(steady(real.data));
  });

  test('nginx -t of a broken file, keepalived -t of the tutorial', async () => {
    const { run, lb1 } = scene('tutorial');
    expect(form((await run('keepalived -t')).stderr)).toBe(
      form(captured('keepalived-2.2.7/lb1.test.tutorial-healthy.txt')),
    );
    expect((await run('keepalived -t')).code).toBe(6);
    const text = lb1.machine.files.get('/etc/nginx/nginx.conf')!.content;
    lb1.machine.files.write('/etc/nginx/nginx.conf', text.replace('proxy_pass ', 'proxy_pas  '));
    const tested = await run('sudo -n nginx -t');
    expect(form(tested.stderr)).toBe(form(captured('nginx-1.22.1/lb1.t.nginx-broken.txt')));
    expect(tested.code).toBe(1);
  });

  test('the journal of a failover, a failback and a broken nginx has the real messages', async () => {
    const { run, lb1, clock } = scene();
    const messages = async (unit: string): Promise<string[]> =>
      (await run(`journalctl -u ${unit} -o json --no-pager`)).stdout
        .trimEnd()
        .split('\n')
        .map((line) => form((JSON.parse(line) as { MESSAGE: string }).MESSAGE).replace(/pid=\d+|PID \d+/g, 'PID'));
    const real = (file: string): string[] =>
      captured(`systemd-252.39/${file}`)
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => form((JSON.parse(line) as { MESSAGE: string }).MESSAGE).replace(/pid=\d+|PID \d+/g, 'PID'));
    lb1.keepalived!.unit.restart();
    clock.advance(10_000);
    const text = lb1.machine.files.get('/etc/nginx/nginx.conf')!.content;
    lb1.machine.files.write('/etc/nginx/nginx.conf', text.replace('proxy_pass ', 'proxy_pas  '));
    lb1.web.unit.restart();
    clock.advance(15_000);
    const mine = [...(await messages('keepalived')), ...(await messages('nginx'))];
    const own =
      /Running on Linux|Got notification message|Printing|Sent signal|Sending signal|signal process started|Reload|already running/;
    const needed = [
      ...real('lb1.journal-keepalived-json.nginx-broken.txt'),
      ...real('lb1.journal-nginx-json.nginx-broken.txt'),
    ];
    for (const message of new Set(needed.filter((one) => !own.test(one)))) expect(mine).toContain(message);
  });
});

describe('what the account may do', () => {
  test('without sudo and the right to the journal both say so in the tools’ words', async () => {
    const { run, lb1 } = scene();
    lb1.machine.rights.sudo = 'none';
    lb1.machine.rights.journal = false;
    expect(await run('sudo -n systemctl stop nginx')).toEqual({
      stdout: '',
      stderr: 'sudo: a password is required\n',
      code: 1,
    });
    expect((await run('systemctl stop nginx')).stderr).toContain('Access denied');
    expect((await run('journalctl -u nginx -n 2')).stderr).toContain('insufficient permissions');
    expect((await run('journalctl -u nginx -n 2')).stdout).toBe('');
    expect((await run('cat /etc/keepalived/check_nginx.log')).code).toBe(0);
    expect(lb1.web.unit.active).toBe('active');
  });

  test('with sudo units are stopped, started, restarted, reloaded and killed', async () => {
    const { run, lb1, clock } = scene();
    const act = async (line: string): Promise<ToolResult> => {
      const result = run(`sudo -n /usr/bin/systemctl ${line}`);
      for (let step = 0; step < 40; step += 1) {
        await Promise.resolve();
        clock.advance(100);
      }
      return result;
    };
    expect(await act('stop keepalived')).toEqual({ stdout: '', stderr: '', code: 0 });
    expect(await run('systemctl is-active nginx keepalived')).toEqual({
      stdout: 'active\ninactive\n',
      stderr: '',
      code: 0,
    });
    await act('start keepalived');
    expect(lb1.keepalived!.unit.active).toBe('active');
    const before = lb1.web.unit.mainPid;
    await act('reload nginx');
    expect(lb1.web.unit.mainPid).toBe(before);
    await act('restart nginx');
    expect(lb1.web.unit.mainPid).not.toBe(before);
    await act('kill -s KILL keepalived');
    expect(lb1.keepalived!.unit.active).toBe('failed');
    expect((await act('start nosuch')).code).toBe(5);
    expect((await act('start nosuch')).stderr).toBe('Failed to start nosuch.service: Unit nosuch.service not found.\n');
  });

  test('a line is appended to the check log through sudo, and only so', async () => {
    const { run, lb1 } = scene();
    const text = 'Mon Nov 23 18:42:45 UTC 2026: note by anna@desk: it’s "fine"\n';
    expect((await run('tee -a /etc/keepalived/check_nginx.log', { stdin: async () => text })).code).toBe(1);
    expect((await run('sudo -n tee -a /etc/keepalived/check_nginx.log', { stdin: async () => text })).code).toBe(0);
    expect(lb1.machine.files.get('/etc/keepalived/check_nginx.log')!.content).toBe(text);
  });
});

describe('the command line', () => {
  test.each([
    ["printf '%s\\n' 'a b' \"c'd\"", "a b\nc'd\n"],
    ['true && echo yes || echo no', 'yes\n'],
    ['false && echo yes || echo no', 'no\n'],
    ['false; echo $?', '1\n'],
    ['ps -C nginx --no-header | wc -l', '3\n'],
    ['LC_ALL=C hostname', 'lb1\n'],
    ['cat /nowhere 2>/dev/null; echo after', 'after\n'],
    ['cat /nowhere 2>&1', 'cat: /nowhere: No such file or directory\n'],
    ["echo 'a;b' a\\;b", 'a;b a;b\n'],
  ])('%s', async (line, stdout) => {
    expect((await scene().run(line)).stdout).toBe(stdout);
  });

  test('what is not known is not found, and what is not closed is a syntax error', async () => {
    const { run } = scene();
    expect(await run('reboot now')).toEqual({
      stdout: '',
      stderr: 'bash: line 1: reboot: command not found\n',
      code: 127,
    });
    expect((await run("echo 'open")).code).toBe(2);
    expect((await run('$(reboot)')).code).toBe(127);
    expect(await run('ps -C')).toEqual({ stdout: '', stderr: 'ps: invalid usage\n', code: 2 });
  });
});
