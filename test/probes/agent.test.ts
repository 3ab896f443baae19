import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { node, printing, removeNodes, start } from './agent-node.ts';
import { sample } from './samples.ts';

afterEach(removeNodes);

/** Processes whose session is that of this shell. */
const processesOf = (session: number): string[] =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        const [, state, , , sid] = /\) (\S) (\d+) (\d+) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
        return Number(sid) === session && state !== 'Z';
      } catch {
        return false;
      }
    });

/** bash is run by the name of sh: that is what /bin/sh is where it is bash. */
const shells: [name: string, shell: string[], binary: string][] = (
  [
    ['dash', ['dash'], 'dash'],
    ['bash as sh', ['FOLDER/sh'], 'bash'],
    ['busybox ash', ['busybox', 'sh'], 'busybox'],
  ] satisfies [string, string[], string][]
).filter(([, , binary]) => existsSync(`/bin/${binary}`) || existsSync(`/usr/bin/${binary}`));

describe.each(shells)('the agent in %s', (_name, shell) => {
  it('answers a snapshot with what each tool printed and its status', async () => {
    const local = node(shell);
    local.tool(
      'ip',
      `[ "$*" = "-o addr show" ] && ${printing(local, 'ip.txt', sample('lb1.ip-4-o-addr.healthy-master').text)}`,
    );
    local.tool('systemctl', 'echo "Failed to connect to bus" >&2; exit 1');
    local.tool('ps', `case $1 in --version) echo procps-ng;; *) echo "PID PPID STAT COMMAND COMMAND"; exit 1; esac`);
    appendFileSync(join(local.folder, 'check.log'), 'Mon Nov 23 18:43:36 UTC 2026: systemctl restart nginx\n');
    const { agent } = await start(local);
    const reply = await agent.ask('snap', 5000);
    expect(reply.complete).toBe(true);
    expect(reply.uptime).toBeGreaterThan(0);
    expect(reply.sections.get('ADDR')).toEqual({
      lines: sample('lb1.ip-4-o-addr.healthy-master').text.trim().split('\n'),
      rc: 0,
    });
    expect(reply.sections.get('UNITS')).toEqual({ lines: ['Failed to connect to bus'], rc: 1 });
    expect(reply.sections.get('PS')).toEqual({ lines: ['PID PPID STAT COMMAND COMMAND'], rc: 1 });
    expect(reply.sections.get('LOG')?.lines).toEqual([
      expect.stringMatching(/^54 \d{10}$/),
      'Mon Nov 23 18:43:36 UTC 2026: systemctl restart nginx',
    ]);
  });

  it('keeps the blank line between two units of systemd', async () => {
    const local = node(shell);
    local.tool('systemctl', "printf 'MainPID=1\\nId=a.service\\n\\nNextElapse=5\\nId=b.timer\\n\\n\\nId=c\\n'");
    const { agent } = await start(local);
    const { sections } = await agent.ask('snap', 5000);
    const lines = sections.get('UNITS')?.lines.map((line) => line.trim());
    expect(lines?.join('|')).toMatch(/^MainPID=1\|Id=a\.service\|\|NextElapse=5\|Id=b\.timer\|+Id=c$/);
  });

  it('measures the node’s clock to within the round trip', async () => {
    const { agent } = await start(node(shell));
    const { clock } = await agent.ask('ping', 5000);
    expect(Math.abs(clock!.offset)).toBeLessThanOrEqual(clock!.error + 1);
    expect(clock!.error).toBeLessThan(500);
  });

  it('keeps replies and pushed lines apart however they come mixed, and long lines whole', async () => {
    const local = node(shell);
    const long = 'x'.repeat(9000);
    local.tool(
      'ip',
      `case $* in *monitor*) i=0; while [ $i -lt 300 ]; do echo "line $i ${'y'.repeat(700)}"; i=$((i+1)); done; sleep 100;; *) ${printing(local, 'ip.txt', `${`${'z'.repeat(600)}\n`.repeat(60)}${long}\n`)}; esac`,
    );
    const { agent, pushed } = await start(local, { streams: true });
    const replies = await Promise.all([1, 2, 3, 4].map(() => agent.ask('snap', 10_000)));
    for (const reply of replies) {
      const lines = reply.sections.get('ADDR')?.lines ?? [];
      expect(lines.slice(0, 60)).toEqual(Array(60).fill('z'.repeat(600)));
      expect(lines.slice(60)).toEqual([long]);
    }
    await vi.waitFor(() => expect(pushed.filter(([tag]) => tag === 'A')).toHaveLength(300), { timeout: 10_000 });
    expect(pushed.filter(([tag]) => tag === 'A').map(([, text]) => text)).toEqual(
      Array.from({ length: 300 }, (_, index) => `line ${index} ${'y'.repeat(700)}`),
    );
  });

  it('pushes addresses, journal and check log as they come, and says when a stream ends', async () => {
    const local = node(shell);
    local.tool(
      'ip',
      'echo "[2026-11-23T18:42:48.998024] 2: host0    inet 192.0.2.9/32 scope global host0\\       valid_lft forever"; sleep 100',
    );
    local.tool('journalctl', 'echo "No journal files were opened due to insufficient permissions." >&2; exit 3');
    const { agent, pushed, ended } = await start(local, { streams: true });
    expect(await agent.ready).toBe(true);
    await vi.waitFor(() => {
      expect(pushed).toContainEqual(['A', expect.stringContaining('192.0.2.9/32')]);
      expect(pushed).toContainEqual(['J', expect.stringContaining('insufficient permissions')]);
      expect(ended).toEqual([['J', 3]]);
    });
    await vi.waitFor(() => {
      appendFileSync(join(local.folder, 'check.log'), 'a note\n');
      expect(pushed).toContainEqual(['L', 'a note']);
    });
  });

  it('takes everything along when its stdin ends, also a stream that writes nothing', async () => {
    const local = node(shell);
    local.tool('ip', 'case $* in *monitor*) exec sleep 1000; esac');
    local.tool('journalctl', 'exec sleep 1000');
    const { agent } = await start(local, { streams: true });
    await agent.ask('snap', 5000);
    const session = local.shells[0]!.pid!;
    expect(processesOf(session).length).toBeGreaterThan(5);
    local.shells[0]!.stdin!.destroy();
    await vi.waitFor(() => expect(processesOf(session)).toEqual([]), { timeout: 3000 });
    expect(await agent.closed).toMatchObject({ hop: 'lb1' });
  });

  it('goes on with other requests while keepalived keeps a dump waiting', async () => {
    const local = node(shell);
    local.tool('systemctl', 'case $* in *MainPID*keepalived) sleep 1; echo MainPID=0; esac');
    const { agent } = await start(local);
    const dump = agent.ask('dump', 5000);
    const order: string[] = [];
    await Promise.all([dump.then(() => order.push('dump')), agent.ask('ping', 5000).then(() => order.push('ping'))]);
    expect(order).toEqual(['ping', 'dump']);
    expect((await dump).sections.get('DUMP')).toEqual({ lines: ['keepalived is not running'], rc: 3 });
  });

  it('tells a check log that is missing from one that may not be read', async () => {
    const local = node(shell);
    const { agent } = await start(local, { checkLog: join(local.folder, 'no such file') });
    const { lines, rc } = (await agent.ask('snap', 5000)).sections.get('LOG')!;
    expect(rc).toBe(2);
    expect(lines.join()).toContain('no such file: ');
  });

  it('brings only the last lines of a check log of any size, whole ones', async () => {
    const local = node(shell);
    const line = (index: number) => `Mon Nov 23 18:43:36 UTC 2026: line ${index}`;
    writeFileSync(
      join(local.folder, 'check.log'),
      Array.from({ length: 50_000 }, (_, index) => `${line(index)}\n`).join(''),
    );
    const { agent } = await start(local);
    const { lines } = (await agent.ask('snap', 5000)).sections.get('LOG')!;
    expect(lines.at(-1)).toBe(line(49_999));
    expect(lines.length).toBeLessThan(60);
    expect(lines.slice(1).every((one) => one.startsWith('Mon Nov'))).toBe(true);
  });

  it('never lets a password out of the node', async () => {
    const local = node(shell);
    local.tool(
      'head',
      `case $* in *keepalived.conf) ${printing(local, 'k.conf', sample('lb1.keepalived.conf.healthy-master').text.replace('1111', 's3cr3t'))}; echo "authentication { auth_type PASS auth_pass s3cr3t }";; esac`,
    );
    const { agent } = await start(local);
    const conf = (await agent.ask('conf', 5000)).sections.get('KCONF')!;
    expect(conf.rc).toBe(0);
    expect(conf.lines).toContain('    virtual_router_id 51');
    expect(conf.lines.join('\n')).not.toContain('s3cr3t');
    expect(conf.lines.at(-1)).toBe('authentication { auth_type PASS auth_pass - }');
  });
});

describe('an agent that nobody talks to', () => {
  /** The lease is a minute of the node's sleep; here a minute is short. */
  const hasty = () => {
    const local = node();
    local.tool('sleep', 'case $1 in 60) exec /bin/sleep 0.2;; *) exec /bin/sleep "$@"; esac');
    local.tool('ip', 'exec /bin/sleep 1000');
    return local;
  };

  it('leaves by itself, with all that it started: a laptop that vanished closes nothing', async () => {
    const local = hasty();
    const { agent } = await start(local, { streams: true });
    await agent.ready;
    expect(await agent.closed).toMatchObject({ hop: 'lb1' });
    await vi.waitFor(() => expect(processesOf(local.shells[0]!.pid!)).toEqual([]), { timeout: 3000 });
  });

  it('stays as long as it is asked now and then', async () => {
    const { agent } = await start(hasty(), { streams: true });
    const closed = vi.fn();
    void agent.closed.then(closed);
    for (let round = 0; round < 20; round++) {
      await agent.ask('ping', 5000);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(closed).not.toHaveBeenCalled();
  });
});

describe('an agent that does not lead its process group, as under a wrapper or dropbear', () => {
  it('pushes nothing, says so, and leaves the others in the group alone', async () => {
    const local = node(['FOLDER/wrapper']);
    local.tool('wrapper', `/bin/sh "$@"; touch ${join(local.folder, 'survived')}`);
    local.tool('ip', 'echo address; [ $3 != monitor ] || touch monitored');
    const { agent, pushed, ended } = await start(local, { streams: true });
    expect((await agent.ask('snap', 5000)).sections.get('ADDR')).toEqual({ lines: ['address'], rc: 0 });
    expect(pushed).toContainEqual(['A', 'the agent does not lead its process group: nothing is pushed from here']);
    expect(ended.map(([tag]) => tag)).toEqual(['A', 'J', 'L']);
    agent.close();
    await vi.waitFor(() => expect(existsSync(join(local.folder, 'survived'))).toBe(true), { timeout: 3000 });
  });
});
