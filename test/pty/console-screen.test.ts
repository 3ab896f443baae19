import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  CHECK_LOG,
  closeConsoles,
  type DemoCluster,
  eventually,
  healed,
  isHealthy,
  openConsole,
  startDemo,
  watchCluster,
} from '../support/demo-console.ts';
import type { Pty } from '../support/pty.ts';

afterEach(closeConsoles);

const VIP = '172.16.249.80';
/** The row of a VIP in the pane of VIPs; `cells` for its attributes. */
const rowOf = (rows: string[], vip = VIP): string => rows.find((row) => row.includes(` ${vip} `)) ?? '';
/** The same row with its attributes, in the pane of VIPs only: the newest answer of the rotation beside it is always lit. */
const inVips = (pty: Pty): string => rowOf(pty.cells()).split('│')[1] ?? '';
const shown = (pty: Pty): string => pty.screen().join('\n');

describe('the demo in a terminal', () => {
  it.each([
    [60, 20],
    [80, 24],
    [160, 45],
    [200, 60],
  ])('shows the whole cluster at %i x %i, and leaves with a summary', async (cols, rows) => {
    const pty = openConsole(['demo', '--calm'], { cols, rows });
    await pty.until(isHealthyAt(cols), 15_000);
    const text = shown(pty);
    expect(pty.screen()[0]).toMatch(/^demo {2}● OK healthy .*● LIVE \d\d:\d\d:\d\d$/);
    expect(text).toMatch(/via jump ● <?[\d.]+ m?s · 4\/4 nodes reached/);
    for (const end of ['80', '90', '100'])
      expect(text).toMatch(new RegExp(`\\.${end} +lb1 +\\d+s +● web[12] 200 <?[\\d.]+ m?s +not moved`));
    expect(text).toMatch(/VRRP +● MASTER prio 150.*VRRP +● BACKUP prio 100/);
    expect(text).toMatch(/nginx +● active \d proc.*nginx +● active \d proc/);
    expect(text).toMatch(/keepalived +● active \d proc.*keepalived +● active \d proc/);
    expect(text).toMatch(/4 WEB1.*5 WEB2/);
    expect(text).toMatch(/apache2 +● active.*apache2 +● active/);
    expect(text).toMatch(/share +[█░]+ +\d+ %/);
    expect(text).toMatch(/6 Rotation/);
    expect(text).toMatch(/\.80 +[12]+/);
    expect(text).toMatch(/7 Events[\s\S]*\d\d:\d\d:\d\d console .*healthy: 3 VIPs on lb1, lb2 ready/);
    expect(pty.screen().at(-1)).toMatch(/1-7 pane .* q quit/);
    pty.send('q');
    expect(await pty.exit).toEqual({ code: 0, signal: 0 });
    expect(pty.bufferType()).toBe('normal');
    expect(shown(pty)).toMatch(/haconsole: demo, .*\nNow: OK healthy/);
    expect(shown(pty)).toMatch(/172\.16\.249\.80: \d+ requests?, none lost, 0 moves/);
  });

  it('says what it needs in one line on a smaller terminal, and shows all when it grows', async () => {
    const pty = openConsole(['demo', '--calm'], { cols: 59, rows: 20 });
    await pty.until(/^haconsole needs 60x20, this is 59x20$/m, 15_000);
    expect(pty.screen().filter((row) => row !== '')).toHaveLength(1);
    pty.resize(80, 24);
    await pty.until(isHealthy, 15_000);
  });
});

const isHealthyAt =
  (cols: number) =>
  (rows: string[]): boolean =>
    /OK healthy/.test(rows[0] ?? '') &&
    rows.filter((row) => /lb1 .*● web\d 200/.test(row)).length >= 3 &&
    rows.some((row) => /share .*\d %/.test(row)) &&
    rows.some((row) => /4\/4 nodes/.test(row)) &&
    rows.some((row) => /MASTER prio.*BACKUP prio/.test(row)) &&
    rows.some((row) => /apache2 +● active.*apache2 +● active/.test(row)) &&
    (cols < 80 || rows.some((row) => /web2 .*connected/.test(row)));

describe('the console on the embedded cluster', () => {
  let cluster: DemoCluster;
  beforeAll(async () => {
    cluster = await startDemo({ seed: 3 });
  });
  beforeEach(() => healed(cluster));
  afterAll(() => cluster?.stop());

  const start = async (cols = 160, rows = 45): Promise<Pty> => {
    const pty = watchCluster(cluster.clusterFile, { cols, rows });
    await pty.until(isHealthy, 15_000);
    return pty;
  };

  it('shows a move where it happens: lit, then marked until cleared, with its cause and the new verdict', async () => {
    const pty = await start();
    expect(rowOf(pty.screen())).toContain('not moved');
    cluster.fault('stop', 'lb1', 'keepalived');
    await pty.until((rows) => /▲ +172\.16\.249\.80 +lb2 .* lb1 → lb2 \d\d:\d\d:\d\d/.test(rowOf(rows)));
    expect(inVips(pty)).toMatch(/<[^>]*inverse[^>]*>lb2/);
    await pty.until(/WARNING no backup[\s\S]*keepalived is inactive/);
    await pty.until(/lb1 .*✗ keepalived|keepalived +✗ inactive/);
    await pty.until(/172\.16\.249\.80, \.90, \.100 moved lb1 → lb2|moved lb1 → lb2/);
    await pty.until(() => !/inverse/.test(inVips(pty)));
    expect(rowOf(pty.screen())).toMatch(/▲ +172\.16\.249\.80 +lb2/);
    expect(shown(pty)).toMatch(/\d+ changed \(c\)/);
    pty.send('c');
    await pty.until((rows) => !rowOf(rows).includes('▲') && !/changed \(c\)/.test(rows.join('\n')));
    expect(rowOf(pty.screen())).toMatch(/lb1 → lb2/);

    cluster.fault('start', 'lb1', 'keepalived');
    await pty.until((rows) => /▲ +172\.16\.249\.80 +lb1 .* lb2 → lb1/.test(rowOf(rows)), 15_000);
    pty.send('q');
    await pty.exit;
    expect(shown(pty)).toMatch(/172\.16\.249\.80: \d+ requests, (none lost|\d+ lost in \d outages? .*), 2 moves/);
    expect(shown(pty)).toMatch(/Moves[\s\S]*\d lb1 -> lb2: 172\.16\.249\.80[\s\S]*\d lb2 -> lb1: 172\.16\.249\.80/);
  });

  it('with the jump host frozen says which hop is broken, keeps old values with their age, answers keys, and recovers', async () => {
    const pty = await start();
    cluster.fault('freeze-jump');
    await pty.until(/UNKNOWN blind/, 15_000);
    await pty.until((rows) => /\? was web[12] \d+s ago/.test(rowOf(rows)));
    await pty.until(/VIPs +\? unknown, was 3\/3, as of \d+ s ago/);
    await pty.until(/nginx +~ active as of \d+ s ago/);
    expect(shown(pty)).not.toMatch(/CRITICAL/);
    await pty.until(/via jump .*it has gone silent.* 0\/4 nodes reached.*no news for \d+s/, 15_000);
    const waits: number[] = [];
    for (const pane of ['1', '2', '3', '4', '5', '6', '7']) {
      const pressed = performance.now();
      pty.send(pane);
      await pty.until(new RegExp(`▸${pane} `));
      waits.push(performance.now() - pressed);
    }
    expect(waits.sort((a, b) => a - b)[3]).toBeLessThan(200);
    await pty.until((rows) => /\? was lb1 +\d+s ago/.test(rowOf(rows)), 20_000);
    cluster.heal();
    await pty.until(/^demo {2}● OK healthy/, 30_000);
    await pty.until((rows) => /172\.16\.249\.80 +lb1 .*● web\d 200/.test(rowOf(rows)));
    expect(cluster.holders(VIP)).toEqual(['lb1']);
  }, 60_000);

  it('with one node silent blames that node only, and the others stay fresh', async () => {
    const pty = await start();
    cluster.fault('silent-cut', 'web2');
    await pty.until(/WARNING (backend down|partly blind)[\s\S]*web2/, 15_000);
    await pty.until((rows) => /172\.16\.249\.80 +lb1 .*● web1 200/.test(rowOf(rows)), 15_000);
    expect(shown(pty)).toMatch(/VRRP +● MASTER prio 150/);
    expect(shown(pty)).not.toMatch(/UNKNOWN|CRITICAL/);
  });

  it('focuses, zooms, scrolls, filters, freezes and helps by key', async () => {
    const pty = await start(80, 24);
    pty.send('2');
    await pty.until(/▸2 LB1/);
    pty.send('z');
    await pty.until((rows) => /▸2 LB1/.test(rows.join('\n')) && !/1 VIPs|7 Events/.test(rows.join('\n')));
    pty.send('z');
    await pty.until(/1 VIPs[\s\S]*7 Events/);

    for (let line = 1; line <= 12; line++)
      cluster.world.host('lb1')?.machine.files.append(CHECK_LOG, `line number ${line}\n`);
    pty.send('7');
    await pty.until(/▸7 Events[\s\S]*line number 12/);
    expect(shown(pty)).not.toContain('line number 3');
    for (let key = 0; key < 9; key++) pty.send(key % 2 === 0 ? 'k' : '\x1b[A');
    await pty.until(/line number 3\b/);
    expect(shown(pty)).toMatch(/\d+ newer, G follows/);
    pty.send('G');
    await pty.until((rows) => !/newer, G follows/.test(rows.join('\n')));

    pty.send('/');
    await pty.until(/enter keep/);
    pty.send('number 7');
    await pty.until((rows) => /· line number 7/.test(rows.join('\n')) && !/· line number 12/.test(rows.join('\n')));
    pty.send('\x1b');
    await pty.until(/· line number 12/);

    pty.send(' ');
    await pty.until(/FROZEN/);
    cluster.fault('stop', 'lb1', 'keepalived');
    await pty.until(/now +.*WARNING no backup/);
    expect(rowOf(pty.screen())).toMatch(/lb1 .*not moved/);
    pty.send(' ');
    await pty.until((rows) => /▲ +172\.16\.249\.80 +lb2/.test(rowOf(rows)) && /LIVE/.test(rows[0] ?? ''));

    pty.send('?');
    await pty.until(/Keys[\s\S]*focus the pane of this number/);
    pty.send('q');
    await pty.until((rows) => !/focus the pane/.test(rows.join('\n')) && /1 VIPs/.test(rows.join('\n')));
    expect(pty.bufferType()).toBe('alternate');
  });

  it('writes a note into the check log of both load balancers, in one line with its author, and shows it', async () => {
    const pty = await start();
    pty.send('n');
    await pty.until(/Note[\s\S]*check_nginx\.log on lb1, lb2/);
    pty.send("change 4711 begins; $(reboot) 'quoted'\r");
    await pty.until(/note written on lb1, lb2/);
    for (const name of ['lb1', 'lb2']) {
      const lines = cluster.world.host(name)?.machine.files.get(CHECK_LOG)?.content.trimEnd().split('\n') ?? [];
      expect(lines.at(-1)).toMatch(
        /^\w{3} .*\d\d:\d\d:\d\d.* \d{4}: note by \S+@\S+: change 4711 begins; \$\(reboot\) 'quoted'$/,
      );
      expect(lines.filter((line) => line.includes('4711'))).toHaveLength(1);
    }
    await pty.until(/7 Events[\s\S]*note .*change 4711 begins/);
  });

  it('reads on when a page turns bad and tells it from a good one', async () => {
    const pty = await start();
    cluster.fault('web-404', 'web1');
    cluster.fault('web-404', 'web2');
    await pty.until(/CRITICAL (VIP unserved|all backends down)/);
    await pty.until((rows) => /✗ .*404/.test(rowOf(rows)));
    expect(cluster.holders(VIP)).toEqual(['lb1']);
  });

  it('keeps probing while nobody looks: the servers are asked every second', async () => {
    const pty = await start();
    const times: number[] = [];
    const web = cluster.world.host('web1')?.web;
    if (!web) throw new Error('no web1');
    const { answer } = web;
    web.answer = (path, done) => {
      times.push(performance.now());
      return answer(path, done);
    };
    pty.send(' ');
    await eventually('five requests', () => times.length >= 5, 15_000);
    web.answer = answer;
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(2000);
  });
});
