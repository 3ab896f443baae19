import type { DrillSource } from '../drill.ts';

/** A web node is stopped: it refuses, and nginx goes to the other at once. */
export const webNodeDown: DrillSource = {
  name: 'web-node-down',
  title: 'The web server of one web node is stopped',
  shows: 'nginx takes a web node out by itself when it refuses connections: nothing is lost.',
  tutorial: 'The case is not in the tutorial.',
  reality:
    'A refused connection is passed to the next web node within the same request. nginx tries the dead one again every 10 s or so, and gives it traffic again up to 11 s after its return.',
  method: [{ act: 'stop web', on: 'web.first', id: 'down' }, { hold: '2s' }, { hold: '10s', id: 'without' }],
  expect: [
    { service: 'web', on: 'web.first', is: ['inactive', 'failed'] },
    { lost: { atMost: 2 } },
    { rotation: { served: ['web.second'], absent: ['web.first'] }, after: 'without' },
    { moves: 0 },
    { verdict: ['backend-down'], within: '8s' },
  ],
  tolerates: ['web-down'],
};
