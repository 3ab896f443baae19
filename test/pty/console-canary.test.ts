import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { AuthContext } from 'ssh2';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { stateText } from '../../src/recording/state-code.ts';
import { runConsole } from '../support/console-process.ts';
import {
  closeConsoles,
  type DemoCluster,
  isHealthy,
  startDemo,
  testDirectory,
  watchCluster,
} from '../support/demo-console.ts';
import { makeKey, startGate } from '../support/gatekeeper.ts';
import type { TestServer } from '../support/ssh-server.ts';

let cluster: DemoCluster;
let gate: TestServer | undefined;
beforeAll(async () => {
  cluster = await startDemo({ seed: 6 });
});
afterEach(async () => {
  await closeConsoles();
  await gate?.close();
});
afterAll(async () => {
  if (recorded) rmSync(recorded.state, { recursive: true });
  await cluster?.stop();
});

/** Every secret there is on the way, typed by a person or lying on a node. */
const TYPED = ['CANARYwrong1', 'CANARY horse2', 'CANARYcode3'];
const PLANTED = ['CANARY77', 'CANARY78', 'CANARY79'];

/** After the key a one-time code is asked for. */
const keyAndCode = () => {
  let keyed = false;
  return (context: AuthContext) => {
    if (context.method === 'publickey') {
      if (!context.signature) return context.accept();
      keyed = true;
      return context.reject(['keyboard-interactive'], true);
    }
    if (context.method !== 'keyboard-interactive' || !keyed) return context.reject(['publickey']);
    context.prompt([{ prompt: 'One-time code: ', echo: false }], (answers) =>
      answers[0] === TYPED[2] ? context.accept() : context.reject(),
    );
  };
};

/** Every file below a directory, as text; compressed ones inflated, states unpacked. */
const textsIn = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .map((name) => join(directory, name))
      .filter((file) => statSync(file).isFile())
      .map((file) => {
        const bytes = readFileSync(file);
        const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
        const states = [...text.matchAll(/^\{"k":"key",.*"state":"([A-Za-z0-9+/=]+)"/gm)].map((match) =>
          stateText(match[1] as string),
        );
        return [file, [text, ...states].join('\n')];
      }),
  );

let recorded: { state: string; session: string; shown: string; key: string };

it('secrets are typed where they are asked for, and lie on the nodes, while a session is recorded', async () => {
  for (const { machine } of cluster.world.hosts) {
    const path = '/etc/keepalived/keepalived.conf';
    const conf = machine.files.get(path)?.content;
    if (conf !== undefined)
      machine.files.write(
        path,
        conf.replace(
          /advert_int 1\n/,
          'advert_int 1\n    authentication {\n auth_type PASS\n auth_pass CANARY77\n }\n',
        ),
      );
    const log = '/etc/keepalived/check_nginx.log';
    if (machine.files.get(log)) machine.files.write(log, 'Mon Nov 23 12:00:00 UTC 2026: password=CANARY78\n');
  }
  const key = makeKey('ed25519', TYPED[1] as string);
  const way = await startGate(cluster, testDirectory(), { key, server: { authenticate: keyAndCode() } });
  gate = way.server;
  const state = mkdtempSync(join(tmpdir(), 'canary-'));
  const pty = watchCluster(way.file, { cols: 120, rows: 36, env: { XDG_STATE_HOME: state } });
  await pty.until(/Passphrase for gate/, 15_000);
  const type = async (text: string) => {
    pty.send(text);
    await pty.until(/typed, not shown/);
    pty.send('\r');
  };
  await type(TYPED[0] as string);
  await pty.until(/did not open the key/);
  await type(TYPED[1] as string);
  await pty.until(/One-time code/);
  await type(TYPED[2] as string);
  await pty.until(isHealthy, 20_000);
  pty.send('n');
  await pty.until(/Note[\s\S]*check_nginx\.log on lb1, lb2/);
  pty.send('token: CANARY79');
  await pty.until(/token: CANARY79/);
  const shown = pty.rawOutput();
  pty.send('\r');
  await pty.until(/note written on lb1, lb2/);
  await pty.until(/token: \[removed\]/);
  pty.send('q');
  expect((await pty.exit).code).toBe(0);

  const directory = join(state, 'haconsole', 'recordings');
  const [name, ...more] = readdirSync(directory);
  expect(more).toEqual([]);
  recorded = { state, session: join(directory, name as string), shown, key: key.private };
}, 60_000);

it('they are in no file, no document, no output of any command, and were not on the screen', async () => {
  const { state, session, shown, key } = recorded;
  const out = testDirectory();
  mkdirSync(join(out, 'made'));
  const made = (file: string) => join(out, 'made', file);
  const runs = [
    ['verify', session, '--json'],
    ['recover', session, '-o', made('recovered.hacs.jsonl')],
    ...['md', 'html', 'json'].map((format) => ['report', session, '--format', format, '-o', made(`report.${format}`)]),
    ...['asciicast', 'asciicast-v3', 'csv', 'junit', 'openmetrics'].map((to) => [
      'export',
      session,
      '--to',
      to,
      '-o',
      made(to),
    ]),
    ['check', '-c', cluster.clusterFile],
    ['check', '--json', '-c', cluster.clusterFile],
    ['act', 'restart', 'nginx@lb2', '--dry-run', '--json', '-c', cluster.clusterFile],
  ];
  const said: Record<string, string> = {};
  await Promise.all(
    runs.map(async (args) => {
      const { stdout, stderr } = await runConsole(args);
      said[args.join(' ').replace(session, 'FILE')] = stdout + stderr;
    }),
  );
  expect(readdirSync(join(out, 'made'))).toHaveLength(8);
  const pieces = key.split('\n').filter((line) => line.length > 30 && !line.startsWith('---'));
  const ssh = readFileSync(join(dirname(cluster.clusterFile), 'id_ed25519'), 'utf8');
  pieces.push(...ssh.split('\n').filter((line) => line.length > 30 && !line.startsWith('---')));
  expect(pieces.length).toBeGreaterThan(3);
  const outputs = { ...textsIn(state), ...textsIn(out), ...said };
  expect(Object.keys(outputs).length).toBeGreaterThan(20);
  expect(outputs[session]).toContain('token: [removed]');
  expect(outputs[session]).toContain('password=[removed]');
  for (const [where, text] of Object.entries(outputs))
    for (const secret of [...TYPED, ...PLANTED, ...pieces, 'CANARY'])
      expect(text.includes(secret), `${secret} in ${where}`).toBe(false);
  for (const secret of [...TYPED, 'CANARY77']) expect(shown.includes(secret), `${secret} on the screen`).toBe(false);
}, 60_000);
