import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { WEB_NODES } from '../../src/demo/topology.ts';
import type { Reply } from '../../src/demo/web-answer.ts';
import { runConsole } from '../support/console-process.ts';
import {
  CHECK_LOG,
  closeConsoles,
  type DemoCluster,
  onDemo,
  testDirectory,
  watchCluster,
} from '../support/demo-console.ts';
import { EVIL, foreign } from '../support/hostile.ts';
import { startHostileSite } from '../support/hostile-site.ts';
import type { Pty } from '../support/pty.ts';

afterAll(closeConsoles);

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

const hostOf = (cluster: DemoCluster, name: string) => {
  const host = cluster.world.host(name);
  if (!host) throw new Error(`the demo has no ${name}`);
  return host;
};

/** Gives every web node this page; `page` gets the text by which the node is known. */
const publish = (cluster: DemoCluster, page: (identity: string) => string): void => {
  for (const { name, identity } of WEB_NODES) hostOf(cluster, name).machine.files.write(PAGE, page(identity));
};

/** Lets the load balancer that holds the VIPs give this answer to everybody. */
const answering = (reply: Partial<Reply>) => (cluster: DemoCluster) => {
  hostOf(cluster, 'lb1').web.answer = (_path, done) => {
    done({ status: 200, headers: { 'Content-Type': 'text/html', Server: 'evil' }, body: '', ...reply });
    return () => {};
  };
};

describe('hostile text from a cluster that works', () => {
  it(
    'in the journal, the check log and a unit is shown as text',
    onDemo(async ({ cluster, pty }) => {
      const lb1 = hostOf(cluster, 'lb1').machine;
      lb1.journal.write('keepalived.service', `keep${EVIL}`, 666, `${EVIL} in the journal`);
      lb1.journal.write('keepalived.service', 'systemd', 1, `two\nlines\r${EVIL}`);
      lb1.files.append(CHECK_LOG, `${EVIL} in the check log\n`);
      lb1.files.append(CHECK_LOG, `half a line ${EVIL}`);
      lb1.files.append(CHECK_LOG, `${'x'.repeat(200_000)}${EVIL}\n`);
      for (const property of ['id', 'sub'])
        Object.defineProperty(hostOf(cluster, 'web1').web.unit, property, { value: EVIL });
      await pty.until(/apache2 +~ active as of \d+ s ago/);
      pty.send('7');
      await pty.until(/▸7 Events/);
      pty.send('z');
      await pty.until(/\\x1b\]52;c;[^┃]*PLANTED[^┃]* in the journal/);
      await pty.until(/\\x1b\]52;c;[^┃]*PLANTED[^┃]* in the check log/);
      pty.send('z');
      await pty.until(/1 VIPs/);
      await expectUnharmed(pty);
    }),
  );

  it(
    'in a page is shown as text, if at all, by check as well',
    onDemo(async ({ cluster, pty }) => {
      publish(cluster, () => EVIL);
      await pty.until(/CRITICAL/);
      const [text, json] = await Promise.all([
        runConsole(['check', '-c', cluster.clusterFile]),
        runConsole(['check', '--json', '-c', cluster.clusterFile]),
      ]);
      expect(text.code).toBe(2);
      expect(foreign(text.stdout)).toEqual([]);
      expect(foreign(json.stdout)).toEqual([]);
      expect(JSON.parse(json.stdout)).toMatchObject({ status: 'CRITICAL' });
      await expectUnharmed(pty);
    }),
  );

  it(
    'in a page of 10 MB leaves memory as it was, and the identity at its start counts',
    onDemo(
      async ({ pty }) => {
        await pty.until(/OK healthy[\s\S]*\.80 +[12]{4,}/, 20_000);
        await expectUnharmed(pty);
      },
      { broken: (cluster) => publish(cluster, (identity) => `${identity}\n${EVIL}${'y'.repeat(10 << 20)}`) },
    ),
  );

  it(
    'in a page without end',
    onDemo(
      async ({ pty }) => {
        await pty.until(/CRITICAL VIP unserved/, 15_000);
        expect(pty.screen().join('\n')).not.toMatch(/healthy/);
        await expectUnharmed(pty);
      },
      { broken: answering({ body: `${EVIL}${'z'.repeat(16_384)}`, endless: true }) },
    ),
  );

  const garbled = Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x80, 0x9b, 0xe2, 0x28]);
  it(
    'in a page that is no UTF-8, with headers as bad',
    onDemo(
      async ({ pty }) => {
        await pty.until(/CRITICAL VIP unserved/, 15_000);
        await expectUnharmed(pty);
      },
      {
        broken: answering({ body: Buffer.concat([garbled, Buffer.from(EVIL)]), headers: { Server: 'e\x9bvil \x80' } }),
      },
    ),
  );
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
