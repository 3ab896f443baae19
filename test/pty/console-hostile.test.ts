import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WEB_NODES } from '../../src/demo/topology.ts';
import type { Reply } from '../../src/demo/web-answer.ts';
import { runConsole } from '../support/console-process.ts';
import {
  CHECK_LOG,
  closeConsoles,
  type DemoCluster,
  healed,
  isHealthy,
  startDemo,
  testDirectory,
  watchCluster,
} from '../support/demo-console.ts';
import { EVIL, foreign } from '../support/hostile.ts';
import { startHostileSite } from '../support/hostile-site.ts';
import type { Pty } from '../support/pty.ts';

afterEach(closeConsoles);

/** The most memory a process has had, MB. */
const peakMemory = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

const PAGE = '/var/www/html/index.html';

/** A console at rest has some 130 MB; one that keeps what it is sent would have many times that. */
const MEMORY = 350;

/** The keys still work, memory is bounded, and nothing planted is in anything that was written, to the very end. */
const expectUnharmed = async (pty: Pty): Promise<void> => {
  pty.send('3');
  await pty.until(/▸3 /);
  expect(peakMemory(pty.pid)).toBeLessThan(MEMORY);
  pty.send('q');
  expect((await pty.exit).code).toBe(0);
  expect(foreign(pty.rawOutput())).toEqual([]);
  expect(pty.bufferType()).toBe('normal');
};

describe('hostile text from a cluster that works', () => {
  let cluster: DemoCluster;
  beforeAll(async () => {
    cluster = await startDemo({ seed: 7 });
  });
  beforeEach(async () => {
    for (const { machine, identity } of pages()) machine.files.write(PAGE, `${identity}\n`);
    await healed(cluster);
  });
  afterAll(() => cluster?.stop());

  const pages = () => WEB_NODES.map(({ name, identity }) => ({ machine: machine(name), identity }));
  const start = async (): Promise<Pty> => {
    const pty = watchCluster(cluster.clusterFile, { cols: 160, rows: 45 });
    await pty.until(isHealthy, 15_000);
    return pty;
  };
  const machine = (name: string) => {
    const found = cluster.world.host(name)?.machine;
    if (!found) throw new Error(`no ${name}`);
    return found;
  };
  /** Lets the load balancer itself give this answer, on its VIPs too, until the test is over. */
  const answering = async (reply: Partial<Reply>, test: () => Promise<void>): Promise<void> => {
    const web = cluster.world.host('lb1')?.web;
    if (!web) throw new Error('no lb1');
    const { answer } = web;
    web.answer = (_path, done) => {
      done({ status: 200, headers: { 'Content-Type': 'text/html', Server: 'evil' }, body: '', ...reply });
      return () => {};
    };
    try {
      await test();
    } finally {
      web.answer = answer;
    }
  };

  it('in the journal, the check log, a unit and a process is shown as text', async () => {
    const pty = await start();
    const lb1 = machine('lb1');
    lb1.journal.write('keepalived.service', `keep${EVIL}`, 666, `${EVIL} in the journal`);
    lb1.journal.write(`keepalived.service`, 'systemd', 1, `two\nlines\r${EVIL}`);
    lb1.files.append(CHECK_LOG, `${EVIL} in the check log\n`);
    lb1.files.append(CHECK_LOG, `half a line ${EVIL}`);
    lb1.files.append(CHECK_LOG, `${'x'.repeat(200_000)}${EVIL}\n`);
    const unit = cluster.world.host('web1')?.web.unit ?? {};
    for (const property of ['id', 'sub']) Object.defineProperty(unit, property, { value: EVIL, configurable: true });
    try {
      await pty.until(/apache2 +~ active as of \d+ s ago/);
      pty.send('7');
      await pty.until(/▸7 Events/);
      pty.send('z');
      await pty.until(/\\x1b\]52;c;[^┃]*PLANTED[^┃]* in the journal/);
      await pty.until(/\\x1b\]52;c;[^┃]*PLANTED[^┃]* in the check log/);
      pty.send('z');
      await pty.until(/1 VIPs/);
    } finally {
      for (const property of ['id', 'sub']) Reflect.deleteProperty(unit, property);
    }
    await expectUnharmed(pty);
  });

  it('in a page is shown as text, if at all', async () => {
    const pty = await start();
    for (const { machine } of pages()) machine.files.write(PAGE, EVIL);
    await pty.until(/CRITICAL/);
    const { stdout, code } = await runConsole(['check', '-c', cluster.clusterFile]);
    expect(code).toBe(2);
    expect(foreign(stdout)).toEqual([]);
    const json = await runConsole(['check', '--json', '-c', cluster.clusterFile]);
    expect(foreign(json.stdout)).toEqual([]);
    expect(JSON.parse(json.stdout)).toMatchObject({ status: 'CRITICAL' });
    await expectUnharmed(pty);
  });

  it('in a page of 10 MB leaves memory as it was, and the identity at its start counts', async () => {
    const pty = await start();
    const rest = EVIL + 'y'.repeat(10 * 1024 * 1024);
    for (const { machine, identity } of pages()) machine.files.write(PAGE, `${identity}\n${rest}`);
    await pty.until((rows) => rows.some((row) => /172\.16\.249\.80 +lb1 .*● web\d 200/.test(row)));
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(pty.screen()[0]).toMatch(/OK healthy/);
    await expectUnharmed(pty);
  });

  it('in a page without end', async () => {
    await answering({ body: `${EVIL}${'z'.repeat(16_384)}`, endless: true }, async () => {
      const pty = watchCluster(cluster.clusterFile, { cols: 160, rows: 45 });
      await pty.until(/CRITICAL VIP unserved/, 15_000);
      await expectUnharmed(pty);
    });
  });

  it('in a page that is no UTF-8, with headers as bad', async () => {
    const body = Buffer.concat([
      Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x80, 0x9b]),
      Buffer.from(EVIL),
      Buffer.from([0xe2, 0x28]),
    ]);
    await answering({ body, headers: { Server: 'e\x9bvil \x80' } }, async () => {
      const pty = watchCluster(cluster.clusterFile, { cols: 160, rows: 45 });
      await pty.until(/CRITICAL VIP unserved/, 15_000);
      await expectUnharmed(pty);
    });
  });
});

describe('hostile servers all the way', () => {
  it('a banner, a question, shells that flood, stop in mid-line or speak binary, and web servers that are none', async () => {
    const site = await startHostileSite(testDirectory());
    try {
      const pty = watchCluster(site.file, { cols: 160, rows: 45 });
      await pty.until(/jump asks[\s\S]*PLANTED/, 15_000);
      expect(foreign(pty.rawOutput())).toEqual([]);
      pty.send('secret');
      await pty.until(/typed, not shown/);
      pty.send('\r');
      await pty.until(/via jump ●/, 15_000);
      await pty.until(/CRITICAL|UNKNOWN|WARNING/);
      await site.served(15_000);
      expect(pty.rawOutput()).not.toContain('secret');
      await expectUnharmed(pty);
    } finally {
      await site.close();
    }
  });
});
