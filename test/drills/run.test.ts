import { describe, expect, test } from 'vitest';
import { builtInDrills } from '../../src/drills/catalog/built-in.ts';
import { FakePair } from './support/fake-pair.ts';
import { run } from './support/running.ts';

describe('every built-in drill passes on a pair that behaves', () => {
  for (const flavour of ['kills', 'moves'] as const)
    test.each(builtInDrills().map((drill) => drill.name))(`%s, with a check script that ${flavour}`, async (name) => {
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

  test('and the verdict forms while it runs: what is decided is told before the restore', async () => {
    const pair = await new FakePair().healthy();
    await run(pair, 'lb1-down');
    const facts = pair.events.flatMap((event) => (event.kind === 'drill' ? [event.fact] : []));
    const restore = facts.findIndex((fact) => fact.what === 'phase' && fact.phase === 'restore');
    const early = facts.slice(0, restore).flatMap((fact) => (fact.what === 'expectation' ? [fact.result.index] : []));
    const kinds = pair.state.drill?.plan?.expectations.map((one) => one.kind) ?? [];
    expect([...new Set(early)].map((index) => kinds[index])).toEqual(expect.arrayContaining(['holder', 'verdict']));
    // How long a gap was and what did not happen is decided only when its window is over.
    expect(early.map((index) => kinds[index])).not.toContain('moves');
    expect(pair.state.drill?.expectations).toHaveLength(kinds.length);
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
