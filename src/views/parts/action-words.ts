import { isDeepStrictEqual } from 'node:util';
import type { Action, ActionPhase, ActionView } from '../../cluster/action.ts';
import { actionText, isOver } from '../../cluster/action-facts.ts';
import { failureText } from '../../cluster/failure.ts';
import type { State } from '../../cluster/state.ts';
import { visibleText } from '../../cluster/visible-text.ts';
import type { Performed } from '../../session/store.ts';
import type { Look, Role } from '../theme.ts';
import { type Row, span } from './rows.ts';
import { howLong } from './times.ts';

type End = Exclude<Performed['step'], 'changed'>;

const ends: Record<End, { word: string; glyph: 'good' | 'warn' | 'bad' | 'unknown'; role: Role }> = {
  done: { word: 'DONE', glyph: 'good', role: 'good' },
  'no-effect': { word: 'NO EFFECT', glyph: 'bad', role: 'bad' },
  unknown: { word: 'UNKNOWN', glyph: 'unknown', role: 'unknown' },
  refused: { word: 'REFUSED', glyph: 'warn', role: 'warn' },
  failed: { word: 'NOT DONE', glyph: 'bad', role: 'bad' },
};

/** How an action ended, in a word. */
export const outcomeWord = (outcome: Performed): string =>
  outcome.step === 'changed' ? 'CHANGED' : ends[outcome.step].word;

/** The word of an end with its sign. */
export const outcomeRow = (outcome: Exclude<Performed, { step: 'changed' }>, look: Look): Row => {
  const { word, glyph, role } = ends[outcome.step];
  return [span(`${look.glyphs[glyph]} ${word}`, role)];
};

/** What was seen at the end, or why nothing was done. */
export const outcomeText = (outcome: Exclude<Performed, { step: 'changed' }>): string => {
  switch (outcome.step) {
    case 'refused':
      return visibleText(outcome.refusal.text);
    case 'failed':
      return visibleText(failureText(outcome.failure));
    case 'unknown': {
      const why = outcome.failure ? ` (${failureText(outcome.failure)})` : '';
      return visibleText(`${outcome.seen}${why}`);
    }
    default:
      return visibleText(outcome.seen);
  }
};

const seconds = (ms: number): string => `${(Math.max(0, ms) / 1000).toFixed(1)} s`;

/** How far it has come: `verifying: VIPs on lb2 … 1.2 s of at most 6 s`. `ms`: how long this phase has lasted. */
export const phaseText = (phase: ActionPhase | undefined, ms: number, look: Look): string => {
  const { ellipsis } = look.glyphs;
  switch (phase?.step) {
    case 'executing':
      return `executing: ${visibleText(phase.command, 200)} ${ellipsis} ${seconds(ms)}`;
    case 'verifying': {
      const budget = `of at most ${Number((phase.budget / 1000).toFixed(1))} s`;
      return `verifying: ${visibleText(phase.awaited, 200)} ${ellipsis} ${seconds(ms)} ${budget}`;
    }
    default:
      return `looking once more before anything is run ${ellipsis} ${seconds(ms)}`;
  }
};

const shortPhase: Partial<Record<ActionPhase['step'], string>> = {
  confirmed: 'looking',
  executing: 'executing',
  verifying: 'verifying',
};

/** The view of a dialog's action in the state, once there is one. `after`: id of the newest action before it. */
export const viewOf = (state: State, action: Action, after: number): ActionView | undefined =>
  state.actions.findLast((one) => one.id > after && isDeepStrictEqual(one.action, action));

/** Actions under way, but for the one that a dialog shows. */
export const underWay = (state: State, except: (view: ActionView) => boolean): ActionView[] =>
  state.actions.filter((one) => !isOver(one.phase) && !except(one));

/** One line for an action under way: `⟳ stop keepalived on lb1: verifying 2s`. */
export const underWayRow = (state: State, views: ActionView[], look: Look): Row => {
  const newest = views.at(-1);
  if (!newest) return [];
  const more = views.length > 1 ? ` and ${views.length - 1} more` : '';
  const text = `${actionText(newest.action)}: ${shortPhase[newest.phase.step] ?? newest.phase.step}`;
  return [
    span(
      ` ${look.glyphs.running} ${visibleText(text, 120)} ${howLong(state.now.mono - newest.from)}${more} `,
      'accent',
    ),
  ];
};

/** The action as a title. */
export const actionTitle = (action: Action): string => visibleText(actionText(action), 120);
