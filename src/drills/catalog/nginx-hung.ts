import type { DrillSource } from '../drill.ts';

/** nginx hangs: what a check that counts processes cannot see. */
export const nginxHung: DrillSource = {
  name: 'nginx-hung',
  title: 'nginx of the master hangs: it accepts and never answers',
  shows:
    'What the check cannot see: every unit is green, the processes are there, the port is open, and no request is answered. Only an HTTP probe tells.',
  tutorial: 'The script looks whether there is a process named nginx. There is.',
  reality:
    'With such a script everything is lost for as long as nginx hangs, and nothing moves. A script that asks nginx, with a weight that counts, moves the VIPs instead.',
  method: [
    { act: 'freeze nginx', on: 'master', id: 'freeze' },
    { hold: '12s', id: 'hung' },
  ],
  expect: [
    { service: 'nginx', on: 'master', is: ['active'], frozen: true },
    { service: 'keepalived', on: 'master', is: ['active'] },
    { verdict: ['vip-unserved'], within: '8s' },
    { lost: { shareAtLeast: 1 }, after: 'hung', check: 'kills' },
    { outage: { atLeast: '10s' }, check: 'kills' },
    { moves: 0, check: 'kills' },
    { holder: 'backup', within: 'notice', check: 'moves' },
    { outage: 'notice', tolerance: '300ms', check: 'moves' },
  ],
  tolerates: ['outage'],
};
