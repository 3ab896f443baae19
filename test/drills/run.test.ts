import { describe, expect, test } from 'vitest';
import { builtInDrills, findDrill } from '../../src/drills/catalog/built-in.ts';
import type { Drill } from '../../src/drills/drill.ts';
import { type RunOptions, runDrill } from '../../src/drills/run.ts';
import { FakePair } from './support/fake-pair.ts';

const never = new AbortController().signal;

const options = (over: Partial<RunOptions> = {}): RunOptions => ({
  id: 1,
  find: (name) => findDrill(name),
  author: 'test',
  restoreAfter: 300,
  confirmed: true,
  stop: never,
  leave: never,
  ...over,
});

const run = async (pair: FakePair, name: string, over: Partial<RunOptions> = {}) =>
  await pair.through(runDrill(findDrill(name) as Drill, pair.ports(), options(over)));

describe('every built-in drill passes on a pair that behaves', () => {
  for (const flavour of ['kills', 'moves'] as const)
    test.each(builtInDrills.map((drill) => drill.name))(`%s, with a check script that ${flavour}`, async (name) => {
      const pair = new FakePair();
      pair.flavour = flavour;
      await pair.healthy();
      const { outcome, judgement } = await run(pair, name);
      expect(judgement?.results.filter((one) => one.result !== 'pass').map((one) => one.text)).toEqual([]);
      expect(judgement?.faults).toEqual([]);
      expect(outcome).toMatchObject({ status: 'completed', verdict: 'pass', restored: true, exit: 0 });
      expect(pair.timers.size).toBe(0);
    });
});
