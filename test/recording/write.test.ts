import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newSession } from '../../src/recording/name.ts';
import { createPlayback } from '../../src/recording/playback.ts';
import { recover } from '../../src/recording/recover.ts';
import { memorySink, type Sink } from '../../src/recording/sink.ts';
import { memorySource, openSource } from '../../src/recording/source.ts';
import { verify } from '../../src/recording/verify.ts';
import type { RecorderStatus } from '../../src/recording/write.ts';
import { liveAt, RecordedScene, recordInMemory, secondsOf } from '../support/recorded.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'recorder-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const until = async (what: string, holds: () => boolean) => {
  for (const end = performance.now() + 10_000; !holds(); ) {
    if (performance.now() > end) throw new Error(`${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/** A disk that fails and hangs on demand. */
class FaultySink {
  readonly memory = memorySink();
  failing: string | undefined;
  hang: Promise<void> | undefined;
  /** Bytes that a failing write leaves behind before it fails. */
  partial = 0;
  syncs = 0;
  opened = false;
  readonly sink: Sink = {
    name: 'faulty',
    open: async () => {
      if (this.failing) throw Object.assign(new Error(this.failing), { code: this.failing });
      this.opened = true;
    },
    write: async (bytes, position) => {
      await this.hang;
      if (this.failing) {
        await this.memory.write(bytes.subarray(0, this.partial), position);
        throw Object.assign(new Error(this.failing), { code: this.failing });
      }
      await this.memory.write(bytes, position);
    },
    sync: async () => {
      await this.hang;
      if (this.failing) throw Object.assign(new Error(this.failing), { code: this.failing });
      this.syncs++;
    },
    close: async () => {},
  };
  source() {
    const bytes = Buffer.from(this.memory.read(0, this.memory.size()));
    return memorySource('faulty', () => bytes);
  }
}

const started = (options: Parameters<RecordedScene['record']>[0] = {}) => {
  const disk = new FaultySink();
  const scene = new RecordedScene();
  const recorder = scene.record({ sink: disk.sink, retry: 20, ...options });
  const statuses: RecorderStatus[] = [];
  recorder.onStatus((status) => statuses.push(status));
  scene.healthy();
  return { disk, scene, recorder, statuses };
};

describe('the recorder', () => {
  test('writes a file of its own that nobody else can read, and packs it when it is closed in order', async () => {
    const file = join(directory, 'deep', 'one.hacs.jsonl');
    const scene = new RecordedScene();
    const recorder = scene.record({ file });
    scene.healthy();
    expect(await recorder.durable()).toBe(true);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'deep')).mode & 0o777).toBe(0o700);
    const { file: packed, seal } = await recorder.close('quit');
    expect(packed).toBe(`${file}.gz`);
    expect(existsSync(file)).toBe(false);
    expect(statSync(packed).mode & 0o777).toBe(0o600);
    expect(verify(await openSource(packed))).toMatchObject({ outcome: 'sealed', seal });
    expect(recorder.status().phase).toBe('closed');
  });

  test('has a name that sorts by time and leads nowhere else', () => {
    const wall = Date.UTC(2026, 10, 23, 12, 0, 0);
    expect(newSession('tutorial', wall).name).toMatch(/^20261123T120000Z-tutorial-[0-9a-f]{8}\.hacs\.jsonl$/);
    expect(newSession('../../etc/pass wd', wall).name).toMatch(/^20261123T120000Z-_.._etc_pass_wd-[0-9a-f]{8}\.hacs/);
    expect(newSession('集群', wall).name).toMatch(/^20261123T120000Z-_-/);
    expect(newSession('x', wall).id).not.toBe(newSession('x', wall).id);
  });

  test('never touches a file that is there', async () => {
    const file = join(directory, 'there.hacs.jsonl');
    writeFileSync(file, 'mine');
    const scene = new RecordedScene();
    const recorder = scene.record({ file, retry: 10 });
    scene.healthy();
    expect(await recorder.durable(100)).toBe(false);
    expect(recorder.status()).toMatchObject({ phase: 'failed', why: 'the file exists already' });
    expect(await recorder.close('quit')).toEqual({ file });
    expect(readFileSync(file, 'utf8')).toBe('mine');
  });

  test('has an action, a note and what was before it on disk as soon as it says so', async () => {
    const { disk, scene, recorder } = started();
    const before = disk.syncs;
    scene.send({ kind: 'note', node: 'lb1', text: 'here', outcome: { ok: true } });
    expect(await recorder.durable()).toBe(true);
    expect(disk.syncs).toBeGreaterThan(before);
    expect(disk.source().read(0, 1e9).toString()).toContain('"text":"here"');
    expect(await recorder.durable()).toBe(true);
  });

  test('a full disk that empties again within the queue loses nothing', async () => {
    const { disk, scene, recorder, statuses } = started();
    expect(await recorder.durable()).toBe(true);
    disk.failing = 'ENOSPC';
    disk.partial = 77;
    scene.rounds(5);
    expect(await recorder.durable(60)).toBe(false);
    expect(recorder.status()).toMatchObject({ phase: 'failed', why: 'the disk is full' });
    disk.failing = undefined;
    await until('recording', () => recorder.status().phase === 'recording');
    scene.rounds(5);
    await recorder.close('quit');
    expect(statuses.map((one) => one.phase)).toEqual(['failed', 'recording', 'closed']);
    expect(verify(disk.source())).toMatchObject({ outcome: 'sealed', gaps: 0, lost: 0 });
    const playback = await createPlayback(disk.source());
    for (const mono of secondsOf(scene)) expect(playback.stateAt(mono)).toEqual(liveAt(scene, mono));
  });

  test('a disk that stays full costs a gap, never the session, and the state after the gap is the live one', async () => {
    const { disk, scene, recorder } = started({ queue: 100_000 });
    scene.rounds(3);
    expect(await recorder.durable()).toBe(true);
    const good = scene.now;
    disk.failing = 'ENOSPC';
    scene.round();
    await until('failure', () => recorder.status().phase === 'failed');
    scene.rounds(60);
    scene.move('lb1', 'lb2', 600);
    scene.rounds(10);
    expect(recorder.status()).toMatchObject({ phase: 'failed', why: 'the disk is full' });
    expect(recorder.status().lost).toBeGreaterThan(100);
    disk.failing = undefined;
    await until('recording', () => recorder.status().phase === 'recording');
    const back = scene.now;
    scene.rounds(20);
    await recorder.close('quit');
    const found = verify(disk.source());
    expect(found).toMatchObject({ outcome: 'sealed', gaps: 1 });
    expect(found.lost).toBe(recorder.status().lost);
    const playback = await createPlayback(disk.source());
    const [gap] = playback.index().gaps;
    expect(gap).toMatchObject({ why: 'the disk is full', to: back });
    expect(gap?.from).toBeLessThan(good + 5000);
    expect(playback.spans().filter((span) => span.kind === 'gap')).toHaveLength(1);
    for (const mono of secondsOf(scene).filter((one) => one <= good || one >= back))
      expect(playback.stateAt(mono)).toEqual(liveAt(scene, mono));
    expect(playback.stateAt(back).moves).toHaveLength(3);
    const told = playback.happenings().filter((one) => one.id !== undefined);
    expect(told.map((one) => one.id)).toEqual(scene.state.notices.map((one) => one.id));
  });

  test('a directory that cannot be written to yet is tried again, and the record begins with what was missed', async () => {
    const disk = new FaultySink();
    disk.failing = 'EROFS';
    const scene = new RecordedScene();
    const recorder = scene.record({ sink: disk.sink, retry: 10, queue: 30_000 });
    scene.healthy();
    await until('failure', () => recorder.status().phase === 'failed');
    scene.rounds(30);
    expect(recorder.status().why).toBe('the file system is read-only');
    disk.failing = undefined;
    await until('recording', () => recorder.status().phase === 'recording');
    const back = scene.now;
    scene.rounds(3);
    await recorder.close('quit');
    expect(verify(disk.source())).toMatchObject({ outcome: 'sealed', gaps: 1 });
    const playback = await createPlayback(disk.source());
    expect(playback.stateAt(back)).toEqual(liveAt(scene, back));
    expect(playback.stateAt(scene.now)).toEqual(scene.state);
  });

  test('a disk that hangs holds nothing up: facts are taken at once, and closing ends within seconds', async () => {
    const { disk, scene, recorder } = started();
    expect(await recorder.durable()).toBe(true);
    let release = () => {};
    disk.hang = new Promise((resolve) => {
      release = resolve;
    });
    const began = performance.now();
    scene.send({ kind: 'note', node: 'lb1', text: 'hangs', outcome: { ok: true } });
    scene.rounds(2);
    expect(await recorder.durable(50)).toBe(false);
    expect(performance.now() - began).toBeLessThan(2000);
    await until('failure', () => recorder.status().phase === 'failed');
    expect(recorder.status().why).toMatch(/has not answered/);
    const closing = performance.now();
    await recorder.close('quit');
    expect(performance.now() - closing).toBeLessThan(5000);
    release();
  });

  test('what ran over just before the close is a gap in a file that is sealed all the same', async () => {
    const { disk, scene, recorder } = started({ queue: 30_000 });
    expect(await recorder.durable()).toBe(true);
    scene.rounds(60);
    const { seal } = await recorder.close('quit');
    expect(verify(disk.source())).toMatchObject({ outcome: 'sealed', gaps: 1, seal });
    const playback = await createPlayback(disk.source());
    expect(playback.stateAt(scene.now)).toEqual(scene.state);
    expect(playback.ended()).toMatchObject({ why: 'quit', lost: recorder.status().lost });
  });

  test('a wall clock that is set is told, and does not disturb the order of things', async () => {
    const { source, scene } = await recordInMemory((one) => {
      one.healthy();
      one.rounds(3);
      one.wallOffset = -86_400_000;
      one.rounds(3);
      one.wallOffset = 3_600_000;
      one.rounds(130);
    });
    const playback = await createPlayback(source);
    expect(playback.index().jumps.map((one) => one.jump)).toEqual([-86_400_000, 90_000_000]);
    for (const mono of secondsOf(scene)) expect(playback.stateAt(mono)).toEqual(liveAt(scene, mono));
    expect(playback.happenings().filter((one) => one.kind === 'clock')).toHaveLength(2);
  });

  test('facts after the close are not taken, and closing twice is closing once', async () => {
    const { disk, scene, recorder } = started();
    await recorder.close('quit');
    const length = disk.memory.size();
    scene.rounds(2);
    await recorder.close('again');
    expect(disk.memory.size()).toBe(length);
  });

  test('a file that is removed under it is told', async () => {
    const file = join(directory, 'gone.hacs.jsonl');
    const scene = new RecordedScene();
    const recorder = scene.record({ file });
    scene.healthy();
    expect(await recorder.durable()).toBe(true);
    rmSync(file);
    scene.round();
    expect(await recorder.durable(200)).toBe(false);
    expect(recorder.status()).toMatchObject({ phase: 'failed', why: 'the file was removed' });
    await recorder.close('quit');
  });

  test('text of nodes with every sign there is comes back as it was', async () => {
    const signs = `${Array.from({ length: 0x250 }, (_, code) => String.fromCharCode(code)).join('')}\u2028\u{1f600}`;
    const { source, scene } = await recordInMemory((one) => {
      one.healthy();
      one.send({ kind: 'journal', node: 'lb1', unit: 'x', message: `${signs} \ud800 lone`, nodeTime: 0.1 + 0.2 });
      one.send({ kind: 'check-log', node: 'lb1', line: '{"k":"end","h":"' });
      one.rounds(2);
    });
    expect(verify(source).outcome).toBe('sealed');
    expect((await createPlayback(source)).stateAt(scene.now)).toEqual(scene.state);
  });
});

/** Runs the recording child until it has said so many times that all is on disk, and some ms more; then kills it. */
const killed = (file: string, pace: number, sayings: number, more: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'recorder-child.ts'), file, String(pace)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said: number[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said = [...said, ...text.trim().split('\n').map(Number)];
      if (said.length >= sayings) setTimeout(() => child.kill('SIGKILL'), more);
    });
    child.once('error', reject);
    child.once('close', () => resolve(said.at(-1) ?? 0));
  });

describe('a recorder that is killed', () => {
  test('leaves a file that is saved up to the last line it had said to be on disk', async () => {
    for (let round = 0; round < 6; round++) {
      const file = join(directory, `killed-${round}.hacs.jsonl`);
      const upTo = await killed(file, round % 2, 1 + round, round * 7);
      expect(upTo).toBeGreaterThan(0);
      const source = await openSource(file);
      const found = verify(source);
      expect(found.outcome).toBe('recoverable');
      const saved = await recover(source, found, `${file}.saved`);
      const copy = await openSource(saved.file);
      expect(verify(copy)).toMatchObject({ outcome: 'sealed', seal: saved.seal });
      const playback = await createPlayback(copy);
      expect(playback.to().mono).toBeGreaterThanOrEqual(upTo);
      expect(playback.stateAt(upTo).verdict.code).toBe('healthy');
    }
  });
});

const full = (script: string) =>
  spawnSync('unshare', ['-rm', 'sh', '-c', script], { encoding: 'utf8', timeout: 60_000 });
const canMount = full('mount -t tmpfs -o size=64k none /mnt').status === 0;

describe.skipIf(!canMount)('on a tmpfs that is full', () => {
  test('the console lives, and recording goes on where it can', () => {
    const script = join(directory, 'full.ts');
    writeFileSync(
      script,
      `import { writeFileSync, rmSync, readFileSync } from 'node:fs';
import { RecordedScene } from '${join(import.meta.dirname, '..', 'support', 'recorded.ts')}';
const scene = new RecordedScene();
const recorder = scene.record({ file: '/mnt/s.hacs.jsonl', retry: 50, queue: 200000, gzip: false });
const phases = [];
recorder.onStatus((status) => phases.push(status.phase + ' ' + (status.why ?? '')));
scene.healthy();
await recorder.durable();
let n = 0;
try { for (;;) writeFileSync('/mnt/filler' + n++, Buffer.alloc(4096)); } catch {}
for (let i = 0; i < 200; i++) { scene.round(); if (i % 20 === 0) await recorder.durable(30); }
for (let i = 0; i < n; i++) rmSync('/mnt/filler' + i, { force: true });
for (let i = 0; i < 100 && recorder.status().phase !== 'recording'; i++) await new Promise((r) => setTimeout(r, 50));
scene.rounds(3);
await recorder.close('quit');
writeFileSync(1, JSON.stringify({ phases, alive: scene.state.verdict.code }) + '\\n' + readFileSync('/mnt/s.hacs.jsonl', 'latin1'));
`,
    );
    const { stdout, stderr, status } = full(`mount -t tmpfs -o size=128k none /mnt && ${process.execPath} ${script}`);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const [said, ...lines] = stdout.split('\n');
    const { phases, alive } = JSON.parse(said as string) as { phases: string[]; alive: string };
    expect(alive).toBe('healthy');
    expect(phases).toEqual(['failed the disk is full', 'recording ', 'closed ']);
    const bytes = Buffer.from(lines.join('\n'), 'latin1');
    expect(verify(memorySource('tmpfs', () => bytes))).toMatchObject({ outcome: 'sealed', gaps: 1 });
  });
});
