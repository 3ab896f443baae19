import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { budgetOf, disabledNow } from '../../src/actions/catalog.ts';
import { effectOf } from '../../src/actions/effect.ts';
import { riskOf } from '../../src/actions/risk.ts';
import type { State } from '../../src/cluster/state.ts';
import { allActions, conditions, sceneIn } from './scenes.ts';

const runs = { numRuns: 60 };
const guarded = (state: State): State => ({ ...state, topology: { ...state.topology, protected: true } });

describe('whatever state the cluster is in', () => {
  test('a risk can be told, and the last load balancer is never taken for less than its typed name', () => {
    fc.assert(
      fc.property(conditions, (condition) => {
        const { state } = sceneIn(condition);
        for (const action of allActions) {
          const risk = riskOf(state, action, { restoreAfter: 300 });
          expect(risk.lines.length).toBeGreaterThan(0);
          expect([1, 2, 3, 4]).toContain(risk.step);
          if (risk.takesLast) expect(risk.step).toBeGreaterThanOrEqual(3);
          expect(risk.lines.every((line) => /^[^\n]+[.:…]$/.test(line.text))).toBe(true);
          expect(disabledNow(state, action)).not.toBe('');
          expect(budgetOf(state, action)).toBeGreaterThan(0);
          expect(['done', 'awaited', 'blind']).toContain(effectOf(state, action, state.now.mono)(state).is);
        }
      }),
      runs,
    );
  });

  test('a protected cluster never asks for less', () => {
    fc.assert(
      fc.property(conditions, (condition) => {
        const { state } = sceneIn(condition);
        for (const action of allActions) {
          const [plain, raised] = [riskOf(state, action), riskOf(guarded(state), action)];
          expect(raised.step).toBe(Math.min(4, plain.step + 1));
        }
      }),
      runs,
    );
  });

  test('what becomes unknown never asks for less', () => {
    fc.assert(
      fc.property(
        conditions,
        fc.constantFrom(['lb1'], ['lb2'], ['web1'], ['web2'], ['lb1', 'lb2'], []),
        (condition, lost) => {
          const scene = sceneIn(condition);
          const before = scene.state;
          if (lost.length === 0) scene.pass(20_000);
          for (const node of lost)
            scene.world.unreachable[node] = { step: 'timeout', hop: node, found: 'no answer for 1 s', blame: 'target' };
          scene.rounds(lost.length === 0 ? 0 : 5);
          // The answers go on, and what they prove may have come in since: only what the nodes say of themselves is lost.
          fc.pre(lost.length === 0 || condition.rounds >= 4);
          for (const action of allActions) {
            // What is refused is never confirmed: its risk is nobody's.
            if (disabledNow(scene.state, action) !== null) continue;
            const [known, unknown] = [riskOf(before, action), riskOf(scene.state, action)];
            expect([action, unknown.step >= known.step]).toEqual([action, true]);
            if (known.basis === unknown.basis) expect([action, unknown.step]).toEqual([action, known.step]);
          }
        },
      ),
      runs,
    );
  });

  test('the basis stays the same while the world does, and then the risk does too', () => {
    fc.assert(
      fc.property(conditions, (condition) => {
        const scene = sceneIn({ ...condition, rounds: 7 });
        const before = scene.state;
        scene.rounds(3);
        for (const action of allActions) {
          const [then, now] = [riskOf(before, action), riskOf(scene.state, action)];
          expect([action, now.basis]).toEqual([action, then.basis]);
          expect(now).toEqual(then);
        }
      }),
      runs,
    );
  });
});
