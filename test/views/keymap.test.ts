import type { Key } from 'ink';
import { describe, expect, test } from 'vitest';
import { entries } from '../../src/actions/catalog.ts';
import { keyName } from '../../src/views/key-name.ts';
import { bindingOf, keymap, type Mode } from '../../src/views/keymap.ts';
import { keysDocument } from '../../src/views/keys-document.ts';

const none = {
  upArrow: false,
  downArrow: false,
  leftArrow: false,
  rightArrow: false,
  pageDown: false,
  pageUp: false,
  home: false,
  end: false,
  return: false,
  escape: false,
  ctrl: false,
  shift: false,
  tab: false,
  backspace: false,
  delete: false,
  meta: false,
  super: false,
  hyper: false,
  capsLock: false,
  numLock: false,
} satisfies Key;

describe('the table of keys', () => {
  test('gives each key one meaning in each mode', () => {
    const typing: Mode[] = ['filter', 'note', 'prompt', 'go', 'search'];
    for (const mode of ['main', 'replay', 'help', 'choose', 'action', 'drills', 'drill', 'end', ...typing] as const) {
      const here = keymap.filter(
        (binding) =>
          binding.mode === mode || binding.mode === 'any' || (binding.mode === 'text' && typing.includes(mode)),
      );
      const all = here.flatMap((binding) => binding.keys);
      expect(all.toSorted()).toEqual([...new Set(all)].toSorted());
    }
  });

  test('binds no printable sign where text is typed', () => {
    for (const mode of ['filter', 'note', 'prompt', 'action', 'drill', 'go', 'search'] as const)
      for (const sign of 'abcdefghijklmnopqrstuvwxyzABCZ0123456789/? ')
        expect(bindingOf(mode, sign === ' ' ? 'space' : sign)).toBeUndefined();
  });

  test('knows ctrl+c and ctrl+z in every mode', () => {
    for (const mode of [
      'main',
      'replay',
      'filter',
      'note',
      'prompt',
      'help',
      'choose',
      'action',
      'drills',
      'drill',
      'end',
      'go',
      'search',
    ] as const) {
      expect(bindingOf(mode, 'ctrl+c')?.command).toBe('quit');
      expect(bindingOf(mode, 'ctrl+z')?.command).toBe('suspend');
    }
  });

  test('has every key of the catalog of actions, and capitals for all that takes something away at once', () => {
    const acts = keymap
      .filter((binding) => binding.mode === 'main' && binding.command === 'act')
      .flatMap((binding) => binding.keys);
    expect(acts.toSorted()).toEqual([...new Set(entries.map((entry) => entry.key))].toSorted());
    // `o` takes out or puts back, and asks like all others.
    for (const { key, destroys } of entries) if (destroys && key !== 'o') expect(key).toMatch(/^[A-Z]$/);
  });

  test('says of each key of the console that has no meaning in the past why it does nothing', () => {
    const past = new Set(keymap.filter((binding) => binding.mode === 'replay').flatMap((binding) => binding.keys));
    for (const { keys } of keymap.filter((binding) => binding.mode === 'main'))
      for (const key of keys) expect(past).toContain(key);
    for (const key of ['s', 'X', 'R', 'L', 'o', 'V', 'T', 'd', 'y', 'c', 'r'])
      expect(bindingOf('replay', key)).toMatchObject({ refused: true });
  });

  test('is what docs/keys.md says', async () => {
    await expect(keysDocument()).toMatchFileSnapshot('../../docs/keys.md');
  });
});

describe('the name of a key', () => {
  test.each([
    ['', { upArrow: true }, 'up'],
    ['', { return: true }, 'enter'],
    ['', { tab: true, shift: true }, 'shift+tab'],
    ['l', { ctrl: true }, 'ctrl+l'],
    ['q', { meta: true }, 'alt+q'],
    [' ', {}, 'space'],
    ['G', { shift: true }, 'G'],
    ['漢', {}, '漢'],
    ['qq', {}, ''],
    ['line\rline', {}, ''],
  ])('of %j with %j is %j', (input, key, name) => {
    expect(keyName(input, { ...none, ...key })).toBe(name);
  });
});
