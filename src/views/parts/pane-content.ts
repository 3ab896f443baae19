import type { State } from '../../cluster/state.ts';
import type { Look } from '../theme.ts';
import type { Row } from './rows.ts';

/** What a pane is drawn from: the state, the look, and the cells inside its frame. */
export type PaneInput = { state: State; look: Look; width: number; height: number };

/** What a pane shows: a title, something short at the right of the title line, fixed heading rows, and rows that scroll. */
export type PaneContent = { title: Row; badge: Row; heading?: Row[]; rows: Row[] };
