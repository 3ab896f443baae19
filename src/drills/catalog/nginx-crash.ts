import type { DrillSource } from '../drill.ts';

/** nginx dies, and the check script heals it. */
export const nginxCrash: DrillSource = {
  name: 'nginx-crash',
  title: 'nginx of the master is killed',
  shows: 'The check script at its best: it finds no nginx, starts it again, and the VIPs stay where they are.',
  tutorial: 'The script restarts nginx when it finds none; only when that fails does it stop keepalived.',
  reality:
    'So it is, but requests are refused until the next look: up to 5 s with the tutorial’s interval. The tutorial’s script writes its line 2 s after the restart, and never a second one.',
  gate: { check: 'needed' },
  method: [
    { act: 'kill nginx', on: 'master', id: 'kill' },
    { wait: { answers: 'good' }, within: 'check', id: 'healed' },
    { hold: '5s', id: 'after' },
  ],
  expect: [
    { service: 'nginx', on: 'master', is: ['active'], within: 'check' },
    { outage: 'check', tolerance: '300ms' },
    { moves: 0 },
    { line: 'restart', on: 'master', within: 'check', tolerance: '3s' },
    { rotation: 'all', after: 'after' },
  ],
};
