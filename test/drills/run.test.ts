import { describe, expect, test } from 'vitest';
import { builtInDrills } from '../../src/drills/catalog/built-in.ts';
import { FakePair } from './support/fake-pair.ts';
import { run } from './support/running.ts';

describe('every built-in drill passes on a pair that behaves', () => {
  for (const flavour of ['kills', 'moves'] as const)
    test.each(builtInDrills.map((drill) => drill.name))(`%s, with a check script that ${flavour}`, async (name) => {
      const pair = new FakePair();
      pair.flavour = flavour;
      await pair.healthy();
      const before = pair.standing();
      const { outcome, judgement } = await run(pair, name);
      expect(judgement?.results.filter((one) => one.result !== 'pass').map((one) => one.text)).toEqual([]);
      expect(judgement?.faults).toEqual([]);
      expect(outcome).toMatchObject({ status: 'completed', verdict: 'pass', restored: true, exit: 0 });
      expect(pair.timers.size).toBe(0);
      expect(pair.standing()).toEqual(before);
      expect(pair.state.drill).toMatchObject({ phase: 'over', outcome: { exit: 0 } });
    });

  test('and again at once, though the VIPs have moved and nginx was restarted lately', async () => {
    const pair = await new FakePair().healthy();
    for (const name of ['nginx-crash', 'lb1-down', 'gentle', 'nginx-crash']) {
      const { outcome } = await run(pair, name);
      expect(outcome).toMatchObject({ verdict: 'pass', exit: 0 });
      await pair.pass(32_000);
    }
    expect(pair.state.verdict.code).toBe('degraded');
  });
});
