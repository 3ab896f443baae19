import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { tellDrill } from '../../src/commands/drill-progress.ts';
import type { Io } from '../../src/commands/io.ts';
import type { LiveSession } from '../../src/session/live.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('what drill run tells on stderr', () => {
  const begin = (glance: string | null) => {
    let text = '';
    const stderr = new PassThrough();
    stderr.on('data', (chunk) => {
      text += chunk;
    });
    const session = {
      state: () => ({ verdict: { code: 'healthy' } }),
      glance: () => glance,
      onEvent: () => () => {},
    } as unknown as LiveSession;
    const io = { stdin: new PassThrough(), stderr } as unknown as Io;
    return { telling: tellDrill(session, io, { name: 'lb1-down', step: false }), text: () => text };
  };

  test('is what keeps the gate shut, and nothing while a person is asked', async () => {
    const { telling, text } = begin('watched for 4 s only');
    vi.advanceTimersByTime(6000);
    expect(text()).toBe('   5.0 s  looking at the cluster, the gate is not open yet: watched for 4 s only\n');
    const answer = Promise.withResolvers<string>();
    const asked = telling.asking(() => answer.promise);
    vi.advanceTimersByTime(60_000);
    expect(text().split('\n')).toHaveLength(2);
    answer.resolve('yes');
    expect(await asked).toBe('yes');
    vi.advanceTimersByTime(6000);
    expect(text().split('\n')).toHaveLength(3);
    telling.stop();
    vi.advanceTimersByTime(60_000);
    expect(text().split('\n')).toHaveLength(3);
  });
});
