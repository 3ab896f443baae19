import type { DrillSource } from '../drill.ts';

/** The tutorial's second case. keepalived is stopped first: the other order does not hold, the check script starts nginx again. */
export const lb1Down: DrillSource = {
  name: 'lb1-down',
  title: 'nginx and keepalived of the master are stopped',
  shows: 'A clean failover: keepalived says goodbye, and the backup waits only its skew before it takes the VIPs.',
  tutorial: 'The VIP goes on working through Server2; web node 01 and 02 answer in turn. A gap is not mentioned.',
  reality:
    'There is a gap of about 0.6 s in which nobody holds the VIPs; watch -n 1 mostly misses it. Connections that are open are cut. The tutorial stops nginx first: then the check script may start it again before keepalived is stopped. The drill stops keepalived first, which holds.',
  method: [
    { act: 'out-of-service', on: 'master', id: 'down' },
    { wait: { holder: 'backup' }, within: 'failover', id: 'moved' },
    { hold: '5s', id: 'after' },
  ],
  expect: [
    { holder: 'backup', within: 'failover' },
    { outage: 'failover' },
    { moves: 1 },
    { rotation: 'all', after: 'after' },
    { lost: { atMost: 0 }, after: 'after' },
    // Clients whose VIP has just gone never end: nginx waits for them, and systemd may lose patience first.
    { service: 'nginx', on: 'master', is: ['inactive', 'failed'] },
    { service: 'keepalived', on: 'master', is: ['inactive'] },
    { verdict: ['no-backup'], within: '10s' },
  ],
};
