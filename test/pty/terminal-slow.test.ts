import { describe, expect, it, vi } from 'vitest';
import { openPty } from '../support/pty.ts';
import { alive, startProgram } from './terminal-program.ts';

const until = <T>(check: () => T): Promise<T> => vi.waitFor(check, { timeout: 15_000, interval: 5 });

describe('a terminal that reads slowly', () => {
  it('stops a program that writes to it as usual, so that these tests prove something', async () => {
    const program = 'process.stdout.write("x".repeat(60_000)); process.exit(5)';
    const pty = openPty({ cmd: process.execPath, args: ['-e', program], drain: 0 });
    const ended = await Promise.race([pty.exit, new Promise((resolve) => setTimeout(resolve, 1500, 'stopped'))]);
    expect(ended).toBe('stopped');
    pty.drain(Number.POSITIVE_INFINITY);
    expect(await pty.exit).toMatchObject({ code: 5 });
    await pty.dispose();
  });

  it('at 2 KB/s never holds the event loop up, and gets only the newest frames', async () => {
    const program = startProgram('alone', { cols: 120, rows: 40, drain: 2000, mode: 'log', period: 50 });
    await program.until(/tick \d/);
    program.send('m');
    await program.until((screen) => Number(/tick (\d+)/.exec(screen.join())?.[1]) > 60);
    program.send('q');
    await program.exit;
    const report = program.report();
    expect(report?.delays.length).toBeGreaterThan(100);
    // A write that waited would stop the loop for half a second and more. A busy machine makes single turns late too.
    const delays = (report?.delays ?? []).toSorted((a, b) => a - b);
    expect(delays.at(Math.floor(delays.length * 0.95))).toBeLessThan(50);
    expect(delays.at(-1)).toBeLessThan(400);
    expect(report?.stats.dropped).toBeGreaterThan(report?.stats.sent ?? 0);
  });

  it('at 2 KB/s shows what is hardly older than the time a frame takes', async () => {
    const program = startProgram('alone', { drain: 2000, mode: 'log', period: 100 });
    await program.until(/tick [3-9]\d|tick \d\d\d/);
    const sent = performance.now();
    program.send('k');
    await program.until(/key "k"/);
    // Without the gate about 19 KB would be on their way in the kernel alone: 9 s.
    expect(performance.now() - sent).toBeLessThan(4000);
  });

  for (const drain of [2000, 0]) {
    it(`is left at once at ${drain} bytes a second, and found as it was when it has read what was sent`, async () => {
      const program = startProgram('shell', { cols: 120, rows: 40, mode: 'log', period: 20 });
      await program.until(/tick \d/);
      const pid = program.programPid();
      program.drain(drain);
      // Until it is behind: frames are dropped only when the line is full or unanswered.
      await until(() => {
        program.send('s');
        expect(program.report()?.stats.dropped).toBeGreaterThan(20);
      });
      const asked = performance.now();
      program.send('q');
      await until(() => expect(alive(pid)).toBe(false));
      expect(performance.now() - asked).toBeLessThan(2000);
      program.drain(Number.POSITIVE_INFINITY);
      await program.until(/ended 0/);
      expect(program.bufferType()).toBe('normal');
      expect(program.cursorShown()).toBe(true);
      expect(program.settings().after).toBe(program.settings().before);
    });
  }
});
