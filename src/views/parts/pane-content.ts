import type { State } from '../../cluster/state.ts';
import type { Look, Role } from '../theme.ts';
import type { Row } from './rows.ts';

/** What a pane is drawn from: the state, the look, and the cells inside its frame. */
export type PaneInput = { state: State; look: Look; width: number; height: number };

/**
 * What a pane shows: a title, something short at the right of the title line, fixed heading rows, and rows that scroll.
 * `tone` colours the frame of a pane that must not be overlooked; its rows say why.
 */
export type PaneContent = { title: Row; badge: Row; heading?: Row[]; rows: Row[]; tone?: Role };
