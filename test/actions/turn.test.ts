import { expect, test } from 'vitest';
import { takeTurn } from '../../src/actions/turn.ts';
import type { Remote, RemoteStream } from '../../src/ssh/remote.ts';

test('The turn is held until it is released: the time given for asking does not end it', async () => {
  let closed = false;
  const stream: RemoteStream = {
    write: () => {},
    onData: (listener) => listener(Buffer.from('haconsole-turn-held\n')),
    onStderr: () => {},
    closed: new Promise(() => {}),
    close: () => {
      closed = true;
    },
  };
  const remote: Remote = { name: 'lb1', exec: () => Promise.reject(new Error('unasked')), open: async () => stream };
  const asking = new AbortController();
  const turn = await takeTurn(remote, { signal: asking.signal, timeout: 60_000 });
  expect(turn.is).toBe('held');
  asking.abort();
  await new Promise((resolve) => setImmediate(resolve));
  expect(closed).toBe(false);
  if (turn.is === 'held') turn.release();
  expect(closed).toBe(true);
});
