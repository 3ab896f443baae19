import { describe, expect, test } from 'vitest';
import type { Confirmation } from '../../src/cluster/action.ts';
import { beginConfirming, type Confirming, confirm, type Given } from '../../src/views/confirm.ts';

const press: Confirmation = { kind: 'press', key: 'y' };
const word = (text: string): Confirmation => ({ kind: 'type', word: text });

/** What comes from the keyboard, each after so many ms: a sign, or `enter`, `paste`, `back`. */
const run = (confirmation: Confirmation, inputs: [number, string][], before = 10_000): Confirming => {
  let now = 0;
  let one = beginConfirming(0);
  let last = -before;
  const lastOf = new Map<string, number>();
  for (const [after, input] of inputs) {
    now += after;
    const given: Given =
      input === 'enter'
        ? { kind: 'enter' }
        : input === 'paste'
          ? { kind: 'paste' }
          : input === 'back'
            ? { kind: 'erase', all: false }
            : { kind: 'sign', sign: input };
    const since = (at = Number.NEGATIVE_INFINITY): number => now - at;
    one = confirm(confirmation, one, given, {
      now,
      quiet: since(last),
      sinceSame: since(lastOf.get(input)),
      sincePaste: since(lastOf.get('paste')),
    });
    last = now;
    lastOf.set(input, now);
  }
  return one;
};

const typing = (text: string, apart = 100): [number, string][] =>
  [...text].map((sign, index) => [index === 0 ? 400 : apart, sign]);

describe('one key', () => {
  test('pressed alone, after the question could be read, confirms', () => {
    expect(run(press, [[300, 'y']]).complete).toBe(true);
  });

  test('pressed before the question could be read confirms nothing', () => {
    expect(run(press, [[299, 'y']])).toMatchObject({ complete: false, note: expect.stringContaining('press y once') });
  });

  test('right after another key confirms nothing', () => {
    expect(
      run(press, [
        [400, 'k'],
        [249, 'y'],
      ]).complete,
    ).toBe(false);
    expect(
      run(press, [
        [400, 'k'],
        [250, 'y'],
      ]).complete,
    ).toBe(true);
  });

  test('held down confirms nothing, whether it began before or under the question', () => {
    const repeats = Array.from({ length: 40 }, (): [number, string] => [33, 'y']);
    for (const first of [10, 320, 900])
      for (const pause of [33, 250, 500, 660, 1000]) {
        const held: [number, string][] = [[first, 'y'], [pause, 'y'], ...repeats];
        const ends = held.slice(1).map((_, index) => run(press, held.slice(0, index + 2)).complete);
        expect(ends).not.toContain(true);
      }
  });

  test('that is followed by another takes its answer back', () => {
    expect(
      run(press, [
        [400, 'y'],
        [20, 'e'],
      ]),
    ).toMatchObject({ complete: false, note: expect.stringContaining('nothing is done') });
  });

  test('is that key: another one, its capital and enter confirm nothing', () => {
    for (const other of ['Y', 'z', ' ', 'enter'])
      expect(run(press, [[2000, other]])).toMatchObject({ complete: false, note: expect.stringContaining('y') });
  });

  test('after a paste confirms nothing until it is quiet', () => {
    expect(
      run(press, [
        [400, 'paste'],
        [30, 'y'],
      ]).complete,
    ).toBe(false);
  });
});

describe('a word', () => {
  test('confirms with its last letter', () => {
    const all = typing('lb1');
    expect(run(word('lb1'), all.slice(0, 2))).toMatchObject({ complete: false, typed: 'lb', note: '' });
    expect(run(word('lb1'), all)).toMatchObject({ complete: true, typed: 'lb1' });
  });

  test('is typed exactly: capitals, blanks and more letters do not confirm', () => {
    for (const other of ['LB1', ' lb1', 'lb', 'lb11', 'lb2'])
      expect(run(word('lb1'), typing(other)).complete).toBe(false);
  });

  test('can be mended', () => {
    const mended: [number, string][] = [...typing('lbx'), [100, 'back'], [100, '1']];
    expect(run(word('lb1'), mended.slice(0, 3)).note).toContain('that is not lb1');
    expect(run(word('lb1'), mended)).toMatchObject({ complete: true, note: '' });
  });

  test('is not confirmed by enter, which leaves what was typed', () => {
    expect(run(word('yes'), [...typing('ye'), [100, 'enter']])).toMatchObject({ complete: false, typed: 'ye' });
  });

  test('is not pasted, not even letter by letter', () => {
    expect(run(word('yes'), [[400, 'paste']])).toMatchObject({ typed: '', note: 'pasted text is not taken here' });
    expect(run(word('yes'), typing('yes', 2))).toMatchObject({
      complete: false,
      note: 'pasted text is not taken here',
    });
    expect(
      run(word('yes'), [[400, 'paste'], ...typing('yes', 60).map(([, sign]): [number, string] => [60, sign])]),
    ).toMatchObject({
      complete: false,
    });
  });

  test('that begins a longer text is not an answer', () => {
    expect(run(word('yes'), [...typing('yes'), [20, ',']])).toMatchObject({ complete: false, typed: '' });
    expect(run(word('yes'), [...typing('yes'), [20, 'enter']])).toMatchObject({ complete: false, typed: '' });
  });

  test('of one repeated letter is not typed by a key held down', () => {
    const held: [number, string][] = [
      [400, 'a'],
      [500, 'a'],
      ...Array.from({ length: 30 }, (): [number, string] => [33, 'a']),
    ];
    const ends = held.map((_, index) => run(word('aaa'), held.slice(0, index + 1)).complete);
    expect(ends).not.toContain(true);
    expect(run(word('aaa'), typing('aaa', 120)).complete).toBe(true);
  });

  test('typed ahead, before the question was there to be read, does not count', () => {
    expect(
      run(word('yes'), [
        [50, 'y'],
        [60, 'e'],
        [60, 's'],
      ]),
    ).toMatchObject({ complete: false, typed: '' });
  });
});
