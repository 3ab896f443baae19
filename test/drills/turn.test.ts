import { describe, expect, test } from 'vitest';
import { FakePair } from './support/fake-pair.ts';
import { begin, run } from './support/running.ts';

const changing = (pair: FakePair): string[] =>
  pair.ran.filter(({ words }) => words[0] !== 'test').map(({ node, words }) => `${node}: ${words.join(' ')}`);

describe('the turn to take a load balancer out', () => {
  test('is asked for a few times: a drill begins no fault while somebody else has it', async () => {
    const pair = await new FakePair().healthy();
    pair.turnOf = 99;
    const { outcome } = await run(pair, 'lb1-down');
    expect(outcome).toMatchObject({ verdict: 'fail', restored: true, exit: 1 });
    expect(outcome.summary).toContain('somebody else takes a load balancer out');
    expect(changing(pair)).toEqual([]);
    expect(pair.timers.size).toBe(0);
  });

  test('that is given back a moment later does not end the drill', async () => {
    const pair = await new FakePair().healthy();
    const ports = pair.ports();
    let asked = 0;
    const late = {
      ...ports,
      turn: async (signal: AbortSignal) => {
        asked += 1;
        return asked === 1 ? { taken: 'lb1', release: () => {} } : ports.turn(signal);
      },
    };
    const { outcome } = await pair.through(begin(pair, 'lb1-down', {}, late));
    expect(outcome).toMatchObject({ verdict: 'pass', restored: true });
  });

  test('is held while a fault is done, and given back once it is seen', async () => {
    const pair = await new FakePair().healthy();
    const ports = pair.ports();
    const held: unknown[] = [];
    const watched = {
      ...ports,
      run: (...args: Parameters<typeof ports.run>) => {
        held.push([args[1][0]?.words[1], pair.turnOf]);
        return ports.run(...args);
      },
    };
    const { outcome } = await pair.through(begin(pair, 'both-down', {}, watched));
    expect(outcome).toMatchObject({ verdict: 'pass', restored: true });
    expect(held.filter((one) => (one as string[])[0] === 'stop')).toEqual([
      ['stop', 1],
      ['stop', 1],
    ]);
    expect(held.filter((one) => (one as string[])[0] === 'start').every((one) => (one as number[])[1] !== 1)).toBe(
      true,
    );
    expect(pair.turnOf).toBeUndefined();
  });

  test('comes with a fresh look: what somebody did until then is seen before the fault', async () => {
    const pair = await new FakePair().healthy();
    const ports = pair.ports();
    const late = {
      ...ports,
      turn: async (signal: AbortSignal) => {
        // Another console took the backup out a moment ago and has just given the turn back.
        await pair.command('lb2', { words: ['systemctl', 'stop', 'keepalived'] });
        return ports.turn(signal);
      },
    };
    const { outcome } = await pair.through(begin(pair, 'lb1-down', {}, late));
    expect(outcome.status).toBe('aborted');
    expect(outcome.summary).toContain('keepalived on lb2, which the drill has not touched');
    expect(changing(pair)).toEqual([]);
  });
});

test('What a look shows to be down is started at once, not watched first', async () => {
  const pair = await new FakePair().healthy();
  await run(pair, 'lb1-down');
  const begun = pair.events.filter(
    (event) => event.kind === 'drill' && event.fact.what === 'undo' && event.fact.at === 'begun',
  );
  const starts = pair.ran.filter(({ words }) => words[1] === 'start');
  expect(starts.length).toBe(2);
  for (const [index, start] of starts.entries())
    expect(start.at - (begun[index]?.at.mono ?? Number.NaN)).toBeLessThan(500);
});
