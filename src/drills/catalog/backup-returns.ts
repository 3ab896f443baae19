import type { DrillSource } from '../drill.ts';

/** The tutorial's fourth case, twice: as it stands there, and as people do it when the backup runs already. */
export const backupReturns: DrillSource = {
  name: 'backup-returns',
  title: 'The backup comes back alone, and is then restarted once more',
  shows:
    'What a start and what a restart of keepalived cost on the only load balancer: a start takes the VIPs after its master-down time, a restart gives them up first.',
  tutorial: 'With Server1 down, keepalived of Server2 is restarted, and the VIP works normally through Server2.',
  reality:
    'Started from nothing it takes about 3.7 s; nginx is started by the check script itself. Restarted while it serves, nobody holds the VIPs for about 4.65 s: of the five cases the worst planned action there is. To change something on the only load balancer, reload, do not restart.',
  gate: { check: 'needed' },
  setup: [
    { act: 'out-of-service', on: 'master' },
    { wait: { holder: 'backup' }, within: 'failover' },
    { act: 'out-of-service', on: 'backup' },
    { wait: { holder: 'nobody' }, within: '5s' },
    { hold: '2s' },
  ],
  start: { verdicts: ['no-master'], holder: 'nobody' },
  method: [
    { act: 'start keepalived', on: 'backup', id: 'returns' },
    { wait: { holder: 'backup' }, within: 'start' },
    { wait: { answers: 'good' }, within: '5s' },
    { hold: '4s', id: 'served' },
    { act: 'restart keepalived', on: 'backup', id: 'restart' },
    { wait: { holder: 'backup' }, within: 'restart' },
    { wait: { answers: 'good' }, within: '5s' },
    { hold: '4s', id: 'after' },
  ],
  expect: [
    { holder: 'backup', within: 'start', after: 'returns', until: 'restart' },
    { service: 'nginx', on: 'backup', is: ['active'], within: '6s', after: 'returns' },
    { rotation: 'all', after: 'served', until: 'restart' },
    { outage: 'restart', after: 'restart' },
    { moves: 0, after: 'restart' },
    { lost: { atMost: 0 }, after: 'after' },
    { service: 'keepalived', on: 'master', is: ['inactive'] },
  ],
  tolerates: ['outage', 'no-holder'],
};
