import { describe, expect, test } from 'vitest';
import { summary } from '../../src/cluster/summary.ts';
import { noAnswer, Scene, tutorialTopology, VIPS } from '../support/scene.ts';

describe('the summary of a session', () => {
  test('of a quiet session says that nothing was lost', () => {
    expect(summary(new Scene().healthy().state)).toMatchInlineSnapshot(`
      "haconsole: tutorial, 12:00:00 to 12:00:03, 3.0 s
      Now: OK healthy: 3 VIPs on lb1, lb2 ready
        172.16.249.80: 3 requests, none lost, 0 moves
        172.16.249.90: 3 requests, none lost, 0 moves
        172.16.249.100: 3 requests, none lost, 0 moves
      Verdicts
        12:00:00 healthy: 3 VIPs on lb1, lb2 ready
      "
    `);
  });

  test.each([
    [{ step: 'executing', command: 'systemctl stop nginx' } as const, 'whether it was done is unknown'],
    [{ step: 'verifying', awaited: 'nginx to stop', budget: 1 } as const, 'its effect was not seen'],
  ])('names an action that was under way when the console was left: %j', (phase, words) => {
    const scene = new Scene().healthy();
    const action = { kind: 'service', verb: 'stop', service: 'nginx', node: 'lb2' } as const;
    scene.send({ kind: 'action', id: 1, action, author: 'ops@laptop', phase });
    expect(summary(scene.state)).toMatch(new RegExp(`^stop nginx on lb2: .*${words}`, 'm'));
    scene.send({ kind: 'action', id: 1, action, author: 'ops@laptop', phase: { step: 'done', seen: 'x', ms: 1 } });
    expect(summary(scene.state)).not.toContain('stop nginx on lb2');
  });

  test('names moves, outages, lost requests and verdicts', () => {
    const scene = new Scene().healthy();
    scene.world.vip = Object.fromEntries(VIPS.map((vip) => [vip, noAnswer()]));
    scene.rounds(2);
    scene.move('lb1', 'lb2', 600);
    scene.world.vip = {};
    scene.rounds(3);
    expect(summary(scene.state)).toMatchInlineSnapshot(`
      "haconsole: tutorial, 12:00:00 to 12:00:08, 8.6 s
      Now: WARNING degraded: held by lb2, though lb1 has the higher priority
        172.16.249.80: 8 requests, 2 lost in 1 outage (longest 2.6 s), 1 move
        172.16.249.90: 8 requests, 2 lost in 1 outage (longest 2.6 s), 1 move
        172.16.249.100: 8 requests, 2 lost in 1 outage (longest 2.6 s), 1 move
      Verdicts
        12:00:00 healthy: 3 VIPs on lb1, lb2 ready
        12:00:04 vip-unserved: 172.16.249.80 held by lb1, but Connection refused
        12:00:05 failing-over: 172.16.249.80 .90 .100 held by nobody, another load balancer is due within 4.6 s
        12:00:06 degraded: held by lb2, though lb1 has the higher priority
      Moves (outages are as seen by a request every 1000 ms)
        12:00:05 lb1 -> lb2: 172.16.249.80, 172.16.249.90, 172.16.249.100
      "
    `);
  });

  test('does not count as lost what could not be asked', () => {
    const scene = new Scene().healthy();
    scene.world.jump = { step: 'lost', hop: 'bastion', found: 'closed', blame: 'path' };
    scene.rounds(3);
    const text = summary(scene.state);
    expect(text).toContain('172.16.249.80: 3 requests, none lost, 0 moves, 3 not known (the way there was broken)');
  });

  test('says that an outage still lasts', () => {
    const scene = new Scene().healthy();
    scene.world.vip = { [VIPS[0] as string]: noAnswer() };
    scene.rounds(3);
    expect(summary(scene.state)).toContain('one still lasts');
  });

  test('lists the newest dozen and counts the rest', () => {
    const scene = new Scene().healthy();
    for (let turn = 0; turn < 20; turn++) scene.move(turn % 2 ? 'lb2' : 'lb1', turn % 2 ? 'lb1' : 'lb2', 1500);
    const text = summary(scene.state);
    expect(text).toMatch(/Moves .*\n {2}\(8 earlier\)\n/);
  });

  test('passes no control sign on', () => {
    const scene = new Scene({ ...tutorialTopology, name: 'evil\u001b[2J\nname' });
    expect(summary(scene.state).split('\n')[0]).toContain('evil\\x1b[2J\\x0aname');
    expect(summary(scene.state)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });
});
