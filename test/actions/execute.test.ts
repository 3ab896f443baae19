import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ask } from '../../src/actions/ask.ts';
import { execute, ReadOnlyError, write } from '../../src/actions/execute.ts';
import { writeNote } from '../../src/actions/note.ts';
import { TURN_COMMAND } from '../../src/actions/turn.ts';
import type { CommandResult } from '../../src/cluster/action.ts';
import { RemoteError } from '../../src/ssh/remote.ts';
import { scriptedRemote } from '../support/scripted-remote.ts';

const signal = new AbortController().signal;
const gone = new RemoteError({ step: 'lost', hop: 'bastion', found: 'connection lost', blame: 'path' });

const run = async (remote: ReturnType<typeof scriptedRemote>, commands: string[], readOnly = false) => {
  const results: [string, CommandResult][] = [];
  const ended = (command: string, result: CommandResult) => void results.push([command, result]);
  const end = await execute({ remote, commands, readOnly, signal, now: () => 5, started: () => {}, ended });
  return { end, results };
};

describe('commands', () => {
  test('run in order, each told with its exit status and the last line of what it complained', async () => {
    const remote = scriptedRemote([
      [/^one$/, { stderr: 'a warning\n\u001b[31mlast\n\n' }],
      [/^two$/, {}],
    ]);
    const { end, results } = await run(remote, ['one', 'two']);
    expect(end).toEqual({ end: 'all-ran' });
    expect(results).toEqual([
      ['one', { ok: true, code: 0, ms: 0, stderr: '\\x1b[31mlast' }],
      ['two', { ok: true, code: 0, ms: 0, stderr: '' }],
    ]);
  });

  test('that failed are told by what happened, not by where systemctl says to look', async () => {
    const why = 'Job for nginx.service failed because the control process exited with error code.';
    const where = 'See "systemctl status nginx.service" and "journalctl -xeu nginx.service" for details.';
    const remote = scriptedRemote([[/./, { code: 1, stderr: `${why}\n${where}\n` }]]);
    expect((await run(remote, ['one'])).end).toMatchObject({ end: 'failed', stderr: why });
    const refused =
      'Failed to stop nginx.service: Operation refused, unit nginx.service may be requested by dependency only';
    const logs = "See system logs and 'systemctl status nginx.service' for details.";
    const manual = scriptedRemote([[/./, { code: 4, stderr: `${refused}\n${logs}\n` }]]);
    expect((await run(manual, ['one'])).end).toMatchObject({ end: 'failed', stderr: refused });
    const alone = scriptedRemote([[/./, { code: 1, stderr: where }]]);
    expect((await run(alone, ['one'])).end).toMatchObject({ end: 'failed', stderr: where });
  });

  test.each([
    [
      'another status',
      { code: 5, stderr: 'no such unit' },
      { end: 'failed', index: 0, code: 5, stderr: 'no such unit' },
    ],
    ['a signal', { code: null, signal: 'KILL' }, { end: 'failed', index: 0, code: null }],
    ['a lost connection', gone, { end: 'lost', index: 0, failure: gone.failure }],
  ])('stop at the first that ends with %s', async (_, answer, wanted) => {
    const remote = scriptedRemote([[/^one$/, answer]]);
    expect((await run(remote, ['one', 'two'])).end).toMatchObject(wanted);
    expect(remote.ran).toEqual(['one']);
  });

  test('have a deadline: what hangs is given up on, and how it ended is not known', async () => {
    const remote = scriptedRemote([]);
    remote.exec = (_, options) =>
      new Promise((_resolve, reject) => options.signal.addEventListener('abort', () => reject(options.signal.reason)));
    const end = await execute({
      remote,
      commands: ['sleep infinity'],
      readOnly: false,
      signal,
      now: () => 0,
      deadline: 20,
      started: () => {},
      ended: () => {},
    });
    expect(end).toMatchObject({ end: 'lost', index: 0 });
  });
});

describe('read-only', () => {
  test('holds in the one function that writes, whoever calls it', async () => {
    const remote = scriptedRemote([[/./, {}]]);
    await expect(write(remote, 'true', { readOnly: true, signal })).rejects.toThrow(ReadOnlyError);
    await expect(run(remote, ['systemctl stop nginx'], true)).rejects.toThrow(ReadOnlyError);
    const note = { line: 'x', checkLog: '/x.log', sudo: true, readOnly: true, signal };
    expect(await writeNote(remote, note)).toMatchObject({ step: 'permission', found: 'this console is read-only' });
    expect(remote.ran).toEqual([]);
  });

  test('has no way around it: nothing else above the probes gives a node a command', () => {
    const root = join(import.meta.dirname, '../../src');
    const users = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && !/^(?:ssh|probes|demo)\//.test(file))
      .sort()
      .filter((file) => /remote(\([^)]*\))?\s*\.(exec|open)\(/.test(readFileSync(join(root, file), 'utf8')));
    // path-check asks the jump host for its carriers; ask.ts holds the list of what only reads; turn.ts has one
    // line, which keeps a folder locked while its connection lives; the doctor opens empty sessions and passes questions on.
    expect(users).toEqual([
      'actions/ask.ts',
      'actions/execute.ts',
      'actions/turn.ts',
      'doctor/node.ts',
      'doctor/sessions.ts',
      'session/path-check.ts',
    ]);
    expect(TURN_COMMAND).toMatch(
      /^exec flock -n [/\w]+ \/bin\/sh -c 'echo [\w-]+; exec timeout 150 cat > \/dev\/null'$/,
    );
  });

  test.each([
    [['systemctl', 'stop', 'nginx']],
    [['sudo', '-n', 'id']],
    [['keepalived']],
    [['sudo', '-n', 'tee', '-l']],
    [['env', 'LC_ALL=C', 'sudo', '-n', 'id']],
    [['find', '-L', '/etc/nginx', '-name', '*', '-delete']],
    [['env', 'LC_ALL=C', 'sudo', '-n', 'find', '-L', '/', '-exec', 'rm', '{}', ';']],
    [['nginx', '-s', 'stop']],
  ])('is not got around by asking: %j is no question', async (words) => {
    await expect(ask(scriptedRemote([[/./, {}]]), words, { signal, timeout: 10 })).rejects.toThrow('only reads');
  });
});
