import type { State } from '../../cluster/state.ts';
import type { Look } from '../theme.ts';
import { type Span, span } from './rows.ts';

/** Milliseconds for which something that changed is lit. */
export const LIT_FOR = 2000;

/** Whether the thing of this key has changed within the last two seconds. */
export const isLit = (state: State, key: string): boolean => {
  const at = state.marks[key]?.mono;
  return at !== undefined && state.now.mono - at < LIT_FOR;
};

/** One cell: the mark of what has changed since the start or since `c`, else blank. */
export const markCell = (state: State, key: string, look: Look): Span => {
  if (!state.marks[key]) return span(' ');
  const sign = key.startsWith('vip:') ? look.glyphs.moved : look.glyphs.changed;
  return span(sign, 'accent', { lit: isLit(state, key) });
};

/** How many things keep a mark that a pane shows. */
export const changedCount = (state: State): number =>
  Object.keys(state.marks).filter((key) => /^(vip|vrrp|service|probe|check):/.test(key)).length;
