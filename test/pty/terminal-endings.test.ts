import { describe, expect, it, vi } from 'vitest';
import { alive, type Program, startProgram } from './terminal-program.ts';

const until = <T>(check: () => T): Promise<T> => vi.waitFor(check, { timeout: 10_000, interval: 10 });

/** Everything is as it was: screen, cursor, line wrap, paste mode, and the settings that `stty` shows. */
function expectGivenBack(program: Program): void {
  expect(program.bufferType()).toBe('normal');
  expect(program.cursorShown()).toBe(true);
  const modes = new Map<string, string>();
  for (const [, mode = '', state = ''] of program.rawOutput().matchAll(/\x1b\[\?(7|25|1049|2004|2026)([hl])/g)) {
    modes.set(mode, state);
  }
  expect(Object.fromEntries(modes)).toEqual({ 7: 'h', 25: 'h', 1049: 'l', 2004: 'l', 2026: 'l' });
  expect(program.settings().after).toBe(program.settings().before);
}

describe('the terminal is given back', () => {
  const endings = [
    ['when the program leaves', 'q', /the final text\nended 0/],
    ['on process.exit', 'x', /ended 7/],
    ['when a key handler throws, with the stack to read', 't', /thrown in a key handler[\s\S]*ended 1/],
    ['when a promise is rejected, with the stack to read', 'r', /rejected in a key handler[\s\S]*ended 1/],
    ['when drawing throws, with the stack to read', 'b', /thrown while drawing[\s\S]*ended 1/],
  ] as const;
  for (const [when, key, shown] of endings) {
    it(when, async () => {
      const program = startProgram('shell');
      await program.until(/tick [1-9]/);
      program.send(key);
      await program.until(shown);
      expectGivenBack(program);
    });
  }

  for (const [signal, status] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGQUIT', 131],
  ] as const) {
    it(`on ${signal}, of which the program then dies`, async () => {
      const program = startProgram('shell');
      await program.until(/tick [1-9]/);
      process.kill(program.programPid(), signal);
      await program.until(new RegExp(`ended ${status}`));
      expectGivenBack(program);
    });
  }

  it('on SIGHUP without anybody to tell, of which the program then dies', async () => {
    const program = startProgram('shell', { mode: 'careless' });
    await program.until(/tick [1-9]/);
    process.kill(program.programPid(), 'SIGHUP');
    await program.until(/ended 129/);
    expectGivenBack(program);
  });

  it('on a signal that the program handles itself, and the program ends as it likes', async () => {
    const program = startProgram('shell', { mode: 'term-handler' });
    await program.until(/tick [1-9]/);
    process.kill(program.programPid(), 'SIGTERM');
    await program.until(/ended 3/);
    expectGivenBack(program);
  });

  it('with what was written to stderr, also by a signal', async () => {
    const program = startProgram('shell');
    await program.until(/tick [1-9]/);
    program.send('e');
    await program.until(/key "e"/);
    process.kill(program.programPid(), 'SIGTERM');
    await program.until(/a word on stderr[\s\S]*ended 143/);
    expectGivenBack(program);
  });
});

describe('a connection that is lost', () => {
  it('does not crash the program: it is told once and ends as it likes', async () => {
    const program = startProgram('alone');
    await program.until(/tick [1-9]/);
    const pid = program.programPid();
    program.hangUp();
    await until(() => expect(program.report()?.lost).toHaveLength(1));
    await until(() => expect(alive(pid)).toBe(false));
    expect(program.report()?.lost).toHaveLength(1);
  });

  it('lets the program go on that wants to', async () => {
    const program = startProgram('alone', { mode: 'stay' });
    await program.until(/tick [1-9]/);
    const pid = program.programPid();
    program.hangUp();
    await until(() => expect(program.report()?.lost).toHaveLength(1));
    const { frames } = program.report()?.stats ?? { frames: 0 };
    // It ends only by our signal, long after its next frames would have met the dead terminal.
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(alive(pid)).toBe(true);
    process.kill(pid, 'SIGTERM');
    await until(() => expect(alive(pid)).toBe(false));
    expect(frames).toBeGreaterThan(0);
  });
});
