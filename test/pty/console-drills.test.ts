import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pressAlone, readPlan, runs, typeWord } from '../support/acting-by-key.ts';
import {
  changedFile,
  closeConsoles,
  type DemoCluster,
  eventually,
  healed,
  isHealthy,
  openConsole,
  startDemo,
  testDirectory,
} from '../support/demo-console.ts';
import type { Pty } from '../support/pty.ts';

const VIP = '172.16.249.80';
const ESC = '\x1b';
/** A gate wants to have seen the cluster for half a minute, the steady state takes 5 s, the end is verified. */
const MINUTES = 180_000;

let cluster: DemoCluster;
beforeAll(async () => {
  cluster = await startDemo({ seed: 5 });
});
beforeEach(() => healed(cluster));
afterEach(closeConsoles);
afterAll(() => cluster?.stop());

const shown = (pty: Pty): string => pty.screen().join('\n');
const unit = (node: string, name: string) => cluster.world.host(node)?.machine.units.get(name);
const timerOn = (node: string) => cluster.world.host(node)?.machine.managed('haconsole-restore.timer')?.active;

/** A console that gives slow answers time: on a busy machine all of it is slow, and a lost answer in the steady state refuses the drill. */
const patient = async ([cols, rows]: [number, number]): Promise<Pty> => {
  const file = changedFile(cluster, testDirectory(), [[/timeout: .*/, 'timeout: 8s']]);
  const pty = openConsole(['watch', '-c', file], { cols, rows });
  await pty.until(isHealthy, 20_000);
  return pty;
};

/** Opens the list once the gate of `letter`'s drill is open, and reads the drill. */
const readDrill = async (pty: Pty, letter: string, name: string, before = ''): Promise<void> => {
  pty.send('d');
  await pty.until(new RegExp(` ${letter} ● ${name}`), 60_000);
  if (before !== '') {
    pty.send(before);
    await pty.until(/step by step {1,}\[yes\]/);
  }
  pty.send(letter);
  await pty.until(/to run it|NOT NOW/, 30_000);
  await readPlan(pty, /to run it/);
};

describe('a drill by key', () => {
  it(
    'is chosen, read, confirmed, and comes to its verdict with everything as it was',
    async () => {
      const pty = await patient([80, 24]);
      const before = runs(cluster);
      await readDrill(pty, 'b', 'lb1-down');
      // Enter held down, and a paste, begin nothing.
      pty.send('\r'.repeat(20));
      pty.send('\x1b[200~yes\x1b[201~');
      await sleep(800);
      expect(shown(pty)).toContain('type yes to run it');
      expect(runs(cluster)).toBe(before);
      expect(timerOn('lb1')).not.toBe('active');
      await typeWord(pty, 'yes');
      await pty.until(/▸8 Drill lb1-down/, 30_000);
      await pty.until(/DRILL lb1-down +step \d of 3, \d+ s/, 60_000);
      await eventually('the failover', () => cluster.holders(VIP).join() === 'lb2', 30_000);
      // On a busy machine the gap can be longer than it may be; what counts here is that it is judged and put back.
      await pty.until(/(PASSED|FAILED|NOT DECIDED)[^\n]* restored, all is as it was/, 90_000);
      expect(cluster.holders(VIP)).toEqual(['lb1']);
      expect([unit('lb1', 'nginx')?.active, unit('lb1', 'keepalived')?.active]).toEqual(['active', 'active']);
      expect(timerOn('lb1')).not.toBe('active');
      pty.send(ESC);
      await pty.until(/7 Events/);
    },
    MINUTES,
  );

  it(
    'goes step by step by y, waits for it, and is restored by ctrl+c and r',
    async () => {
      const pty = await patient([160, 45]);
      await readDrill(pty, 'b', 'lb1-down', '\t');
      await typeWord(pty, 'yes');
      await pty.until(/press y: step 1 begins/, 60_000);
      expect(timerOn('lb1')).toBe('active');
      for (const key of ['\r', '\r']) {
        pty.send(key);
        await sleep(300);
      }
      expect(unit('lb1', 'keepalived')?.active).toBe('active');
      await pressAlone(pty, 'y');
      await pty.until(/press y: step 2 begins/, 30_000);
      expect(unit('lb1', 'keepalived')?.active).toBe('inactive');
      pty.send('\x03');
      await pty.until(/End the drill lb1-down\?[\s\S]*lb1 in 4:\d\d/);
      pty.send('r');
      await pty.until(/ended early: a person ended it/);
      await pty.until(/(FAILED|NOT DECIDED) +[^\n]*restored, all is as it was/, 60_000);
      await eventually('the failback', () => cluster.holders(VIP).join() === 'lb1', 30_000);
      expect(timerOn('lb1')).not.toBe('active');
      pty.send('q');
      expect((await pty.exit).code).toBe(0);
    },
    MINUTES,
  );
});
