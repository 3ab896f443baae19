import type { Key } from 'ink';
import { graphemes } from './parts/cells.ts';

/** The name by which the table knows a key; empty for a chunk of several signs (a paste, or keys that came together). */
export const keyName = (input: string, key: Key): string => {
  if (key.upArrow) return 'up';
  if (key.downArrow) return 'down';
  if (key.leftArrow) return key.shift ? 'shift+left' : 'left';
  if (key.rightArrow) return key.shift ? 'shift+right' : 'right';
  if (key.pageUp) return 'pgup';
  if (key.pageDown) return 'pgdn';
  if (key.home) return 'home';
  if (key.end) return 'end';
  if (key.return) return 'enter';
  if (key.escape) return 'esc';
  if (key.tab) return key.shift ? 'shift+tab' : 'tab';
  if (key.backspace) return 'backspace';
  if (key.delete) return 'delete';
  if (key.ctrl) return `ctrl+${input}`;
  if (key.meta) return `alt+${input}`;
  if (input === ' ') return 'space';
  return graphemes(input).length === 1 ? input : '';
};
