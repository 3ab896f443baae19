/**
 * Takes what the terminal says of itself out of what the user types. Only sequences that no key sends are taken; text
 * inside a bracketed paste is never touched.
 */

/** What one piece of input amounted to. */
export type Sorted = {
  /** Keys and pastes, to be passed on. */
  readonly keys: string;
  /** How many answers to `CSI 5 n` were in it. */
  readonly answers: number;
};

const PASTE = '\x1b[200~';
const PASTE_END = '\x1b[201~';
/** CSI 0 n and CSI 3 n are the answers to CSI 5 n. */
const ANSWER = /^\x1b\[[03]n$/;
/** Status, private reports (attributes, modes, sizes), focus in and out, SGR mouse. kitty's `?…u` is left to Ink, which asked. */
const REPORT = /^\x1b\[(?:\??[\d;]*n|[?>=][\d;]*(?:\$y|[cRtx])|[\d;]*t|[IO]|<[\d;]*[Mm])$/;
/** A whole CSI sequence, and the beginning of one. */
const CSI = /^\x1b\[[0-?]*[ -/]*[@-~]/;
const CSI_OPEN = /^\x1b\[[0-?]{0,40}[ -/]{0,4}$/;
/** OSC and DCS with the first characters a report has; what else begins so is a key held with Alt. */
const STRING = /^\x1b(?:\]\d|P[!>01$+])/;
const STRING_PREFIX = /^\x1b[\]P]$/;
const STRING_WHOLE = /^\x1b[\]P][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)/;
const STRING_OPEN = /^\x1b[\]P][^\x07\x1b]{0,4096}\x1b?$/;

/** Sorts input that comes in arbitrary pieces. */
export class ReplyFilter {
  #held = '';
  #pasting = false;

  /** True while a piece is held back that may be the beginning of a report; call `release` if nothing follows. */
  get holding(): boolean {
    return this.#held !== '';
  }

  /**
   * Sorts the next piece. `expecting`: a report is on its way, so that even a lone Esc at the end may be its beginning
   * and is held; else Esc is passed on at once.
   */
  push(piece: string, expecting: boolean): Sorted {
    const text = this.#held + piece;
    this.#held = '';
    let keys = '';
    let answers = 0;
    let i = 0;
    while (i < text.length) {
      if (this.#pasting) {
        const end = text.indexOf(PASTE_END, i);
        const stop = end === -1 ? text.length - openingOf(PASTE_END, text, i) : end + PASTE_END.length;
        this.#pasting = end === -1;
        keys += text.slice(i, stop);
        i = stop;
        if (!this.#pasting) continue;
        this.#held = text.slice(i);
        break;
      }
      const esc = text.indexOf('\x1b', i);
      keys += text.slice(i, esc === -1 ? text.length : esc);
      if (esc === -1) break;
      const rest = text.slice(esc);
      const open = CSI_OPEN.test(rest) || STRING_PREFIX.test(rest) || (STRING.test(rest) && STRING_OPEN.test(rest));
      if (open || (rest === '\x1b' && expecting)) {
        this.#held = rest;
        break;
      }
      const sequence = (CSI.exec(rest) ?? (STRING.test(rest) ? STRING_WHOLE.exec(rest) : null))?.[0] ?? '\x1b';
      i = esc + sequence.length;
      if (ANSWER.test(sequence)) answers++;
      else if (!REPORT.test(sequence) && !STRING.test(sequence)) {
        keys += sequence;
        this.#pasting = sequence === PASTE;
      }
    }
    return { keys, answers };
  }

  /** Gives back what was held: nothing followed, so it was typed. */
  release(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }
}

/** How many characters at the end of `text` (from `from` on) could be the beginning of `marker`. */
function openingOf(marker: string, text: string, from: number): number {
  for (let n = Math.min(marker.length - 1, text.length - from); n > 0; n--) {
    if (text.endsWith(marker.slice(0, n))) return n;
  }
  return 0;
}
