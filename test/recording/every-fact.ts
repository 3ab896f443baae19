/** Every kind of fact there is, held complete by its types: a new kind, phase or drill fact does not compile until it stands here. */
import type { ActionPhase, Plan } from '../../src/cluster/action.ts';
import type { DrillFact, DrillOutcome, DrillPlan } from '../../src/cluster/drill.ts';
import type { Fact } from '../../src/cluster/events.ts';
import type { Failure } from '../../src/cluster/failure.ts';
import type { Snapshot } from '../../src/cluster/readings.ts';
import { answer, noAnswer, processes, tutorialTopology, unit, VIPS } from '../support/scene.ts';

const failure: Failure = {
  step: 'permission',
  hop: 'lb1',
  found: 'sudo: a password is required',
  advice: 'see haconsole act --sudoers',
  blame: 'target',
};
const VIP = VIPS[0] as string;
const plan: Plan = {
  action: { kind: 'service', verb: 'stop', service: 'nginx', node: 'lb1' },
  commands: ['sudo -n systemctl stop nginx'],
  risk: { lines: [{ severity: 'bad', text: 'lb2 takes over' }], step: 2, takesLast: false, basis: 'lb1 holds 3\n保守' },
  confirmation: { kind: 'type', word: 'yes' },
  restoreAfter: 300,
};

const snapshot = (over: Partial<Snapshot> = {}): Snapshot => ({
  addresses: { ok: true, value: [{ ifname: 'eth0', address: VIP, prefix: 32, family: 4, scope: 'global' }] },
  services: {
    nginx: { unit: { ok: true, value: unit('nginx') }, processes: { ok: true, value: processes('nginx') } },
    keepalived: { unit: { ok: false, failure }, processes: { ok: false, failure } },
  },
  checkLog: { ok: true, value: { lines: ['Mon Nov 23 12:00:00 UTC 2026: a line'], size: 12, mtime: 1.25 } },
  clock: { offset: -0.123456789, error: 0.5 },
  restore: { ok: true, value: { left: 12.5, units: ['nginx.service'], by: 'ops@seat since 12:00:00' } },
  ...over,
});

const phases: { [S in ActionPhase['step']]: Extract<ActionPhase, { step: S }>[] } = {
  confirmed: [{ step: 'confirmed', plan }],
  executing: [{ step: 'executing', command: 'sudo -n sh -c \'echo "x"\'' }],
  verifying: [{ step: 'verifying', awaited: 'lb2 holds the VIPs', budget: 4609 }],
  done: [{ step: 'done', seen: 'it is so', ms: 1210 }],
  'no-effect': [{ step: 'no-effect', seen: 'nginx is active', ms: 5 }],
  unknown: [
    { step: 'unknown', seen: 'the console was left', ms: 5 },
    { step: 'unknown', seen: 'lost', failure, ms: 5 },
  ],
  refused: [{ step: 'refused', refusal: { reason: 'not-recorded', text: 'recording failed: the disk is full' } }],
  failed: [{ step: 'failed', failure }],
};

const drillPlan: DrillPlan = {
  name: 'lb1-down',
  title: 'the master fails',
  shows: 'that lb2 takes over',
  author: 'ops@seat',
  roles: { master: 'lb1', backup: 'lb2', 'web.first': 'web1' },
  vips: VIPS,
  balancers: ['lb1', 'lb2'],
  webs: ['web1', 'web2'],
  steps: [
    { id: 'stop', stage: 'method', text: 'stop', kind: 'act', deed: { kind: 'out-of-service' }, node: 'lb1' },
    { stage: 'method', text: 'wait', kind: 'wait', condition: { is: 'holder', node: 'lb2' }, budget: 4609 },
    { stage: 'setup', part: 'all-normal', text: 'watch', kind: 'hold', ms: 5000 },
    { stage: 'method', text: 'gate', kind: 'gate', verdicts: ['healthy'], holder: null },
  ],
  expectations: [
    { kind: 'holder', node: null, within: 100, text: 'nobody', after: 0, tolerance: 0 },
    {
      kind: 'outage',
      bounds: { least: 1, most: 2 },
      text: 'short',
      after: 0,
      until: 1,
      tolerance: 50,
      basis: '3 × 1 s',
    },
  ],
  tolerates: ['outage'],
  outageLimit: 10_000,
  steady: { verdicts: ['healthy'], rotation: true },
  arm: [{ node: 'lb1', undo: ['systemctl', 'start', 'nginx'], running: ['nginx.service'] }],
  restoreAfter: 300,
  restore: [{ deed: { kind: 'back-in-service' }, node: 'lb1', text: 'start again' }],
  download: true,
  budgets: [{ name: 'takeover', least: 100, most: 4609, sentence: '3 × advert + skew + 1 s' }],
};

const outcome: DrillOutcome = {
  status: 'completed',
  verdict: 'pass',
  restored: null,
  summary: 'passed',
  commands: [{ node: 'lb1', command: 'systemctl start nginx' }],
  exit: 0,
};

const drills: { [W in DrillFact['what']]: Extract<DrillFact, { what: W }>[] } = {
  gate: [{ what: 'gate', drill: 'lb1-down', open: false, reasons: ['a reason'] }],
  plan: [{ what: 'plan', plan: drillPlan }],
  phase: [{ what: 'phase', phase: 'arming' }],
  measuring: [
    { what: 'measuring', period: 50, deadline: 1000, via: 'jump', rtt: 1.25 },
    { what: 'measuring', period: 50, deadline: 1000, via: 'direct' },
  ],
  samples: [
    { what: 'samples', list: [] },
    {
      what: 'samples',
      list: [
        { vip: VIP, asked: 12.345, answered: 13.5, ok: true, servedBy: 'web1' },
        { vip: VIP, asked: 62.345, answered: 63.5, ok: null, loss: 'path' },
      ],
    },
  ],
  download: [{ what: 'download', vip: VIP, state: 'cut', bytes: 4096, why: 'reset' }],
  baseline: [
    {
      what: 'baseline',
      when: 'before',
      nodes: [
        {
          node: 'lb1',
          units: [{ service: 'nginx', unit: 'nginx.service', active: true, file: 'enabled' }],
          hashes: { '/etc/nginx/nginx.conf': 'abc', '~': 'odd' },
        },
      ],
      holder: null,
    },
  ],
  timer: [{ what: 'timer', node: 'lb1', op: 'armed', text: 'in 300 s' }],
  step: [
    { what: 'step', index: 0, at: 'begun' },
    { what: 'step', index: 0, at: 'unknown', seen: 'lost' },
  ],
  verdict: [{ what: 'verdict', code: 'failing-over' }],
  abort: [{ what: 'abort', by: 'operator', reason: 'ctrl-c', leave: true }],
  undo: [{ what: 'undo', node: 'lb1', text: 'start', command: 'systemctl start nginx', at: 'begun', seen: '' }],
  steady: [{ what: 'steady', when: 'after', ok: null, seen: ['not asked'] }],
  expectation: [
    {
      what: 'expectation',
      result: {
        index: 0,
        result: 'pass',
        expected: 'x',
        measured: '0.71 s ± 0.05',
        text: 't',
        value: 710,
        resolution: 50,
      },
    },
  ],
  over: [{ what: 'over', outcome }],
};

/** Two or more of each kind that has a series: the second is written as a change of the first. */
export const everyFact: { [K in Fact['kind']]: Extract<Fact, { kind: K }>[] } = {
  topology: [{ kind: 'topology', topology: tutorialTopology }],
  tick: [{ kind: 'tick' }],
  link: [
    { kind: 'link', node: 'bastion', link: { phase: 'up', rtt: 1.25, transport: 'ssh2' } },
    { kind: 'link', node: 'lb1', link: { phase: 'waiting', retryAt: 12_345.67, failure } },
  ],
  snapshot: [
    { kind: 'snapshot', node: 'lb1', asked: 1000.01, reading: { ok: true, value: snapshot() } },
    { kind: 'snapshot', node: 'lb1', asked: 2000.02, reading: { ok: true, value: snapshot() } },
    { kind: 'snapshot', node: 'lb1', asked: 3000, reading: { ok: false, failure } },
    {
      kind: 'snapshot',
      node: 'lb1',
      asked: 4000,
      reading: { ok: true, value: snapshot({ services: {}, restore: { ok: true, value: null } }) },
    },
  ],
  dump: [
    {
      kind: 'dump',
      node: 'lb1',
      asked: 1000,
      reading: {
        ok: true,
        value: [
          {
            name: 'VI_1',
            state: 'MASTER',
            vrid: 51,
            ifname: 'eth0',
            basePriority: 150,
            effectivePriority: 150,
            advertInterval: 1,
            vips: VIPS,
            lastTransition: 1_795_435_240.123456,
            scriptsGood: true,
          },
        ],
      },
    },
    { kind: 'dump', node: 'lb1', asked: 2000, reading: { ok: true, value: [] } },
    { kind: 'dump', node: 'lb1', asked: 3000, reading: { ok: false, failure } },
  ],
  configuration: [
    {
      kind: 'configuration',
      node: 'lb1',
      reading: { ok: true, value: { instances: [], upstream: ['172.16.249.201:80'], check: { weight: 0, fall: 2 } } },
    },
    { kind: 'configuration', node: 'lb1', reading: { ok: true, value: { instances: [], upstream: [] } } },
  ],
  address: [
    { kind: 'address', node: 'lb1', op: 'add', address: VIP, ifname: 'eth0' },
    { kind: 'address', node: 'lb1', op: 'delete', address: 'fd00::80', ifname: 'eth0' },
  ],
  journal: [{ kind: 'journal', node: 'lb1', unit: 'keepalived', message: 'Entering \u0007MASTER', nodeTime: -0 }],
  'check-log': [{ kind: 'check-log', node: 'lb1', line: '{"k":"end","h":"' }],
  stream: [
    { kind: 'stream', node: 'lb1', stream: 'journal', reading: { ok: true, value: true } },
    { kind: 'stream', node: 'lb1', stream: 'addresses', reading: { ok: false, failure } },
  ],
  http: [
    { kind: 'http', target: { kind: 'vip', id: VIP }, asked: 1, result: answer(`page ${'x'.repeat(100)}`) },
    { kind: 'http', target: { kind: 'vip', id: VIP }, asked: 2, result: answer(`page ${'x'.repeat(99)}y`, 502) },
    { kind: 'http', target: { kind: 'vip', id: VIP }, asked: 3, result: noAnswer() },
    { kind: 'http', target: { kind: 'web', id: 'web1' }, asked: 3, result: answer('') },
  ],
  note: [
    { kind: 'note', node: 'lb1', text: 'Wartung 保守', outcome: { ok: true } },
    { kind: 'note', node: 'lb2', text: 'x', outcome: { ok: false, failure } },
  ],
  action: Object.values(phases)
    .flat()
    .map((phase) => ({ kind: 'action', id: 1, action: plan.action, author: 'ops@seat', phase })),
  command: [
    {
      kind: 'command',
      action: 1,
      node: 'lb1',
      command: 'id -u',
      result: { ok: true, code: null, ms: 1.5, stderr: '' },
    },
    { kind: 'command', action: 0, node: 'lb1', command: 'id -u', result: { ok: false, failure, ms: 2 } },
  ],
  drill: Object.values(drills)
    .flat()
    .map((fact) => ({ kind: 'drill', id: 1, fact })),
  remark: [{ kind: 'remark', severity: 'warn', text: 'the terminal came back' }],
  clear: [{ kind: 'clear' }],
};
