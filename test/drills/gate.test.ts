import { describe, expect, test } from 'vitest';
import { findDrill } from '../../src/drills/catalog/built-in.ts';
import { FILES } from '../../src/drills/deed.ts';
import type { Drill } from '../../src/drills/drill.ts';
import type { Ports } from '../../src/drills/ports.ts';
import { tutorialTopology } from '../support/scene.ts';
import { FakePair } from './support/fake-pair.ts';
import { begin } from './support/running.ts';

/** Why a drill is refused on a pair, and that nothing was touched. */
const refusal = async (
  pair: FakePair,
  name = 'lb1-down',
  over: Parameters<typeof begin>[2] = {},
  change: (ports: Ports) => Partial<Ports> = () => ({}),
): Promise<string[]> => {
  const before = pair.standing();
  const ports = pair.ports();
  const { outcome } = await pair.through(begin(pair, findDrill(name) as Drill, over, { ...ports, ...change(ports) }));
  expect(outcome).toMatchObject({ status: 'refused', exit: 2, verdict: 'unknown', restored: true, commands: [] });
  expect(pair.ran).toEqual([]);
  expect(pair.standing()).toEqual(before);
  const gate = pair.events.findLast((event) => event.kind === 'drill' && event.fact.what === 'gate');
  return gate?.kind === 'drill' && gate.fact.what === 'gate' ? gate.fact.reasons : [];
};

describe('the gate is closed', () => {
  test('when the backup is down', async () => {
    const pair = await new FakePair().healthy();
    await pair.type('lb2', 'systemctl stop keepalived');
    await pair.pass(35_000);
    expect(await refusal(pair)).toEqual([
      expect.stringMatching(/^the cluster is no-backup .*must be healthy$/),
      'the backup lb2 is not ready: keepalived is inactive',
    ]);
  });

  test('when nobody holds the VIPs, two do, or too little is seen', async () => {
    const dark = await new FakePair().healthy();
    for (const node of ['lb1', 'lb2']) await dark.type(node, 'systemctl stop keepalived');
    await dark.pass(3000);
    expect((await refusal(dark)).join('\n')).toMatch(/nobody known/);
    const split = await new FakePair().healthy();
    await split.type('lb1', 'systemctl kill -s KILL keepalived');
    await split.pass(10_000);
    expect((await refusal(split)).join('\n')).toMatch(/the cluster is split-brain/);
    const blind = await new FakePair().healthy();
    blind.link = false;
    await blind.pass(20_000);
    expect((await refusal(blind)).join('\n')).toMatch(/the cluster is blind/);
  });

  test('while the check script starts nginx no more, for the drills that need it', async () => {
    const pair = await new FakePair().healthy();
    const date = new Date(pair.state.now.wall).toISOString();
    const [day, time] = [date.slice(8, 10), date.slice(11, 19)];
    const month = new Date(pair.state.now.wall).toLocaleString('en', { month: 'short', timeZone: 'UTC' });
    const weekday = new Date(pair.state.now.wall).toLocaleString('en', { weekday: 'short', timeZone: 'UTC' });
    pair.send({
      kind: 'check-log',
      node: 'lb1',
      line: `${weekday} ${month} ${day} ${time} UTC ${date.slice(0, 4)}: nginx does not come up, no more restarts for 120 s`,
    });
    await pair.pass(40_000);
    const paused =
      /^the check script on lb1 starts nginx no more for another (?:79|80|8[01]).* s \(its check log says so\)$/;
    expect(await refusal(pair, 'nginx-broken')).toEqual([expect.stringMatching(paused)]);
    await pair.pass(81_000);
    const { outcome } = await pair.through(begin(pair, findDrill('nginx-broken') as Drill));
    expect(outcome.status).not.toBe('refused');
  });

  test('when something has changed a moment ago', async () => {
    const pair = await new FakePair().healthy();
    await pair.type('lb2', 'systemctl restart nginx');
    await pair.pass(6000);
    expect(await refusal(pair)).toEqual([expect.stringMatching(/^something changed [67](\.\d+)? s ago, .* 30 s$/)]);
  });

  test('when this console has watched for a moment only, unless it may wait', async () => {
    const pair = await new FakePair().healthy(2500);
    expect(await refusal(pair)).toEqual([expect.stringMatching(/^watched for 2(\.\d+)? s only, at least 5 s/)]);
    const { outcome } = await pair.through(begin(pair, 'all-normal', { patience: 20_000 }));
    expect(outcome.exit).toBe(0);
  });

  test('and is not waited for where no watching would open it', async () => {
    const pair = await new FakePair().healthy();
    await pair.type('lb2', 'systemctl stop keepalived');
    await pair.pass(35_000);
    const began = pair.clock.now();
    await refusal(pair, 'lb1-down', { patience: 60_000 });
    expect(pair.clock.now() - began).toBeLessThan(1000);
  });

  test('when a restore timer is armed anywhere, with who and how long', async () => {
    const pair = await new FakePair().healthy();
    pair.timers.set('web2', {
      due: pair.clock.now() + 120_500,
      seconds: 120,
      undo: ['true'],
      by: 'anna@desk, 2026-11-23',
    });
    await pair.pass(1500);
    expect(await refusal(pair)).toEqual([
      expect.stringMatching(
        /^a restore timer is armed on web2 \(by anna@desk, 2026-11-23, 119 s left\): another drill or a planned restore$/,
      ),
    ]);
  });

  test('when a right is missing, with the advice that goes with it', async () => {
    const pair = await new FakePair().healthy();
    const reasons = await refusal(pair, 'both-down', {}, (ports) => ({
      rights: async (node, ...rest) =>
        node === 'lb2'
          ? {
              ok: false,
              failure: {
                step: 'permission',
                hop: 'lb2',
                found: 'ops may not run systemctl',
                advice: 'this line',
                blame: 'target',
              },
            }
          : ports.rights(node, ...rest),
    }));
    expect(reasons).toEqual(['lb2: ops may not run systemctl (this line)']);
  });

  test('when an earlier drill has left a file aside', async () => {
    const pair = await new FakePair().healthy();
    pair.files.set(`lb1 ${FILES.nginx}.haconsole-aside`, 'http {}');
    expect(await refusal(pair, 'nginx-broken')).toEqual([
      `${FILES.nginx}.haconsole-aside is on lb1: an earlier drill was not restored; compare, then: mv -f -- ${FILES.nginx}.haconsole-aside ${FILES.nginx}`,
    ]);
  });

  test('when keepalived would not survive a reload, or its file sets no priority', async () => {
    const pair = await new FakePair().healthy();
    const reloadable = async () => ({ ok: true as const, value: 'line 7 is broken' });
    expect(await refusal(pair, 'gentle', {}, () => ({ reloadable }))).toEqual([
      'keepalived on lb1 would not survive a reload: line 7 is broken',
    ]);
    pair.files.set(`lb1 ${FILES.keepalived}`, 'include conf.d/*.conf\n');
    expect(await refusal(pair, 'gentle')).toEqual([`${FILES.keepalived} on lb1 sets no priority itself`]);
  });

  test('when there is no check script to be shown', async () => {
    const pair = await new FakePair().healthy();
    for (const lb of pair.balancers) {
      const value = pair.state.nodes[lb.name]?.configuration.value;
      if (!value) throw new Error('no configuration');
      const { check: _, checkInterval: __, ...rest } = value;
      pair.send({ kind: 'configuration', node: lb.name, reading: { ok: true, value: rest } });
    }
    expect(await refusal(pair, 'nginx-crash')).toEqual(['keepalived runs no check script on every load balancer']);
  });

  test('when the cluster is protected and its name was not typed', async () => {
    const pair = await new FakePair({ ...tutorialTopology, protected: true }).healthy();
    expect(await refusal(pair, 'lb1-down', { confirmed: false })).toEqual([
      'tutorial is protected: its name must be typed (--confirm tutorial)',
    ]);
    expect((await pair.through(begin(pair, 'lb1-down', { confirmed: true }))).outcome.exit).toBe(0);
  });

  test('when the console is read-only, or another drill of it is under way', async () => {
    const pair = await new FakePair({ ...tutorialTopology, readOnly: true }).healthy();
    expect(await refusal(pair, 'lb1-down', { running: 'tour' })).toEqual([
      'read-only: nothing is written to the nodes',
      'the drill tour is under way',
    ]);
  });

  test('when requests are lost before anything is done: there is no steady state', async () => {
    const pair = await new FakePair().healthy();
    const request = pair.request.bind(pair);
    let count = 0;
    pair.request = (vip) => {
      count += 1;
      return count % 97 === 0 ? { ok: false, loss: 'refused', ms: 2 } : request(vip);
    };
    expect(await refusal(pair)).toEqual([expect.stringMatching(/^no steady state: .*requests lost/)]);
  });

  test('when the VIPs have moved between the first look and the armed timer', async () => {
    const pair = await new FakePair().healthy();
    const ports = pair.ports();
    const arm: Ports['arm'] = async (...given) => {
      // keepalived of the master is stopped by somebody else at this very moment.
      void pair.command('lb1', { words: ['systemctl', 'stop', 'keepalived'] });
      return await ports.arm(...given);
    };
    const { outcome } = await pair.through(begin(pair, 'lb1-down', {}, { ...ports, arm }));
    expect(outcome).toMatchObject({ status: 'refused', exit: 2 });
    expect(pair.ran).toEqual([]);
    expect(pair.timers.size).toBe(0);
  });
});
