import type { DrillSource } from '../drill.ts';

/** The tutorial's fifth case: failback by priority. */
export const masterReturns: DrillSource = {
  name: 'master-returns',
  title: 'The master comes back and takes the VIPs again',
  shows: 'Failback: the higher priority wins without a gap, and what is open is cut.',
  tutorial: 'The VIP switches to Server1 at once, with one "jump".',
  reality:
    'Not at once: it listens for about 3.4 s first. Short requests lose nothing, so the jump is not to be seen with curl. Long downloads and open connections are reset.',
  gate: { check: 'needed' },
  setup: [{ act: 'out-of-service', on: 'master' }, { wait: { holder: 'backup' }, within: 'failover' }, { hold: '2s' }],
  start: { verdicts: ['no-backup'], holder: 'backup' },
  method: [
    { act: 'start keepalived', on: 'master', id: 'returns' },
    { wait: { holder: 'master' }, within: 'failback', id: 'moving' },
    { hold: '5s', id: 'after' },
  ],
  expect: [
    { holder: 'master', within: 'failback' },
    { blip: '300ms' },
    { moves: 1 },
    { splitBrain: false },
    { service: 'nginx', on: 'master', is: ['active'], within: '6s' },
    { rotation: 'all', after: 'after' },
    { download: 'cut' },
  ],
  download: true,
};
