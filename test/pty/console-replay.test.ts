import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  closeConsoles,
  type DemoCluster,
  healed,
  isHealthy,
  openConsole,
  startDemo,
  testDirectory,
} from '../support/demo-console.ts';
import type { Pty } from '../support/pty.ts';

afterEach(closeConsoles);

const SCENE = join(import.meta.dirname, '..', '..', 'fixtures', 'recordings', 'scene-v1.hacs.jsonl');
const shown = (pty: Pty): string => pty.screen().join('\n');
const LEFT = '\u001b[D';
const RIGHT = '\u001b[C';
const SHIFT_LEFT = '\u001b[1;2D';
const SHIFT_RIGHT = '\u001b[1;2C';
const END = '\u001b[F';
const HOME = '\u001b[H';

/** A replay that stands at a time. The operator's own time zone is not UTC. */
const replay = (file: string, args: string[] = ['--at', '0%'], cols = 80, rows = 24): Pty =>
  openConsole(['replay', file, ...args], { cols, rows, env: { TZ: 'Asia/Tokyo' } });

/** Types a line: what comes in one piece is a paste, and no keys. */
const type = async (pty: Pty, line: string): Promise<void> => {
  pty.send(line.charAt(0));
  await pty.until(/(go to \(.*\)|search the events): /);
  pty.send(line.slice(1));
  await pty.until((rows) => rows.some((row) => row.includes(`: ${line.slice(1)}`)));
  pty.send('\r');
};

describe('a replay in a terminal', () => {
  it('answers all its keys, in UTC, and leaves with where it was', async () => {
    const pty = replay(SCENE);
    await pty.until(/‖ REPLAY {2}12:00:00Z[\s\S]*‖ 12:00:00\.0Z \+0:00 of 1:35 1x/);
    const at = (time: string) => pty.until(new RegExp(`[‖▸] ${time}`));
    const steps: [keys: string, time: string][] = [
      [RIGHT, '12:00:05\\.0Z'],
      [SHIFT_RIGHT, '13:01:05\\.0Z'],
      [SHIFT_LEFT, '12:00:05\\.0Z'],
      [LEFT, '12:00:00\\.0Z'],
      [']', '12:00:23\\.0Z'],
      ['}', '12:00:23\\.0Z[^]*incident failing-over'],
      ['}', '12:00:48'],
      ['{', '12:00:23\\.0Z'],
      ['u', '12:00:48'],
      ['g13:01:10', '13:01:10\\.0Z'],
      ['g12:00:24', '12:00:24\\.0Z'],
      ['[', '12:00:23\\.6Z'],
      ['g50%', '12:00:47\\.8Z'],
      [END, '13:01:35\\.6Z'],
      [HOME, '12:00:00\\.0Z'],
      ['/moved lb1', '12:00:23\\.6Z'],
    ];
    for (const [keys, time] of steps) {
      if (/^[g/]/.test(keys)) await type(pty, keys);
      else pty.send(keys);
      await at(time);
    }
    expect(shown(pty)).toMatch(/▲ +172\.16\.249\.80 +lb2/);
    expect(shown(pty)).toMatch(/12:00:23 lb2 .*moved lb1 → lb2/);
    pty.send('n');
    await pty.until(/from the begin again/);
    pty.send('.');
    await at('12:00:2[34]');
    pty.send('>');
    await pty.until(/ 2x/);
    pty.send('\u007f');
    await pty.until(/ 1x/);
    pty.send('i');
    await pty.until(/ 1x idle too/);
    pty.send('X');
    await pty.until(/X: this is a recording/);
    pty.send('f');
    await pty.until(/f: the recording was closed: nothing will follow/);
    pty.send('?');
    await pty.until(/In the past/);
    pty.send('q');
    await pty.until((rows) => !/In the past/.test(rows.join('\n')));
    pty.send('i');
    await pty.until((rows) => !/idle too/.test(rows.join('\n')));
    pty.send('>>> ');
    await pty.until(/▸ REPLAY/);
    await pty.until(/the end of the recording/, 20_000);
    expect(shown(pty)).toMatch(/‖ REPLAY {2}13:01:35Z/);
    pty.send('q');
    expect(await pty.exit).toEqual({ code: 0, signal: 0 });
    expect(pty.bufferType()).toBe('normal');
    expect(shown(pty)).toMatch(
      /left at 2026-11-23T13:01:35Z; to go on there:\nhaconsole replay scene-v1\.hacs\.jsonl --at/,
    );
  }, 60_000);

  it('plays at once where no time is named, and a held arrow keeps the screen at its heels', async () => {
    const pty = replay(SCENE, [], 160, 45);
    await pty.until(/▸ REPLAY[\s\S]*▸ 2026-11-23 12:00:0[1-9]/);
    pty.send(' ');
    await pty.until(/‖ REPLAY/);
    pty.send(HOME);
    for (let press = 0; press < 12; press++) pty.send(RIGHT);
    await pty.until(/‖ 2026-11-23 13:01:00\.0Z/);
    for (let press = 0; press < 12; press++) pty.send(LEFT);
    await pty.until(/‖ 2026-11-23 12:00:00\.0Z/);
  });

  it('shows a torn file with a notice, an altered one with a warning, and takes a file for what it is', async () => {
    const directory = testDirectory();
    const whole = readFileSync(SCENE);
    const torn = join(directory, 'torn.hacs.jsonl');
    writeFileSync(torn, whole.subarray(0, Math.floor(whole.length * 0.8)));
    const first = replay(torn);
    await first.until(/TORN {3}‖ REPLAY[\s\S]*torn: line \d+ is not whole/);
    const altered = join(directory, 'altered.hacs.jsonl');
    const text = whole.toString('utf8');
    const other = text.replace('Connection refused', 'Connection REFUSED');
    expect(other).not.toBe(text);
    writeFileSync(altered, other);
    const second = replay(altered);
    await second.until(/ALTERED {3}‖ REPLAY[\s\S]*not what was recorded:/);
    const third = replay(join(directory, 'nothing'));
    expect(await third.exit).toEqual({ code: 4, signal: 0 });
    expect(shown(third)).toMatch(/nothing cannot be read: there is no such f/);
  });

  it('lists what was recorded here', async () => {
    const home = testDirectory();
    const pty = openConsole(['replay'], { cols: 120, rows: 24, env: { XDG_STATE_HOME: home } });
    expect((await pty.exit).code).toBe(0);
    expect(shown(pty)).toContain('nothing was recorded in');
  });
});

describe('the past of a session that runs', () => {
  let cluster: DemoCluster;
  beforeAll(async () => {
    cluster = await startDemo({ seed: 3 });
  });
  beforeEach(() => healed(cluster));
  afterAll(() => cluster?.stop());

  it('is shown by the left arrow; what happens meanwhile is told; end is now; and the record has it all', async () => {
    const home = testDirectory();
    const pty = openConsole(['watch', '-c', cluster.clusterFile], {
      cols: 100,
      rows: 30,
      env: { XDG_STATE_HOME: home },
    });
    await pty.until(isHealthy, 15_000);
    pty.send(LEFT);
    await pty.until(/◂ LOOK-BACK/);
    pty.send(HOME);
    await pty.until(/LOOK-BACK[\s\S]* \+0:00 of/);
    cluster.fault('stop', 'lb1', 'keepalived');
    await pty.until(/now +.*WARNING (failing over|no backup)[\s\S]*then: /, 15_000);
    expect(shown(pty)).not.toMatch(/moved lb1 → lb2/);
    pty.send('X');
    await pty.until(/X: this is the past: end goes back to now/);
    pty.send(']');
    await pty.until(/ \+0:0\d of/);
    pty.send(END);
    await pty.until((rows) => /LIVE/.test(rows[0] ?? '') && /▲ +172\.16\.249\.80 +lb2/.test(rows.join('\n')));
    cluster.fault('start', 'lb1', 'keepalived');

    // Somebody else follows the file meanwhile.
    const recordings = join(home, 'haconsole', 'recordings');
    const name = readdirSync(recordings).find((one) => one.endsWith('.jsonl')) as string;
    const follower = openConsole(['replay', join(recordings, name), '--at', '100%'], { cols: 100, rows: 30 });
    await follower.until(/‖ REPLAY/);
    follower.send('f');
    await follower.until(/ following/);
    await follower.until(/moved lb2 → lb1/, 20_000);
    expect(shown(follower)).not.toMatch(/UNSEALED|TORN|ALTERED/);

    pty.send('q');
    expect(await pty.exit).toEqual({ code: 0, signal: 0 });
    expect(shown(pty)).toMatch(/recorded in/);
    follower.send('q');
    await follower.exit;

    const [file] = readdirSync(recordings);
    const copy = join(testDirectory(), file as string);
    copyFileSync(join(recordings, file as string), copy);
    const again = replay(copy, ['--at', '100%'], 100, 30);
    await again.until(/‖ REPLAY/);
    await type(again, '/moved lb1');
    await again.until(/moved lb1 1 found[\s\S]*/);
    await again.until(/‖ REPLAY[\s\S]*▲ +172\.16\.249\.80 +lb2/);
    expect(shown(again)).not.toMatch(/UNSEALED|TORN|ALTERED/);
  }, 90_000);
});
