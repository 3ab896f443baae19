import { describe, expect, test } from 'vitest';
import { createPlayback } from '../../src/recording/playback.ts';
import { verify } from '../../src/recording/verify.ts';
import { liveAt, recordInMemory, secondsOf } from '../support/recorded.ts';

describe('the law: the state is the fold of the file', () => {
  test('at every second of a session with moves, faults and a broken way, replayed state and live state are the same', async () => {
    const { scene, source, bytes } = await recordInMemory((one) => {
      one.healthy();
      one.rounds(100);
      one.move('lb1', 'lb2', 600);
      one.rounds(30);
      one.world.web.web2 = {
        kind: 'none',
        failure: { step: 'tcp', hop: 'bastion', found: 'refused', blame: 'target' },
      };
      one.rounds(40);
      one.move('lb2', null, 600);
      one.rounds(10);
      one.world.held.lb1 = ['172.16.249.80', '172.16.249.90', '172.16.249.100'];
      one.rounds(100);
    });
    expect(verify(source)).toMatchObject({ outcome: 'sealed' });
    const playback = await createPlayback(source);
    const times = secondsOf(scene);
    expect(times.length).toBeGreaterThan(280);
    for (const mono of times) expect(playback.stateAt(mono)).toEqual(liveAt(scene, mono));
    for (const mono of times.toReversed()) expect(playback.stateAt(mono)).toEqual(liveAt(scene, mono));
    expect(playback.index().keys.length).toBe(5);
    console.log(bytes.length, bytes.length / 283);
  });
});
