/**
 * What Ink 8 writes to its stdout, told apart. In its default mode each frame is whole: a prefix that erases the last
 * one, the lines, and, when a component placed the text cursor, a suffix that moves it there from the bottom line.
 */
import type { Frame } from './painter.ts';

/** One write of Ink, understood. `bottom` is the line that Ink leaves its cursor on, counted from the frame's first. */
export type Written =
  | { readonly kind: 'frame'; readonly frame: Frame; readonly bottom: number }
  /** The frame stays and the text cursor moves, or hides. `up` counts from the frame's `bottom`. */
  | { readonly kind: 'cursor'; readonly at: { readonly x: number; readonly up: number } | undefined }
  /** A mode of the keyboard, passed on: bracketed paste, kitty's protocol. */
  | { readonly kind: 'mode'; readonly sequence: string };

const ERASE = /^(?:\x1b\[(?:\?25[lh]|\d*[ABCDEFGJK]|(?:\d+;\d+)?H))+/;
const CURSOR = /(?:\x1b\[(\d*)A)?\x1b\[(\d*)G\x1b\[\?25h$/;
const KEYBOARD = /^\x1b\[(?:\?2004[hl]|[<>=][\d;]*u|\?u)$/;

/** Reads one chunk; undefined where nothing needs doing, since this layer has its own way for it. */
export function readInkOutput(chunk: string): Written | undefined {
  if (KEYBOARD.test(chunk)) return { kind: 'mode', sequence: chunk };
  // Alternate screen and synchronized update are this layer's business.
  if (/^\x1b\[\?(?:1049|2026)[hl]$/.test(chunk)) return undefined;
  const match = chunk.endsWith('\x1b[?25h') ? CURSOR.exec(chunk) : null;
  const at = match === null ? undefined : { up: count(match[1]), x: Number(match[2] || 1) - 1 };
  const text = (match === null ? chunk : chunk.slice(0, match.index)).replace(ERASE, '');
  if (text === '') {
    if (at !== undefined) return { kind: 'cursor', at };
    return chunk.startsWith('\x1b[?25l') ? { kind: 'cursor', at: undefined } : undefined;
  }
  const lines = text.split('\n');
  const bottom = lines.length - 1;
  if (lines[bottom] === '') lines.pop();
  return { kind: 'frame', frame: { lines, cursor: at && { x: at.x, y: bottom - at.up } }, bottom };
}

/** A missing move is none, a move without a number is one. */
function count(digits: string | undefined): number {
  return digits === undefined ? 0 : Number(digits || 1);
}
