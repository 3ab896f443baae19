import { describe, expect, test } from 'vitest';
import type { DrillFact } from '../../src/cluster/drill.ts';
import { findDrill } from '../../src/drills/catalog/built-in.ts';
import { FILES } from '../../src/drills/deed.ts';
import type { Drill } from '../../src/drills/drill.ts';
import { FakePair } from './support/fake-pair.ts';
import { begin, mortal, run } from './support/running.ts';

const facts = (pair: FakePair, id = 1): DrillFact[] =>
  pair.events.flatMap((event) => (event.kind === 'drill' && event.id === id ? [event.fact] : []));

const begunSteps = (pair: FakePair): number =>
  facts(pair).filter((fact) => fact.what === 'step' && fact.at === 'begun').length;

const changing = (pair: FakePair): string[] =>
  pair.ran.filter(({ words }) => words[0] !== 'test').map(({ node, words }) => `${node}: ${words.join(' ')}`);

describe('the nodes heal themselves', () => {
  const stepsOf = (name: string): number => {
    const drill = findDrill(name) as Drill;
    return drill.setup.length + drill.method.length + (drill.setup.length > 0 ? 1 : 0);
  };
  const cases = ['both-down', 'nginx-broken', 'nginx-hung', 'gentle', 'keepalived-crash'].flatMap((name) =>
    Array.from({ length: stepsOf(name) }, (_, step) => ({ name, step: step + 1 })),
  );

  test.each(cases)('when the console is killed in step $step of $name', async ({ name, step }) => {
    const pair = await new FakePair().healthy();
    const before = pair.standing();
    let killed = 0;
    const ports = mortal(pair.ports(), () => {
      if (killed === 0 && begunSteps(pair) >= step) killed = pair.clock.now();
      return killed > 0 && pair.clock.now() > killed + 500;
    });
    void begin(pair, name, { restoreAfter: 20 }, ports);
    await pair.pass(90_000);
    expect(killed).toBeGreaterThan(0);
    expect(pair.timers.size).toBe(0);
    expect(pair.standing()).toEqual(before);
  });

  test('when the jump host dies for good, and the drill says so', async () => {
    const pair = await new FakePair().healthy();
    const before = pair.standing();
    const ran = begin(pair, 'both-down', { restoreAfter: 20 });
    while (begunSteps(pair) < 4) await pair.pass(100);
    await pair.pass(1500);
    pair.link = false;
    const { outcome } = await pair.through(ran);
    expect(outcome).toMatchObject({ status: 'aborted', exit: 3, restored: null });
    expect(outcome.summary).toMatch(/was to restore itself .* ago, unless it has rebooted: then its timer is gone/);
    expect(pair.standing()).toEqual(before);
  });

  test('or the drill takes it back itself when the way returns in time', async () => {
    const pair = await new FakePair().healthy();
    const before = pair.standing();
    const ran = begin(pair, 'lb1-down', { restoreAfter: 60 });
    while (begunSteps(pair) < 3) await pair.pass(100);
    pair.link = false;
    await pair.pass(12_000);
    pair.link = true;
    const { outcome } = await pair.through(ran);
    expect(outcome).toMatchObject({ status: 'aborted', restored: true });
    expect(outcome.summary).toMatch(/looked at|came through/);
    expect(pair.timers.size).toBe(0);
    expect(pair.standing()).toEqual(before);
  });

  test('and while the drill lives its timers never fire, however short they are', async () => {
    const pair = await new FakePair().healthy();
    const { outcome } = await run(pair, 'tour', { restoreAfter: 6 });
    expect(outcome).toMatchObject({ verdict: 'pass', exit: 0 });
    expect(pair.fired).toEqual([]);
  });
});

describe('a fault that does not take effect', () => {
  test('fails the drill, and nothing else is touched', async () => {
    const pair = await new FakePair().healthy();
    pair.daemon('lb1', 'keepalived').refusesStop = true;
    const before = pair.standing();
    const { outcome, judgement } = await run(pair, 'both-down');
    expect(outcome).toMatchObject({ status: 'failed', verdict: 'fail', restored: true, exit: 1 });
    expect(judgement?.faults).toMatchObject([{ index: 0, at: 'failed' }]);
    expect(outcome.summary).toMatch(
      /^failed: stop keepalived, then nginx on lb1: did not take effect \(Failed to stop keepalived.*refused/,
    );
    expect(changing(pair)).toEqual(['lb1: systemctl stop keepalived']);
    expect(pair.standing()).toEqual(before);
  });

  test('is told at the end where the check script has started again what was stopped', async () => {
    const pair = await new FakePair().healthy();
    const own: Drill = {
      ...(findDrill('lb1-down') as Drill),
      name: 'own',
      method: [{ act: 'stop nginx', on: 'master' }, { hold: '7s' }],
      expect: [{ service: 'nginx', on: 'master', is: ['inactive'] }],
      tolerates: ['outage'],
    };
    const { judgement } = await run(pair, own);
    expect(judgement?.results[0]).toMatchObject({ result: 'fail', measured: 'active, 2 processes' });
  });
});

describe('a restore that fails', () => {
  test('ends with status 3, the commands to type, and the timer still armed', async () => {
    const pair = await new FakePair().healthy();
    const ran = begin(pair, 'lb1-down', { restoreAfter: 300 });
    while (begunSteps(pair) < 3) await pair.pass(100);
    pair.files.delete(`lb1 ${FILES.nginx}`);
    const { outcome } = await pair.through(ran);
    expect(outcome).toMatchObject({ exit: 3, restored: false });
    expect(outcome.commands).toEqual([
      { node: 'lb1', command: 'systemctl start nginx' },
      { node: 'lb1', command: 'systemctl start keepalived' },
    ]);
    expect(outcome.summary).toMatch(/^not restored: .*lb1 restores itself in/);
    expect([...pair.timers.keys()]).toContain('lb1');
    // Without nginx it would take the VIPs from lb2, which serves.
    expect(pair.lb('lb2').vips).toBe(true);
    expect(pair.daemon('lb1', 'keepalived').active).toBe('inactive');
  });

  test('a file that is not what it was is told, though everything runs', async () => {
    const pair = await new FakePair().healthy();
    const ran = begin(pair, 'lb1-down');
    while (begunSteps(pair) < 3) await pair.pass(100);
    pair.files.set(`lb1 ${FILES.nginx}`, 'http { # changed meanwhile }');
    const { outcome } = await pair.through(ran);
    expect(outcome).toMatchObject({ exit: 3, restored: false, verdict: 'pass' });
    expect(outcome.summary).toContain(`${FILES.nginx} on lb1 is not what it was`);
  });
});

describe('a person', () => {
  test('ends a drill: it is restored at once', async () => {
    const pair = await new FakePair().healthy();
    const before = pair.standing();
    const stop = new AbortController();
    const ran = begin(pair, 'both-down', { stop: stop.signal });
    while (begunSteps(pair) < 6) await pair.pass(100);
    const at = pair.clock.now();
    stop.abort();
    const { outcome } = await pair.through(ran);
    expect(outcome).toMatchObject({ status: 'interrupted', restored: true, exit: 3 });
    const first = pair.ran.find((one) => one.at > at && one.words.includes('start'));
    expect((first?.at ?? Number.NaN) - at).toBeLessThan(4000);
    expect(pair.standing()).toEqual(before);
    expect(pair.timers.size).toBe(0);
  });

  test('leaves it as it is: nothing more is done, and the timers stay armed', async () => {
    const pair = await new FakePair().healthy();
    const leave = new AbortController();
    const ran = begin(pair, 'lb1-down', { leave: leave.signal, restoreAfter: 30 });
    while (begunSteps(pair) < 3) await pair.pass(100);
    leave.abort();
    const { outcome } = await pair.through(ran);
    expect(outcome).toMatchObject({ status: 'interrupted', restored: null, exit: 3 });
    expect(outcome.commands).toEqual([
      { node: 'lb1', command: 'systemctl start nginx' },
      { node: 'lb1', command: 'systemctl start keepalived' },
    ]);
    expect(pair.daemon('lb1', 'keepalived').active).toBe('inactive');
    await pair.pass(40_000);
    expect(pair.daemon('lb1', 'keepalived').active).toBe('active');
  });

  test('ends it before anything was touched: nothing is', async () => {
    const pair = await new FakePair().healthy();
    const stop = new AbortController();
    const ran = begin(pair, 'lb1-down', { stop: stop.signal });
    await pair.pass(2000);
    stop.abort();
    const { outcome } = await pair.through(ran);
    expect(outcome).toMatchObject({ status: 'interrupted', restored: true });
    expect(pair.ran).toEqual([]);
    expect(facts(pair).some((fact) => fact.what === 'timer')).toBe(false);
  });

  test('steps it by hand', async () => {
    const pair = await new FakePair().healthy();
    const asked: number[] = [];
    let next = () => {};
    const ran = begin(pair, 'lb1-down', {
      beforeStep: (_, index) =>
        new Promise((resolve) => {
          asked.push(index);
          next = resolve;
        }),
    });
    await pair.pass(20_000);
    expect(asked).toEqual([0]);
    expect(pair.daemon('lb1', 'keepalived').active).toBe('active');
    expect(pair.timers.size).toBe(1);
    for (const count of [2, 3]) {
      next();
      while (asked.length < count) await pair.pass(100);
    }
    next();
    const { outcome } = await pair.through(ran);
    expect(outcome).toMatchObject({ verdict: 'pass', exit: 0 });
  });
});

describe('a drill ends itself and restores', () => {
  const ended = async (spoil: (pair: FakePair) => void, name = 'lb1-down', steps = 3) => {
    const pair = await new FakePair().healthy();
    const ran = begin(pair, name);
    while (begunSteps(pair) < steps) await pair.pass(100);
    spoil(pair);
    const { outcome } = await pair.through(ran);
    return { pair, outcome };
  };

  test('when a web node that it does not touch goes down', async () => {
    const { pair, outcome } = await ended((one) => {
      one.daemon('web2', 'web').frozen = true;
    });
    expect(outcome.status).toBe('aborted');
    expect(outcome.summary).toContain('web2, which the drill has not touched, gives no good answer');
    expect(pair.daemon('lb1', 'keepalived').active).toBe('active');
  });

  test('when the other load balancer goes down: nobody holds the VIPs', async () => {
    const { pair, outcome } = await ended((one) => {
      void one.command('lb2', { words: ['systemctl', 'stop', 'keepalived'] });
    });
    expect(outcome.status).toBe('aborted');
    expect(pair.lb('lb1').vips).toBe(true);
  });

  test('when the outage lasts more than twice as long as expected', async () => {
    const { outcome } = await ended((one) => {
      one.daemon('lb2', 'nginx').frozen = true;
    });
    expect(outcome.status).toBe('aborted');
    expect(outcome.summary).toMatch(/has given no good answer for 3(\.\d+)? s, more than twice/);
  });

  test('when somebody cancels a restore timer', async () => {
    const { outcome } = await ended(
      (one) => {
        one.timers.delete('lb1');
      },
      'nginx-hung',
      2,
    );
    expect(outcome.status).toMatch(/aborted|failed/);
  });
});

describe('two consoles', () => {
  test('begin a drill at once: one of them is refused, and nothing of the other is touched', async () => {
    const pair = await new FakePair().healthy();
    const [one, two] = await pair.through(
      Promise.all([
        begin(pair, 'lb1-down', { id: 1 }, pair.ports({ id: 1, author: 'one' })),
        begin(pair, 'web-node-down', { id: 2 }, pair.ports({ id: 2, author: 'two' })),
      ]),
    );
    expect([one.outcome.exit, two.outcome.exit].sort()).toEqual([0, 2]);
    const refused = one.outcome.exit === 2 ? one : two;
    expect(refused.outcome.summary).toMatch(/restore timer is armed on lb1/);
    expect(pair.timers.size).toBe(0);
  });

  test('one after the other: the gate tells who has the lock', async () => {
    const pair = await new FakePair().healthy();
    const first = begin(pair, 'nginx-hung', { id: 1 }, pair.ports({ id: 1, author: 'one' }));
    while (begunSteps(pair) < 1) await pair.pass(100);
    const { outcome } = await pair.through(begin(pair, 'all-normal', { id: 2 }, pair.ports({ id: 2, author: 'two' })));
    expect(outcome).toMatchObject({ status: 'refused', exit: 2 });
    expect(outcome.summary).toContain('by one');
    expect((await pair.through(first)).outcome.exit).toBe(0);
  });
});
