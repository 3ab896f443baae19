import { describe, expect, it } from 'vitest';
import { openPty } from '../support/pty.ts';
import { startProgram } from './terminal-program.ts';

const tick = (screen: string[]): number => Number(/tick (\d+)/.exec(screen.join())?.[1]);

describe('Ctrl+Z', () => {
  it('gives the terminal to the shell, with parents stopped too, and takes it again on fg', async () => {
    const program = startProgram('jobs');
    await program.until(/tick [1-9]/);
    program.send('\x1a');
    await program.until(/Stopped/);
    expect(program.bufferType()).toBe('normal');
    expect(program.cursorShown()).toBe(true);
    program.send('stty -a | grep -o "[-]*icanon\\|[-]*isig"\r');
    await program.until(/\nicanon[\s\S]*\nisig|\nisig[\s\S]*\nicanon/);
    program.send('fg\r');
    await program.until((screen) => tick(screen) > 3);
    expect(program.bufferType()).toBe('alternate');
    expect(program.cursorShown()).toBe(false);
    expect(program.screen().join('\n')).not.toMatch(/prompt>|Stopped|icanon/);
    program.send('k');
    await program.until(/key "k"/);
    program.send('q');
    await program.until(/the final text\nprompt>/);
    expect(program.report()).toMatchObject({ suspended: true, resumed: true, keys: ['z', 'k', 'q'] });
  });

  it('as a signal from outside does the same', async () => {
    const program = startProgram('jobs');
    await program.until(/tick [1-9]/);
    process.kill(program.programPid(), 'SIGTSTP');
    await program.until(/Stopped/);
    expect(program.bufferType()).toBe('normal');
    program.send('fg\r');
    await program.until((screen) => tick(screen) > 3);
    expect(program.bufferType()).toBe('alternate');
  });

  it('does nothing lasting where no shell could continue the program', async () => {
    const program = startProgram('alone');
    await program.until(/tick [1-9]/);
    program.send('\x1a');
    await program.until((screen) => /key "z"/.test(screen.join()) && tick(screen) > 5);
    expect(program.bufferType()).toBe('alternate');
    program.send('q');
    expect(await program.exit).toEqual({ code: 0, signal: 0 });
  });
});

describe('a stop that gives no warning (SIGSTOP)', () => {
  it('ends with the screen painted again and raw mode on', async () => {
    const program = startProgram('jobs', { frames: 5 });
    await program.until(/tick 5\b/);
    const before = program.cells();
    process.kill(program.programPid(), 'SIGSTOP');
    // The shell does not notice, since its child is sh; the terminal is ruined meanwhile.
    const ruin = openPty({ cmd: 'sh', args: ['-c', `stty sane -F ${program.path}; printf RUINED > ${program.path}`] });
    await ruin.exit;
    await ruin.dispose();
    await program.until(/RUINED/);
    process.kill(program.programPid(), 'SIGCONT');
    program.send('k');
    await program.until(/key "k"/);
    expect(program.cells()).toEqual(before.map((row) => row.replace(/key\s+/, (key) => 'key "k"'.padEnd(key.length))));
  });
});
