import type { DrillSource } from '../drill.ts';

/** The tutorial's first case: nothing is done, everything is watched. */
export const allNormal: DrillSource = {
  name: 'all-normal',
  title: 'All normal: the master serves, the backup stands ready',
  shows:
    'The starting point of all other drills: one load balancer holds all VIPs, every web node serves, nothing is lost. Nothing is touched.',
  tutorial: 'The VIP is served by Server1, and the answers come from web node 01 and 02 in turn: 01, 02, 01, 02.',
  reality:
    'Each nginx worker takes turns by itself, and there is one worker per processor. So the answers are shared evenly, but not strictly in turn: 01, 01, 02 is no fault.',
  gate: { steady: '5s' },
  method: [{ hold: '20s', id: 'watch' }],
  expect: [
    { holder: 'master', within: '2s' },
    { lost: { atMost: 0 } },
    { rotation: 'all' },
    { moves: 0 },
    { service: 'nginx', on: 'backup', is: ['active'] },
    { service: 'keepalived', on: 'backup', is: ['active'] },
  ],
};
