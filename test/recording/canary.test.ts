import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { castFrames } from '../../src/commands/cast-frames.ts';
import { castOf } from '../../src/commands/export.ts';
import { admit } from '../../src/recording/admit.ts';
import { csvOf } from '../../src/recording/export/csv.ts';
import { junitXml, sessionSuites } from '../../src/recording/export/junit.ts';
import { openMetricsOf } from '../../src/recording/export/openmetrics.ts';
import { createPlayback } from '../../src/recording/playback.ts';
import { REMOVED, redacted } from '../../src/recording/redact.ts';
import { analyse } from '../../src/recording/report/analysis.ts';
import { jsonReport } from '../../src/recording/report/json.ts';
import { markdownReport } from '../../src/recording/report/markdown.ts';
import { htmlReport } from '../../src/recording/report/page.ts';
import { memorySource, type Source } from '../../src/recording/source.ts';
import { stateText } from '../../src/recording/state-code.ts';
import { verify } from '../../src/recording/verify.ts';
import { recordLive } from '../support/record-live.ts';
import { recordInMemory } from '../support/recorded.ts';
import { answer, noAnswer, VIPS } from '../support/scene.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'canary-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const drained = <T>(work: Generator<number, T>): T => {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
};

/** Everything that is ever made of a session, and the session itself with its states unpacked. */
const outputsOf = async (source: Source): Promise<Record<string, string>> => {
  const text = source.read(0, source.size()).toString('utf8');
  const states = [...text.matchAll(/^\{"k":"key",.*"state":"([A-Za-z0-9+/=]+)"/gm)].map((match) =>
    stateText(match[1] as string),
  );
  expect(states.length).toBeGreaterThan(0);
  const verification = verify(source);
  expect(verification.outcome).toBe('sealed');
  const playback = await createPlayback(source);
  const bounds = { from: playback.from.mono, to: playback.to().mono };
  const analysis = drained(analyse(playback, { verification }));
  const cast = { columns: 200, rows: 60, fps: 1, idle: 2, frames: castFrames, seal: null };
  return {
    session: text,
    states: states.join('\n'),
    markdown: markdownReport(analysis),
    html: htmlReport(analysis),
    json: JSON.stringify(jsonReport(analysis)),
    csv: [...csvOf(playback, bounds.from, bounds.to)].join(''),
    junit: junitXml(sessionSuites(analysis)),
    openmetrics: openMetricsOf(playback, bounds.from, bounds.to),
    cast: drained(castOf(playback, bounds, { version: 2, ...cast })),
    'cast-v3': drained(castOf(playback, bounds, { version: 3, ...cast })),
  };
};

const KEY = `-----BEGIN OPENSSH PRIVATE KEY-----\nCANARYb3BlbnNzaC1rZXktdjEAAAAACm\nCANARYFlczI1Ni1jdHIAAAAGYmNyeXB0\n-----END OPENSSH PRIVATE KEY-----`;

/** Where a secret can turn up in what nodes and servers say. */
const SECRETS = [
  'auth_pass CANARY1',
  'authentication { auth_type PASS auth_pass CANARY2 }',
  'password=CANARY3',
  'Password: CANARY4',
  'passphrase = CANARY5',
  'passwd:CANARY6',
  'Authorization: Bearer CANARY7.CANARY8',
  'Proxy-Authorization: Basic CANARY9',
  'Set-Cookie: session=CANARY10; Path=/; HttpOnly',
  'cookie: a=CANARY11',
  'https://ops:CANARY12@backend.example/path',
  'api_key=CANARY13&x=1',
  'token: CANARY14',
  '{"secret": "no", "secret=CANARY15": 1}',
  KEY,
  `${KEY.slice(0, 60)} cut`,
];

describe('secrets', () => {
  test.each(SECRETS)('%j leaves nothing behind', (text) => {
    const clean = redacted(`before ${text}`);
    expect(clean).not.toContain('CANARY');
    expect(clean).toContain(REMOVED);
    expect(clean).toMatch(/^before /);
    expect(redacted(clean)).toBe(clean);
    const json = redacted(JSON.stringify({ a: [text], b: { c: `x ${text}` }, d: 'after' }));
    expect(json).not.toContain('CANARY');
    expect(JSON.parse(json)).toMatchObject({ d: 'after' });
  });

  test.each([
    'HTTP WEB NODE 01',
    'VRRP_Script(check_nginx) succeeded',
    '<input type="password" name="password">',
    'Mon Nov 23 18:18:46 UTC 2026: systemctl restart nginx',
    'https://backend.example/a@b',
    'no password given',
  ])('%j stays as it is', (text) => {
    expect(redacted(text)).toBe(text);
  });

  test('said by nodes, servers and commands they are in no file and no document', async () => {
    const { source } = await recordInMemory((scene) => {
      scene.healthy();
      for (const text of SECRETS) {
        scene.send({ kind: 'journal', node: 'lb1', unit: 'keepalived', message: text, nodeTime: 0 });
        scene.send({ kind: 'check-log', node: 'lb1', line: text });
        scene.send({ kind: 'note', node: 'lb1', text, outcome: { ok: true } });
        scene.send({ kind: 'remark', severity: 'warn', text });
        scene.send({
          kind: 'command',
          action: 1,
          node: 'lb1',
          command: `x ${text}`,
          result: { ok: true, code: 1, ms: 1, stderr: text },
        });
        scene.world.vip = { [VIPS[0] as string]: answer(text, 500), [VIPS[1] as string]: noAnswer({ found: text }) };
        scene.round();
      }
      scene.rounds(120);
    });
    for (const [name, output] of Object.entries(await outputsOf(source)))
      expect(output.includes('CANARY'), name).toBe(false);
  });

  test('are kept out by the recorder itself, where nobody has admitted the facts before', async () => {
    const { source } = await recordInMemory((scene) => {
      scene.admitted = false;
      scene.healthy();
      for (const text of SECRETS) scene.send({ kind: 'check-log', node: 'lb1', line: text });
      scene.rounds(125);
      expect(JSON.stringify(scene.state)).toContain('CANARY');
    });
    for (const [name, output] of Object.entries(await outputsOf(source)))
      expect(output.includes('CANARY'), name).toBe(false);
  });

  test('of a live session (VRRP password in the files, private key, process lists) are in no file and no document', async () => {
    const file = join(directory, 'live.hacs.jsonl');
    const { cluster, session, stop } = await recordLive(file);
    const home = dirname(cluster.clusterFile);
    const key = readFileSync(join(home, 'id_ed25519'), 'utf8');
    for (const { machine } of cluster.world.hosts) {
      const path = '/etc/keepalived/keepalived.conf';
      const conf = machine.files.get(path)?.content;
      if (conf === undefined) continue;
      machine.files.write(
        path,
        conf.replace(
          /advert_int 1\n/,
          'advert_int 1\n    authentication {\n auth_type PASS\n auth_pass CANARY77\n }\n',
        ),
      );
      expect(machine.files.get(path)?.content).toContain('CANARY77');
    }
    const configured = () => Object.values(session.state().nodes).filter((node) => node.configuration.value).length;
    for (const end = performance.now() + 15_000; configured() < 2 && performance.now() < end; )
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(configured()).toBe(2);
    await session.note('auth_pass CANARY78');
    const packed = await stop();
    expect(readdirSync(directory)).toEqual(['live.hacs.jsonl.gz']);
    const bytes = gunzipSync(readFileSync(packed));
    const pieces = key.split('\n').filter((line) => line.length > 30 && !line.startsWith('---'));
    expect(pieces.length).toBeGreaterThan(1);
    for (const [name, output] of Object.entries(await outputsOf(memorySource('live', () => bytes)))) {
      expect(output.includes('CANARY'), name).toBe(false);
      for (const piece of pieces) expect(output.includes(piece), name).toBe(false);
    }
  });

  test('admitting a fact twice is admitting it once, and a fact without secrets stays the same object', () => {
    const clean = { kind: 'check-log', node: 'lb1', line: 'all well' } as const;
    expect(admit(clean)).toBe(clean);
    const once = admit({ kind: 'check-log', node: 'lb1', line: 'auth_pass CANARY' });
    expect(admit(once)).toBe(once);
    expect(
      admit({ kind: 'snapshot', node: 'x', asked: 12.345678, reading: { ok: false, failure: null as never } }),
    ).toEqual({
      kind: 'snapshot',
      node: 'x',
      asked: 12.35,
      reading: { ok: false, failure: null },
    });
  });
});
