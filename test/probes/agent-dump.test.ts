import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { dumpOf } from '../../src/probes/dump.ts';
import type { LocalNode } from '../support/local-remote.ts';
import { node, printing, removeNodes, start } from './agent-node.ts';
import { sample } from './samples.ts';

const daemons: ChildProcess[] = [];
afterEach(() => {
  for (const daemon of daemons.splice(0)) daemon.kill('SIGKILL');
  removeNodes();
});

/** A process named keepalived that answers signals as keepalived does: USR1 and USR2, and SIGWINCH for JSON where it can. */
const keepalived = async (local: LocalNode, kind: 'json' | 'data' | 'deaf'): Promise<ChildProcess> => {
  const { folder } = local;
  const file = (name: string) => join(folder, `keepalived.${name}`);
  const json = printing(
    local,
    'json.sample',
    sample('lb1.keepalived.json.healthy-master').text.replaceAll('1111', String.raw`s\"3\\cr`),
  );
  const data = printing(
    local,
    'data.sample',
    sample('lb1.keepalived.data.healthy-master').text.replaceAll('1111', 's3cr3t'),
  );
  const stats = printing(local, 'stats.sample', sample('lb1.keepalived.stats.healthy-master').text);
  local.tool(
    'keepalived',
    `case $1 in --signum=JSON) ${kind === 'json' ? 'echo 28; exit 0' : 'echo "unknown option" >&2; exit 1'};; esac
trap '${kind === 'json' ? `${json} >${file('json')}` : ':'}' WINCH
trap '${kind === 'data' ? `${data} >${file('data')}; echo >${join(folder, 'keepalived_parent.data')}` : ':'}' USR1
trap '${kind === 'data' ? `sleep 0.1; ${stats} >${file('stats')}` : ':'}' USR2
echo up
while :; do sleep 0.02; done`,
  );
  const daemon = spawn(join(folder, 'keepalived'), ['--dont-fork'], { stdio: ['ignore', 'pipe', 'ignore'] });
  daemons.push(daemon);
  await once(daemon.stdout!, 'data');
  local.tool('systemctl', `echo MainPID=${daemon.pid}`);
  return daemon;
};

const dump = async (local: LocalNode) => {
  const { agent } = await start(local);
  const reply = await agent.ask('dump', 8000);
  expect(reply.complete).toBe(true);
  return { text: reply.sections.get('DUMP')!.lines.join('\n'), reading: dumpOf(reply, 'lb1') };
};

const dumpsIn = (local: LocalNode) =>
  readdirSync(local.folder).filter((name) => /^keepalived.*\.(json|data|stats)$/.test(name));

describe('keepalived’s dump', () => {
  it('is JSON where keepalived can, without the password, and leaves no file behind', async () => {
    const local = node();
    await keepalived(local, 'json');
    const { text, reading } = await dump(local);
    expect(reading).toMatchObject({ ok: true, value: [{ name: 'VI_1', state: 'MASTER', advertsSent: 3 }] });
    expect(text).not.toContain('cr"');
    expect(text).toContain('"auth_data":""');
    expect(dumpsIn(local)).toEqual([]);
  });

  it('is DATA and STATS where it cannot, without the password', async () => {
    const local = node();
    await keepalived(local, 'data');
    const { text, reading } = await dump(local);
    expect(reading).toMatchObject({ ok: true, value: [{ state: 'MASTER', advertsSent: 3, scriptsGood: true }] });
    expect(text).not.toContain('s3cr3t');
    expect(dumpsIn(local)).toEqual([]);
  });

  it('waits for what is written now: an old file is no answer, and stays', async () => {
    const local = node();
    await keepalived(local, 'json');
    writeFileSync(join(local.folder, 'keepalived.json'), '[]');
    expect((await dump(local)).reading).toMatchObject({ ok: true, value: [{ name: 'VI_1' }] });
    expect(dumpsIn(local)).toEqual(['keepalived.json']);
  });

  it.each(['deaf', 'frozen'])(
    'is not there where keepalived is %s, and that is said within a second or so',
    async (how) => {
      const local = node();
      const daemon = await keepalived(local, how === 'deaf' ? 'deaf' : 'json');
      if (how === 'frozen') daemon.kill('SIGSTOP');
      writeFileSync(join(local.folder, 'keepalived.json'), '[]');
      const { reading } = await dump(local);
      expect(reading).toMatchObject({ ok: false, failure: { step: 'command', hop: 'lb1', blame: 'target' } });
      expect(!reading.ok && reading.failure.found).toMatch(/did not write .* it may be frozen$/);
    },
  );

  it('sends no signal to a process of another name, whatever a pid file says', async () => {
    const local = node();
    const stranger = spawn('sleep', ['100']);
    daemons.push(stranger);
    local.tool('systemctl', `echo MainPID=${stranger.pid}`);
    local.tool('keepalived', 'echo 10');
    const { reading } = await dump(local);
    expect(reading).toMatchObject({ ok: false, failure: { step: 'command' } });
    expect(!reading.ok && reading.failure.found).toBe('keepalived’s dump: keepalived is not running');
    expect(stranger.exitCode).toBeNull();
    expect(stranger.signalCode).toBeNull();
  });
});

describe('where the user is not root', () => {
  const asOps = (local: LocalNode, groups = '1000(ops)') =>
    local.tool('id', `echo "uid=1000(ops) gid=1000(ops) groups=${groups}"`);

  it('the dump goes through one sudo -n, whose line in the auth log is short', async () => {
    const local = node();
    asOps(local);
    local.tool('sudo', `echo "called: $*" >>${join(local.folder, 'sudo.log')}; shift; exec "$@"`);
    await keepalived(local, 'json');
    expect((await dump(local)).reading.ok).toBe(true);
    expect(readFileSync(join(local.folder, 'sudo.log'), 'utf8')).toBe('called: -n /bin/sh -s keepalived\n');
  });

  it('a refused sudo is a missing permission with advice, not a dead keepalived', async () => {
    const local = node();
    asOps(local);
    local.tool('sudo', 'echo "sudo: a password is required" >&2; exit 1');
    const { reading } = await dump(local);
    expect(reading).toMatchObject({
      ok: false,
      failure: { step: 'permission', found: 'keepalived’s dump: sudo: a password is required', blame: 'target' },
    });
    expect(!reading.ok && reading.failure.advice).toContain('sudo -n');
  });

  it('what he may read himself is read without sudo', async () => {
    const local = node();
    asOps(local, '1000(ops),101(systemd-journal)');
    local.tool('sudo', `touch ${join(local.folder, 'asked')}; exit 1`);
    local.tool('ip', 'exit 0');
    local.tool('head', `case $* in *nginx.conf|*keepalived.conf) echo "$@";; esac`);
    local.tool('journalctl', 'echo "{}"; sleep 100');
    const { agent, pushed } = await start(local, { streams: true });
    await agent.ready;
    await expect.poll(() => pushed).toContainEqual(['J', '{}']);
    expect(existsSync(join(local.folder, 'asked'))).toBe(false);
  });
});

const busybox = ['/bin/busybox', '/usr/bin/busybox'].find((path) => existsSync(path));

describe.skipIf(!busybox)('a node that has only busybox', () => {
  const applets = ['cat', 'date', 'dd', 'head', 'id', 'sed', 'sh', 'sleep', 'stat', 'tail', 'find', 'ls', 'kill'];
  const bare = (): LocalNode => {
    const local = node(['busybox', 'sh'], '/nonexistent');
    for (const applet of ['busybox', ...applets]) {
      const link = join(local.folder, applet);
      if (!existsSync(link)) symlinkSync(busybox!, link);
    }
    return local;
  };

  it('is read: processes without ps -C, the check log without tail -s', async () => {
    const local = bare();
    local.tool(
      'ps',
      `case $* in -o*) echo "  PID  PPID STAT COMMAND          COMMAND"; echo "    7     1 S    nginx            nginx: master process"; echo "    9     1 S    ash              -ash";; *) echo "ps: unrecognized option" >&2; exit 1; esac`,
    );
    const { agent, pushed } = await start(local, { streams: true });
    const reply = await agent.ask('snap', 5000);
    expect(reply.sections.get('PS')).toEqual({
      lines: ['  PID  PPID STAT COMMAND          COMMAND', '    7     1 S    nginx            nginx: master process'],
      rc: 0,
    });
    expect(reply.sections.get('LOG')?.rc).toBe(0);
    expect(reply.clock).toBeDefined();
    await expect
      .poll(
        () => {
          appendFileSync(join(local.folder, 'check.log'), 'a note\n');
          return pushed;
        },
        { timeout: 5000 },
      )
      .toContainEqual(['L', 'a note']);
  });
});
