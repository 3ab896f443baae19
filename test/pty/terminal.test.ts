import { describe, expect, it, vi } from 'vitest';
import { startProgram } from './terminal-program.ts';

const until = <T>(check: () => T): Promise<T> => vi.waitFor(check, { timeout: 10_000, interval: 10 });

describe('the terminal layer under an Ink program', () => {
  it('needs at most 150 bytes for a light update at 80x24, in one write', async () => {
    const program = startProgram('alone', { period: 50, frames: 60 });
    await program.until(/tick \d/);
    const [before, from] = [program.bytes(), Number(/tick (\d+)/.exec(program.screen().join())?.[1])];
    await program.until(/tick 60\b/);
    expect((program.bytes() - before) / (60 - from)).toBeLessThanOrEqual(150);
    program.send('q');
    await program.exit;
    const stats = program.report()?.stats;
    // A write each besides: the way in, Ink's paste mode, the way out, and what is printed at the end.
    expect(stats?.sent).toBeGreaterThan(40);
    expect(stats?.writes).toBeLessThanOrEqual((stats?.sent ?? 0) + 4);
    expect(stats?.bytes).toBeLessThanOrEqual(program.bytes());
  });

  it('shows after every change of size what a repaint shows, and nothing is left of the old size', async () => {
    const program = startProgram('alone', { frames: 3 });
    await program.until(/tick 3\b/);
    for (const [cols, rows] of [
      [120, 40],
      [60, 20],
      [40, 10],
      [200, 60],
      [80, 24],
    ] as const) {
      program.resize(cols, rows);
      await program.until(new RegExp(`header ${cols}x${rows}`));
      await program.until((screen) => screen.filter((row) => row.includes('of the log')).length === rows - 8);
      const [cells, bytes] = [program.cells(), program.bytes()];
      program.send('\f');
      await until(() => {
        expect(program.bytes()).toBeGreaterThan(bytes + 100);
        expect(program.cells()).toEqual(cells);
      });
    }
  });

  it('passes keys and pastes to Ink, and never what the terminal answers', async () => {
    const program = startProgram('alone', { period: 20 });
    await program.until(/tick \d\d/);
    for (const [key, shown] of [
      ['a', '"a"'],
      ['\x1b', '"esc"'],
      ['\x1b[A', '""'],
      ['é', '"é"'],
      ['\x1b[200~two\nlines \x1b[0n\x1b[201~', 'pasted 14'],
    ] as const) {
      program.send(key);
      await program.until(new RegExp(`key ${shown}`));
    }
    // What other terminals say of themselves, whole and in pieces.
    for (const piece of ['\x1b[I', '\x1b[?1;2c', '\x1b[', '0', 'n', '\x1b[O', '\x1b]11;rgb:0/0/0\x07'])
      program.send(piece);
    program.send('j');
    await program.until(/key "j"/);
    program.send('q');
    await program.exit;
    expect(program.report()?.keys).toEqual(['a', 'esc', 'up', 'é', 'j', 'q']);
    expect(program.report()?.pastes).toEqual(['two\nlines \x1b[0n']);
    expect(program.report()?.stats.roundTrip).toBeGreaterThan(0);
  });

  it('goes on without answers on a terminal that gives none', async () => {
    const program = startProgram('alone', { answers: false, period: 50 });
    await program.until(/tick \d/);
    const shown = Number(/tick (\d+)/.exec(program.screen().join())?.[1]);
    await program.until((screen) => Number(/tick (\d+)/.exec(screen.join())?.[1]) > shown + 10);
    expect(program.report()).toBeUndefined();
  });

  it('keeps stderr and warnings off the screen and gives them back at the end', async () => {
    const program = startProgram('alone', { frames: 3 });
    await program.until(/tick 3\b/);
    for (const key of ['e', 'w']) {
      program.send(key);
      await program.until(new RegExp(`key "${key}"`));
    }
    program.send('s');
    await program.until(/key "s"/);
    expect(program.rawOutput()).not.toContain('a word');
    expect(program.rawOutput()).not.toContain('warning');
    program.send('q');
    await program.exit;
    expect(program.bufferType()).toBe('normal');
    expect(program.screen().slice(0, 3)).toEqual(['a word on stderr', 'Warning: a warning of node', 'the final text']);
  });

  it('shows the text cursor where a component places it', async () => {
    const program = startProgram('alone', { frames: 2 });
    await program.until(/tick 2\b/);
    expect(program.cursorShown()).toBe(false);
    program.send('c');
    await until(() => expect(program.cursorShown()).toBe(true));
  });
});
