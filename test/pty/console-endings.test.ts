import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  BIN,
  closeConsoles,
  type DemoCluster,
  eventually,
  inTerminal,
  isHealthy,
  startDemo,
  testDirectory,
  watchCluster,
} from '../support/demo-console.ts';
import type { Pty } from '../support/pty.ts';
import { alive } from './terminal-program.ts';

afterEach(closeConsoles);

let cluster: DemoCluster;
beforeAll(async () => {
  cluster = await startDemo({ seed: 4 });
});
afterAll(() => cluster?.stop());

type Shell = { pty: Pty; pid: number; settings(): { before: string; after: string } };

/** The console run by a shell that notes the terminal's settings before and after, tells the status and stays. */
const inShell = async (): Promise<Shell> => {
  const directory = testDirectory();
  const read = (name: string) => readFileSync(join(directory, name), 'utf8');
  const script = `
    cd '${directory}'; stty -a > before
    sh -c 'echo $$ > pid; exec "$@"' sh '${process.execPath}' '${BIN}' watch -c '${cluster.clusterFile}'
    s=$?; stty -a > after; echo ended $s; exec sleep 60`;
  const pty = inTerminal({ cmd: 'sh', args: ['-c', script] });
  await pty.until(isHealthy, 15_000);
  return {
    pty,
    pid: Number(read('pid')),
    settings: () => ({ before: read('before'), after: existsSync(join(directory, 'after')) ? read('after') : 'none' }),
  };
};

const expectGivenBack = ({ pty, settings }: Shell): void => {
  expect(pty.bufferType()).toBe('normal');
  expect(pty.cursorShown()).toBe(true);
  expect(settings().after).toBe(settings().before);
  // Bracketed paste is off again, and what was typed last is not echoed as an answer of the terminal.
  const raw = pty.rawOutput();
  expect(raw.lastIndexOf('\x1b[?2004l')).toBeGreaterThan(raw.lastIndexOf('\x1b[?2004h'));
  expect(pty.screen().join('\n')).not.toMatch(/\[0n|\^\[/);
};

describe('the console gives the terminal back as it was, with the summary', () => {
  it.each(['q', '\x03'])('when %j is pressed', async (key) => {
    const shell = await inShell();
    shell.pty.send(key);
    await shell.pty.until(/haconsole: demo,[\s\S]*requests?, none lost[\s\S]*ended 0/);
    expectGivenBack(shell);
  });

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)('on %s', async (signal) => {
    const shell = await inShell();
    process.kill(shell.pid, signal);
    await shell.pty.until(/ended \d+/);
    expectGivenBack(shell);
    expect(alive(shell.pid)).toBe(false);
  });

  it('while the cluster is half dead and the jump host is frozen: q is not kept waiting', async () => {
    const shell = await inShell();
    cluster.fault('freeze-jump');
    try {
      await shell.pty.until(/UNKNOWN blind/, 15_000);
      const pressed = performance.now();
      shell.pty.send('q');
      await shell.pty.until(/Now: UNKNOWN blind[\s\S]*ended 0/);
      expect(performance.now() - pressed).toBeLessThan(2000);
      expectGivenBack(shell);
    } finally {
      cluster.heal();
    }
  });
});

describe('the console when its terminal goes', () => {
  it('ends by itself within moments', async () => {
    const pty = watchCluster(cluster.clusterFile);
    await pty.until(isHealthy, 15_000);
    pty.hangUp();
    await eventually('the end of the console', () => !alive(pty.pid), 5000);
  });
});

describe('Ctrl+Z', () => {
  it('gives the shell its terminal, and fg brings back a console that is up to date', async () => {
    const pty = inTerminal({ cmd: 'bash', args: ['--norc', '--noprofile', '-i'], env: { PS1: 'prompt> ' } });
    pty.send(`'${process.execPath}' '${BIN}' watch -c '${cluster.clusterFile}'\r`);
    await pty.until(isHealthy, 15_000);
    pty.send('\x1a');
    await pty.until(/Stopped/);
    expect(pty.bufferType()).toBe('normal');
    expect(pty.cursorShown()).toBe(true);
    pty.send('stty -a | grep -o "[-]*icanon\\|[-]*echo "\r');
    await pty.until(/\nicanon[\s\S]*\necho|\necho[\s\S]*\nicanon/);
    cluster.fault('stop', 'lb1', 'keepalived');
    try {
      await eventually('the move', () => cluster.holders('172.16.249.80').join() === 'lb2');
      pty.send('fg\r');
      await pty.until(/WARNING no backup[\s\S]*172\.16\.249\.80 +lb2/, 15_000);
      expect(pty.bufferType()).toBe('alternate');
      expect(pty.screen().join('\n')).not.toMatch(/prompt>|\[1\]\+ +Stopped|icanon/);
      pty.send('2');
      await pty.until(/▸2 LB1/);
      pty.send('q');
      await pty.until(/haconsole: demo[\s\S]*prompt>/);
      expect(pty.bufferType()).toBe('normal');
    } finally {
      cluster.heal();
    }
  });
});
