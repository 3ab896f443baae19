/** The modes of the terminal that are changed while it is ours, and the way back. */

/** Alternate screen, no line wrap, no text cursor. */
export const ENTER = '\x1b[?1049h\x1b[?7l\x1b[?25l';
/** Cancels a sequence that was cut, and the synchronized update it may have been in. */
export const CANCEL = '\x18\x1b[?2026l';

/** Bracketed paste and kitty's keyboard protocol, which Ink switches as its hooks come and go. */
export class KeyboardModes {
  #paste = false;
  #pushed: string[] = [];

  /** Notes a sequence that Ink wants sent. */
  note(sequence: string): void {
    if (sequence.startsWith('\x1b[?2004')) this.#paste = sequence.endsWith('h');
    else if (sequence.startsWith('\x1b[>')) this.#pushed.push(sequence);
    else if (sequence.startsWith('\x1b[<')) this.#pushed.pop();
  }

  /** The bytes that switch all of it on again. */
  get on(): string {
    return (this.#paste ? '\x1b[?2004h' : '') + this.#pushed.join('');
  }

  /** The bytes that switch it off. */
  get off(): string {
    return '\x1b[<u'.repeat(this.#pushed.length) + (this.#paste ? '\x1b[?2004l' : '');
  }
}

/** Back to the primary screen with everything as it was. */
export function leaving(keyboard: KeyboardModes): string {
  return `\x1b[m${keyboard.off}\x1b[?7h\x1b[?25h\x1b[?1049l`;
}
