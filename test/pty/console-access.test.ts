import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runCheck } from '../support/console-process.ts';
import {
  changedFile,
  closeConsoles,
  type DemoCluster,
  isHealthy,
  startDemo,
  testDirectory,
  watchCluster,
} from '../support/demo-console.ts';
import { keyFile, knownLines, makeKey, startGate, withKnownHosts } from '../support/gatekeeper.ts';
import type { TestServer } from '../support/ssh-server.ts';

let cluster: DemoCluster;
let gates: TestServer[] = [];
beforeAll(async () => {
  cluster = await startDemo({ seed: 6 });
});
afterAll(() => cluster?.stop());
afterEach(async () => {
  await closeConsoles();
  for (const gate of gates.splice(0)) await gate.close();
  gates = [];
});

const size = { cols: 120, rows: 36 };

describe('an unknown host key', () => {
  const strange = () => {
    const lines = knownLines(cluster).filter((line) => !line.startsWith('[127.0.0.1]'));
    return withKnownHosts(cluster, testDirectory(), lines);
  };

  it('is shown with its fingerprint; enter alone and y refuse nothing and accept nothing; yes goes on and is written down', async () => {
    const { file, knownHosts } = strange();
    const before = readFileSync(knownHosts, 'utf8');
    const pty = watchCluster(file, size);
    await pty.until(/Is this jump\?[\s\S]*ED25519[\s\S]*SHA256:[A-Za-z0-9+/]{43}/, 15_000);
    pty.send('\r');
    await pty.until(/type yes in full/);
    pty.send('y');
    await pty.until(/> y/);
    pty.send('\r');
    await pty.until(/type yes in full/);
    expect(readFileSync(knownHosts, 'utf8')).toBe(before);
    pty.send('\x15');
    pty.send('yes');
    await pty.until(/> yes/);
    pty.send('\r');
    await pty.until(isHealthy, 15_000);
    expect(readFileSync(knownHosts, 'utf8')).toMatch(/^\S+ ssh-ed25519 \S+$/m);
    expect(readFileSync(knownHosts, 'utf8').startsWith(before)).toBe(true);
  });

  it('that is refused leaves a console that says so, and asks again on r', async () => {
    const { file } = strange();
    const pty = watchCluster(file, size);
    await pty.until(/Is this jump\?/, 15_000);
    pty.send('\x1b');
    await pty.until(/UNKNOWN blind[\s\S]*via jump \? host-key[\s\S]*r retry/);
    pty.send('r');
    await pty.until(/Is this jump\?/);
    pty.send('\x1b');
    await pty.until((rows) => !/Is this jump/.test(rows.join('\n')));
    pty.send('q');
    expect((await pty.exit).code).toBe(0);
  });

  it('refuses headless: exit 3, the step and the hop named', async () => {
    const { report, code } = await runCheck(strange().file);
    expect(code).toBe(3);
    expect(report).toMatchObject({ status: 'UNKNOWN', verdict: 'blind' });
    expect(report.reasons.join('\n')).toMatch(/host-key on jump|jump.*host key/i);
    expect(report.nodes.every((node) => node.reachable === null || node.role === 'jump')).toBe(true);
  });
});

it('a changed host key stops with the file and the line to look at, and is never asked about', async () => {
  const other = makeKey().public.split(' ').slice(0, 2).join(' ');
  const lines = knownLines(cluster).map((line) =>
    line.startsWith('[127.0.0.1]') ? `${line.split(' ')[0]} ${other}` : line,
  );
  const { file, knownHosts } = withKnownHosts(cluster, testDirectory(), lines);
  const { report, code } = await runCheck(file);
  expect(code).toBe(3);
  expect(report.reasons.join('\n')).toContain(`${knownHosts}:${lines.length}`);
  const pty = watchCluster(file, { cols: 200, rows: 60 });
  await pty.until(/UNKNOWN blind[\s\S]*via jump \? host-key/, 15_000);
  expect(pty.screen().join('\n')).not.toMatch(/Is this/);
});

describe('a key that the jump host does not want', () => {
  const wrong = () => {
    const directory = testDirectory();
    const path = keyFile(directory, makeKey());
    return changedFile(cluster, directory, [[/identity: "[^"]+" \}/, `identity: ${JSON.stringify(path)} }`]]);
  };

  it('headless: exit 3, the step and the hop named', async () => {
    const { report, code } = await runCheck(wrong());
    expect(code).toBe(3);
    expect(report.verdict).toBe('blind');
    expect(report.reasons.join('\n')).toMatch(/auth on jump|jump.*(keys?|refused)/i);
    expect(report.nodes.find((node) => node.role === 'jump')).toMatchObject({
      name: 'jump',
      error: expect.stringMatching(/auth/),
    });
  });

  it('in the console: unknown, not down, and the keys go on working', async () => {
    const pty = watchCluster(wrong(), size);
    await pty.until(/UNKNOWN blind[\s\S]*via jump \? auth/, 15_000);
    expect(pty.screen().join('\n')).not.toMatch(/CRITICAL/);
    pty.send('2');
    await pty.until(/▸2 LB1/);
  });
});

describe('an encrypted key', () => {
  it('asks for its passphrase, says when it was wrong, and goes on; it is never on the screen', async () => {
    const { server, file } = await startGate(cluster, testDirectory(), { key: makeKey('ed25519', 'correct horse') });
    gates.push(server);
    const pty = watchCluster(file, size);
    await pty.until(/Passphrase for gate[\s\S]*gate_key/, 15_000);
    pty.send('battery');
    await pty.until(/typed, not shown/);
    pty.send('\r');
    await pty.until(/did not open the key/);
    pty.send('correct horse');
    await pty.until(/typed, not shown/);
    pty.send('\r');
    await pty.until(isHealthy, 20_000);
    await pty.until(/via gate ● .* → jump ●/);
    expect(pty.rawOutput()).not.toMatch(/battery|correct|horse/);
  });

  it('headless: exit 3, the step and the hop named', async () => {
    const { server, file } = await startGate(cluster, testDirectory(), { key: makeKey('ed25519', 'correct horse') });
    gates.push(server);
    const { report, code } = await runCheck(file);
    expect(code).toBe(3);
    expect(report.reasons.join('\n')).toMatch(/auth on gate|gate.*passphrase/i);
    expect(JSON.stringify(report)).toMatch(/passphrase|encrypted/);
  });
});
