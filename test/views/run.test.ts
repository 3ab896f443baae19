import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { keys } from '../support/console.tsx';
import { openPty, type Pty } from '../support/pty.ts';

// Inside the checkout, so that the packages it needs are found.
const folder = join(import.meta.dirname, '../../node_modules/.cache', `console-program-${process.pid}`);
const program = join(folder, 'program.mjs');
const started: Pty[] = [];

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  await build({
    entryPoints: [join(import.meta.dirname, 'fixtures/console-program.tsx')],
    outfile: program,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    jsx: 'automatic',
  });
});
afterEach(async () => {
  for (const pty of started.splice(0)) await pty.dispose();
});
afterAll(() => rmSync(folder, { recursive: true }));

const start = (env: Record<string, string> = {}, columns = 80, rows = 24): Pty => {
  const pty = openPty({
    cmd: process.execPath,
    args: [program],
    cols: columns,
    rows,
    env: { NODE_ENV: 'production', ...env },
  });
  started.push(pty);
  return pty;
};

const screen = (pty: Pty): string => pty.screen().join('\n');

describe('the console in a real terminal', () => {
  test('q gives the terminal back as it was and prints the summary', async () => {
    const pty = start();
    await pty.until(/OK healthy/);
    expect(pty.bufferType()).toBe('alternate');
    pty.send('q');
    expect(await pty.exit).toEqual({ code: 0, signal: 0 });
    expect(pty.bufferType()).toBe('normal');
    expect(pty.cursorShown()).toBe(true);
    expect(screen(pty)).toMatch(/haconsole: tutorial, .*\nNow: OK healthy/);
  });

  test('a signal ends it with the terminal given back and the summary', async () => {
    const pty = start();
    await pty.until(/OK healthy/);
    pty.kill('SIGTERM');
    expect((await pty.exit).code).toBe(0);
    expect(pty.bufferType()).toBe('normal');
    expect(screen(pty)).toContain('Now: OK healthy');
  });

  test('a summary that cannot be made still gives the terminal back', async () => {
    const pty = start({ FAREWELL: 'throws' });
    await pty.until(/OK healthy/);
    pty.send('q');
    expect((await pty.exit).code).toBe(1);
    expect(pty.bufferType()).toBe('normal');
    expect(pty.cursorShown()).toBe(true);
    expect(screen(pty)).toContain('the summary cannot be made');
  });

  test('a resize is followed, down to too small and back', async () => {
    const pty = start();
    await pty.until(/OK healthy/);
    pty.resize(160, 45);
    await pty.until(/╭─ 1 VIPs/);
    pty.resize(50, 10);
    await pty.until(/haconsole needs 60x20, this is 50x10/);
    pty.resize(60, 20);
    await pty.until(/1 VIPs 172\.16\.249/);
  });

  test('a passphrase is never in what is written, and a paste of a page triggers nothing', async () => {
    const pty = start({ ASK: 'passphrase' });
    await pty.until(/Passphrase for bastion/);
    pty.send('s3cret');
    await pty.until(/typed, not shown/);
    pty.send(keys.enter);
    await pty.until((rows) => !rows.join('\n').includes('Passphrase for bastion'));
    pty.send(keys.paste('q\nq\nz\n?\n'));
    pty.send('2');
    await pty.until(/▸2 LB1/);
    expect(screen(pty)).toContain('1 VIPs');
    pty.send('q');
    await pty.exit;
    expect(screen(pty)).toContain('answered with 6 signs');
    expect(pty.rawOutput()).not.toContain('s3cret');
  });

  test('a picture that changes lightly costs few bytes and shows the newest state', async () => {
    const pty = start({ PERIOD: '100', PAST: '120' });
    await pty.until(/OK healthy/);
    const clock = (): number => {
      const [, hours, minutes, seconds] = /LIVE (\d\d):(\d\d):(\d\d)/.exec(screen(pty)) ?? [];
      return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    };
    const [bytes, before] = [pty.bytes(), clock()];
    await pty.until(() => clock() >= before + 40);
    // The scene's clock runs one second with each of its pictures: seconds shown are updates made.
    expect((pty.bytes() - bytes) / (clock() - before)).toBeLessThanOrEqual(150);
  });
});
