import type { DrillSource } from '../drill.ts';

/** A planned move without a gap. */
export const gentle: DrillSource = {
  name: 'gentle',
  title: 'The VIPs are moved by a lower priority, without a stop',
  shows:
    'How to move the VIPs on purpose: the priority of the master goes below the backup’s, keepalived is reloaded, and nobody is ever without a holder.',
  tutorial: 'The case is not in the tutorial: there every move is a stop.',
  reality:
    'The backup ignores adverts of a lower priority and takes over about 3.6 s after the last one it accepted. The old master holds the VIPs until it hears the new one. Short requests lose nothing; open connections are cut all the same.',
  method: [
    { act: 'lower-priority', on: 'master', id: 'lower' },
    { wait: { holder: 'backup' }, within: 'lowered', id: 'moving' },
    { hold: '5s', id: 'after' },
  ],
  expect: [
    // From the reload on: what comes before it are files.
    { holder: 'backup', within: 'lowered', after: 'moving' },
    { blip: '300ms' },
    // What is under way at the very moment is reset: one or two requests of each VIP.
    { lost: { shareAtMost: 0.02 } },
    { moves: 1 },
    { splitBrain: false },
    { service: 'keepalived', on: 'master', is: ['active'] },
    { rotation: 'all', after: 'after' },
  ],
};
