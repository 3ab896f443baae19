import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runConsole } from '../support/console-process.ts';

const DEMO = join(import.meta.dirname, '..', '..', 'fixtures', 'recordings', 'demo-v1.hacs.jsonl.gz');
let directory: string;
let whole: Buffer;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'session-'));
  whole = gunzipSync(readFileSync(DEMO));
});
afterAll(() => rmSync(directory, { recursive: true }));

const run = (...args: string[]) =>
  runConsole(args, { cwd: directory, env: { PATH: process.env.PATH, HOME: directory, TZ: 'Asia/Tokyo' } });
const put = (name: string, bytes: Buffer | string): string => {
  writeFileSync(join(directory, name), bytes);
  return name;
};
const spoilt = (): Buffer => {
  const copy = Buffer.from(whole);
  const at = copy.indexOf('"asked":', 20_000) + 9;
  copy[at] = copy[at] === 0x31 ? 0x32 : 0x31;
  return copy;
};

describe('verify', () => {
  test.each([
    ['a packed session', () => readFileSync(DEMO), 0, 'sealed'],
    ['a session', () => whole, 0, 'sealed'],
    ['one that was cut', () => whole.subarray(0, whole.length - 10), 3, 'recoverable'],
    ['one that was packed and cut', () => readFileSync(DEMO).subarray(0, 9000), 3, 'recoverable'],
    ['one that was altered', spoilt, 4, 'altered'],
    ['something else', () => Buffer.from('hello\n'), 4, 'altered'],
    ['one of a newer version', () => Buffer.from('{"k":"hdr","schema":"haconsole.session/2"}\n'), 5, 'newer'],
  ])('of %s has its status, in words and as JSON', async (_, bytes, status, outcome) => {
    const file = put('it.hacs.jsonl', bytes());
    const text = await run('verify', file);
    expect(text).toMatchObject({ code: status, stderr: '' });
    expect(text.stdout).toContain(`${file}: ${outcome}:`);
    const json = await run('verify', file, '--json');
    expect(json.code).toBe(status);
    const report = JSON.parse(json.stdout) as Record<string, unknown>;
    expect(report).toMatchObject({ schema: 'haconsole.verify/1', exit: status, outcome });
    expect(report.where === null).toBe(status === 0);
  });

  test('holds a session against a head hash that was noted elsewhere', async () => {
    const head = (JSON.parse((await run('verify', DEMO, '--json')).stdout) as { head: string }).head;
    expect((await run('verify', DEMO, '--anchor', head)).code).toBe(0);
    const other = await run('verify', DEMO, '--anchor', 'f'.repeat(64));
    expect(other.code).toBe(4);
    expect(other.stdout).toContain('its head hash is not the one given');
    expect((await run('verify', DEMO, '--anchor', 'abc')).code).toBe(2);
  });

  test.each([
    [[], 2, 'verify needs a session file'],
    [['a', 'b'], 2, 'verify takes one session file'],
    [['nowhere.hacs.jsonl'], 4, 'there is no such file'],
  ])('of %j is refused with one sentence', async (args, status, sentence) => {
    const { code, stdout, stderr } = await run('verify', ...args);
    expect({ code, stdout }).toEqual({ code: status, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('recover', () => {
  test('writes a sealed copy beside a torn session and leaves that as it is', async () => {
    const torn = whole.subarray(0, whole.length - 700);
    const file = put('torn.hacs.jsonl', torn);
    const { code, stdout, stderr } = await run('recover', file);
    expect(code).toBe(0);
    expect(stdout).toBe('torn.recovered.hacs.jsonl\n');
    expect(stderr).toMatch(/saved \d+ lines, left \d+ bytes behind/);
    expect(readFileSync(join(directory, file)).equals(torn)).toBe(true);
    expect((await run('verify', 'torn.recovered.hacs.jsonl')).code).toBe(0);
    expect(statSync(join(directory, 'torn.recovered.hacs.jsonl')).mode & 0o777).toBe(0o600);
    const again = await run('recover', file);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('exists already');
    expect((await run('report', 'torn.recovered.hacs.jsonl')).stdout).toContain('sealed and whole');
  });

  test('has nothing to do for a whole one, and can do nothing for what is none or newer', async () => {
    copyFileSync(DEMO, join(directory, 'whole.hacs.jsonl.gz'));
    expect(await run('recover', 'whole.hacs.jsonl.gz')).toMatchObject({ code: 0, stdout: '' });
    expect(existsSync(join(directory, 'whole.recovered.hacs.jsonl'))).toBe(false);
    expect((await run('recover', put('no.txt', 'hello\n'))).code).toBe(4);
    expect((await run('recover', put('new.hacs.jsonl', '{"k":"hdr","schema":"haconsole.session/3"}\n'))).code).toBe(5);
  });
});

describe('report', () => {
  test('is Markdown on stdout, HTML or JSON by the ending of the file', async () => {
    const text = await run('report', DEMO);
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toMatch(/^# demo: /);
    expect(text.stdout).toMatch(/^## Root cause$/m);
    expect((await run('report', DEMO, '-o', 'r.html')).code).toBe(0);
    expect(readFileSync(join(directory, 'r.html'), 'utf8')).toMatch(/^<!doctype html>/);
    expect((await run('report', DEMO, '-o', 'r.json')).code).toBe(0);
    const report = JSON.parse(readFileSync(join(directory, 'r.json'), 'utf8')) as { vips: { moves: unknown[] }[] };
    expect(report).toMatchObject({ schema: 'haconsole.report/1', cluster: 'demo' });
    expect(report.vips.every((vip) => vip.moves.length === 2)).toBe(true);
  });

  test('of a stretch has what is in it', async () => {
    const json = async (...args: string[]) =>
      JSON.parse((await run('report', DEMO, '--json', ...args)).stdout) as {
        window: { ms: number; from: { s: number } };
        vips: { moves: unknown[] }[];
      };
    const first = await json('--until', '+5s');
    expect(first.window).toMatchObject({ ms: 5000 });
    expect(first.vips[0]?.moves).toHaveLength(0);
    const rest = await json('--from=-25s');
    expect(rest.vips[0]?.moves).toHaveLength(2);
    expect((await json('--around', '50%')).window.from.s).toBe(0);
  });

  test('tells on stderr that a record is not whole, and reports all the same', async () => {
    const { code, stdout, stderr } = await run('report', put('open.hacs.jsonl', whole.subarray(0, whole.length - 100)));
    expect(code).toBe(0);
    expect(stderr).toContain('the record is not whole');
    expect(stdout).toContain('The record is not whole');
  });

  test.each([
    [['--from', 'noon'], 2, '--from takes a time'],
    [['--format', 'pdf'], 2, '--format takes md, html or json'],
    [['--around', '50%', '--from', '+1s'], 2, '--around stands alone'],
    [['--from', '80%', '--until', '20%'], 2, '--until is before --from'],
    [['-o', 'no/such/place.md'], 2, 'cannot be written'],
  ])('with %j is refused with one sentence', async (args, status, sentence) => {
    const { code, stdout, stderr } = await run('report', DEMO, ...args);
    expect({ code, stdout }).toEqual({ code: status, stdout: '' });
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('of a newer version or of something else is refused with the status of verify', async () => {
    const newer = await run('report', put('new.hacs.jsonl', '{"k":"hdr","schema":"haconsole.session/3"}\n'));
    expect(newer.code).toBe(5);
    expect(newer.stderr).toContain('was made by a newer haconsole');
    expect((await run('report', put('no.txt', 'hello\n'))).code).toBe(4);
    expect((await run('export', put('no.txt', 'hello\n'))).code).toBe(4);
  });
});
