import { afterEach, describe, expect, it } from 'vitest';
import { makeKey, startSshServer, type TestServer } from '../support/ssh-server.ts';
import { type Bench, bench, hop, node, soon } from './harness.ts';

const key = makeKey();
const cleanups: (() => Promise<void>)[] = [];
const own = <T extends { close(): Promise<void> }>(thing: T): T => {
  cleanups.push(() => thing.close());
  return thing;
};
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const serve = async (options = {}): Promise<TestServer> => own(await startSshServer({ keys: [key], ...options }));
const connect = (options: Parameters<typeof bench>[0]): Bench => {
  const made = own(bench({ ...options, files: { key: key.private, ...options.files } }));
  made.network.start();
  return made;
};

describe('a pair behind a jump host', () => {
  it('runs commands on a node through the jump host', async () => {
    const jump = await serve();
    const lb1 = await serve();
    const { network, until } = connect({
      jump: [hop('bastion', jump)],
      nodes: [node('lb1', { port: lb1.port })],
      known: [jump, lb1],
    });
    const result = await network.remote('lb1').exec('echo hello', { signal: soon() });
    expect(result).toEqual({ code: 0, stdout: 'hello\n', stderr: '', truncated: false });
    expect((await until('bastion', (link) => link.rtt !== undefined)).transport).toBe('ssh2');
    expect(lb1.accepted()).toBe(1);
  });
});
