import type { DrillSource } from '../drill.ts';

/** A web node hangs: it accepts and never answers, and clients that give up early hide it from nginx. */
export const webNodeHung: DrillSource = {
  name: 'web-node-hung',
  title: 'The web server of one web node hangs',
  shows:
    'Why a hung web node is worse than a dead one: it accepts every connection, so nginx waits, and clients with a deadline give up first.',
  tutorial: 'The case is not in the tutorial.',
  reality:
    'With the tutorial’s nginx.conf every second request is lost for as long as it lasts: a client that gives up after 1 s makes nginx note 499, which counts as no failure of the web node. With proxy_read_timeout below the clients’ patience, max_fails and a shared zone it is a few requests.',
  method: [
    { act: 'freeze web', on: 'web.first', id: 'freeze' },
    { hold: '15s', id: 'hung' },
  ],
  expect: [
    { service: 'web', on: 'web.first', is: ['active'], frozen: true },
    { lost: { shareAtLeast: 0.01, shareAtMost: 0.7 } },
    { rotation: { served: ['web.second'] }, after: 'hung' },
    { moves: 0 },
    // Two lost answers in a row on a VIP are told first, because they are worse.
    { verdict: ['backend-down', 'vip-unserved'], within: '8s' },
    { service: 'nginx', on: 'master', is: ['active'] },
  ],
  tolerates: ['web-down', 'outage'],
};
