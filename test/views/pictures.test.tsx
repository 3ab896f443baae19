import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { riskOf } from '../../src/actions/risk.ts';
import { createPlayback } from '../../src/recording/playback.ts';
import { openSource } from '../../src/recording/source.ts';
import { startReplay } from '../../src/session/replay.ts';
import { FakeDesk, keys, type Mounted, mountConsole } from '../support/console.tsx';
import { begun, drilled } from '../support/drilled.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { pictureOf } from '../support/picture.ts';
import { replayed } from '../support/replayed.ts';
import { Scene } from '../support/scene.ts';

/** The recorded picture shows this long after the first VIP has moved, ms. */
const AFTER_THE_MOVE = 2600;

/** The pictures of the documents. They are made here: `npx vitest run test/views/pictures.test.tsx -u`. */
let mounted: Mounted | undefined;
afterEach(() => mounted?.unmount());

const scene = (): Scene => {
  const one = new Scene();
  one.world.units = { lb1: { nginx: { age: 1_098_000 }, keepalived: { age: 1_098_000 } } };
  one.healthy();
  for (const node of ['lb1', 'lb2'])
    for (const stream of ['addresses', 'journal', 'check-log'] as const)
      one.send({ kind: 'stream', node, stream, reading: { ok: true, value: true } });
  one.rounds(40);
  return one;
};

const failover = (): Scene => {
  const one = scene();
  one.send({ kind: 'journal', node: 'lb1', unit: 'keepalived.service', message: 'Stopping', nodeTime: 0 });
  one.world.units.lb1 = { keepalived: { active: 'inactive', age: 1 } };
  one.world.instances = { lb1: null, lb2: { state: 'MASTER' } };
  one.move('lb1', 'lb2', 600);
  one.send({
    kind: 'journal',
    node: 'lb2',
    unit: 'keepalived.service',
    message: '(VI_1) Entering MASTER STATE',
    nodeTime: 0,
  });
  one.rounds(2);
  return one;
};

const blind = (): Scene => {
  const one = failover();
  const failure = { step: 'lost', hop: 'bastion', found: 'no answer for 10 s', blame: 'path' } as const;
  one.world.jump = failure;
  for (const node of ['bastion', 'lb1', 'lb2', 'web1', 'web2'])
    one.send({ kind: 'link', node, link: { phase: 'waiting', retryAt: one.now + 12_000, failure } });
  one.rounds(6);
  return one;
};

const picture = async (one: Scene, columns: number, rows: number, title: string, pressed: string[] = []) => {
  mounted = await mountConsole(one.state, columns, rows);
  mounted.store.planned = async (action) => ({
    ok: true,
    plan: {
      action,
      commands: ['sudo -n systemctl stop keepalived'],
      risk: riskOf(one.state, action),
      confirmation: { kind: 'type', word: 'yes' },
    },
  });
  await mounted.press(...pressed);
  return pictureOf(mounted.screen, title);
};

describe('the pictures of the documents', () => {
  // The README's: nobody made up what it shows, it was recorded on the lab.
  test('show the failover of a recorded tour at 160x45', async () => {
    const source = await openSource(join(import.meta.dirname, '../../fixtures/recordings/tour-lab-v1.hacs.jsonl.gz'));
    const playback = await createPlayback(source);
    const moved = playback.happenings().find(({ kind }) => kind === 'move');
    const session = startReplay({ playback, clock: new ManualClock(), at: (moved?.at.mono ?? 0) + AFTER_THE_MOVE });
    mounted = await mountConsole(session.get().state, 160, 45, { shows: session });
    await mounted.press('D');
    await expect(pictureOf(mounted.screen, 'haconsole just after a failover, as it was recorded')).toMatchFileSnapshot(
      '../../docs/pictures/failover.svg',
    );
    session.stop();
  });

  test('show a healthy pair at 80x24', async () => {
    await expect(await picture(scene(), 80, 24, 'haconsole on a healthy pair')).toMatchFileSnapshot(
      '../../docs/pictures/healthy.svg',
    );
  });

  test('show a jump host that is gone: unknown, not down', async () => {
    await expect(await picture(blind(), 120, 32, 'haconsole when the jump host is gone')).toMatchFileSnapshot(
      '../../docs/pictures/blind.svg',
    );
  });

  test('show what an action will do, before it is done', async () => {
    await expect(
      await picture(scene(), 100, 30, 'stopping keepalived: the risk, the command, what confirms it', ['2', 'X', 'k']),
    ).toMatchFileSnapshot('../../docs/pictures/action.svg');
  });

  test('show a drill under way, its verdict as it forms', async () => {
    const both = await drilled('both-down');
    mounted = await mountConsole(both.at(begun(6), 4600), 160, 45, { drills: new FakeDesk() });
    await expect(
      pictureOf(mounted.screen, 'a drill under way: the chart of the VIPs, the steps, the verdict as it forms'),
    ).toMatchFileSnapshot('../../docs/pictures/drill.svg');
  });

  test('show a recorded failover, shown again', async () => {
    const { session, clock } = await replayed();
    mounted = await mountConsole(session.get().state, 120, 32, { shows: session });
    for (const key of ['}', '>', '>', keys.right]) {
      await mounted.press(key);
      clock.pass(5000);
    }
    await mounted.settle();
    await expect(
      pictureOf(mounted.screen, 'a replay: the panes as they were, the bar with what was said, idle stretches dashed'),
    ).toMatchFileSnapshot('../../docs/pictures/replay.svg');
  });

  test('show the help', async () => {
    await expect(await picture(scene(), 100, 30, 'the keys of haconsole', ['?', keys.down])).toMatchFileSnapshot(
      '../../docs/pictures/help.svg',
    );
  });
});
