import { describe, expect, test } from 'vitest';
import type { DrillFact } from '../../src/cluster/drill.ts';
import { findDrill } from '../../src/drills/catalog/built-in.ts';
import { commandsOfDrills } from '../../src/drills/commands.ts';
import { FILES, keepCommand, replacedOf } from '../../src/drills/deed.ts';
import type { Drill } from '../../src/drills/drill.ts';
import { FakePair } from './support/fake-pair.ts';
import { begin, run } from './support/running.ts';

const facts = (pair: FakePair): DrillFact[] =>
  pair.events.flatMap((event) => (event.kind === 'drill' ? [event.fact] : []));
const begun = (pair: FakePair, what: 'step' | 'undo'): number =>
  facts(pair).filter((fact) => fact.what === what && fact.at === 'begun').length;

describe('what somebody else wrote during a drill', () => {
  test.each([
    ['gentle', FILES.keepalived, 'vrrp_instance VI_1 { priority 90 } # by somebody'],
    ['nginx-broken', FILES.nginx, 'http { } # by somebody'],
  ])('is kept beside the file that comes back (%s)', async (name, file, text) => {
    const pair = await new FakePair().healthy();
    const before = pair.files.get(`lb1 ${file}`);
    const ran = begin(pair, name);
    while (begun(pair, 'step') < 3) await pair.pass(100);
    pair.files.set(`lb1 ${file}`, text);
    const { outcome } = await pair.through(ran);
    expect(pair.files.get(`lb1 ${file}`)).toBe(before);
    expect(pair.files.get(`lb1 ${replacedOf(file)}`)).toBe(text);
    expect(outcome.summary).toContain(`somebody else wrote ${file} on lb1 during the drill: it is kept as`);
  });

  test('may be kept by a narrow sudoers file as well', () => {
    const context = { units: { nginx: 'nginx', keepalived: 'keepalived' }, files: FILES };
    const broken = findDrill('nginx-broken') as Drill;
    const { commands } = commandsOfDrills([broken], 'lb', context, ['nginx', 'keepalived']);
    expect(commands).toContainEqual(keepCommand(FILES.nginx));
  });

  test('is nothing where only the drill wrote: nothing is left behind', async () => {
    const pair = await new FakePair().healthy();
    const { outcome } = await run(pair, 'gentle');
    expect(outcome).toMatchObject({ verdict: 'pass', restored: true });
    expect(outcome.summary).not.toContain('somebody');
    expect([...pair.files.keys()].filter((one) => one.includes('haconsole'))).toEqual([]);
  });
});

test('A drill that is left in the middle of its restore tells only the commands that are still to be typed', async () => {
  const pair = await new FakePair().healthy();
  const [stop, leave] = [new AbortController(), new AbortController()];
  const ran = begin(pair, 'nginx-broken', { stop: stop.signal, leave: leave.signal });
  while (begun(pair, 'step') < 3) await pair.pass(100);
  stop.abort();
  while (begun(pair, 'undo') < 2) await pair.pass(10);
  leave.abort();
  const { outcome } = await pair.through(ran);
  expect(outcome).toMatchObject({ restored: null, exit: 3 });
  expect(outcome.commands.map((one) => one.command)).toEqual(['systemctl start nginx', 'systemctl start keepalived']);
});

test('A unit that systemd refuses for having been started too often is started once it may be', async () => {
  const pair = await new FakePair().healthy();
  const ports = pair.ports();
  let first: number | undefined;
  const limited = {
    ...ports,
    run: (...args: Parameters<typeof ports.run>) => {
      if (args[1][0]?.words.join(' ') !== 'systemctl start nginx') return ports.run(...args);
      first ??= pair.clock.now();
      const text = 'nginx.service: Start request repeated too quickly.';
      if (pair.clock.now() - first < 10_000)
        return Promise.resolve({ end: 'failed' as const, command: 'systemctl start nginx', text });
      return ports.run(...args);
    },
  };
  const { outcome } = await pair.through(begin(pair, 'lb1-down', {}, limited));
  expect(outcome).toMatchObject({ restored: true, exit: 0 });
});

test('A restore timer that could not be disarmed is told, though all else is as it was', async () => {
  const pair = await new FakePair().healthy();
  const ports = { ...pair.ports(), disarm: async () => ({ is: 'unknown' as const, text: 'lb1: no answer' }) };
  const { outcome } = await pair.through(begin(pair, 'lb1-down', {}, ports));
  expect(outcome.restored).toBe(true);
  expect(outcome.summary).toContain('the restore timer of lb1 is still armed: lb1: no answer');
});

test('The steady state after a drill is told of what is, not of what was', async () => {
  const pair = await new FakePair().healthy();
  await run(pair, 'gentle');
  const after = facts(pair).findLast((fact) => fact.what === 'steady' && fact.when === 'after');
  expect(after).toMatchObject({ ok: true });
  expect(JSON.stringify(after)).toContain('3 VIPs on lb1');
});
