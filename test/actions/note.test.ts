import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { explainNote, noteCommand, noteLine } from '../../src/actions/note.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'note-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const write = (log: string, line: string) =>
  new Promise<{ code: number; stderr: string }>((resolve) => {
    const child = execFile('/bin/sh', ['-c', noteCommand(log, false)], (error, _stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stderr }),
    );
    child.stdin?.end(line);
  });

describe('a note', () => {
  test.each([
    '"; rm -rf / #',
    '`touch owned`',
    '$(touch owned)',
    "it's %s %d \\n 100%",
    '值班:切换到 lb2',
    '-n --help',
  ])('is stored as text, never run: %s', async (text) => {
    const log = join(directory, "check's log");
    writeFileSync(log, '');
    expect(await write(log, noteLine(text) as string)).toMatchObject({ code: 0 });
    expect(readFileSync(log, 'utf8')).toMatch(/^\w{3} \w{3} +\d+ [\d:]+ .*\d{4}: /);
    expect(readFileSync(log, 'utf8')).toContain(`: ${text}\n`);
    expect(existsSync(join(directory, 'owned'))).toBe(false);
  });

  test('is one line whatever was pasted, and is refused when it is empty or too long', () => {
    expect(noteLine('one\ntwo\u001b[31m')).toBe('one\\x0atwo\\x1b[31m');
    expect(noteLine('   ')).toBeUndefined();
    expect(noteLine('字'.repeat(500))).toHaveLength(500);
    expect(noteLine('x'.repeat(501))).toBeUndefined();
    expect(noteLine('x'.repeat(10_000))).toBeUndefined();
  });

  test('does not cut the lines of others who write at the same time', async () => {
    const log = join(directory, 'log');
    writeFileSync(log, '');
    await Promise.all(Array.from({ length: 20 }, (_, i) => write(log, `${i}:${'字'.repeat(490)}`)));
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(20);
    expect(lines.every((line) => line.endsWith('字'.repeat(490)))).toBe(true);
  });

  test('is not written into a pipe, which would keep its writer for ever, or into a device', async () => {
    const pipe = join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    for (const log of [pipe, '/dev/null']) {
      const { code, stderr } = await write(log, 'text');
      expect(code).toBe(1);
      expect(explainNote('lb1', log, code, stderr).found).toBe(`${log} is no file but a pipe or a device`);
    }
  });

  test('makes a log that is not there yet', async () => {
    const log = join(directory, 'new');
    expect(await write(log, 'text')).toMatchObject({ code: 0 });
    expect(readFileSync(log, 'utf8')).toContain(': text\n');
  });

  test('says what is wrong when the log cannot be written', async () => {
    const result = await write(join(directory, 'missing', 'log'), 'text');
    expect(result.code).not.toBe(0);
    expect(result.stderr).toContain('No such file or directory');
    chmodSync(directory, 0o755);
  });
});
