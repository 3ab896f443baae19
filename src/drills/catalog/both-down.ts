import type { DrillSource } from '../drill.ts';

/** The tutorial's third case: nobody is left to take the VIPs. */
export const bothDown: DrillSource = {
  name: 'both-down',
  title: 'nginx and keepalived of both load balancers are stopped',
  shows: 'A whole outage: nobody holds the VIPs, while the web nodes themselves are well.',
  tutorial: 'Requests to the VIP block, the page does not refresh any more ("stuck"). Server3 and Server4 are normal.',
  reality:
    'It is a stall, not a hang for ever: the first request may wait 10 s and longer for an old ARP entry to die, later ones end with "no route to host" after 3 s. A client with a deadline sees time-outs at once.',
  setup: [{ act: 'out-of-service', on: 'master' }, { wait: { holder: 'backup' }, within: 'failover' }, { hold: '2s' }],
  start: { verdicts: ['no-backup'], holder: 'backup' },
  method: [
    { act: 'out-of-service', on: 'backup', id: 'down' },
    { wait: { holder: 'nobody' }, within: '5s', id: 'gone' },
    { hold: '6s', id: 'dark' },
  ],
  expect: [
    { holder: 'nobody', within: '3s' },
    { lost: { shareAtLeast: 1 }, after: 'dark' },
    { outage: { atLeast: '6s' } },
    { verdict: ['no-master'], within: '10s' },
    { service: 'keepalived', on: 'backup', is: ['inactive'] },
    { service: 'nginx', on: 'backup', is: ['inactive', 'failed'] },
    { service: 'web', on: 'web.first', is: ['active'] },
  ],
  tolerates: ['outage', 'no-holder'],
};
