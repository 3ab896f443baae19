import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ConsoleResult, runConsole } from '../support/console-process.ts';

const fixtures = join(import.meta.dirname, '..', '..', 'fixtures', 'recordings');
const SCENE = join(fixtures, 'scene-v1.hacs.jsonl');
const NAMES = ['20261123T120000Z-tutorial-0123abcd.hacs.jsonl', '20261124T080000Z-demo-4567ef01.hacs.jsonl.gz'];

let home: string;
let recordings: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'replay-'));
  recordings = join(home, 'haconsole', 'recordings');
  mkdirSync(recordings, { recursive: true });
  copyFileSync(SCENE, join(recordings, NAMES[0] as string));
  copyFileSync(join(fixtures, 'demo-v1.hacs.jsonl.gz'), join(recordings, NAMES[1] as string));
});
afterAll(() => rmSync(home, { recursive: true }));

const replay = (...args: string[]): Promise<ConsoleResult> =>
  runConsole(['replay', ...args], { env: { ...process.env, XDG_STATE_HOME: home, TZ: 'Asia/Tokyo' }, cwd: home });

describe('replay without a terminal', () => {
  test('prints what was said, in UTC, a line each, and ends with 0', async () => {
    const { code, stdout, stderr } = await replay(SCENE);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    const lines = stdout.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(20);
    for (const line of lines) expect(line).toMatch(/^2026-11-23 \d\d:\d\d:\d\d\.\dZ {2}(info|good|warn|bad ) {2}/);
    expect(stdout).toMatch(/12:00:23\.6Z {2}warn {2}move +lb2 .*moved lb1 → lb2: keepalived on lb1 was stopped/);
  });

  test('begins where --at says, and as JSON with --json', async () => {
    const { code, stdout } = await replay(SCENE, '--at', '12:00:25', '--json');
    expect(code).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { at: string; text: string });
    expect(lines[0]?.at).toMatch(/^2026-11-23T12:00:25/);
    expect(Object.keys(lines[0] ?? {})).toEqual(['at', 'mono', 'kind', 'source', 'severity', 'text']);
  });

  test.each([
    ['report', /^# tutorial: 2026-11-23 12:00:00 UTC/],
    ['export', /^\{"version":2/],
    ['verify', /0123abcd\.hacs\.jsonl: sealed: sealed and whole/],
  ])('%s, too, takes a part of the name of a recording of this machine', async (command, shown) => {
    const run = (name: string) =>
      runConsole([command, name], { env: { ...process.env, XDG_STATE_HOME: home }, cwd: home });
    expect(await run('0123abcd')).toMatchObject({ code: 0, stdout: expect.stringMatching(shown) });
    expect(await run('2026112')).toMatchObject({ code: 2, stderr: expect.stringMatching(/is a part of 2 names in /) });
  });

  test('lists the recordings of this machine, the newest first; a part of a name is enough to name one', async () => {
    const { code, stdout, stderr } = await replay();
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(
      /^2026-11-2\d \d\d:\d\d:\d\dZ {2}\d+ s +\d+ KB +demo +demo +20261124T080000Z-demo-4567ef01/,
    );
    expect(lines[2]).toMatch(/^2026-11-23 12:00:00Z {2}1 min 36 s +\d+ KB +watch +tutorial +20261123T120000Z/);
    expect(stderr).toContain('a part of its name will do');
    expect((await replay('0123abcd')).stdout).toBe((await replay(SCENE)).stdout);
    expect(await replay('2026')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/2026 is a part of 2 names in /) as string,
    });
  });

  test.each([
    ['a file that is not there', ['nowhere.jsonl'], 4, /nowhere\.jsonl cannot be read: there is no such file/],
    ['a directory', ['haconsole'], 4, /it is a directory/],
    ['a time that is none', [SCENE, '--at', 'noon'], 2, /--at takes a time \(12:03:10 in UTC/],
    ['a speed that is none', [SCENE, '--speed', 'fast'], 2, /--speed takes a number from 0\.25 to 64, not "fast"/],
    ['two files', [SCENE, SCENE], 2, /replay takes one session file/],
    ['another flag', [SCENE, '--format', 'md'], 2, /replay has no flag --format/],
  ])('says in one sentence what is wrong with %s', async (_, args, code, sentence) => {
    const result = await replay(...args);
    expect(result.code).toBe(code);
    expect(result.stdout).toBe('');
    expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(result.stderr).toMatch(sentence);
  });

  test('refuses what a newer version made, shows what is torn, and says so', async () => {
    const newer = join(home, 'newer.hacs.jsonl');
    writeFileSync(newer, '{"k":"hdr","schema":"haconsole.session/9"}\n');
    expect(await replay(newer)).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/made by a newer haconsole \(format 9/) as string,
    });
    const whole = readFileSync(SCENE);
    const torn = join(home, 'torn.hacs.jsonl');
    writeFileSync(torn, whole.subarray(0, Math.floor(whole.length * 0.8)));
    const result = await replay(torn);
    expect(result.code).toBe(0);
    expect(result.stdout).toMatch(/moved lb1 → lb2/);
    expect(result.stderr).toMatch(/the record is not whole: torn/);
    const zipped = join(home, 'cut.hacs.jsonl.gz');
    const packed = readFileSync(join(fixtures, 'demo-v1.hacs.jsonl.gz'));
    expect(gunzipSync(packed).length).toBeGreaterThan(1000);
    writeFileSync(zipped, packed.subarray(0, packed.length - 200));
    expect(await replay(zipped)).toMatchObject({ code: 0, stderr: expect.stringMatching(/not whole/) as string });
  });
});
