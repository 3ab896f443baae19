import { describe, expect, test } from 'vitest';
import { checkEntries } from '../../src/views/panes/check-log.ts';
import { logWindow } from '../../src/views/panes/log.ts';
import { Scene } from '../support/scene.ts';

describe('the check-log pane', () => {
  test('can be scrolled line by line where one second has several lines', () => {
    const scene = new Scene().healthy();
    for (const text of ['one', 'two', 'three'])
      scene.send({ kind: 'check-log', node: 'lb1', line: `Mon Nov 23 12:00:03 UTC 2026: ${text}` });
    const entries = checkEntries(scene.state);
    expect(entries.map((one) => one.text)).toEqual(['one', 'two', 'three']);
    expect(new Set(entries.map((one) => one.id)).size).toBe(3);
    expect(entries.map((one) => logWindow(entries, one.id, 1, () => 1).last)).toEqual([0, 1, 2]);
  });
});
