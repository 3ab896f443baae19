import { describe, expect, test } from 'vitest';
import type { Action, Plan } from '../../src/cluster/action.ts';
import { configuration } from '../actions/scenes.ts';
import { breaks, DeskRig, lost } from '../support/desk.ts';

const stopWeb: Action = { kind: 'service', verb: 'stop', service: 'web', node: 'web1' };
const startWeb: Action = { ...stopWeb, verb: 'start' };
const stopNginx: Action = { kind: 'service', verb: 'stop', service: 'nginx', node: 'lb2' };
const out: Action = { kind: 'out-of-service', node: 'lb1' };

const planned = async (rig: DeskRig, action: Action, options?: { restoreAfter?: number }): Promise<Plan> => {
  const result = await rig.settle(rig.desk.plan(action, options));
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result.plan;
};

const word = ({ confirmation }: Plan): string => (confirmation.kind === 'press' ? confirmation.key : confirmation.word);

/** The web server of web1 stops when it is told to. */
const obeys = (rig: DeskRig): void => {
  const gone = () => {
    rig.scene.world.units.web1 = { web: { active: 'inactive', sub: 'dead', mainPid: 0 } };
    return {};
  };
  rig.answers.push([/^sudo -n systemctl stop apache2$/, gone]);
};

const phases = (rig: DeskRig): string[] =>
  rig.facts.flatMap((fact) => (fact.kind === 'action' ? [fact.phase.step] : []));

describe('a plan', () => {
  test('is made on looks that were asked for after it was wanted, and writes nothing', async () => {
    const rig = new DeskRig();
    const plan = await planned(rig, out);
    expect(rig.refreshed).toEqual(['lb1', 'lb2']);
    expect(plan.commands).toEqual(['sudo -n systemctl stop keepalived', 'sudo -n systemctl stop nginx']);
    expect(rig.wrote).toEqual([]);
  });

  test('has no sudo before the commands of root, and asks sudo nothing', async () => {
    const rig = new DeskRig();
    rig.answers.unshift([/^id -u$/, { stdout: '0\n' }]);
    expect((await planned(rig, stopNginx)).commands).toEqual(['systemctl stop nginx']);
    expect(rig.ran).toEqual(['id -u']);
  });

  test.each([
    [1, 'y', startWeb, {}],
    [2, 'yes', { kind: 'out-of-service', node: 'lb1' }, {}],
    [3, 'lb1', { kind: 'out-of-service', node: 'lb1' }, { protected: true }],
  ] as const)('of step %i is confirmed by %s', async (step, given, action, topology) => {
    const rig = new DeskRig(topology);
    if (action === startWeb) {
      rig.scene.world.units.web1 = { web: { active: 'inactive', sub: 'dead', mainPid: 0 } };
      await rig.pass(1000);
    }
    const plan = await planned(rig, action as Action);
    expect(plan.risk.step).toBe(step);
    expect(word(plan)).toBe(given);
  });

  test('is refused where the state already is what is wanted, with nothing asked of the node', async () => {
    const rig = new DeskRig();
    const result = await rig.settle(rig.desk.plan(startWeb));
    expect(result).toMatchObject({ ok: false, refusal: { reason: 'nothing-to-do' } });
    expect(rig.ran).toEqual([]);
  });

  test('goes on without a node that does not answer, and what it needs of it counts as unknown', async () => {
    const rig = new DeskRig();
    const sure = await planned(rig, out);
    rig.silent.add('lb2');
    await rig.pass(6000);
    const unsure = await planned(rig, out);
    expect(unsure.risk.step).toBeGreaterThan(sure.risk.step);
    expect(unsure.risk.lines.map((line) => line.text).join()).toContain('Not known now');
  });

  test('waits for keepalived’s files where they are still under way, so that it is not void a moment later', async () => {
    const rig = new DeskRig({}, true);
    let ready = false;
    const plan = planned(rig, out).finally(() => {
      ready = true;
    });
    await rig.pass(1000);
    expect(ready).toBe(false);
    for (const node of ['lb1', 'lb2'])
      rig.dispatch({
        kind: 'configuration',
        node,
        reading: { ok: true, value: configuration(node === 'lb1' ? 150 : 100) },
      });
    const made = await rig.settle(plan);
    rig.answers.push([/stop (keepalived|nginx)$/, {}]);
    expect(await rig.settle(rig.desk.perform(made, word(made)))).not.toMatchObject({ step: 'changed' });
  });

  test('fails with the link’s own words where the node is not connected', async () => {
    const rig = new DeskRig();
    rig.dispatch({ kind: 'link', node: 'lb2', link: { phase: 'waiting', failure: lost } });
    expect(await rig.settle(rig.desk.plan(stopNginx))).toEqual({ ok: false, failure: lost });
  });

  test('of a missing right is a failure that names the line for sudoers, before anything was run', async () => {
    const rig = new DeskRig();
    rig.answers.unshift([/^sudo -n -l /, { code: 1 }], [/^command -v/, { stdout: '/usr/bin/systemctl\n' }]);
    const result = await rig.settle(rig.desk.plan(stopNginx));
    expect(result).toMatchObject({ ok: false, failure: { step: 'permission', hop: 'lb2' } });
    expect(JSON.stringify(result)).toContain('ops ALL=(root) NOPASSWD: /usr/bin/systemctl stop nginx');
    expect(rig.wrote).toEqual([]);
  });
});

describe('performing', () => {
  test('runs what was planned, waits for the effect, and tells each step', async () => {
    const rig = new DeskRig();
    obeys(rig);
    const plan = await planned(rig, stopWeb);
    const outcome = await rig.settle(rig.desk.perform(plan, word(plan)));
    expect(outcome).toMatchObject({ step: 'done' });
    expect(rig.wrote).toEqual(['sudo -n systemctl stop apache2']);
    expect(phases(rig).filter((step, index, all) => step !== all[index - 1])).toEqual([
      'confirmed',
      'executing',
      'verifying',
      'done',
    ]);
    expect(rig.scene.state.commands).toMatchObject([
      { node: 'web1', command: 'sudo -n systemctl stop apache2', result: { ok: true, code: 0 } },
    ]);
  });

  test('believes the node, not the exit status: a command that succeeds without effect is none', async () => {
    const rig = new DeskRig();
    rig.answers.push([/^sudo -n systemctl stop apache2$/, { code: 0 }]);
    const plan = await planned(rig, stopWeb);
    expect(await rig.settle(rig.desk.perform(plan, word(plan)))).toMatchObject({ step: 'no-effect' });
  });

  test('tells what a command said that failed, cleaned, and runs none after it', async () => {
    const rig = new DeskRig();
    const plan = await planned(rig, out);
    rig.answers.push([/stop keepalived$/, { code: 1, stderr: 'Job failed.\n\u001b[31mSee journal\u0007\n' }]);
    const outcome = await rig.settle(rig.desk.perform(plan, word(plan)));
    expect(outcome).toMatchObject({ step: 'no-effect' });
    expect(JSON.stringify(outcome)).toContain('ended with 1 (\\\\x1b[31mSee journal\\\\x07)');
    expect(rig.wrote).toEqual(['sudo -n systemctl stop keepalived']);
  });

  test('runs nothing for another word, and says which it takes', async () => {
    const rig = new DeskRig();
    const plan = await planned(rig, out);
    for (const given of ['y', '', 'YES', 'yes ', 'lb1'])
      expect(await rig.settle(rig.desk.perform(plan, given))).toMatchObject({
        step: 'refused',
        refusal: { reason: 'risk' },
      });
    expect(rig.wrote).toEqual([]);
  });

  test('runs nothing when the state changed under the plan: here is the new plan', async () => {
    const rig = new DeskRig();
    const plan = await planned(rig, out);
    rig.scene.world.units.lb2 = { keepalived: { active: 'inactive', sub: 'dead', mainPid: 0 } };
    const result = await rig.settle(rig.desk.perform(plan, word(plan)));
    if (result.step !== 'changed') throw new Error(`not changed but ${JSON.stringify(result)}`);
    expect(result.plan.risk).toMatchObject({ step: 3, takesLast: true });
    expect(word(result.plan)).toBe('lb1');
    expect(rig.wrote).toEqual([]);
    expect(phases(rig)).toEqual([]);
  });

  test('is refused when somebody else has done it meanwhile', async () => {
    const rig = new DeskRig();
    const plan = await planned(rig, stopWeb);
    rig.scene.world.units.web1 = { web: { active: 'inactive', sub: 'dead', mainPid: 0 } };
    expect(await rig.settle(rig.desk.perform(plan, word(plan)))).toMatchObject({
      step: 'refused',
      refusal: { reason: 'nothing-to-do' },
    });
    expect(rig.wrote).toEqual([]);
  });

  test('takes one action at a time on a node, and others on other nodes', async () => {
    const rig = new DeskRig();
    const held = Promise.withResolvers<object>();
    rig.answers.push([/^sudo -n systemctl stop apache2$/, () => held.promise]);
    const plan = await planned(rig, stopWeb);
    const first = rig.desk.perform(plan, word(plan));
    while (rig.wrote.length === 0) await rig.pass(250);
    const second = await rig.settle(rig.desk.perform(plan, word(plan)));
    expect(second).toMatchObject({ step: 'refused', refusal: { reason: 'disabled' } });
    expect(await rig.settle(rig.desk.plan({ ...stopWeb, verb: 'restart' }))).toMatchObject({ ok: false });
    expect(await rig.settle(rig.desk.plan(stopNginx))).toMatchObject({ ok: true });
    held.resolve({});
    await rig.settle(first);
    expect(rig.wrote).toHaveLength(1);
    expect(await rig.settle(rig.desk.plan({ ...stopWeb, verb: 'restart' }))).toMatchObject({ ok: true });
  });
});

describe('taking a load balancer out', () => {
  test('leaves nginx running where keepalived was stopped and left its VIPs behind', async () => {
    const rig = new DeskRig();
    const killed = () => {
      rig.scene.world.units.lb1 = {
        keepalived: { active: 'failed', sub: 'failed', result: 'timeout', mainPid: 0, count: 0 },
      };
      return {};
    };
    rig.answers.push([/stop keepalived$/, killed]);
    const plan = await planned(rig, out);
    const outcome = await rig.settle(rig.desk.perform(plan, word(plan)));
    expect(outcome).toMatchObject({ step: 'no-effect' });
    expect(JSON.stringify(outcome)).toContain(
      '`sudo -n systemctl stop nginx` was not run: 172.16.249.80 .90 .100 still on lb1 though keepalived is stopped',
    );
    expect(rig.wrote).toEqual(['sudo -n systemctl stop keepalived']);
  });
});

describe('the turn to take a load balancer out', () => {
  test('is held on every load balancer from before the last look until the end, and given back', async () => {
    const rig = new DeskRig();
    const held: string[][] = [];
    rig.answers.push([/stop (keepalived|nginx)$/, () => ({ code: held.push([...rig.turns]) && 0 })]);
    const plan = await planned(rig, out);
    expect(rig.turns).toEqual([]);
    await rig.settle(rig.desk.perform(plan, word(plan)));
    expect(held).toEqual([
      ['lb1', 'lb2'],
      ['lb1', 'lb2'],
    ]);
    expect(rig.turns).toEqual([]);
  });

  test.each(['lb1', 'lb2'])('taken by another on %s runs nothing and asks for the name of the node', async (name) => {
    const rig = new DeskRig();
    rig.answers.push([/stop (keepalived|nginx)$/, {}]);
    const plan = await planned(rig, out);
    expect(plan.risk.step).toBe(2);
    rig.taken.add(name);
    const result = await rig.settle(rig.desk.perform(plan, word(plan)));
    if (result.step !== 'changed') throw new Error(`not changed but ${JSON.stringify(result)}`);
    expect(rig.wrote).toEqual([]);
    expect(rig.turns).toEqual([]);
    expect(word(result.plan)).toBe('lb1');
    expect(result.plan.risk.lines[0]).toMatchObject({
      severity: 'bad',
      text: expect.stringContaining(`lock on ${name}`),
    });
    // Somebody on the node who keeps the lock for ever cannot forbid it.
    await rig.settle(rig.desk.perform(result.plan, 'lb1'));
    expect(rig.wrote).toHaveLength(2);
  });

  test('is not asked for by what takes nothing away', async () => {
    const rig = new DeskRig();
    obeys(rig);
    rig.taken.add('lb1');
    const plan = await planned(rig, stopWeb);
    expect(await rig.settle(rig.desk.perform(plan, word(plan)))).toMatchObject({ step: 'done' });
  });
});

describe('a connection that breaks while a command runs', () => {
  const breakLink = (rig: DeskRig) => {
    rig.silent.add('web1');
    rig.dispatch({ kind: 'link', node: 'web1', link: { phase: 'waiting', failure: lost } });
    return breaks();
  };
  const comeBack = (rig: DeskRig) => {
    rig.silent.delete('web1');
    rig.dispatch({ kind: 'link', node: 'web1', link: { phase: 'up' } });
  };

  test.each([
    ['done', { active: 'inactive', sub: 'dead', mainPid: 0 }],
    ['no-effect', {}],
  ])('is waited for, and what is seen then is told: %s', async (step, unit) => {
    const rig = new DeskRig();
    rig.answers.push([/stop apache2$/, () => breakLink(rig)]);
    const plan = await planned(rig, stopWeb);
    const outcome = rig.desk.perform(plan, word(plan));
    await rig.pass(8000);
    rig.scene.world.units.web1 = { web: unit };
    comeBack(rig);
    expect(await rig.settle(outcome)).toMatchObject({ step });
  });

  test('and does not come back leaves it unknown', async () => {
    const rig = new DeskRig();
    rig.answers.push([/stop apache2$/, () => breakLink(rig)]);
    const plan = await planned(rig, stopWeb);
    expect(await rig.settle(rig.desk.perform(plan, word(plan)))).toMatchObject({ step: 'unknown', failure: lost });
  });

  test('is unknown at once when the console is left', async () => {
    const rig = new DeskRig();
    rig.answers.push([/stop apache2$/, () => breakLink(rig)]);
    const plan = await planned(rig, stopWeb);
    const outcome = rig.desk.perform(plan, word(plan));
    while (rig.wrote.length === 0) await rig.pass(250);
    rig.end.abort(new Error('left'));
    expect(await outcome).toMatchObject({ step: 'unknown' });
  });
});

describe('read-only', () => {
  const every: Action[] = [
    ...(['start', 'stop', 'restart', 'reload'] as const).flatMap((verb): Action[] => [
      { kind: 'service', verb, service: 'nginx', node: 'lb1' },
      { kind: 'service', verb, service: 'keepalived', node: 'lb2' },
      { kind: 'service', verb, service: 'web', node: 'web2' },
    ]),
    out,
    { kind: 'back-in-service', node: 'lb1' },
    { kind: 'remove-vip', vip: '172.16.249.80', node: 'lb1' },
    { kind: 'cancel-restore', node: 'lb1' },
  ];

  test('refuses every action, planned or performed, and sends the node nothing at all', async () => {
    const plan = await planned(new DeskRig(), out);
    const rig = new DeskRig({ readOnly: true });
    for (const action of every) {
      const refusal = { reason: 'read-only' };
      expect(await rig.settle(rig.desk.plan(action))).toMatchObject({ ok: false, refusal });
      const forged = { ...plan, action };
      expect(await rig.settle(rig.desk.perform(forged, word(forged)))).toMatchObject({ step: 'refused', refusal });
    }
    expect(rig.ran).toEqual([]);
  });
});

describe('with a restore timer', () => {
  const timer = /^sudo -n systemd-run --unit=haconsole-restore --on-active=300 /;
  const none = `Id=haconsole-restore.timer\nActiveState=inactive\nSubState=dead\n\nId=haconsole-restore.service\nActiveState=inactive\nSubState=dead\n`;
  const withSystemd = (rig: DeskRig, shown = none, version: object = { stdout: 'systemd 252 (252.39-1~deb12u1)\n' }) =>
    rig.answers.unshift([/^systemd-run --version$/, version], [/^systemctl show/, { stdout: shown }]);

  test('arms it before anything else, with what runs on the node', async () => {
    const rig = new DeskRig();
    withSystemd(rig);
    obeys(rig);
    rig.answers.push([timer, {}]);
    const plan = await planned(rig, stopWeb, { restoreAfter: 300 });
    expect(plan.restoreAfter).toBe(300);
    expect(await rig.settle(rig.desk.perform(plan, word(plan)))).toMatchObject({ step: 'done' });
    expect(rig.wrote).toHaveLength(2);
    expect(rig.wrote[0]).toMatch(
      /--timer-property=AccuracySec=100ms --description=ops@laptop:\d{8}T\d{6}Z\.* -- systemctl start apache2$/,
    );
    expect(rig.wrote).toEqual(plan.commands);
  });

  test.each([
    ['systemd-run is missing', { code: 127, stderr: 'sh: 1: systemd-run: not found' }, none, 'no-timer'],
    ['systemd is too old', { stdout: 'systemd 204\n' }, none, 'no-timer'],
    [
      'one is armed already',
      { stdout: 'systemd 252\n' },
      none.replace('inactive\nSubState=dead', 'active\nSubState=waiting'),
      'disabled',
    ],
  ])('refuses where %s, and runs nothing', async (_, version, shown, reason) => {
    const rig = new DeskRig();
    withSystemd(rig, shown, version);
    expect(await rig.settle(rig.desk.plan(stopWeb, { restoreAfter: 300 }))).toMatchObject({
      ok: false,
      refusal: { reason },
    });
    expect(rig.wrote).toEqual([]);
  });

  test('does nothing when it cannot be armed', async () => {
    const rig = new DeskRig();
    withSystemd(rig);
    rig.answers.push([timer, { code: 1, stderr: 'Failed to start transient timer unit: Unit was already loaded' }]);
    const plan = await planned(rig, stopWeb, { restoreAfter: 300 });
    expect(await rig.settle(rig.desk.perform(plan, word(plan)))).toMatchObject({
      step: 'refused',
      refusal: { reason: 'no-timer' },
    });
    expect(rig.wrote).toHaveLength(1);
  });

  test('clears away what a restore that failed has left', async () => {
    const rig = new DeskRig();
    withSystemd(rig, none.replace(/inactive\nSubState=dead\n$/, 'failed\nSubState=failed\n'));
    const plan = await planned(rig, stopWeb, { restoreAfter: 300 });
    expect(plan.commands[0]).toBe('sudo -n systemctl reset-failed haconsole-restore.service');
  });
});
