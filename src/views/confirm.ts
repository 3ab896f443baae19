import type { Confirmation } from '../cluster/action.ts';
import { graphemes } from './parts/cells.ts';

/** How far a person has come with confirming. `shown`: when the question came on the screen, ms of the console's clock. */
export type Confirming = { shown: number; typed: string; note: string; complete: boolean };

/** What came from the keyboard. `sign`: one key alone; `other`: a key that has its own meaning in the dialog. */
export type Given =
  | { kind: 'sign'; sign: string }
  | { kind: 'enter' }
  | { kind: 'paste' }
  | { kind: 'other' }
  | { kind: 'erase'; all: boolean };

/**
 * When it came, ms of the console's clock. `quiet`: since anything else came from the keyboard; `sinceSame`: since the same
 * sign did; `sincePaste`: since pasted text did. Infinite when it never has.
 */
export type Heard = { now: number; quiet: number; sinceSame: number; sincePaste: number };

/** A question counts as read only after it has been on the screen this long, ms: keys pressed ahead confirm nothing. */
export const READ = 300;
/** A key stands alone when this much silence is before it, and as much after it, ms. */
export const ALONE = 250;
/** A held key begins to repeat after at most this long (the slowest usual setting), ms. */
export const HELD = 1100;
/** No person types two signs closer together than this, ms; programs and pastes do. */
const TYPED_APART = 15;
/** A held key repeats faster than a person presses the same key twice, ms. */
const REPEAT = 60;

const PASTED = 'pasted text is not taken here';

/** The question as it comes on the screen. */
export const beginConfirming = (now: number): Confirming => ({ shown: now, typed: '', note: '', complete: false });

const pressed = (key: string, sign: string, heard: Heard, onScreen: number): { note: string } | 'complete' => {
  if (sign !== key) return { note: `${key} alone does it, esc leaves` };
  if (heard.sinceSame < HELD)
    return { note: `a key held down confirms nothing: wait a second, then press ${key} once` };
  if (onScreen < READ || heard.quiet < ALONE)
    return { note: `keys in a row confirm nothing: wait a second, then press ${key} once` };
  return 'complete';
};

const typedOn = (word: string, one: Confirming, sign: string, heard: Heard): Confirming => {
  if (heard.quiet < TYPED_APART || heard.sincePaste < ALONE) return { ...one, typed: '', note: PASTED };
  if (heard.now - one.shown < READ) return { ...one, note: `that came before this could be read: type ${word} now` };
  if (heard.sinceSame < REPEAT && heard.sinceSame === heard.quiet)
    return { ...one, note: 'a key held down types one letter' };
  const typed = one.typed + sign;
  if (graphemes(typed).length > graphemes(word).length + 8) return one;
  const note = word.startsWith(typed) ? '' : `that is not ${word}: backspace deletes, esc leaves`;
  return { ...one, typed, note, complete: typed === word };
};

/**
 * What one thing from the keyboard does to a confirmation. `complete` is not yet the end: it counts once `ALONE` ms have
 * passed without anything else coming, so that the beginning of a raw paste or of a held key is not taken for an answer.
 */
export const confirm = (confirmation: Confirmation, before: Confirming, given: Given, heard: Heard): Confirming => {
  // What comes right after the answer takes the answer back.
  const one = before.complete ? { ...before, complete: false, typed: '' } : before;
  const what = confirmation.kind === 'press' ? `press ${confirmation.key}` : `type ${confirmation.word}`;
  if (given.kind === 'paste') return { ...one, typed: '', note: PASTED };
  if (given.kind === 'enter') return { ...one, note: `enter confirms nothing: ${what}` };
  if (given.kind === 'erase') {
    const typed = given.all ? '' : graphemes(one.typed).slice(0, -1).join('');
    return { ...one, typed, note: '' };
  }
  if (given.kind === 'other' && !before.complete) return before;
  if (before.complete || given.kind === 'other')
    return { ...one, note: `another key came right after it, so nothing is done: ${what}` };
  if (confirmation.kind === 'type') return typedOn(confirmation.word, one, given.sign, heard);
  const result = pressed(confirmation.key, given.sign, heard, heard.now - one.shown);
  return result === 'complete' ? { ...one, note: '', complete: true } : { ...one, note: result.note };
};
