import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  commandLog,
  confirmPlan,
  openDialog,
  pressAlone,
  readPlan,
  typeWord,
  watchAwhile,
} from '../support/acting-by-key.ts';
import { closeConsoles, type DemoCluster, healed, openConsole, startDemo } from '../support/demo-console.ts';
import type { Pty } from '../support/pty.ts';

const VIP = '172.16.249.80';
const ESC = '\x1b';

let cluster: DemoCluster;
beforeAll(async () => {
  cluster = await startDemo({ seed: 3 });
});
beforeEach(() => healed(cluster));
afterEach(closeConsoles);
afterAll(() => cluster?.stop());

const shown = (pty: Pty): string => pty.screen().join('\n');
const unit = (node: string, name: string) => cluster.world.host(node)?.machine.units.get(name);

describe('the keys of a person who acts', () => {
  it.each([
    [80, 24],
    [160, 45],
  ])(
    'stop keepalived on the master at %ix%i: the VIPs move, the effect is seen, the command is in the log',
    async (cols, rows) => {
      const pty = await watchAwhile(cluster, [], [cols, rows]);
      await openDialog(pty, 2, 'Xk', /stop keepalived on lb1/);
      await readPlan(pty);
      expect(shown(pty)).toMatch(/! risk +172\.16\.249\.80 \.90 \.100 move to lb2 in about \d/);
      expect(shown(pty)).toContain('$ sudo -n systemctl stop keepalived');
      await typeWord(pty, 'yes');
      await pty.until(/● DONE after \d/, 20_000);
      expect(unit('lb1', 'keepalived')?.active).toBe('inactive');
      expect(cluster.holders(VIP)).toEqual(['lb2']);
      expect(shown(pty)).toMatch(/\.80.* on lb2/);
      pty.send(ESC);
      await pty.until((lines) => !/esc closes/.test(lines.join('\n')));
      expect(await commandLog(pty)).toMatch(/lb1 +● exit 0 +\d+ ms +sudo -n systemctl stop keepalived/);
    },
  );

  it('take a load balancer out with a restore timer, whose countdown T cancels', async () => {
    const pty = await watchAwhile(cluster);
    await openDialog(pty, 3, 'o', /take lb2 out of service/);
    await readPlan(pty);
    pty.send('\t');
    await pty.until(/none {2}\[1\] {2}5/);
    pty.send('\t');
    await pty.until(/1 {2}\[5\] {2}15/);
    await readPlan(pty, /systemd-run .*[\s\S]*to do it/);
    await confirmPlan(pty);
    await pty.until(/● DONE/, 20_000);
    expect([unit('lb2', 'keepalived')?.active, unit('lb2', 'nginx')?.active]).toEqual(['inactive', 'inactive']);
    pty.send(ESC);
    await pty.until(/◔ restore in 4:\d\d by \S+@\S+ since \d\d:\d\d:\d\d/);
    await pty.until(/◔ restore lb2 4:\d\d/);
    const timer = () => cluster.world.host('lb2')?.machine.managed('haconsole-restore.timer');
    expect(timer()?.active).toBe('active');
    await openDialog(pty, 3, 'T', /cancel the restore timer of lb2/);
    await readPlan(pty);
    await confirmPlan(pty);
    await pty.until(/● DONE/, 20_000);
    pty.send(ESC);
    await pty.until((lines) => !/◔/.test(lines.join('\n')));
    expect(timer()?.active).not.toBe('active');
  }, 60_000);

  it('leave the wait of an action, which goes on and tells its end', async () => {
    const pty = await watchAwhile(cluster);
    await openDialog(pty, 4, 'R', /restart the web server on web1/);
    await readPlan(pty);
    const before = unit('web1', 'apache2')?.processes[0]?.pid;
    await confirmPlan(pty);
    await pty.until(/esc leaves the wait/);
    pty.send(ESC);
    await pty.until(/restart the web server on web1: (done|DONE)/, 20_000);
    expect(unit('web1', 'apache2')?.processes[0]?.pid).not.toBe(before);
  });

  it('are asked again when the state changes under the dialog, and nothing was run', async () => {
    const pty = await watchAwhile(cluster);
    await openDialog(pty, 2, 'Xk', /stop keepalived on lb1/);
    await readPlan(pty, /type yes to do it/);
    cluster.fault('stop', 'lb2', 'keepalived');
    await typeWord(pty, 'yes');
    await pty.until(/The state has changed since you confirmed\. Nothing was run\./, 15_000);
    await pty.until(/type lb1 to do it/);
    expect(unit('lb1', 'keepalived')?.active).toBe('active');
    pty.send(ESC);
    await pty.until((rows) => !/to do it/.test(rows.join('\n')));
    expect(await commandLog(pty)).toContain('no command was run yet');
  });

  it('take the last load balancer only by its typed name', async () => {
    cluster.fault('stop', 'lb2', 'keepalived');
    const pty = openConsole(['watch', '-c', cluster.clusterFile], { cols: 120, rows: 34 });
    await pty.until(/WARNING no backup/, 15_000);
    await openDialog(pty, 2, 'Xk', /stop keepalived on lb1/);
    await readPlan(pty, /type lb1 to do it/);
    expect(shown(pty)).toContain('DANGER');
    await pressAlone(pty, 'y');
    await pty.until(/that is not lb1/);
    pty.send('\x15');
    await pty.until(/> ▏/);
    await typeWord(pty, 'yes');
    await pty.until(/> yes▏/);
    await sleep(600);
    expect(unit('lb1', 'keepalived')?.active).toBe('active');
    pty.send('\x15');
    await pty.until(/> ▏/);
    await typeWord(pty, 'lb1');
    await pty.until(/● DONE|state has changed/, 20_000);
    if (/state has changed/.test(shown(pty))) {
      await readPlan(pty, /type lb1 to do it/);
      await typeWord(pty, 'lb1');
      await pty.until(/● DONE/, 20_000);
    }
    expect(cluster.holders(VIP)).toEqual([]);
  });
});
