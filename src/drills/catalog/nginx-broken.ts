import type { DrillSource } from '../drill.ts';

/** nginx cannot be started any more: the check script gives up. */
export const nginxBroken: DrillSource = {
  name: 'nginx-broken',
  title: 'nginx of the master stops and cannot start: its configuration is gone',
  shows: 'What the check script does when it cannot heal: it gives the VIPs up.',
  tutorial: 'After several restarts in vain the script stops keepalived, and the other server takes over.',
  reality:
    'It tries once, waits 2 s and kills keepalived: 2.6 to 7.7 s of refused requests in all. Nobody starts keepalived again: the pair stays without a backup, and systemctl shows no failure. A script with a weight that counts lowers the priority instead, and keepalived lives on.',
  gate: { check: 'needed' },
  method: [
    { act: 'set-aside-nginx-conf', on: 'master', id: 'break' },
    { act: 'stop nginx', on: 'master', id: 'stop' },
    { wait: { holder: 'backup' }, within: 'give-up', id: 'moved' },
    { wait: { answers: 'good' }, within: '5s' },
    { hold: '5s', id: 'after' },
  ],
  expect: [
    { holder: 'backup', within: 'give-up', after: 'stop' },
    { outage: 'give-up', after: 'stop', tolerance: '300ms' },
    { moves: 1, after: 'stop' },
    { service: 'nginx', on: 'master', is: ['failed', 'inactive'] },
    { service: 'keepalived', on: 'master', is: ['inactive', 'failed'], check: 'kills' },
    { service: 'keepalived', on: 'master', is: ['active'], check: 'moves' },
    { line: 'restart', on: 'master', within: 'give-up', after: 'stop' },
    { lost: { atMost: 0 }, after: 'after' },
    { rotation: 'all', after: 'after' },
  ],
  tolerates: ['outage'],
};
