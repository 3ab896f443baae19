import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Fact } from '../../src/cluster/events.ts';
import { realClock } from '../../src/probes/clock.ts';
import { lookNode, type NodeProbeOptions, watchNode } from '../../src/probes/node.ts';
import type { LocalNode } from '../support/local-remote.ts';
import { node, printing, removeNodes } from './agent-node.ts';
import { sample } from './samples.ts';

const stops: AbortController[] = [];
const endings: Promise<void>[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) stop.abort(new Error('the test is over'));
  await Promise.all(endings.splice(0));
  removeNodes();
});

/** A healthy balancer: every tool answers as captured. Monitor and journal print what is put into `monitor` and `journal`. */
const balancer = (shell?: string[]): LocalNode => {
  const local = node(shell);
  for (const stream of ['monitor', 'journal']) writeFileSync(join(local.folder, stream), '');
  const follow = (file: string) => `exec tail -n +1 -s 0.05 -f ${join(local.folder, file)}`;
  const addresses = printing(local, 'ip.txt', sample('lb1.ip-4-o-addr.healthy-master').text);
  local.tool(
    'ip',
    `echo "$*" >>${join(local.folder, 'ip.log')}; case $* in *monitor*) ${follow('monitor')};; *) ${addresses}; esac`,
  );
  local.tool('journalctl', follow('journal'));
  const units = printing(local, 'units.txt', sample('lb1.systemctl-show.healthy-master').text);
  local.tool(
    'systemctl',
    `case $* in *MainPID*LoadState*|*LoadState*) ${units};; *) echo dump >>${join(local.folder, 'dump.log')}; echo MainPID=0; esac`,
  );
  local.tool('ps', 'case $1 in --version) echo procps-ng;; *) echo "PID PPID STAT COMMAND COMMAND"; exit 1; esac');
  const conf = printing(local, 'k.txt', sample('lb1.keepalived.conf.healthy-master').text);
  local.tool('head', `case $* in *keepalived.conf) ${conf};; esac`);
  local.tool('find', ':');
  return local;
};

const optionsFor = (
  local: LocalNode,
  emit: (fact: Fact) => void,
  over: Partial<NodeProbeOptions> = {},
): NodeProbeOptions => {
  const stop = new AbortController();
  stops.push(stop);
  return {
    spec: { name: 'lb1', role: 'lb' },
    remote: local.remote,
    services: { nginx: 'nginx', keepalived: 'keepalived', web: 'auto' },
    checkLog: join(local.folder, 'check.log'),
    sudo: 'none',
    interval: 60_000,
    timeout: 5000,
    clock: realClock,
    emit,
    pathAlive: async () => true,
    signal: stop.signal,
    dumpDirectory: local.folder,
    ...over,
  };
};

const watch = (local: LocalNode, over: Partial<NodeProbeOptions> = {}) => {
  const facts: Fact[] = [];
  const options = optionsFor(local, (fact) => facts.push(fact), over);
  const watcher = watchNode(options);
  endings.push(watcher.done);
  const of = <K extends Fact['kind']>(kind: K) =>
    facts.filter((fact) => fact.kind === kind) as Extract<Fact, { kind: K }>[];
  const good = () => of('snapshot').filter(({ reading }) => reading.ok).length;
  return { facts, of, good, watcher };
};
const until = (check: () => void) => vi.waitFor(check, { timeout: 8000, interval: 10 });

describe('watching a node', () => {
  it('begins with a snapshot, a dump and the configuration, each asked once', async () => {
    const { of } = watch(balancer());
    await until(() => {
      expect(of('snapshot')).toMatchObject([
        { node: 'lb1', reading: { ok: true, value: { addresses: { ok: true } } } },
      ]);
      expect(of('dump')).toMatchObject([
        { reading: { ok: false, failure: { found: expect.stringContaining('not running') } } },
      ]);
      expect(of('configuration')).toMatchObject([{ reading: { ok: true, value: { checkInterval: 5 } } }]);
    });
  });

  it('takes snapshots at its interval, and one in between when asked', async () => {
    const paced = watch(balancer(), { interval: 150 });
    await until(() => expect(paced.good()).toBeGreaterThan(4));
    const { good, watcher } = watch(balancer());
    await until(() => expect(good()).toBe(1));
    watcher.refresh();
    await until(() => expect(good()).toBe(2));
  });

  it('shows a pushed address at once and looks again without waiting for the interval', async () => {
    const local = balancer();
    const { facts, good, of } = watch(local);
    await until(() => expect(good()).toBe(1));
    appendFileSync(join(local.folder, 'monitor'), sample('lb1.ip-ts-o-monitor-address.failover-and-failback').text);
    await until(() => expect(good()).toBeGreaterThan(1));
    expect(of('address').slice(0, 4)).toEqual([
      { kind: 'address', node: 'lb1', op: 'delete', address: '172.16.249.80', ifname: 'host0' },
      { kind: 'address', node: 'lb1', op: 'delete', address: '172.16.249.90', ifname: 'host0' },
      { kind: 'address', node: 'lb1', op: 'delete', address: '172.16.249.100', ifname: 'host0' },
      { kind: 'address', node: 'lb1', op: 'add', address: '172.16.249.80', ifname: 'host0' },
    ]);
    const firstAddress = facts.findIndex(({ kind }) => kind === 'address');
    expect(facts.slice(firstAddress).some(({ kind }) => kind === 'snapshot')).toBe(true);
    await until(() => expect(of('dump')).toHaveLength(2));
  });

  it('tells journal lines, asks for a dump and the configuration after a transition, and leaves out the echo of its own dumps', async () => {
    const local = balancer();
    const { of } = watch(local);
    await until(() => expect([of('dump').length, of('configuration').length]).toEqual([1, 1]));
    const line = (message: string) =>
      `${JSON.stringify({ MESSAGE: message, _SYSTEMD_UNIT: 'keepalived.service', __REALTIME_TIMESTAMP: '1795459350007731' })}\n`;
    appendFileSync(
      join(local.folder, 'journal'),
      line('Printing VRRP as json for process(38) on signal') + line('(VI_1) Entering MASTER STATE'),
    );
    await until(() => expect(of('dump')).toHaveLength(2));
    expect(of('journal')).toEqual([
      {
        kind: 'journal',
        node: 'lb1',
        unit: 'keepalived',
        message: '(VI_1) Entering MASTER STATE',
        nodeTime: 1795459350007.731,
      },
    ]);
    await until(() => expect(of('configuration')).toHaveLength(2));
  });

  it('tells new lines of the check log', async () => {
    const local = balancer();
    const { of, good } = watch(local);
    await until(() => expect(good()).toBe(1));
    await until(() => {
      appendFileSync(join(local.folder, 'check.log'), 'Mon Nov 23 18:43:36 UTC 2026: systemctl restart nginx\n');
      expect(of('check-log')[0]).toEqual({
        kind: 'check-log',
        node: 'lb1',
        line: 'Mon Nov 23 18:43:36 UTC 2026: systemctl restart nginx',
      });
    });
  });

  it('says that a journal without the right to it is unreadable, not empty', async () => {
    const local = balancer();
    const asOps = sample('lb1.as-user-ops-no-sudo.healthy-master').text;
    const hint = /^Hint: [\s\S]*?insufficient permissions\.$/m.exec(asOps)![0];
    local.tool('journalctl', `{ ${printing(local, 'hint.txt', hint)}; } >&2; exit 0`);
    const { of } = watch(local);
    await until(() =>
      expect(of('stream').filter(({ stream }) => stream === 'journal')).toMatchObject([
        { reading: { ok: false, failure: { step: 'permission', advice: expect.stringContaining('systemd-journal') } } },
      ]),
    );
    await until(() =>
      expect(of('stream').find(({ stream }) => stream === 'addresses')).toMatchObject({ reading: { ok: true } }),
    );
    expect(of('journal')).toEqual([]);
  });

  it('keeps the addresses of a node whose systemd hangs, and says what hangs', async () => {
    const local = balancer();
    local.tool('systemctl', 'sleep 100');
    const { of } = watch(local, { timeout: 300, interval: 200 });
    // The first look has the start of the shell on its bill: what counts comes after a fresh agent as well.
    await until(() =>
      expect(of('snapshot')[0]).toMatchObject({
        reading: {
          ok: true,
          value: {
            addresses: { ok: true },
            services: {
              nginx: { unit: { ok: false, failure: { step: 'timeout', found: 'systemctl did not answer in time' } } },
            },
          },
        },
      }),
    );
  });

  it.each([
    [true, 'target'],
    [false, 'path'],
  ] as const)('a node that says nothing: with the way there alive=%s the %s is to blame', async (alive, blame) => {
    const local = balancer();
    const pathAlive = vi.fn(async () => alive);
    const { of, good } = watch(local, { timeout: 200, interval: 100, pathAlive });
    await until(() => expect(good()).toBeGreaterThan(0));
    local.tool('ip', 'sleep 100');
    await until(() =>
      expect(of('snapshot').at(-1)).toMatchObject({
        reading: { ok: false, failure: { step: 'timeout', hop: 'lb1', blame } },
      }),
    );
    expect(pathAlive).toHaveBeenLastCalledWith(of('snapshot').at(-1)?.asked);
  });

  it('never has two snapshots in flight', async () => {
    const local = balancer();
    const { folder } = local;
    local.tool(
      'ip',
      `case $* in *monitor*) sleep 100;; *) [ ! -e ${folder}/busy ] || echo twice >>${folder}/twice; touch ${folder}/busy; sleep 0.2; rm ${folder}/busy; ${printing(local, 'i.txt', sample('lb1.ip-4-o-addr.healthy-master').text)}; esac`,
    );
    const { good, watcher } = watch(local, { interval: 50, timeout: 100 });
    await until(() => {
      watcher.refresh();
      expect(good()).toBeGreaterThan(4);
    });
    expect(existsSync(join(folder, 'twice'))).toBe(false);
  });

  it('comes back by itself when its shell was lost, and says what was not seen meanwhile', async () => {
    const local = balancer();
    const { of, good, facts } = watch(local, { interval: 100 });
    await until(() => expect(of('stream')).toHaveLength(3));
    local.shells[0]!.stdin!.destroy();
    await until(() => expect(of('stream').filter(({ reading }) => !reading.ok)).toHaveLength(3));
    const lost = facts.length;
    await until(() => expect(facts.slice(lost).some((fact) => fact.kind === 'snapshot' && fact.reading.ok)).toBe(true));
    expect(local.shells).toHaveLength(2);
    expect(good()).toBeGreaterThan(1);
  });

  it('passes on why the link is down at every interval, and starts as soon as it is up', async () => {
    const local = balancer();
    const failure = { step: 'tcp', hop: 'bastion', found: 'connection refused', blame: 'path' } as const;
    local.refuse(failure);
    const { of, good } = watch(local, { interval: 50 });
    await until(() => expect(of('snapshot').length).toBeGreaterThan(2));
    expect(of('snapshot').every(({ reading }) => !reading.ok && reading.failure === failure)).toBe(true);
    local.refuse(undefined);
    await until(() => expect(good()).toBeGreaterThan(0));
  });

  it('reads past the noise of a login shell', async () => {
    const local = balancer(['FOLDER/noisy']);
    local.tool('noisy', `printf '\\033[2Jwelcome\\nS 1 ADDR forged\\nE 1\\n'; exec /bin/sh "$@"`);
    const { of } = watch(local);
    await until(() =>
      expect(of('snapshot')).toMatchObject([{ reading: { ok: true, value: { addresses: { ok: true } } } }]),
    );
    expect(JSON.stringify(of('snapshot'))).not.toContain('forged');
  });

  it('says what an account without a shell answered, fit for the screen', async () => {
    const local = balancer(['FOLDER/nologin']);
    local.tool('nologin', `printf '\\033[31mThis account is currently not available.\\n'; exit 1`);
    const { of } = watch(local, { interval: 50 });
    await until(() =>
      expect(of('snapshot')[0]).toMatchObject({
        reading: {
          ok: false,
          failure: {
            step: 'command',
            found: 'the shell ended with status 1, it said: �[31mThis account is currently not available.',
            blame: 'target',
          },
        },
      }),
    );
  });

  it('ends when the signal fires: no fact after it, no process left', async () => {
    const local = balancer();
    const facts: Fact[] = [];
    const options = optionsFor(local, (fact) => facts.push(fact), { interval: 50 });
    const watcher = watchNode(options);
    await until(() => expect(facts.length).toBeGreaterThan(3));
    stops.at(-1)!.abort(new Error('left'));
    const count = facts.length;
    await watcher.done;
    await until(() =>
      expect(local.shells.every(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null)).toBe(true),
    );
    expect(facts).toHaveLength(count);
  });
});

describe('looking at a node once', () => {
  it('brings a snapshot, a dump and the configuration, starts no stream and leaves', async () => {
    const local = balancer();
    const facts: Fact[] = [];
    await lookNode(optionsFor(local, (fact) => facts.push(fact)));
    expect(facts.map(({ kind }) => kind).sort()).toEqual(['configuration', 'dump', 'snapshot']);
    expect(readFileSync(join(local.folder, 'ip.log'), 'utf8')).not.toContain('monitor');
    await until(() => expect(local.shells[0]!.exitCode ?? local.shells[0]!.signalCode).not.toBeNull());
  });

  it('of a web node brings a snapshot only', async () => {
    const local = balancer();
    const facts: Fact[] = [];
    await lookNode(optionsFor(local, (fact) => facts.push(fact), { spec: { name: 'web1', role: 'web' } }));
    expect(facts).toMatchObject([{ kind: 'snapshot', node: 'web1', reading: { ok: true } }]);
  });

  it('that cannot get there says why', async () => {
    const local = balancer();
    const failure = { step: 'auth', hop: 'lb1', found: 'all keys refused', blame: 'path' } as const;
    local.refuse(failure);
    const facts: Fact[] = [];
    await lookNode(optionsFor(local, (fact) => facts.push(fact)));
    expect(facts).toMatchObject([{ kind: 'snapshot', reading: { ok: false, failure } }]);
  });

  it('does not wait longer than its deadline for a link that never comes up', async () => {
    const facts: Fact[] = [];
    const local = balancer();
    const remote: NodeProbeOptions['remote'] = {
      ...local.remote,
      open: (_command, { signal }) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
        ),
    };
    await lookNode(
      optionsFor(local, (fact) => facts.push(fact), { remote, timeout: 50, pathAlive: async () => false }),
    );
    expect(facts).toMatchObject([
      {
        kind: 'snapshot',
        reading: { ok: false, failure: { step: 'timeout', found: 'no shell within 50 ms', blame: 'path' } },
      },
    ]);
  });
});
