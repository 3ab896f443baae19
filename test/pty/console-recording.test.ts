import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPlayback } from '../../src/recording/playback.ts';
import { recover } from '../../src/recording/recover.ts';
import { openSource } from '../../src/recording/source.ts';
import { verify } from '../../src/recording/verify.ts';
import { confirmPlan, openDialog, readPlan } from '../support/acting-by-key.ts';
import { runConsole } from '../support/console-process.ts';
import {
  BIN,
  closeConsoles,
  type DemoCluster,
  eventually,
  healed,
  inTerminal,
  isHealthy,
  startDemo,
  testDirectory,
  watchCluster,
} from '../support/demo-console.ts';
import type { Pty } from '../support/pty.ts';

let cluster: DemoCluster;
beforeAll(async () => {
  cluster = await startDemo({ seed: 7 });
});
beforeEach(() => healed(cluster));
afterEach(closeConsoles);
afterAll(() => cluster?.stop());

const size = { cols: 120, rows: 36 };
const recordings = (state: string): string[] => {
  const directory = join(state, 'haconsole', 'recordings');
  return existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : [];
};
const found = async (file: string) => verify(await openSource(file));
const left = async (pty: Pty): Promise<string> => {
  pty.send('q');
  expect((await pty.exit).code).toBe(0);
  return pty.screen().join('');
};

describe('a session', () => {
  it('is recorded without being asked: the badge says so, and leaving says where and what its seal is', async () => {
    const state = testDirectory();
    const pty = watchCluster(cluster.clusterFile, { ...size, env: { XDG_STATE_HOME: state } });
    await pty.until(isHealthy, 15_000);
    expect(pty.screen()[0]).toMatch(/ REC ● LIVE/);
    const [growing] = recordings(state);
    expect(statSync(growing as string).mode & 0o777).toBe(0o600);
    expect(statSync(join(state, 'haconsole', 'recordings')).mode & 0o777).toBe(0o700);
    const text = await left(pty);
    const [file] = recordings(state) as [string];
    expect(file).toBe(`${growing}.gz`);
    expect(text).toContain(`recorded in ${file}`);
    const { outcome, seal } = await found(file);
    expect(outcome).toBe('sealed');
    expect(text).toContain(`head hash ${seal}`);
  });

  it('is not recorded with --no-record, and nothing is made in the state directory', async () => {
    const state = testDirectory();
    const args = [BIN, 'watch', '-c', cluster.clusterFile, '--no-record'];
    const pty = inTerminal({ ...size, cmd: process.execPath, args, env: { XDG_STATE_HOME: state } });
    await pty.until(isHealthy, 15_000);
    expect(pty.screen()[0]).not.toMatch(/REC/);
    expect(await left(pty)).not.toMatch(/recorded/);
    expect(readdirSync(state)).toEqual([]);
  });
});

describe('--record FILE', () => {
  it('never touches a file that is there, nor one that another console has open', async () => {
    const directory = testDirectory();
    const file = join(directory, 'mine.hacs.jsonl');
    const args = ['watch', '-c', cluster.clusterFile, '--record', file];
    const pty = inTerminal({ ...size, cmd: process.execPath, args: [BIN, ...args] });
    await pty.until(isHealthy, 15_000);
    const second = await runConsole(['watch', '--json', '-c', cluster.clusterFile, '--record', file]);
    expect(second.code).toBe(2);
    expect(second.stderr).toBe(`haconsole: --record: ${file} exists already; a session is always a file of its own\n`);
    await left(pty);
    const bytes = readFileSync(file);
    expect((await found(file)).outcome).toBe('sealed');
    expect((await runConsole([...args, '--json'])).code).toBe(2);
    expect(readFileSync(file)).toEqual(bytes);
    expect(readdirSync(directory)).toEqual(['mine.hacs.jsonl']);
  });

  it('of two consoles that begin at once one has the file, and the other says so and goes on', async () => {
    const file = join(testDirectory(), 'race.hacs.jsonl');
    const open = () =>
      inTerminal({
        ...size,
        cmd: process.execPath,
        args: [BIN, 'watch', '-c', cluster.clusterFile, '--record', file],
      });
    const both = [open(), open()];
    const refused = (pty: Pty) => /exists already/.test(pty.screen().join('\n'));
    await eventually('both', () => both.every((pty) => refused(pty) || /REC/.test(pty.screen()[0] ?? '')), 15_000);
    await eventually('one of them refused', () => both.filter(refused).length === 1, 15_000);
    for (const pty of both) if (/LIVE/.test(pty.screen()[0] ?? '')) await left(pty);
    expect((await found(file)).outcome).toBe('sealed');
  });

  it('is compressed when it is closed if its name ends in .gz', async () => {
    const directory = testDirectory();
    const { stderr } = await runConsole(['demo', '--record', 'x.hacs.jsonl.gz'], { cwd: directory });
    expect(stderr).toContain(`recorded in ${join(directory, 'x.hacs.jsonl.gz')}\n`);
    expect(readdirSync(directory)).toEqual(['x.hacs.jsonl.gz']);
    expect((await found(join(directory, 'x.hacs.jsonl.gz'))).outcome).toBe('sealed');
  });
});

describe('a console that is killed', () => {
  it('leaves every time a file that is saved up to the last second, with the action that was under way', async () => {
    const directory = testDirectory();
    for (let round = 0; round < 4; round++) {
      const file = join(directory, `killed-${round}.hacs.jsonl`);
      const args = [BIN, 'watch', '-c', cluster.clusterFile, '--record', file];
      const pty = inTerminal({ ...size, cmd: process.execPath, args });
      await pty.until(isHealthy, 15_000);
      if (round > 1) {
        await pty.until(/healthy for [3-9]s/);
        await openDialog(pty, 4, 'R', /restart the web server on web1/);
        await readPlan(pty);
        await confirmPlan(pty);
        const ran = () => readFileSync(file, 'utf8').includes('"step":"executing"');
        // What is on disk is there before the node has done anything.
        await eventually('the action', ran);
      } else await new Promise((resolve) => setTimeout(resolve, 300 + 170 * round));
      const killed = Date.now();
      process.kill(pty.pid, 'SIGKILL');
      await pty.exit;
      const source = await openSource(file);
      const before = verify(source);
      expect(before.outcome).toBe('recoverable');
      const saved = await recover(source, before, `${file}.saved`);
      const copy = await openSource(saved.file);
      expect(verify(copy)).toMatchObject({ outcome: 'sealed', lost: 0 });
      const playback = await createPlayback(copy);
      expect(killed - playback.wallAt(playback.to().mono)).toBeLessThan(1000);
      if (round > 1) expect(playback.stateAt(playback.to().mono).actions).toHaveLength(1);
      playback.close();
    }
  }, 60_000);
});

describe('a directory that cannot be written to', () => {
  it('is said in red, and everything else goes on: the picture, an action, leaving', async () => {
    const state = join(testDirectory(), 'file');
    writeFileSync(state, 'no directory');
    const pty = watchCluster(cluster.clusterFile, { ...size, env: { XDG_STATE_HOME: state } });
    await pty.until(isHealthy, 15_000);
    await pty.until(/REC ✖ .+ ● LIVE/);
    expect(pty.cells()[0]).toMatch(/REC ✖/);
    await pty.until(/recording failed: /);
    await pty.until(/healthy for [3-9]s/);
    await openDialog(pty, 4, 'R', /restart the web server on web1/);
    await readPlan(pty);
    await confirmPlan(pty);
    await pty.until(/● DONE/, 20_000);
    pty.send('\x1b');
    await pty.until((rows) => !/esc closes/.test(rows.join('\n')));
    expect(await left(pty)).toMatch(/nothing was recorded/);
  });

  it('with --require-recording nothing is done to a node, by key or by script', async () => {
    const state = join(testDirectory(), 'file');
    writeFileSync(state, 'no directory');
    const env = { ...process.env, XDG_STATE_HOME: state };
    const act = await runConsole(
      ['act', 'restart', 'web@web1', '--yes', '-c', cluster.clusterFile, '--require-recording'],
      { env },
    );
    expect(act.code).toBe(2);
    expect(act.stdout + act.stderr).toMatch(/recording failed/);
    const note = await runConsole(['note', 'x', '-c', cluster.clusterFile, '--require-recording'], { env });
    expect(note.code).toBe(3);
    expect(note.stdout).toMatch(/lb1: not written, .*recording failed/);
    const args = [BIN, 'watch', '-c', cluster.clusterFile, '--require-recording'];
    const pty = inTerminal({ ...size, cmd: process.execPath, args, env: { XDG_STATE_HOME: state } });
    await pty.until(isHealthy, 15_000);
    await pty.until(/REC ✖/);
    await pty.until(/healthy for [3-9]s/);
    await openDialog(pty, 4, 'R', /restart the web server on web1/);
    await pty.until(/recording failed/);
    expect(pty.screen().join('\n')).not.toMatch(/to do it/);
  });
});

const unshared = (script: string) => ['unshare', ['-rm', 'sh', '-c', script]] as const;
const canMount = spawnSync(...unshared('mount -t tmpfs -o size=64k none /mnt')).status === 0;

describe.skipIf(!canMount)('a disk that is full', () => {
  it('is said in red; the console and its actions go on, and so does the record when there is room again', async () => {
    const directory = testDirectory();
    const mount = join(directory, 'disk');
    mkdirSync(mount);
    const file = join(mount, 's.hacs.jsonl');
    const script = `mount -t tmpfs -o size=256k none '${mount}' && touch '${directory}/mounted'
      (until [ -e '${directory}/fill' ]; do sleep 0.05; done; cat /dev/zero > '${mount}/filler'
       until [ -e '${directory}/free' ]; do sleep 0.05; done; rm '${mount}/filler') 2>/dev/null &
      '${process.execPath}' '${BIN}' watch -c '${cluster.clusterFile}' --record '${file}'; s=$?
      cat '${file}' > '${directory}/copy.hacs.jsonl'; wait; exit $s`;
    const [cmd, args] = unshared(script);
    const pty = inTerminal({ ...size, cmd, args: [...args] });
    await pty.until(isHealthy, 15_000);
    await pty.until(/healthy for [3-9]s/);
    writeFileSync(join(directory, 'fill'), '');
    await pty.until(/REC ✖ the disk is full/, 15_000);
    await openDialog(pty, 4, 'R', /restart the web server on web1/);
    await readPlan(pty);
    await confirmPlan(pty);
    await pty.until(/● DONE/, 20_000);
    pty.send('\x1b');
    writeFileSync(join(directory, 'free'), '');
    await pty.until((rows) => /REC ● LIVE/.test(rows[0] ?? ''), 15_000);
    await left(pty);
    const copy = join(directory, 'copy.hacs.jsonl');
    expect(await found(copy)).toMatchObject({ outcome: 'sealed', lost: 0 });
    const playback = await createPlayback(copy);
    expect(playback.stateAt(playback.to().mono).actions.map((one) => one.phase.step)).toEqual(['done']);
    playback.close();
  }, 60_000);
});
