// Makes the recordings of fixtures/recordings: `node test/support/make-recording.ts`. Files that are there are never made anew: that they
// replay for ever is the point of them. A new version of the format gets new files beside the old ones.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../../src/cluster/action.ts';
import { recordLive } from './record-live.ts';
import { RecordedScene } from './recorded.ts';
import { noAnswer, VIPS } from './scene.ts';

const folder = join(import.meta.dirname, '..', '..', 'fixtures', 'recordings');
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const plan: Plan = {
  action: { kind: 'out-of-service', node: 'lb1' },
  commands: ['systemctl stop keepalived', 'systemctl stop nginx'],
  risk: { lines: [{ severity: 'warn', text: 'lb2 takes over' }], step: 2, takesLast: false, basis: 'lb1 holds' },
  confirmation: { kind: 'type', word: 'yes' },
  restoreAfter: 300,
};

/** Every kind of fact, every kind of line: two minutes of a made-up cluster. */
const scene = async (file: string) => {
  const one = new RecordedScene();
  const recorder = one.record({ file, gzip: false });
  one.healthy();
  one.rounds(20);
  for (const node of ['lb1', 'lb2'])
    one.send({ kind: 'stream', node, stream: 'addresses', reading: { ok: true, value: true } });
  one.send({
    kind: 'configuration',
    node: 'lb1',
    reading: {
      ok: true,
      value: {
        instances: [
          { name: 'VI_1', vrid: 51, priority: 150, advertInterval: 1, ifname: 'eth0', vips: VIPS, nopreempt: false },
        ],
        checkInterval: 5,
        upstream: ['172.16.249.201:80', '172.16.249.202:80'],
      },
    },
  });
  const act = { kind: 'action', id: 1, action: plan.action, author: 'ops@seat' } as const;
  one.send({ ...act, phase: { step: 'confirmed', plan } });
  one.send({ ...act, phase: { step: 'executing', command: 'systemctl stop keepalived' } });
  one.send({
    kind: 'journal',
    node: 'lb1',
    unit: 'keepalived.service',
    message: 'Stopping',
    nodeTime: 1_795_435_240_000,
  });
  one.world.units.lb1 = { keepalived: { active: 'inactive', age: 1 }, nginx: { active: 'inactive', age: 1 } };
  one.world.instances = { lb1: null, lb2: { state: 'MASTER' } };
  one.world.vip = { [VIPS[0] as string]: noAnswer() };
  one.move('lb1', 'lb2', 610);
  one.send({
    kind: 'command',
    action: 1,
    node: 'lb1',
    command: 'systemctl stop keepalived',
    result: { ok: true, code: 0, ms: 143, stderr: '' },
  });
  one.rounds(2);
  one.world.vip = {};
  one.send({ ...act, phase: { step: 'done', seen: 'lb2 holds the VIPs', ms: 1210 } });
  one.send({ kind: 'note', node: 'lb1', text: 'Wartung 保守', outcome: { ok: true } });
  one.send({
    kind: 'note',
    node: 'lb2',
    text: 'Wartung 保守',
    outcome: { ok: false, failure: { step: 'permission', hop: 'lb2', found: 'read-only', blame: 'target' } },
  });
  one.send({ kind: 'check-log', node: 'lb2', line: 'Mon Nov 23 12:00:30 UTC 2026: systemctl restart nginx' });
  one.rounds(20);
  one.world.jump = { step: 'lost', hop: 'bastion', found: 'connection closed', blame: 'path' };
  one.send({
    kind: 'link',
    node: 'bastion',
    link: { phase: 'waiting', retryAt: one.now + 1000, failure: one.world.jump },
  });
  one.rounds(10);
  one.world.jump = null;
  one.send({ kind: 'link', node: 'bastion', link: { phase: 'up', rtt: 1.25, transport: 'ssh2' } });
  one.wallOffset = 3_600_000;
  one.send({ kind: 'remark', severity: 'warn', text: 'the terminal came back' });
  one.send({ kind: 'clear' });
  one.rounds(40);
  await recorder.close('quit');
};

/** Half a minute of a real session on the embedded cluster: a failover by hand. */
const demo = async (file: string) => {
  const { cluster, stop } = await recordLive(file);
  await sleep(8000);
  cluster.fault('stop', 'lb1', 'keepalived');
  await sleep(10_000);
  cluster.fault('start', 'lb1', 'keepalived');
  await sleep(12_000);
  await stop();
};

for (const [name, make] of Object.entries({ 'scene-v1.hacs.jsonl': scene, 'demo-v1.hacs.jsonl': demo })) {
  const file = join(folder, name);
  if (existsSync(file) || existsSync(`${file}.gz`)) console.log(`${name} is there`);
  else await make(file);
}
process.exit(0);
