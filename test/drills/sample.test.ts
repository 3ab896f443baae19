import { expect, test } from 'vitest';
import { judgeAnswer } from '../../src/cluster/answer.ts';
import type { Failure } from '../../src/cluster/failure.ts';
import { sampleOf } from '../../src/drills/sample.ts';
import { answer, noAnswer, Scene, VIPS } from '../support/scene.ts';

const VIP = VIPS[0] as string;
const state = new Scene().healthy().state;
const sample = (result: ReturnType<typeof noAnswer>) =>
  sampleOf(VIP, 100, judgeAnswer(state, { kind: 'vip', id: VIP }, 100, result, { mono: 140, wall: 0 }));

test('a good answer is a request that a web node served', () => {
  expect(sample(answer('HTTP WEB NODE 01\n'))).toEqual({
    vip: VIP,
    asked: 100,
    answered: 140,
    ok: true,
    servedBy: 'web1',
  });
});

test.each<[string, Partial<Failure>]>([
  ['refused', { found: 'Connection refused' }],
  ['refused', { found: '172.16.249.80:80: connection refused' }],
  ['timeout', { step: 'timeout', found: 'no connection within 1000 ms' }],
  ['reset', { step: 'http', found: 'closed before an answer came' }],
  ['unreachable', { found: 'No route to host' }],
  ['path', { blame: 'path', found: 'connection refused' }],
])('an answer that did not come is %s by %j', (loss, failure) => {
  const one = sample(noAnswer(failure));
  expect(one).toEqual({ vip: VIP, asked: 100, answered: 140, ok: loss === 'path' ? null : false, loss });
});

test('an answer of somebody else is wrong, whatever its status', () => {
  for (const status of [200, 404, 502])
    expect(sample(answer('another page', status))).toMatchObject({ ok: false, loss: 'wrong' });
});
