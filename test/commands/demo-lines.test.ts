import { expect, test } from 'vitest';
import { stateLine } from '../../src/commands/demo-lines.ts';
import { Scene } from '../support/scene.ts';

test('the verdict of a line of the demo is that of the holders beside it, also while a headline is still kept', () => {
  const scene = new Scene().healthy();
  scene.world.units.lb1 = { keepalived: { active: 'inactive', age: 1 } };
  scene.world.instances = { lb1: null, lb2: { state: 'MASTER' } };
  scene.move('lb1', 'lb2', 600);
  let kept = 0;
  for (let round = 0; round < 6; round++) {
    const line = stateLine(scene.state);
    const moved = !line.includes('nobody ') && !line.includes(' lb1 web');
    if (moved) expect(line).not.toContain('held by nobody');
    if (moved && scene.state.verdict.code === 'failing-over') kept++;
    scene.rounds(1);
  }
  expect(kept).toBeGreaterThan(0);
  expect(stateLine(scene.state)).toContain('no-backup');
});
