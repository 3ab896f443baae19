import type { DrillSource } from '../drill.ts';

/** keepalived dies without a goodbye and leaves its VIPs behind. */
export const keepalivedCrash: DrillSource = {
  name: 'keepalived-crash',
  title: 'keepalived of the master is killed and leaves its VIPs behind',
  shows:
    'Split brain without a loss: after its master-down time the backup takes the VIPs too, and both hold them until somebody acts. No HTTP probe can notice.',
  tutorial: 'The case is not in the tutorial.',
  reality:
    'Nobody removes the addresses of a keepalived that was killed. The backup announces itself, so the clients follow it and lose nothing. systemctl shows keepalived on one node only, and the VIPs are on two.',
  method: [
    { act: 'kill keepalived', on: 'master', id: 'kill' },
    { wait: { both: true }, within: 'split', id: 'both' },
    { hold: '5s', id: 'after' },
  ],
  expect: [
    { splitBrain: true },
    { verdict: ['split-brain'], within: 'split', tolerance: '2s' },
    // What is under way at the very moment is reset: one or two requests of each VIP.
    { lost: { shareAtMost: 0.02 } },
    { outage: { atMost: '300ms' } },
    { service: 'keepalived', on: 'master', is: ['failed', 'inactive'] },
    { service: 'keepalived', on: 'backup', is: ['active'] },
  ],
  tolerates: ['split-brain'],
};
