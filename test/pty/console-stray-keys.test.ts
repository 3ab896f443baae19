import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { commandLog, openDialog, readPlan, runs, watchAwhile } from '../support/acting-by-key.ts';
import { closeConsoles, type DemoCluster, healed, startDemo } from '../support/demo-console.ts';
import type { Pty } from '../support/pty.ts';

const ENTER = '\r';
const ESC = '\x1b';
const PAGE = 'yes\nyes I think so\ny\nlb1\ny\nXkyes\rX\rk\ry\r\nquit\n'.repeat(40);

let cluster: DemoCluster;
beforeAll(async () => {
  cluster = await startDemo({ seed: 3 });
});
beforeEach(() => healed(cluster));
afterEach(closeConsoles);
afterAll(() => cluster?.stop());

const shown = (pty: Pty): string => pty.screen().join('\n');

describe('keys that nobody meant', () => {
  /** A dialog that one key confirms, and one that a word confirms. */
  const dialogs: [string, number, string, RegExp, RegExp][] = [
    ['one key', 3, 'Ln', /reload nginx on lb2/, /press y alone to do it/],
    ['a word', 2, 'Xk', /stop keepalived on lb1/, /type yes to do it/],
  ];

  it.each(dialogs)(
    'on a dialog that %s confirms execute nothing',
    async (_, pane, keys, title, ask) => {
      const pty = await watchAwhile(cluster);
      const before = runs(cluster);
      await openDialog(pty, pane, keys, title);
      await readPlan(pty, ask);

      for (let at = 0; at < 60; at++) {
        pty.send(ENTER);
        await sleep(15);
      }
      await pty.until(/enter confirms nothing/);
      for (let at = 0; at < 60; at++) {
        pty.send('y');
        await sleep(15);
      }
      await pty.until(/a key held down|that is not yes|pasted text/);
      pty.send('\x15');

      pty.send(`\x1b[200~${PAGE}\x1b[201~`);
      await pty.until(/pasted text is not taken here/);
      for (const size of [1, 2, 3, 5, 64]) {
        for (let at = 0; at < 300; at += size) {
          pty.send(PAGE.slice(at, at + size).replaceAll('\n', '\r'));
          if (at % 10 === 0) await sleep(3);
        }
      }
      pty.send(PAGE.replaceAll('\n', '\r'));
      await sleep(1500);
      expect(shown(pty)).toMatch(ask);
      pty.send(ESC);
      await pty.until((rows) => !ask.test(rows.join('\n')));
      expect(await commandLog(pty)).toContain('no command was run yet');
      expect(runs(cluster)).toBe(before);
    },
    60_000,
  );

  it('in the panes, a page of text pasted or sent raw, execute nothing', async () => {
    const pty = await watchAwhile(cluster);
    const before = runs(cluster);
    for (const pane of [2, 4]) {
      pty.send(String(pane));
      await pty.until(new RegExp(`▸${pane} `));
      pty.send(`\x1b[200~${PAGE}\x1b[201~`);
      pty.send(PAGE.replaceAll('\n', '\r'));
      await sleep(1000);
      // Whatever the end of the page has opened is left; a sign right after it would be a key held with Alt.
      pty.send(ESC);
      await sleep(200);
    }
    expect(await commandLog(pty)).toContain('no command was run yet');
    expect(runs(cluster)).toBe(before);
  });

  it('in a read-only console: every key of actions is tried, and none runs', async () => {
    const pty = await watchAwhile(cluster, ['--read-only']);
    const before = runs(cluster);
    for (const pane of [2, 3, 4, 5]) {
      pty.send(String(pane));
      await pty.until(new RegExp(`▸${pane} `));
      for (const key of ['s', 'X', 'R', 'L', 'o', 'V', 'T', 'n']) {
        pty.send(key);
        await pty.until(new RegExp(`${key}: read-only: nothing is written to the nodes`));
      }
    }
    expect(await commandLog(pty)).toContain('no command was run yet');
    expect(runs(cluster)).toBe(before);
  });
});
